"""`/api/v1`: what the chat widget and programs talk to. Described in `openapi.py`.

Writes need the CSRF token of a page in the `X-CSRF-Token` header. Errors are
`application/problem+json`.
"""

from __future__ import annotations

import json
import uuid
from typing import Any

from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from bot.web import view_models
from bot.web.forms import UUID
from bot.web.front import Front, front_of, own_session, readable_session, signed_in
from bot.web.openapi import document
from bot.web.pages import start_session
from bot.web.problems import STALE_FORM, Problem, ProblemError
from bot.web.security import CSRF_HEADER, is_csrf_token, is_same_origin


def routes() -> list[Route]:
    """Return the addresses below `/api/v1`."""
    return [
        Route("/openapi.json", openapi),
        Route("/scenarios", scenarios),
        Route("/sessions", start, methods=["POST"]),
        Route("/sessions/{session_id}", session),
        Route("/sessions/{session_id}/messages", say, methods=["POST"]),
        Route("/sessions/{session_id}/pause", pause, methods=["POST"]),
        Route("/sessions/{session_id}/resume", resume, methods=["POST"]),
        Route("/sessions/{session_id}/end", end, methods=["POST"]),
        Route("/sessions/{session_id}/feedback", feedback, methods=["POST"]),
    ]


def _invalid(detail: str) -> ProblemError:
    return ProblemError(Problem(422, "invalid", "We could not use that", detail))


def _check_write(request: Request) -> None:
    """Refuse a write that does not come from one of our own pages."""
    if not is_same_origin(request) or not is_csrf_token(request, request.headers.get(CSRF_HEADER)):
        raise ProblemError(STALE_FORM)


async def _body(request: Request) -> dict[str, Any]:
    """Return the JSON object that was sent; no body counts as an empty one."""
    _check_write(request)
    raw = await request.body()
    if not raw:
        return {}
    try:
        body = json.loads(raw)
    except ValueError as error:
        raise _invalid("The body is not JSON.") from error
    if not isinstance(body, dict):
        raise _invalid("The body must be a JSON object.")
    return body


def _uuid(value: Any, name: str) -> str:
    if not isinstance(value, str) or not UUID.fullmatch(value):
        raise _invalid(f'"{name}" must be a UUID that you made.')
    return value.lower()


def _flag(body: dict[str, Any], name: str, default: bool) -> bool:
    value = body.get(name, default)
    if not isinstance(value, bool):
        raise _invalid(f'"{name}" must be true or false.')
    return value


async def openapi(request: Request) -> Response:
    """Describe this API."""
    return JSONResponse(document())


@signed_in
async def scenarios(request: Request, person: Any) -> Response:
    """List the people to talk with."""
    people = front_of(request).open_to(person).values()
    return JSONResponse({"scenarios": [view_models.scenario_view(scenario) for scenario in people]})


@signed_in
async def start(request: Request, person: Any) -> Response:
    """Begin a session; the same id again gives the same session."""
    front, body = front_of(request), await _body(request)
    wanted = body.get("scenario")
    allowed = front.open_to(person)
    scenario = allowed.get(wanted) if isinstance(wanted, str) else None
    if scenario is None:
        raise _invalid(f'"scenario" must be one of: {", ".join(allowed)}.')
    seed = body.get("seed")
    if seed is not None and (not isinstance(seed, int) or isinstance(seed, bool) or not 0 <= seed < 2**31):
        raise _invalid('"seed" must be a whole number from 0 to 2147483647.')
    session_id = _uuid(body.get("id", str(uuid.uuid4())), "id")
    row = await start_session(
        front, person, scenario, session_id, _flag(body, "is_score_hidden", False), seed
    )
    await front.turns.begin(row.id)
    state = await _state(front, row.id)
    return JSONResponse(state, 201, headers={"Location": f"/api/v1/sessions/{row.id}"})


@signed_in
async def session(request: Request, person: Any) -> Response:
    """Return everything said so far; what a dead process left unanswered is answered on the way."""
    front = front_of(request)
    row = await readable_session(request, person)
    if row.user_id == person.id and not row.ended_at and not row.is_paused:
        await front.turns.catch_up(row.id)
    return JSONResponse(await _state(front, row.id))


async def _state(front: Front, session_id: str) -> dict[str, Any]:
    """Return a session with its messages and, unless they are hidden, its assessments."""
    records = front.records
    row = await run_in_threadpool(records.session, session_id)
    messages = await run_in_threadpool(records.messages, session_id)
    score = await run_in_threadpool(records.session_score, session_id) if row.ended_at else None
    assessments = []
    if row.ended_at or not row.is_score_hidden:
        texts = {message.id: message.text for message in messages}
        found = await run_in_threadpool(records.assessments, session_id, row.rubric_version)
        assessments = [
            view_models.assessment_view(texts[item.message_id], item, front.words, front.report_content.words)
            for item in found
        ]
    is_waiting = not any(message.speaker == "peer" for message in messages) or any(
        message.speaker == "trainee" and message.turn is None for message in messages
    )
    return {
        "session": view_models.session_view(row, front.scenarios.get(row.scenario_id), score),
        "messages": [view_models.message_view(message) for message in messages],
        "assessments": assessments,
        "is_waiting": is_waiting and not row.ended_at,
    }


@signed_in
async def say(request: Request, person: Any) -> Response:
    """Take a message and return the peer's answer; the same id again gives the same answer."""
    front = front_of(request)
    body = await _body(request)
    row = await own_session(request, person)
    message_id, text = _uuid(body.get("id"), "id"), body.get("text")
    if not isinstance(text, str):
        raise _invalid('"text" must be the words to say.')
    exchange = await front.turns.say(row.id, message_id, text)
    row = await run_in_threadpool(front.records.session, row.id)
    assessment = None
    if row.ended_at or not row.is_score_hidden:
        found = await run_in_threadpool(
            front.records.assessment_of, message_id, row.rubric_version, session_id=row.id
        )
        if found is not None:
            assessment = view_models.assessment_view(text, found, front.words, front.report_content.words)
    return JSONResponse(
        {
            "message_id": exchange.message_id,
            "turn": exchange.turn,
            "lines": [view_models.message_view(line) for line in exchange.lines],
            "assessment": assessment,
            "session": view_models.session_view(row, front.scenarios.get(row.scenario_id)),
        }
    )


@signed_in
async def pause(request: Request, person: Any) -> Response:
    """Step out of the role-play, at once and whatever else is down."""
    front = front_of(request)
    await _body(request)
    row = await own_session(request, person)
    said = await front.turns.pause(row.id)
    return JSONResponse({"neutral": said or list(front.supports.pause), **await _state(front, row.id)})


@signed_in
async def resume(request: Request, person: Any) -> Response:
    """Go back into the role-play."""
    front = front_of(request)
    await _body(request)
    row = await own_session(request, person)
    said = await front.turns.resume(row.id)
    return JSONResponse({"neutral": said, **await _state(front, row.id)})


@signed_in
async def end(request: Request, person: Any) -> Response:
    """End the session at the trainee's wish."""
    front = front_of(request)
    await _body(request)
    row = await own_session(request, person)
    await front.turns.end(row.id)
    return JSONResponse(await _state(front, row.id))


@signed_in
async def feedback(request: Request, person: Any) -> Response:
    """Show or hide feedback until the end of the session."""
    front = front_of(request)
    body = await _body(request)
    row = await own_session(request, person)
    await run_in_threadpool(front.records.set_score_hidden, row.id, _flag(body, "is_score_hidden", True))
    return JSONResponse(await _state(front, row.id))
