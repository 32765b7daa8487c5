"""What every page and API call needs, made once by `create_app`, and who is asking."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from functools import wraps
from typing import Any

from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.templating import Jinja2Templates

from bot import accounts
from bot.settings import Settings
from bot.web.library import ReportContent
from bot.web.problems import FORBIDDEN, NOT_FOUND, SIGN_IN_FIRST, ProblemError
from bot.web.security import csrf_token, keep_visit, sign_in_token
from bot.web.supports import Supports
from bot.web.turns import Turns
from bot.web.words import Words

INSTRUCTORS = ("instructor", "admin")


SAFETY_CRITICAL = "safety-critical"


@dataclass(frozen=True)
class Front:
    """The parts that the front door is made of.

    Attributes:
        settings: Where things are.
        records: Accounts, sessions, messages, assessments.
        turns: Does turns of practice sessions.
        scenarios: Scenario id to scenario, in the order of the list.
        supports: The resources card and the neutral voice's words.
        words: Plain names of moves, flags and indicators.
        report_content: What reports are explained with.
        rubric_version: Version that new sessions are scored by.
        model_version: Version of the trained model that reads replies.
        templates: The pages.
    """

    settings: Settings
    records: Any
    turns: Turns
    scenarios: Mapping[str, Any]
    supports: Supports
    words: Words
    report_content: ReportContent
    rubric_version: str
    model_version: str
    templates: Jinja2Templates

    def open_to(self, person: Any) -> dict[str, Any]:
        """Return the scenarios that a person may begin by themselves.

        Those about wanting to die are opened by an instructor, never met by accident (SCENARIOS part B);
        until instructors can open them for somebody, only they see them. Nobody else sees drafts.
        """
        may_see_all = person.role in ("instructor", "admin")
        return {
            name: scenario
            for name, scenario in self.scenarios.items()
            if may_see_all or not (scenario.level == SAFETY_CRITICAL or scenario.is_draft)
        }

    def scenario(self, scenario_id: str, person: Any) -> Any:
        """Return a scenario that a person may begin, or stop with 404."""
        found = self.open_to(person).get(scenario_id)
        if found is None:
            raise ProblemError(NOT_FOUND)
        return found


def front_of(request: Request) -> Front:
    """Return the parts that this app was made with."""
    front: Front = request.app.state.front
    return front


async def person_of(request: Request) -> Any:
    """Return the account that is signed in in this browser, or None; looked up once per request."""
    if not hasattr(request.state, "person"):
        token = sign_in_token(request)
        person = None
        if token:
            person = await run_in_threadpool(accounts.who, front_of(request).records, token)
        request.state.person = person
    return request.state.person


def is_instructor(person: Any) -> bool:
    """Return whether somebody may read every session."""
    return person is not None and person.role in INSTRUCTORS


Endpoint = Callable[[Request], Awaitable[Response]]
PersonEndpoint = Callable[[Request, Any], Awaitable[Response]]


def signed_in(endpoint: PersonEndpoint) -> Endpoint:
    """Let a page be seen by signed-in people only; the others are sent to sign in and come back."""

    @wraps(endpoint)
    async def guarded(request: Request) -> Response:
        person = await person_of(request)
        if person is None:
            if request.url.path.startswith("/api/"):
                raise ProblemError(SIGN_IN_FIRST)
            target = request.url_for("sign_in").include_query_params(next=request.url.path)
            return RedirectResponse(f"{target.path}?{target.query}", 303)
        return await endpoint(request, person)

    return guarded


def for_instructors(endpoint: PersonEndpoint) -> Endpoint:
    """Let a page be seen by instructors and admins only."""

    @wraps(endpoint)
    async def guarded(request: Request, person: Any) -> Response:
        if not is_instructor(person):
            raise ProblemError(FORBIDDEN)
        return await endpoint(request, person)

    return signed_in(guarded)


async def own_session(request: Request, person: Any) -> Any:
    """Return the practice session in the address if it is this person's own, or stop with 404.

    Even an instructor may not speak in, pause or end another person's session.
    """
    session_id = request.path_params["session_id"]
    session = await run_in_threadpool(front_of(request).records.session, session_id)
    if session is None or session.user_id != person.id:
        raise ProblemError(NOT_FOUND)
    return session


async def readable_session(request: Request, person: Any) -> Any:
    """Return the session in the address if this person may read it: their own, or any for instructors."""
    session_id = request.path_params["session_id"]
    session = await run_in_threadpool(front_of(request).records.session, session_id)
    if session is None or (session.user_id != person.id and not is_instructor(person)):
        raise ProblemError(NOT_FOUND)
    return session


async def page(request: Request, template: str, status_code: int = 200, **context: Any) -> Response:
    """Render a template with what every page shows, and keep the visit cookie."""
    front = front_of(request)
    person = await person_of(request)
    response = front.templates.TemplateResponse(
        request,
        template,
        {
            "person": person,
            "is_instructor": is_instructor(person),
            "csrf_token": csrf_token(request),
            **context,
        },
        status_code=status_code,
    )
    keep_visit(request, response)
    return response


def see_other(path: str) -> Response:
    """Send the browser on after a form has done its work."""
    return RedirectResponse(path, 303)
