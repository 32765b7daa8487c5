"""The preview: a page on which an author talks to a draft and sees why it answers as it does.

An app of its own, on this computer only, with no accounts and no records: one author, one talk, in memory.
The model that reads replies is loaded once; the draft is read again whenever its file has changed.
"""

from __future__ import annotations

import logging
import threading
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import jinja2
from starlette.applications import Starlette
from starlette.concurrency import run_in_threadpool
from starlette.middleware import Middleware
from starlette.middleware.trustedhost import TrustedHostMiddleware
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Mount, Route
from starlette.staticfiles import StaticFiles
from starlette.templating import Jinja2Templates

from bot.authoring.draft import Draft, DraftState
from bot.authoring.echoes import unstated_facts
from bot.authoring.rehearsal import STANDINGS, Rehearsal, Theater
from bot.content import Problem as ContentProblem
from bot.web.problems import Problem
from bot.web.security import HeadersMiddleware

log = logging.getLogger(__name__)

HERE = Path(__file__).parent
HOSTS = ["127.0.0.1", "localhost", "[::1]"]
"""Names under which the page may be asked for; any other is another site that points at this computer."""

LONGEST_REPLY = 4000
HIGHEST_SEED = 10**9


class Desk:
    """What the page works with: one draft, one talk."""

    def __init__(self, draft: Draft, theater: Theater) -> None:
        """Begin a talk with the draft, or wait for one that can be played.

        Args:
            draft: The file.
            theater: What talks are played with.
        """
        self.draft, self._theater = draft, theater
        self._talk: Rehearsal | None = None
        # Two tabs are one author; their replies come one after the other.
        self._lock = threading.Lock()

    def show(self) -> dict[str, Any]:
        """Return draft and talk; begins the talk if it can be begun now."""
        with self._lock:
            state = self.draft.state()
            if self._talk is None and state.scenario is not None:
                self._talk = Rehearsal(self._theater, state.scenario)
            return self._shown(state)

    def restart(self, seed: int, standing: str | None) -> dict[str, Any]:
        """Begin anew and return draft and talk."""
        with self._lock:
            state = self.draft.state()
            self._talk = Rehearsal(self._theater, state.scenario, seed, standing) if state.scenario else None
            return self._shown(state)

    def say(self, text: str) -> dict[str, Any] | None:
        """Return draft and talk after a reply; None if there is nobody to answer it."""
        with self._lock:
            state = self.draft.state()
            if self._talk is None or state.scenario is None or self._talk.ended:
                return None
            self._talk.say(state.scenario, text)
            return self._shown(state)

    def _shown(self, state: DraftState) -> dict[str, Any]:
        scenario = state.scenario
        return {
            "draft": {
                "file": self.draft.path.name,
                "is_current": state.is_current,
                "problems": _told(state.problems),
                "advice": _told(state.advice),
                "version": scenario.version if scenario else None,
                "person": scenario.persona.short_name if scenario else self.draft.path.stem,
                "title": scenario.title if scenario else "",
                "unstated_facts": unstated_facts(scenario) if scenario else [],
                "lines": len({line.id for line in scenario.lines()}) if scenario else 0,
            },
            "seed": self._talk.seed if self._talk else 0,
            "standing": self._talk.standing if self._talk else None,
            "ended": self._talk.ended if self._talk else None,
            "turns": self._talk.turns if self._talk else [],
        }


def _told(problems: Sequence[ContentProblem]) -> list[dict[str, Any]]:
    return [{"line": problem.line, "place": problem.place, "text": problem.text} for problem in problems]


def create_preview(draft: Draft, theater: Theater) -> Starlette:
    """Make the preview app.

    Args:
        draft: The file to play.
        theater: What talks are played with, the reader of replies among it.
    """
    app = Starlette(
        routes=[
            Route("/", _page),
            Route("/api/talk", _show),
            Route("/api/restart", _restart, methods=["POST"]),
            Route("/api/say", _say, methods=["POST"]),
            Mount("/static", StaticFiles(directory=HERE / "static"), name="static"),
        ],
        middleware=[
            Middleware(HeadersMiddleware),
            Middleware(TrustedHostMiddleware, allowed_hosts=HOSTS, www_redirect=False),
        ],
        exception_handlers={_Refused: _refuse, Exception: _crash},
    )
    app.state.desk = Desk(draft, theater)
    environment = jinja2.Environment(
        loader=jinja2.FileSystemLoader(HERE / "templates"), autoescape=True, undefined=jinja2.StrictUndefined
    )
    app.state.templates = Jinja2Templates(env=environment)
    return app


class _Refused(Exception):
    """A request that can't be done; carries what to say."""

    def __init__(self, problem: Problem) -> None:
        super().__init__(problem.title)
        self.problem = problem


async def _page(request: Request) -> Response:
    desk: Desk = request.app.state.desk
    shown = await run_in_threadpool(desk.show)
    context = {"draft": shown["draft"], "csrf_token": "", "person": None, "is_instructor": False}
    response: Response = request.app.state.templates.TemplateResponse(request, "preview.html", context)
    return response


async def _show(request: Request) -> Response:
    return JSONResponse(await run_in_threadpool(request.app.state.desk.show))


async def _restart(request: Request) -> Response:
    body = await _body(request)
    seed, standing = body.get("seed", 0), body.get("standing")
    if isinstance(seed, bool) or not isinstance(seed, int) or not 0 <= seed <= HIGHEST_SEED:
        raise _Refused(Problem(422, "bad-seed", "This is no seed", "A seed is a whole number from 0 on."))
    if standing is not None and standing not in STANDINGS:
        detail = f"Begin with one of {', '.join(STANDINGS)}, or with nothing."
        raise _Refused(Problem(422, "bad-standing", "Nobody can begin there", detail))
    return JSONResponse(await run_in_threadpool(request.app.state.desk.restart, seed, standing))


async def _say(request: Request) -> Response:
    text = (await _body(request)).get("text")
    if not isinstance(text, str) or not text.strip() or len(text) > LONGEST_REPLY:
        detail = f"A reply has between 1 and {LONGEST_REPLY} characters."
        raise _Refused(Problem(422, "bad-reply", "This is no reply", detail))
    shown = await run_in_threadpool(request.app.state.desk.say, text)
    if shown is None:
        detail = "The talk is over, or the draft cannot be played yet. Restart it when it can."
        raise _Refused(Problem(409, "nobody-there", "Nobody is there to answer", detail))
    return JSONResponse(shown)


async def _body(request: Request) -> dict[str, Any]:
    """Return the JSON object in a request; only our own page may send one.

    Another site can make a browser post a form here, but not JSON without asking first, which is refused.
    """
    if request.headers.get("content-type", "").partition(";")[0].strip() != "application/json":
        detail = "Send JSON, with that content type."
        raise _Refused(Problem(415, "not-json", "This is not JSON", detail))
    try:
        body = await request.json()
    except ValueError as error:
        raise _Refused(Problem(400, "not-json", "This is not JSON", str(error))) from error
    if not isinstance(body, dict):
        raise _Refused(Problem(400, "not-json", "This is not JSON", "The body must be a JSON object."))
    return body


async def _refuse(request: Request, error: Exception) -> Response:
    assert isinstance(error, _Refused)
    return error.problem.to_response()


async def _crash(request: Request, error: Exception) -> Response:
    log.error("%s %s failed", request.method, request.url.path, exc_info=error)
    detail = f"{type(error).__name__}: {error}. The terminal says more; the talk is as it was."
    return Problem(500, "went-wrong", "The turn could not be done", detail).to_response()
