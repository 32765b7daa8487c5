"""Things that go wrong, in plain words: JSON problems for the API, pages for people.

API errors follow RFC 9457 (`application/problem+json`). Pages say what happened, what was
kept, and what to do next; neither ever shows a traceback.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from starlette.responses import JSONResponse

MEDIA_TYPE = "application/problem+json"


@dataclass(frozen=True)
class Problem:
    """One thing that went wrong, as it is told to the person or the program.

    Attributes:
        status: HTTP status.
        type: Short stable name that programs may test, e.g. "message-conflict".
        title: What happened, in a few words.
        detail: What was kept and what to do.
        headers: Extra response headers, e.g. Retry-After.
        extra: Extra members of the JSON body.
    """

    status: int
    type: str
    title: str
    detail: str
    headers: dict[str, str] = field(default_factory=dict)
    extra: dict[str, Any] = field(default_factory=dict)

    def to_dict(self) -> dict[str, Any]:
        """Return the members of the problem document."""
        return {
            "type": f"urn:switchback:problem:{self.type}",
            "title": self.title,
            "status": self.status,
            "detail": self.detail,
            **self.extra,
        }

    def to_response(self) -> JSONResponse:
        """Return the problem as an API response."""
        return JSONResponse(self.to_dict(), self.status, headers=self.headers, media_type=MEDIA_TYPE)


class ProblemError(Exception):
    """Stops a request; the app answers with the problem that it carries."""

    def __init__(self, problem: Problem) -> None:
        super().__init__(problem.title)
        self.problem = problem


NOT_FOUND = Problem(
    404,
    "not-found",
    "We could not find that page",
    "The address may be mistyped, or it belongs to someone else. Nothing was lost. "
    "Your own practice is on your start page.",
)
FORBIDDEN = Problem(
    403,
    "forbidden",
    "This page is not open to you",
    "Your account does not have the role for it. Nothing was changed. "
    "If you think you should see it, ask your program.",
)
STALE_FORM = Problem(
    403,
    "stale-page",
    "This page had been open too long",
    "For your safety we did not do what it asked. Nothing was changed. "
    "Go back, reload the page, and try once more.",
)
SIGN_IN_FIRST = Problem(
    401,
    "sign-in-first",
    "You are signed out",
    "Nothing was lost. Sign in again, then try once more.",
)
TOO_LARGE = Problem(
    413,
    "too-large",
    "That was too much to send at once",
    "Nothing was sent. Your words are still in the box: shorten them and send again.",
)
WENT_WRONG = Problem(
    500,
    "went-wrong",
    "Something went wrong on our side",
    "What you had already sent is kept. Reload the page in a moment. "
    "If it happens again, tell the person who runs this practice site.",
)
BUSY = Problem(
    503,
    "peer-not-reachable",
    "The practice partner is not answering right now",
    "Your message is kept. It will be answered as soon as the connection is back.",
    headers={"Retry-After": "2"},
)


def for_status(status: int) -> Problem:
    """Return the plain-words problem of an HTTP status that the framework raised."""
    known = {401: SIGN_IN_FIRST, 403: FORBIDDEN, 404: NOT_FOUND, 413: TOO_LARGE, 503: BUSY}
    if status in known:
        return known[status]
    if status == 405:
        return Problem(
            405,
            "method-not-allowed",
            "That cannot be done here",
            "Nothing was changed. Go back to your start page and try from there.",
        )
    if 400 <= status < 500:
        return Problem(
            status,
            "bad-request",
            "We could not read that request",
            "Nothing was changed. Go back, reload the page, and try once more.",
        )
    return WENT_WRONG
