"""The report of a session: what a trainee reads when the talk is over.

Gathered here for page and PDF alike; what happened is in `story.py`, how the numbers came about in `sums.py`
and `session_sums.py`. Every function takes rows and gives plain values; none touches a request.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from markupsafe import Markup

from bot.web import charts, session_sums, story, sums, view_models
from bot.web.library import ReportContent
from bot.web.view_models import CRITERIA, CRITERION_NAMES, Level
from bot.web.words import IndicatorWord, Words

LEAST_REPLIES = 6
"""Replies with something in them that a session score needs (RUBRIC section 6)."""

UNTOUCHED, TOUCHED_FROM = 3.0, 0.05
"""Where every indicator starts, and how far it must have moved to be worth a line."""

MIDDLE_FROM, MIDDLE_TO = 2.5, 3.5
"""Values that the middle anchor describes."""

NOTHING_SEEN = "Nothing in this talk showed it, one way or the other."

BEST_POINTS, TRY_POINTS = 3, 3


def conversation_view(
    messages: Iterable[Any], assessments: Iterable[Any], words: Words, content: ReportContent
) -> list[dict[str, Any]]:
    """Return the conversation as it was said, each reply with its assessment.

    Args:
        messages: Rows of the session in stored order.
        assessments: Its assessment rows; of several for one reply the first counts.
        words: Plain names.
        content: What reports are explained with.

    Returns:
        Entries in the order of the talk: each reply (`row`) with its assessment and the sums behind it
        (`sums`), then the answer to it (`rows`).
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
                "assessment": view_models.assessment_view(row.text, assessment, words, content.words)
                if assessment
                else None,
                "sums": sums.reply_sums(row.text, assessment.detail, content.rubric, words)
                if assessment
                else None,
                "assessment_row": assessment,
            }
        )
        if row.id in answers:
            lines.append({"speaker": "peer", "rows": answers[row.id]})
    return lines


def points_of(
    lines: Iterable[Mapping[str, Any]], kind: str, most: int, told: str = ""
) -> list[dict[str, Any]]:
    """Return feedback points over the session with the reply they speak of, strongest replies first.

    A sentence is shown once, and so is its lesson (`why`) in other words; for what worked the best replies
    come first, for what to try the weakest.

    Args:
        lines: The talk.
        kind: "worked" or "try".
        most: How many points at most.
        told: A sentence that the page says elsewhere already.
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
    seen = {told}
    points = []
    for _, number, point, text in found:
        lesson = str(point.get("why") or point["text"])
        if not seen & {point["text"], lesson}:
            seen |= {point["text"], lesson}
            points.append({**point, "number": number, "reply": text})
    return points[:most]


def scores_view(
    detail: Mapping[str, Any] | None, content: ReportContent | None = None
) -> list[dict[str, Any]]:
    """Return the three criteria of a session.

    `level` is None where there was too little to score; `anchor` says what the level looks like; `held_by`
    says which limits the score ran into.
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
                "anchor": content.words.level(name, level.step) if content and level else "",
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
                "anchor": anchor_of(words.indicator(name), float(value), sums) if is_seen else NOTHING_SEEN,
                "value": round(float(value), 1),
                "step": step,
                "word": view_models.LEVEL_WORDS[step - 1],
                "is_aim": name in aims,
                "criterion": {"C": "collaboration", "S": "strengths", "H": "humility"}.get(name[:1], ""),
            }
        )
    return sorted(views, key=lambda view: not view["is_aim"])


def anchor_of(word: IndicatorWord, value: float, sums: Mapping[str, Any]) -> str:
    """Return what a value from 1 to 5 looks like, without accusing anybody of what did not happen.

    The low anchor tells of harm ("blame or labels"). Where a value is low only because openings were left
    alone, that is what is said.

    Args:
        word: The indicator in plain words.
        value: 1 to 5.
        sums: What went into it: `N`, `unmet`; empty for scores of before they were kept.
    """
    if value < MIDDLE_FROM:
        unmet = int(float(sums.get("unmet") or 0))
        if unmet and float(sums.get("N") or 0) <= unmet:
            return "An opening for it went by." if unmet == 1 else f"{unmet} openings for it went by."
        return word.anchor(1) if value < 1.5 else f"Leaning to: {_small(word.anchor(1))}"
    if value < MIDDLE_TO:
        return word.anchor(3)
    return word.anchor(5) if value >= 4.5 else f"On the way to: {_small(word.anchor(5))}"


def _small(text: str) -> str:
    return text[:1].lower() + text[1:]


def ratios_view(
    detail: Mapping[str, Any] | None,
    words: Words,
    counts: Mapping[str, str] | None = None,
    content: ReportContent | None = None,
) -> list[dict[str, str]]:
    """Return the ratios as text beside what the field aims for, with what was counted."""
    ratios = (detail or {}).get("ratios") or {}
    return [
        {
            "name": word.name,
            "value": word.print(float(ratios[name])),
            "aim": word.aim,
            "count": (counts or {}).get(name, ""),
            "about": content.words.ratios.get(name, "") if content else "",
        }
        for name, word in words.ratios.items()
        if ratios.get(name) is not None
    ]


NEAR_BOTTOM = 37.0
"""A mean score up to which the same person again teaches more than somebody new."""

GOOD_INDICATOR = 4.0


def next_practice(
    detail: Mapping[str, Any] | None,
    session: Any,
    scenario: Any,
    scenarios: Mapping[str, Any],
    practiced: Iterable[str],
    content: ReportContent,
    words: Words,
) -> dict[str, Any] | None:
    """Return one thing to practice and with whom, or None where too little happened to say.

    The weakest aim of the talk is taken up (of equals a starred one). After a talk that broke off or went
    badly the same person comes again; otherwise somebody new whose scenario aims at the same thing.

    Args:
        detail: The session's score.
        session: Its row.
        scenario: The one that was talked with, or None if it is gone.
        scenarios: Scenarios open to the trainee, in order.
        practiced: Scenario ids that they have done.
        content: What reports are explained with.
        words: Plain names.
    """
    values = (detail or {}).get("indicators") or {}
    evidence = (detail or {}).get("evidence") or {}
    aims = [name for name in (scenario.targets if scenario else ()) if name in content.words.indicators]
    seen = [
        name for name in aims if any((evidence.get(name) or {}).get(part) for part in ("P", "N", "called"))
    ]
    if not seen or scenario is None:
        return None

    def need(name: str) -> float:
        star = content.rubric.indicators[name].weight if content.rubric else 1.0
        return float(values.get(name, UNTOUCHED)) - 0.1 * (star - 1)

    weakest = min(seen, key=need)
    scores = [value for value in ((detail or {}).get("criteria") or {}).values() if value is not None]
    went_badly = session.ending == "rupture" or bool(scores and sum(scores) / len(scores) <= NEAR_BOTTOM)
    done = set(practiced) | {session.scenario_id}
    others = [item for item in scenarios.values() if item.id not in done]
    fitting = [item for item in others if weakest in item.targets] or others
    is_again = went_badly or not fitting
    chosen = scenario if is_again else fitting[0]
    return {
        "aim": words.indicator(weakest).name,
        "is_strong": float(values.get(weakest, UNTOUCHED)) >= GOOD_INDICATOR,
        "practice": content.words.indicators[weakest].practice,
        "is_again": is_again,
        "scenario_id": chosen.id,
        "person": chosen.persona.short_name,
        "title": chosen.title,
    }


def report_view(front: Any, session: Any, reader: Any = None) -> dict[str, Any]:
    """Gather the report of a session.

    Args:
        front: The parts of the front door.
        session: The session's row.
        reader: Who reads it; suggestions stay among the scenarios open to them.
    """
    records, scenario = front.records, front.scenarios.get(session.scenario_id)
    content, words = front.report_content, front.words
    lines = conversation_view(
        records.messages(session.id),
        records.shown_assessments(session.id),
        words,
        content,
    )
    score = records.session_score(session.id)
    detail = score.detail if score else None
    name = scenario.persona.short_name if scenario else "The peer"
    targets = scenario.targets if scenario else ()
    scores = scores_view(detail, content)
    for view in scores:
        view["sums"] = session_sums.criterion_sums(view["id"], detail or {}, lines, content.rubric, words)
    indicators = indicators_view(detail, words, targets)
    for view in indicators:
        view["sums"] = session_sums.indicator_sums(view["id"], detail or {}, lines, content.rubric, words)
    practiced = [row.scenario_id for row in records.sessions_of(session.user_id)] if session.user_id else []
    track, moment = story.trust_track(lines), story.strongest_moment(lines)
    within = int(content.rubric.session.numbers["answer_within"]) if content.rubric else story.ANSWER_WITHIN
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
        "safety_steps": safety_view(detail, content),
        "moment": moment,
        "track": track,
        "turning": story.turning_points(lines),
        "missed": story.missed_openings(lines, content.words, targets, name, within),
        "worked": points_of(lines, "worked", BEST_POINTS, moment["why"] if moment else ""),
        "to_try": points_of(lines, "try", TRY_POINTS),
        "next": next_practice(
            detail,
            session,
            scenario,
            front.open_to(reader) if reader else front.scenarios,
            practiced,
            content,
            words,
        ),
        "indicators": indicators,
        "ratios": ratios_view(detail, words, session_sums.ratio_sums(lines), content),
        "debrief": list(scenario.debrief) if scenario else [],
        "lines": lines,
        "replies": sum(line["speaker"] == "trainee" for line in lines),
        "versions": {
            "rubric": score.rubric_version if score else session.rubric_version,
            "model": score.model_version if score else session.model_version,
            "scenario": session.scenario_version,
        },
    }


def safety_view(detail: Mapping[str, Any] | None, content: ReportContent) -> list[dict[str, Any]]:
    """Return the steps of the safety gate with whether each was seen; empty where it does not apply."""
    steps = (detail or {}).get("safety_steps") or {}
    if not steps or content.rubric is None or (detail or {}).get("safety_gate") == "not_applicable":
        return []
    told = content.rubric.safety_gate["steps"]
    return [
        {"step": told[int(step)], "is_seen": bool(seen)}
        for step, seen in sorted(steps.items(), key=lambda item: int(item[0]))
        if int(step) in told
    ]


def charts_of(view: Mapping[str, Any], bands: tuple[float, float]) -> dict[str, Markup]:
    """Return the chart of trust for a desktop (`wide`) and for a phone (`narrow`), ready for the page.

    Args:
        view: As from `report_view`; nothing that anybody wrote is in a chart.
        bands: Where the peer's tone changes.
    """
    if view["track"] is None:
        return {"wide": Markup(), "narrow": Markup()}
    return {
        name: Markup(charts.trust_svg(view["track"], view["turning"], bands, is_narrow=name == "narrow"))
        for name in ("wide", "narrow")
    }
