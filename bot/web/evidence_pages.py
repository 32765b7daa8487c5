"""The evidence sheet as page, PDF and file: for the trainee, and for instructors of whoever they name."""

from __future__ import annotations

import json
from typing import Any

from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import Response

from actions.records.store import iso, utc_now
from bot.web import evidence, pdf, report
from bot.web.front import Front, for_instructors, front_of, page, readable_session, see_other, signed_in
from bot.web.paper import file_name
from bot.web.problems import NOT_FOUND, ProblemError

JSON, PDF = "application/json", "application/pdf"


@signed_in
async def own(request: Request, person: Any) -> Response:
    """Show the trainee their own sheet."""
    return await _page(request, person, is_own=True)


@signed_in
async def own_file(request: Request, person: Any) -> Response:
    """Give the trainee their own sheet as a file."""
    return await _file(request, person)


@for_instructors
async def of_trainee(request: Request, person: Any) -> Response:
    """Show an instructor the sheet of somebody."""
    return await _page(request, await _trainee(request), is_own=False)


@for_instructors
async def of_trainee_file(request: Request, person: Any) -> Response:
    """Give an instructor the sheet of somebody as a file."""
    return await _file(request, await _trainee(request))


@signed_in
async def report_file(request: Request, person: Any) -> Response:
    """Give the report of a session as PDF to those who may read it."""
    front = front_of(request)
    session = await readable_session(request, person)
    if not session.ended_at:
        return see_other(f"/sessions/{session.id}/report")
    await front.turns.finish(session.id)

    def make() -> tuple[bytes, str]:
        view = report.report_view(front, session, person)
        owner = front.records.user(session.user_id) if session.user_id else None
        trainee = owner.display_name if owner else ""
        made = pdf.report_pdf(view, session, trainee, front.report_content.bands)
        return made, file_name(("talk with", view["person"], session.started_at[:10]), ".pdf")

    made, name = await run_in_threadpool(make)
    return _download(made, name, PDF)


async def _trainee(request: Request) -> Any:
    found = await run_in_threadpool(front_of(request).records.user, request.path_params["user_id"])
    if found is None:
        raise ProblemError(NOT_FOUND)
    return found


def _sheet(front: Front, user: Any) -> dict[str, Any]:
    mapping = front.report_content.competencies
    if mapping is None:
        raise ProblemError(NOT_FOUND)
    names = {name: word.name for name, word in front.words.indicators.items()}
    content = evidence.evidence_content(front.records, user, mapping, names)
    return evidence.sealed(content, iso(utc_now()) or "")


def _titles(front: Front) -> dict[str, str]:
    return {name: f"{item.persona.short_name}: {item.title}" for name, item in front.scenarios.items()}


async def _page(request: Request, user: Any, *, is_own: bool) -> Response:
    front = front_of(request)
    sheet = await run_in_threadpool(_sheet, front, user)
    base = "/evidence" if is_own else f"/instructor/trainees/{user.id}/evidence"
    return await page(request, "evidence.html", sheet=sheet, titles=_titles(front), is_own=is_own, base=base)


async def _file(request: Request, user: Any) -> Response:
    front = front_of(request)
    is_pdf = request.url.path.endswith(".pdf")

    def make() -> bytes:
        sheet = _sheet(front, user)
        if is_pdf:
            return pdf.evidence_pdf(sheet, _titles(front))
        return (json.dumps(sheet, indent=2, ensure_ascii=False) + "\n").encode("utf-8")

    made = await run_in_threadpool(make)
    ending = ".pdf" if is_pdf else ".json"
    name = file_name(("evidence", user.display_name, (iso(utc_now()) or "")[:10]), ending)
    return _download(made, name, PDF if is_pdf else JSON)


def _download(body: bytes, name: str, media_type: str) -> Response:
    return Response(
        body, media_type=media_type, headers={"Content-Disposition": f'attachment; filename="{name}"'}
    )
