"""The instructor's pages: which sessions there are, and one transcript with its evidence."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any
from urllib.parse import urlencode

from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import Response

from actions.records import STILL_GOING, RecordsError, RecordsUnavailable
from bot.web import report, view_models
from bot.web.front import for_instructors, front_of, page, readable_session, see_other

PER_PAGE = 25
FILTERS = ("scenario_id", "user_id", "ending")

STATE_NAMES = {
    "trust": "Trust",
    "hope": "Hope",
    "ownership": "Ownership",
    "guard": "Guard",
    "strain": "Strain",
    "openness": "Openness",
}


@for_instructors
async def sessions(request: Request, person: Any) -> Response:
    """List sessions, newest first, a page at a time."""
    front = front_of(request)
    chosen = {name: request.query_params.get(name, "") for name in FILTERS}
    filters = {name: value for name, value in chosen.items() if value}
    before = request.query_params.get("before") or None
    try:
        found = await run_in_threadpool(front.records.sessions_page, **filters, before=before, limit=PER_PAGE)
    except RecordsUnavailable:
        raise
    except RecordsError:  # a damaged place in the address: begin with the first page
        return see_other("/instructor")
    people = await run_in_threadpool(front.records.users)
    return await page(
        request,
        "instructor_sessions.html",
        rows=[
            {
                "summary": summary,
                "title": _title(front, summary.session.scenario_id),
                "scores": report.scores_view(summary.score.detail if summary.score else None),
            }
            for summary in found.sessions
        ],
        scenarios=list(front.scenarios.values()),
        people=sorted(people, key=lambda someone: someone.display_name.casefold()),
        endings={**view_models.ENDINGS, STILL_GOING: "Still going"},
        chosen=chosen,
        older=urlencode({**filters, "before": found.next_before}) if found.next_before else None,
        is_first=before is None,
        newest=urlencode(filters),
    )


@for_instructors
async def transcript(request: Request, person: Any) -> Response:
    """Show a session with the evidence of every judgement."""
    front = front_of(request)
    session = await readable_session(request, person)
    view = await run_in_threadpool(report.report_view, front, session, person)
    trainee = await run_in_threadpool(front.records.user, session.user_id) if session.user_id else None
    for line in view["lines"]:
        row = line.get("assessment_row")
        line["evidence"] = evidence_view(row, front.words) if row else None
    charts = await run_in_threadpool(report.charts_of, view, front.report_content.bands)
    return await page(
        request, "transcript.html", report=view, charts=charts, session=session, trainee=trainee
    )


def _title(front: Any, scenario_id: str) -> str:
    scenario = front.scenarios.get(scenario_id)
    return f"{scenario.persona.short_name}: {scenario.title}" if scenario else scenario_id


def evidence_view(row: Any, words: Any) -> dict[str, Any]:
    """Return all that is known about how a reply was judged.

    Args:
        row: An `AssessmentRow`.
        words: Plain names of moves and flags.
    """
    detail = row.detail
    return {
        "moves": [
            {
                "code": move["move"],
                "name": move.get("plain") or words.move(move["move"]),
                "effect": view_models.effect_of(move),
                "read_as": move.get("read_as") if move.get("read_as") != move["move"] else None,
                "context": list(move.get("context") or ()),
                "factor": move.get("factor"),
                "probability": round(100 * float(move.get("probability") or 0)),
                "rule": move.get("rule"),
                "rel": move.get("rel"),
                "fresh": move.get("fresh"),
                "sev": move.get("sev"),
                "credit": _numbers(move.get("credit")),
                "harm": _numbers(move.get("harm")),
                "notes": list(move.get("notes") or ()),
                "start": move["start"],
                "end": move["end"],
            }
            for move in detail.get("moves") or ()
        ],
        "flags": [
            {
                "code": flag["name"],
                "name": flag.get("plain") or words.flag(flag["name"]),
                "why": flag.get("why"),
            }
            for flag in detail.get("flags") or ()
        ],
        "state": state_view(detail.get("before") or {}, detail.get("after") or {}),
        "choice": choice_view(detail.get("choice") or ()),
        "rubric_version": row.rubric_version,
        "model_version": row.model_version,
        "scenario_version": row.scenario_version,
    }


ACTS = {
    "utter_react": "react",
    "utter_push_back": "push back",
    "utter_answer": "answer",
    "utter_hold_back": "hold back",
    "utter_disclose": "tell",
    "utter_ask": "ask",
    "utter_move_on": "move on",
    "utter_rupture": "break off",
    "utter_repair": "make up",
    "utter_end": "end",
}
"""The peer's dialogue acts in plain words."""


def choice_view(weighed: Sequence[Mapping[str, Any]]) -> list[dict[str, Any]]:
    """Return what the peer weighed in answer to a reply, best first; what was said is marked `won`."""
    return [
        {
            "act": ACTS.get(str(one.get("action")), str(one.get("action"))),
            "pool": str(one.get("pool", "")),
            "score": one.get("score"),
            "why": str(one.get("why", "")),
            "won": bool(one.get("won")),
        }
        for one in weighed
    ]


def _numbers(values: Any) -> list[str]:
    """Return a mapping of criterion to number as short texts."""
    return [f"{name[:1].upper()} {float(value):+.2f}" for name, value in (values or {}).items() if value]


def state_view(before: Mapping[str, float], after: Mapping[str, float]) -> list[dict[str, Any]]:
    """Return the peer's inner state after a reply, each value 0 to 100, and what it was before."""
    views = []
    for name, label in STATE_NAMES.items():
        if name not in after:
            continue
        new = float(after[name])
        old = float(before.get(name, new))
        views.append(
            {"name": label, "before": round(old), "after": round(new), "change": round(new) - round(old)}
        )
    return views
