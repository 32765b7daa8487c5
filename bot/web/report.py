"""The report of a session: what a trainee reads when the talk is over.

Kept apart from the page so that later parts (chart, turning points, evidence sheets) have a place to grow.
Every function takes rows and gives plain values; none touches a request.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from bot.web import view_models
from bot.web.view_models import CRITERIA, CRITERION_NAMES, Level
from bot.web.words import Words

LEAST_REPLIES = 6
"""Replies with something in them that a session score needs (RUBRIC section 6)."""

UNTOUCHED, TOUCHED_FROM = 3.0, 0.05
"""Where every indicator starts, and how far it must have moved to be worth a line."""

NOTHING_SEEN = "Nothing in this talk showed it, one way or the other."

BEST_POINTS, TRY_POINTS = 3, 3


def conversation_view(
    messages: Iterable[Any], assessments: Iterable[Any], words: Words
) -> list[dict[str, Any]]:
    """Return the conversation as it was said, each reply with its assessment.

    Args:
        messages: Rows of the session in stored order.
        assessments: Its assessment rows; of several for one reply the first counts.
        words: Plain names.

    Returns:
        Entries in the order of the talk: each reply (`row`), then the answer to it (`rows`).
    """
    by_message: dict[str, Any] = {}
    for row in assessments:
        by_message.setdefault(row.message_id, row)
    lines: list[dict[str, Any]] = []
    answers: dict[str, list[Any]] = {}
    asked = []
    for row in messages:
        if row.speaker == "peer":
            answers.setdefault(row.reply_to, []).append(row)
        else:
            asked.append(row)
    known = {row.id for row in asked}
    for reply_to, rows in answers.items():
        if reply_to not in known:
            lines.append({"speaker": "peer", "rows": rows})
    for number, row in enumerate(asked, 1):
        assessment = by_message.get(row.id)
        lines.append(
            {
                "speaker": "trainee",
                "row": row,
                "number": number,
                "assessment": view_models.assessment_view(row.text, assessment, words)
                if assessment
                else None,
                "assessment_row": assessment,
            }
        )
        if row.id in answers:
            lines.append({"speaker": "peer", "rows": answers[row.id]})
    return lines


def points_of(lines: Iterable[Mapping[str, Any]], kind: str, most: int) -> list[dict[str, Any]]:
    """Return feedback points over the session with the reply they speak of, strongest replies first.

    The same sentence is shown once; for what worked the best replies come first, for what to try the weakest.
    """
    found = []
    for line in lines:
        assessment = line.get("assessment")
        if not assessment or not assessment["overall"]:
            continue
        for point in assessment["feedback"]:
            if point["kind"] == kind:
                value = assessment["overall"]["value"]
                found.append((value if kind == "try" else -value, line["number"], point, line["row"].text))
    found.sort(key=lambda item: (item[0], item[1]))
    seen: set[str] = set()
    points = []
    for _, number, point, text in found:
        if point["text"] not in seen:
            seen.add(point["text"])
            points.append({**point, "number": number, "reply": text})
    return points[:most]


def scores_view(detail: Mapping[str, Any] | None) -> list[dict[str, Any]]:
    """Return the three criteria of a session.

    `level` is None where there was too little to score; `held_by` says which limits the score ran into.
    """
    criteria = (detail or {}).get("criteria") or {}
    caps = (detail or {}).get("caps") or {}
    views = []
    for name in CRITERIA:
        value = criteria.get(name)
        level = Level.of(value)
        views.append(
            {
                "id": name,
                "name": CRITERION_NAMES[name][0],
                "hint": CRITERION_NAMES[name][1],
                "level": level.to_dict() if level else None,
                "held_by": [
                    cap["reason"] for cap in caps.get(name) or () if cap["limit"] <= (value or 0) + 0.01
                ],
            }
        )
    return views


def indicators_view(
    detail: Mapping[str, Any] | None, words: Words, targets: Iterable[str]
) -> list[dict[str, Any]]:
    """Return this scenario's aims in plain names, then the other indicators that something moved."""
    aims, evidence = set(targets), (detail or {}).get("evidence") or {}
    views = []
    for name, value in ((detail or {}).get("indicators") or {}).items():
        if value is None or (name not in aims and abs(value - UNTOUCHED) < TOUCHED_FROM):
            continue
        step = min(max(int(float(value) + 0.5), 1), 5)
        sums = evidence.get(name) or {}
        is_seen = any(sums.get(part) for part in ("P", "N", "called")) or name not in evidence
        views.append(
            {
                "id": name,
                "name": words.indicator(name).name,
                "anchor": words.indicator(name).anchor(float(value)) if is_seen else NOTHING_SEEN,
                "value": round(float(value), 1),
                "step": step,
                "word": view_models.LEVEL_WORDS[step - 1],
                "is_aim": name in aims,
                "criterion": {"C": "collaboration", "S": "strengths", "H": "humility"}.get(name[:1], ""),
            }
        )
    return sorted(views, key=lambda view: not view["is_aim"])


def ratios_view(detail: Mapping[str, Any] | None, words: Words) -> list[dict[str, str]]:
    """Return the ratios as text beside what the field aims for."""
    ratios = (detail or {}).get("ratios") or {}
    return [
        {"name": word.name, "value": word.print(float(ratios[name])), "aim": word.aim}
        for name, word in words.ratios.items()
        if ratios.get(name) is not None
    ]


def report_view(front: Any, session: Any) -> dict[str, Any]:
    """Gather the report of an ended session."""
    records, scenario = front.records, front.scenarios.get(session.scenario_id)
    lines = conversation_view(
        records.messages(session.id),
        records.assessments(session.id, session.rubric_version) or records.assessments(session.id),
        front.words,
    )
    score = records.session_score(session.id)
    detail = score.detail if score else None
    name = scenario.persona.short_name if scenario else "The peer"
    scores = scores_view(detail)
    return {
        "title": scenario.title if scenario else session.scenario_id,
        "person": name,
        "scenario_id": scenario.id if scenario else None,
        "ending": view_models.ENDING_SENTENCES.get(session.ending, "").format(name=name),
        "scores": scores,
        "is_scored": any(score["level"] for score in scores),
        "has_detail": detail is not None,
        "why_no_score": (detail or {}).get("why_no_score") or "",
        "substantive": int((detail or {}).get("substantive_replies") or 0),
        "least": LEAST_REPLIES,
        "safety_gate": (detail or {}).get("safety_gate"),
        "worked": points_of(lines, "worked", BEST_POINTS),
        "to_try": points_of(lines, "try", TRY_POINTS),
        "indicators": indicators_view(detail, front.words, scenario.targets if scenario else ()),
        "ratios": ratios_view(detail, front.words),
        "debrief": list(scenario.debrief) if scenario else [],
        "lines": lines,
        "replies": sum(line["speaker"] == "trainee" for line in lines),
        "versions": {
            "rubric": score.rubric_version if score else session.rubric_version,
            "model": score.model_version if score else session.model_version,
            "scenario": session.scenario_version,
        },
    }
