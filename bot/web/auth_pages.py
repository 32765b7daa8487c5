"""Coming in and going out: sign-in, guest, invite, sign-out."""

from __future__ import annotations

from typing import Any

from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import Response

from bot import accounts
from bot.web.forms import ButtonForm, InviteForm, SignInForm
from bot.web.front import front_of, is_instructor, page, person_of, see_other
from bot.web.problems import FORBIDDEN, Problem, ProblemError
from bot.web.security import (
    SIGN_IN_COOKIE,
    clear_cookie,
    is_on_this_computer,
    safe_next,
    set_cookie,
    sign_in_token,
)

SIGN_IN_SECONDS = int(accounts.LIFETIME.total_seconds())
"""How long the browser keeps the cookie; the records decide whether it counts."""

INVITE_GONE = Problem(
    404,
    "invite-gone",
    "This invite link does not work anymore",
    "It may have been used already, or it is too old. Nothing was changed. "
    "Ask the person who sent it for a new one. If you used it yourself, just sign in.",
)


def _address(request: Request) -> str:
    """Return the address that wrong passwords are counted by."""
    return request.client.host if request.client else "unknown"


def _welcome(request: Request, person: Any, token: str, target: str) -> Response:
    """Send a person who has just signed in where they wanted to go, with the cookie that says so."""
    home = "/instructor" if is_instructor(person) else "/scenarios"
    response = see_other(home if target == "/" else target)
    set_cookie(request, response, SIGN_IN_COOKIE, token, SIGN_IN_SECONDS)
    return response


def _offers_guest(request: Request) -> bool:
    return is_on_this_computer(request, front_of(request).settings.host)


async def welcome(request: Request) -> Response:
    """Show the front page; people who are signed in go straight to their start page."""
    person = await person_of(request)
    if person is not None:
        return see_other("/instructor" if is_instructor(person) else "/scenarios")
    return await _sign_in_page(request, SignInForm.of(request, next="/"))


async def sign_in(request: Request) -> Response:
    """Show the sign-in form, or take it."""
    if request.method != "POST":
        return await _sign_in_page(
            request, SignInForm.of(request, next=request.query_params.get("next", "/"))
        )
    form = SignInForm.of(request, await request.form())
    if not form.validate():
        return await _sign_in_page(request, form, 422)
    records = front_of(request).records
    try:
        person, token = await run_in_threadpool(
            accounts.sign_in, records, form.username.data, form.password.data, _address(request)
        )
    except accounts.SignInRefused as refused:
        return await _sign_in_page(request, form, 429 if refused.is_throttled else 422, str(refused))
    await _forget(request)
    return _welcome(request, person, token, safe_next(form.next.data))


async def _sign_in_page(request: Request, form: Any, status: int = 200, refusal: str = "") -> Response:
    form.password.data = ""
    return await page(
        request,
        "welcome.html",
        status,
        form=form,
        refusal=refusal,
        guest_form=ButtonForm.of(request) if _offers_guest(request) else None,
    )


async def guest(request: Request) -> Response:
    """Let somebody at this very computer practise without an account."""
    form = ButtonForm.of(request, await request.form())
    form.validate()
    if not _offers_guest(request):
        raise ProblemError(FORBIDDEN)
    person, token = await run_in_threadpool(accounts.sign_in_guest, front_of(request).records)
    return _welcome(request, person, token, "/")


async def invite(request: Request) -> Response:
    """Let the holder of an invite choose a name and a password."""
    records, token = front_of(request).records, request.path_params["token"]
    offer = await run_in_threadpool(accounts.open_invite, records, token)
    if offer is None:
        raise ProblemError(INVITE_GONE)
    form = InviteForm.of(request, await request.form() if request.method == "POST" else None)
    if request.method != "POST" or not form.validate():
        return await _invite_page(request, form, offer, 422 if form.errors else 200)
    try:
        person, sign_in_token_ = await run_in_threadpool(
            accounts.redeem_invite,
            records,
            token,
            form.username.data,
            form.display_name.data,
            form.password.data,
        )
    except accounts.InviteRefused as gone:
        raise ProblemError(INVITE_GONE) from gone
    except accounts.NameTaken:
        form.username.errors = ["Somebody has this name already. Choose another one."]
        return await _invite_page(request, form, offer, 422)
    except accounts.PasswordRefused as refused:
        form.password.errors = [str(refused)]
        return await _invite_page(request, form, offer, 422)
    await _forget(request)
    return _welcome(request, person, sign_in_token_, "/")


async def _invite_page(request: Request, form: Any, offer: Any, status: int) -> Response:
    return await page(request, "invite.html", status, form=form, offer=offer)


async def sign_out(request: Request) -> Response:
    """Sign out of this browser."""
    form = ButtonForm.of(request, await request.form())
    form.validate()
    await _forget(request)
    response = see_other("/")
    clear_cookie(request, response, SIGN_IN_COOKIE)
    return response


async def _forget(request: Request) -> None:
    """Make the sign-in that this browser held until now worthless."""
    token = sign_in_token(request)
    if token:
        await run_in_threadpool(accounts.sign_out, front_of(request).records, token)
