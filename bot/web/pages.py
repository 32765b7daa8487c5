"""The trainee's pages: choosing a person, starting, practising, the report, the resources card."""

from __future__ import annotations

import secrets
import uuid
from typing import Any

from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import Response

from actions.records import SessionConflict
from bot.web import report as reports
from bot.web.forms import StartForm
from bot.web.front import (
    Front,
    front_of,
    own_session,
    page,
    person_of,
    readable_session,
    see_other,
    signed_in,
)
from bot.web.problems import NOT_FOUND, ProblemError

SEEDS = 2**31

EARLIER = 20
"""How many earlier sessions the start page lists."""


async def start_session(
    front: Front, person: Any, scenario: Any, session_id: str, is_score_hidden: bool, seed: int | None = None
) -> Any:
    """Begin a session in the records, or return the one with this id; the opening comes later.

    Raises:
        ProblemError: The id belongs to somebody else's session.
    """
    try:
        session = await run_in_threadpool(
            front.records.start_session,
            session_id,
            scenario.id,
            secrets.randbelow(SEEDS) if seed is None else seed,
            user_id=person.id,
            scenario_version=scenario.version,
            rubric_version=front.rubric_version,
            model_version=front.model_version,
            is_score_hidden=is_score_hidden,
        )
    except SessionConflict as taken:
        raise ProblemError(NOT_FOUND) from taken
    if session.user_id != person.id:
        raise ProblemError(NOT_FOUND)
    return session


@signed_in
async def scenarios(request: Request, person: Any) -> Response:
    """Show the people to talk with and the trainee's own sessions."""
    front = front_of(request)
    sessions = await run_in_threadpool(front.records.sessions_of, person.id)
    earlier = [
        {"session": session, "scenario": front.scenarios.get(session.scenario_id)}
        for session in sessions[:EARLIER]
    ]
    return await page(
        request,
        "scenarios.html",
        scenarios=list(front.open_to(person).values()),
        unfinished=[item for item in earlier if not item["session"].ended_at],
        finished=[item for item in earlier if item["session"].ended_at],
        more=max(len(sessions) - EARLIER, 0),
    )


@signed_in
async def start(request: Request, person: Any) -> Response:
    """Show what to know before talking with somebody, or begin."""
    front = front_of(request)
    scenario = front.scenario(request.path_params["scenario_id"], person)
    if request.method == "POST":
        form = StartForm.of(request, await request.form())
        if form.validate():
            session_id = form.session_id.data.lower()
            session = await start_session(front, person, scenario, session_id, form.feedback.data == "end")
            await front.turns.begin(session.id)
            return see_other(f"/sessions/{session.id}")
    else:
        form = StartForm.of(request, session_id=str(uuid.uuid4()), feedback="during")
    return await page(
        request,
        "start.html",
        422 if form.errors else 200,
        scenario=scenario,
        form=form,
        notice=front.supports.notice,
    )


@signed_in
async def practice(request: Request, person: Any) -> Response:
    """Show the conversation; the widget fetches what was said."""
    front = front_of(request)
    session = await own_session(request, person)
    scenario = front.scenarios.get(session.scenario_id)
    if scenario is None:
        return see_other(f"/sessions/{session.id}/report")
    return await page(
        request, "practice.html", session=session, scenario=scenario, pause=front.supports.pause
    )


@signed_in
async def report(request: Request, person: Any) -> Response:
    """Show what a session came to; while it goes on, send its trainee back to it."""
    front = front_of(request)
    session = await readable_session(request, person)
    if not session.ended_at:
        mine = session.user_id == person.id
        return see_other(f"/sessions/{session.id}" if mine else f"/instructor/sessions/{session.id}")
    await front.turns.finish(session.id)
    view = await run_in_threadpool(reports.report_view, front, session, person)
    charts = await run_in_threadpool(reports.charts_of, view, front.report_content.bands)
    return await page(
        request,
        "report.html",
        report=view,
        charts=charts,
        session=session,
        is_own=session.user_id == person.id,
    )


async def supports(request: Request) -> Response:
    """Show places to turn to; open to everybody."""
    await person_of(request)
    return await page(request, "supports.html", supports=front_of(request).supports)
