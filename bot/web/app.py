"""The front door as an ASGI app: `uvicorn --factory bot.web.app:create_app`.

Routes only; each noun has its own module. Importing this module opens nothing.
"""

from __future__ import annotations

import logging
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import jinja2
from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.middleware import Middleware
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Mount, Route
from starlette.staticfiles import StaticFiles
from starlette.templating import Jinja2Templates

from bot.settings import Settings, load_settings
from bot.web import api, auth_pages, evidence_pages, instructor_pages, pages, view_models
from bot.web.engine import Engine, RasaEngine
from bot.web.front import Front, page
from bot.web.library import (
    ReportContent,
    model_version,
    read_report_content,
    read_scenarios,
    read_words,
)
from bot.web.problems import TOO_LARGE, WENT_WRONG, Problem, ProblemError, for_status
from bot.web.security import BodyLimitMiddleware, HeadersMiddleware, guard_headers
from bot.web.supports import Supports, read_supports
from bot.web.turns import Turns
from bot.web.words import Words

log = logging.getLogger(__name__)

HERE = Path(__file__).parent

MAX_BODY_BYTES = 256 * 1024
"""Room for the longest reply with every character escaped in JSON."""


def routes() -> list[Route | Mount]:
    """Return every address that the front door answers at."""
    both = ["GET", "POST"]
    return [
        Route("/healthz", healthz),
        Mount("/static", StaticFiles(directory=HERE / "static"), name="static"),
        Route("/", auth_pages.welcome, name="welcome"),
        Route("/sign-in", auth_pages.sign_in, name="sign_in", methods=both),
        Route("/guest", auth_pages.guest, name="guest", methods=["POST"]),
        Route("/invite/{token}", auth_pages.invite, name="invite", methods=both),
        Route("/sign-out", auth_pages.sign_out, name="sign_out", methods=["POST"]),
        Route("/supports", pages.supports, name="supports"),
        Route("/scenarios", pages.scenarios, name="scenarios"),
        Route("/scenarios/{scenario_id}", pages.start, name="start", methods=both),
        Route("/sessions/{session_id}", pages.practice, name="practice"),
        Route("/sessions/{session_id}/report", pages.report, name="report"),
        Route("/sessions/{session_id}/report.pdf", evidence_pages.report_file, name="report_pdf"),
        Route("/evidence", evidence_pages.own, name="evidence"),
        Route("/evidence.pdf", evidence_pages.own_file, name="evidence_pdf"),
        Route("/evidence.json", evidence_pages.own_file, name="evidence_json"),
        Route("/instructor/trainees/{user_id}/evidence", evidence_pages.of_trainee),
        Route("/instructor/trainees/{user_id}/evidence.pdf", evidence_pages.of_trainee_file),
        Route("/instructor/trainees/{user_id}/evidence.json", evidence_pages.of_trainee_file),
        Route("/instructor", instructor_pages.sessions, name="instructor"),
        Route("/instructor/sessions/{session_id}", instructor_pages.transcript, name="transcript"),
        Mount("/api/v1", routes=api.routes(), name="api"),
    ]


def create_app(
    settings: Settings | None = None,
    *,
    records: Any = None,
    engine: Engine | None = None,
    scenarios: dict[str, Any] | None = None,
    supports: Supports | None = None,
    words: Words | None = None,
    rubric_version: str | None = None,
    report_content: ReportContent | None = None,
) -> Starlette:
    """Make the front door.

    Args:
        settings: Where things are; read from the environment if left out.
        records: Opened from the settings if left out.
        engine: Rasa on the loopback if left out.
        scenarios: Read from the data folder if left out, as are the next three.
        supports: The resources card.
        words: Plain names of the rubric's codes.
        rubric_version: Version of the rubric that new sessions begin with.
        report_content: What reports are explained with; who brings words of their own brings this too, or
            does without.
    """
    settings = settings or load_settings()
    if records is None:
        from actions.records import open_records

        records = open_records(settings.database_url)
        records.check_schema()
    if report_content is None:
        report_content = ReportContent() if words else read_report_content(settings.data)
    if words is None or rubric_version is None:
        words_read, version_read = read_words(settings.data)
        words, rubric_version = words or words_read, rubric_version or version_read
    engine = engine or RasaEngine(settings.rasa_url)
    front = Front(
        settings=settings,
        records=records,
        turns=Turns(records, engine),
        scenarios=read_scenarios(settings.data) if scenarios is None else scenarios,
        supports=supports or read_supports(settings.data / "safety.yml"),
        words=words,
        report_content=report_content,
        rubric_version=rubric_version,
        model_version=model_version(settings.models),
        templates=_templates(),
    )

    @asynccontextmanager
    async def lifespan(app: Starlette) -> AsyncIterator[None]:
        yield
        await engine.close()

    app = Starlette(
        routes=routes(),
        middleware=[
            Middleware(HeadersMiddleware),
            Middleware(BodyLimitMiddleware, most=MAX_BODY_BYTES, refuse=_too_large),
        ],
        exception_handlers={
            ProblemError: _problem,
            HTTPException: _http_problem,
            **_records_handlers(),
            Exception: _crash,
        },
        lifespan=lifespan,
    )
    app.state.front = front
    return app


def _templates() -> Jinja2Templates:
    environment = jinja2.Environment(
        loader=jinja2.FileSystemLoader(HERE / "templates"),
        autoescape=True,
        undefined=jinja2.StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.filters["level_words"] = view_models.level_words
    environment.filters["when"] = view_models.when
    environment.filters["ending_words"] = view_models.ending_words
    return Jinja2Templates(env=environment)


async def healthz(request: Request) -> Response:
    """Say that the app is up."""
    return JSONResponse({"status": "ok"})


def _records_handlers() -> dict[Any, Any]:
    from actions.records import RecordsUnavailable

    return {RecordsUnavailable: _records_away}


async def _answer(request: Request, problem: Problem) -> Response:
    """Tell a person or a program what went wrong, each in their own form."""
    if request.url.path.startswith("/api/"):
        return problem.to_response()
    try:
        response = await page(request, "problem.html", problem.status, problem=problem)
    except Exception:
        # The page itself needs the records (who is signed in); without them a plain one must do.
        log.exception("the page about a problem could not be made")
        text = f"{problem.title}.\n\n{problem.detail}\n"
        response = Response(text, problem.status, media_type="text/plain")
    for name, value in problem.headers.items():
        response.headers[name] = value
    return response


async def _problem(request: Request, error: Exception) -> Response:
    assert isinstance(error, ProblemError)
    return await _answer(request, error.problem)


async def _http_problem(request: Request, error: Exception) -> Response:
    assert isinstance(error, HTTPException)
    return await _answer(request, for_status(error.status_code))


async def _records_away(request: Request, error: Exception) -> Response:
    log.error("the records are away: %s", error)
    return await _answer(request, RECORDS_AWAY)


async def _crash(request: Request, error: Exception) -> Response:
    log.error("%s %s failed", request.method, request.url.path, exc_info=error)
    response = await _answer(request, WENT_WRONG)
    guard_headers(response.headers)  # answered outside the middleware
    return response


async def _too_large(request: Request) -> Response:
    return await _answer(request, TOO_LARGE)


RECORDS_AWAY = Problem(
    503,
    "records-away",
    "We cannot reach our notebook right now",
    "What you had already sent is kept; what you sent just now may not be. Try again in a moment.",
    headers={"Retry-After": "2"},
)
