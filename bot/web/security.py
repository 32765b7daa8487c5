"""What keeps the front door shut: headers, cookies, CSRF tokens, addresses.

No secret of the server is involved. Two random values live in HttpOnly cookies: the sign-in
token, whose hash is in the records, and a visit token. A form's CSRF token is an HMAC keyed
with the visit token over the sign-in token, so it changes with every sign-in, and a page of
another site, which can read neither cookie, cannot make one.
"""

from __future__ import annotations

import hashlib
import hmac
import ipaddress
import secrets
from collections.abc import Awaitable, Callable
from typing import Any
from urllib.parse import urlsplit

from starlette.datastructures import Headers, MutableHeaders
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

SIGN_IN_COOKIE = "switchback"
VISIT_COOKIE = "switchback_visit"
CSRF_HEADER = "X-CSRF-Token"
CSRF_FIELD = "csrf_token"
VISIT_SECONDS = 30 * 24 * 3600

CONTENT_SECURITY_POLICY = "; ".join(
    (
        "default-src 'none'",
        "script-src 'self'",
        "style-src 'self'",
        "img-src 'self' data:",
        "connect-src 'self'",
        "form-action 'self'",
        "base-uri 'none'",
        "frame-ancestors 'none'",
    )
)

HEADERS = {
    "Content-Security-Policy": CONTENT_SECURITY_POLICY,
    "Referrer-Policy": "same-origin",
    "X-Frame-Options": "DENY",
    "X-Content-Type-Options": "nosniff",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Permissions-Policy": "camera=(), geolocation=(), microphone=()",
}


def guard_headers(headers: MutableHeaders, is_static: bool = False) -> None:
    """Add the security headers to a response's headers, and forbid caching of all but static files."""
    for name, value in HEADERS.items():
        headers.setdefault(name, value)
    headers.setdefault("Cache-Control", "no-cache" if is_static else "no-store")


class HeadersMiddleware:
    """Guards the headers of every response that the app itself makes."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass the request on and complete the headers of its response."""
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        is_static = scope["path"].startswith("/static/")

        async def send_with_headers(message: Message) -> None:
            if message["type"] == "http.response.start":
                guard_headers(MutableHeaders(scope=message), is_static)
            await send(message)

        await self.app(scope, receive, send_with_headers)


class BodyLimitMiddleware:
    """Refuses bodies that are too large, before they are read where their size is told."""

    def __init__(self, app: ASGIApp, most: int, refuse: Callable[[Request], Awaitable[Response]]) -> None:
        """Keep the limit.

        Args:
            app: What comes next.
            most: Largest body in bytes.
            refuse: Makes the answer to a request whose body is announced as larger.
        """
        self.app = app
        self.most = most
        self.refuse = refuse

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass the request on unless its body is too large."""
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        announced = Headers(scope=scope).get("content-length", "0")
        if announced.isdigit() and int(announced) > self.most:
            response = await self.refuse(Request(scope, receive))
            await response(scope, receive, send)
            return
        size = 0

        async def receive_up_to_the_limit() -> Message:
            nonlocal size
            message = await receive()
            size += len(message.get("body", b""))
            if size > self.most:
                raise HTTPException(413)
            return message

        await self.app(scope, receive_up_to_the_limit, send)


def is_https(request: Request) -> bool:
    """Return whether the person's own connection is encrypted, as far as we are told."""
    return request.url.scheme == "https"


def cookie_name(request: Request, name: str) -> str:
    """Return the cookie's name; over https the browser then guards it against other hosts."""
    return f"__Host-{name}" if is_https(request) else name


def set_cookie(request: Request, response: Response, name: str, value: str, seconds: int) -> None:
    """Set one of our cookies: HttpOnly, SameSite=Lax, and Secure when the page came over https."""
    response.set_cookie(
        cookie_name(request, name),
        value,
        max_age=seconds,
        path="/",
        secure=is_https(request),
        httponly=True,
        samesite="lax",
    )


def clear_cookie(request: Request, response: Response, name: str) -> None:
    """Ask the browser to forget one of our cookies."""
    response.delete_cookie(
        cookie_name(request, name), path="/", secure=is_https(request), httponly=True, samesite="lax"
    )


def sign_in_token(request: Request) -> str | None:
    """Return the sign-in token that the browser sent, or None."""
    return request.cookies.get(cookie_name(request, SIGN_IN_COOKIE)) or None


def visit_token(request: Request) -> str:
    """Return this browser's visit token, made now if it has none; `keep_visit` then sends it along."""
    token = getattr(request.state, "visit_token", None)
    if token is None:
        token = request.cookies.get(cookie_name(request, VISIT_COOKIE), "")
        if len(token) < 32:
            token = secrets.token_urlsafe(32)
            request.state.is_new_visit = True
        request.state.visit_token = token
    return str(token)


def keep_visit(request: Request, response: Response) -> None:
    """Set the visit cookie if this request had to make one."""
    if getattr(request.state, "is_new_visit", False):
        set_cookie(request, response, VISIT_COOKIE, visit_token(request), VISIT_SECONDS)


def csrf_token(request: Request) -> str:
    """Return the token that forms and API writes of this browser must carry."""
    key = visit_token(request).encode()
    return hmac.new(key, f"csrf:{sign_in_token(request) or ''}".encode(), hashlib.sha256).hexdigest()


def is_csrf_token(request: Request, token: Any) -> bool:
    """Return whether a token is the one that we gave to this browser."""
    if getattr(request.state, "is_new_visit", False) or not isinstance(token, str):
        return False
    return hmac.compare_digest(csrf_token(request).encode(), token.encode())


def is_same_origin(request: Request) -> bool:
    """Return whether the browser says that the request comes from one of our own pages.

    A missing Origin is allowed: programs send none, and the CSRF token is checked besides.
    """
    if request.headers.get("sec-fetch-site") == "cross-site":
        return False
    origin = request.headers.get("origin")
    if not origin:
        return True
    return origin != "null" and urlsplit(origin).netloc == request.headers.get("host")


def is_loopback_name(name: str) -> bool:
    """Return whether a host name or address means this very computer."""
    name = name.strip("[]").lower()
    if name == "localhost":
        return True
    try:
        return ipaddress.ip_address(name).is_loopback
    except ValueError:
        return False


def is_on_this_computer(request: Request, listens_on: str) -> bool:
    """Return whether the person sits at the computer that runs the app.

    All three must say so: where the app listens, who connected, and the name in the address bar.
    The last one refuses a page of another site whose name was made to point here; a forwarded
    request is never local.
    """
    if any(name in request.headers for name in ("x-forwarded-for", "forwarded", "x-real-ip")):
        return False
    client = request.client.host if request.client else ""
    host = request.url.hostname or ""
    return is_loopback_name(listens_on) and is_loopback_name(client) and is_loopback_name(host)


def safe_next(path: str | None, default: str = "/") -> str:
    """Return where to go after signing in: a path of our own, never another site."""
    if not path or not path.startswith("/") or path.startswith(("//", "/\\")) or "\\" in path:
        return default
    parts = urlsplit(path)
    return default if parts.scheme or parts.netloc or any(ord(char) < 32 for char in path) else path
