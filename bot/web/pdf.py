"""Report and evidence sheet as PDF, written on `paper.py` from the same views as the pages."""

from __future__ import annotations

import io
from collections.abc import Mapping
from typing import Any

from bot.web import charts
from bot.web.paper import CLAY, EDGE, PINE, SOFT, SUN_INK, Writer
from bot.web.view_models import CRITERION_NAMES, when


def report_pdf(view: Mapping[str, Any], session: Any, trainee: str, bands: tuple[float, float]) -> bytes:
    """Return the report of a session as PDF.

    Args:
        view: As from `report.report_view`.
        session: The session's row.
        trainee: Who practiced, or "" for nobody's name.
        bands: Trust from which the peer's tone changes, for the chart.
    """
    versions = view["versions"]
    foot = (
        f"Rubric {versions['rubric']}  ·  scenario {versions['scenario']}  ·  model {versions['model']}  ·  "
        "practice with a computer character; it certifies nobody"
    )
    out = Writer(f"A talk with {view['person']}", foot)
    out.line(f"A talk with {view['person']}", 20, is_bold=True, after=1)
    who = f"{trainee}  ·  " if trainee else ""
    replies = f"{view['replies']} {'reply' if view['replies'] == 1 else 'replies'}"
    out.line(f"{who}{when(session.started_at)}  ·  {replies}", 9, ink=SOFT)
    out.line(view["ending"], after=2)
    _scores(out, view)
    _moment(out, view)
    _trust(out, view, bands)
    for kind, heading in (("worked", "What worked"), ("to_try", "What to try next time")):
        if view[kind]:
            out.heading(heading)
            for point in view[kind]:
                out.line(f"Reply {point['number']}: {point['text']}", after=0.5)
                if point["rewording"]:
                    out.line(f"You could say: {point['rewording']}", indent=5, ink=SUN_INK, after=0.5)
                if point["why"]:
                    out.line(f"Why? {point['why']}", 9, ink=SOFT, indent=5, after=1.5)
    _missed(out, view)
    if view["next"]:
        out.heading("What to practice next")
        again = "again" if view["next"]["is_again"] else f"next: {view['next']['title']}"
        out.line(f"“{view['next']['aim']}”. {view['next']['practice']}", after=0.5)
        out.line(f"Take it to {view['next']['person']} {again}.")
    if view["debrief"]:
        out.heading("To think about")
        for question in view["debrief"]:
            out.line(f"•  {question}", indent=2, after=0.5)
    _closer(out, view)
    _talk(out, view)
    return out.output()


def _scores(out: Writer, view: Mapping[str, Any]) -> None:
    out.heading("How it went")
    if not view["is_scored"]:
        out.line(view["why_no_score"] or "There is no score for this talk.")
    for score in view["scores"]:
        if score["level"]:
            level = score["level"]
            told = f"{score['name']}: {level['word']} ({level['step']} of 5, {level['value']} of 100)"
            out.line(told, 10.5, is_bold=True, after=0.3)
            out.line(score["anchor"], indent=5, after=0.5)
            for reason in score["held_by"]:
                out.line(f"Held here: {reason}", 9, ink=SOFT, indent=5, after=0.5)
    gate = {
        "pass": "Safety: the signs were noticed and asked about.",
        "needs_work": "Safety: a sign about wanting to die was not fully taken up. Look at it with somebody.",
    }.get(view["safety_gate"] or "")
    if gate:
        out.line(gate, is_bold=True)
    out.line(
        "Scores of single replies coach, the score of a session informs, and neither certifies anybody.",
        8.5,
        ink=SOFT,
    )


def _moment(out: Writer, view: Mapping[str, Any]) -> None:
    moment = view["moment"]
    if not moment:
        return
    out.heading("Strongest moment")
    if moment["heard"]:
        out.line(f"{view['person']}: {moment['heard']}", ink=SOFT, after=0.5)
    out.line(f"Reply {moment['number']}: {moment['reply']}", is_bold=True, after=0.5)
    if moment["answer"]:
        out.line(f"{view['person']}: {moment['answer']}", ink=SOFT, after=0.5)
    out.line(moment["why"])


def _trust(out: Writer, view: Mapping[str, Any], bands: tuple[float, float]) -> None:
    track = view["track"]
    if track is None:
        return
    out.heading(f"How {view['person']}'s trust moved")
    out.room(68)
    words = f"Trust began at {track.start:.0f} of 100 and ended at {track.end:.0f}."
    picture = io.BytesIO(charts.trust_png(track, view["turning"], bands))
    out.paper.image(picture, x=EDGE, w=out.paper.w - 2 * EDGE, alt_text=words)
    out.line(words, 9, ink=SOFT)
    for point in view["turning"]:
        out.room(22)
        verb, ink = ("▲ rose", PINE) if point["is_rise"] else ("▼ fell", CLAY)
        moved = f"Reply {point['number']}: trust {verb} from {point['before']} to {point['after']}"
        out.line(moved, is_bold=True, ink=ink, after=0.3)
        if point["heard"]:
            out.line(f"{view['person']} had said: {point['heard']}", 9, ink=SOFT, indent=5, after=0.3)
        for item in point["words"]:
            out.line(f"“{item['text']}” ({item['name']})", indent=5, after=0.3)
        if not point["words"]:
            out.line(f"“{point['reply']}”", indent=5, after=0.3)
        for name in point["missing"]:
            out.line(name, indent=5, after=0.3)
        if point["answer"]:
            out.line(f"Then {view['person']}: {point['answer']}", 9, ink=SOFT, indent=5, after=1.5)


def _missed(out: Writer, view: Mapping[str, Any]) -> None:
    if not view["missed"]:
        return
    out.heading("Openings that went by")
    for item in view["missed"]:
        out.room(20)
        out.line(f"{view['person']}, before reply {item['number']}: {item['heard']}", ink=SOFT, after=0.3)
        out.line(item["say"], after=0.3)
        out.line(f"You could say: {item['try']}", indent=5, ink=SUN_INK, after=1.5)


def _closer(out: Writer, view: Mapping[str, Any]) -> None:
    if view["indicators"]:
        out.heading("A closer look")
        rows = [["What an instructor would look for", "Level", "What that looks like"]]
        rows += [
            [
                item["name"] + (" (aim of this talk)" if item["is_aim"] else ""),
                f"{item['value']} of 5, {item['word']}",
                item["anchor"],
            ]
            for item in view["indicators"]
        ]
        out.table((68, 38, 74), rows)
    if view["ratios"]:
        out.heading("Shown, not scored")
        rows = [["Ratio", "Here", "In the field", "Counted"]]
        rows += [[item["name"], item["value"], item["aim"], item["count"]] for item in view["ratios"]]
        out.table((58, 18, 52, 52), rows)


def _talk(out: Writer, view: Mapping[str, Any]) -> None:
    out.heading("The talk")
    for line in view["lines"]:
        if line["speaker"] == "peer":
            for row in line["rows"]:
                who = "Out of the roleplay" if row.act == "utter_step_out" else view["person"]
                out.line(f"{who}: {row.text}", 9, ink=SOFT, after=0.8)
            continue
        assessment = line["assessment"]
        level = f" ({assessment['overall']['word']})" if assessment and assessment["overall"] else ""
        out.line(f"Reply {line['number']}{level}: {line['row'].text}", 9, indent=5, after=0.5)
        if assessment:
            seen = [mark["name"] for mark in assessment["marks"]] + list(assessment["general"])
            if seen:
                out.line("; ".join(dict.fromkeys(seen)), 8, ink=PINE, indent=10, after=1.2)


def evidence_pdf(sheet: Mapping[str, Any], titles: Mapping[str, str]) -> bytes:
    """Return an evidence sheet as PDF.

    Args:
        sheet: As from `evidence.sealed`.
        titles: Scenario id to what a reader calls it.
    """
    content = sheet["content"]
    practice = content["practice"]
    out = Writer(
        "Evidence of practice",
        f"Evidence of practice, {content['trainee']['name']}  ·  SHA-256 {sheet['sha256']}",
    )
    out.line("Evidence of practice", 20, is_bold=True, after=1)
    out.line(content["trainee"]["name"], 13, is_bold=True, after=0.5)
    out.line(f"Made {when(sheet['made_at'])}", 9, ink=SOFT, after=2)
    out.line(content["statement"], is_bold=True, after=2)
    out.heading("Practice")
    out.line(
        f"{practice['hours']} hours ({practice['minutes']:g} minutes) in {practice['talks']} talks, "
        f"{practice['scored_talks']} of them scored; {practice['replies']} replies; "
        f"{len(practice['people'])} different people."
    )
    if practice["first"]:
        out.line(f"From {when(practice['first'])} to {when(practice['last'])}.")
    for note in content["notes"]:
        out.line(note, 8.5, ink=SOFT, after=0.5)
    for part, heading in (
        ("domains", "The four domains that CRPS, CRSS and IC&RC share"),
        ("competencies", "SAMHSA core competencies for peer workers"),
    ):
        out.heading(heading)
        rows = [["", "Mean, 1 to 5", "Talks", "Seen in"]]
        for item in content[part]:
            seen = "; ".join(f"{entry['name']} {entry['mean']:g}" for entry in item["indicators"])
            if item.get("safety_passed"):
                seen += f"; safety steps passed in {item['safety_passed']}"
            nothing = "no talk has called for it yet" if item["is_practiced_here"] else "not practiced here"
            mean = f"{item['mean']:g}" if item["mean"] is not None else "–"
            rows.append([item["name"], mean, str(item["talks"]), seen or nothing])
        out.table((62, 24, 16, 78), rows)
    out.heading("Talks")
    rows = [["When", "With", "Minutes", "Replies", *(CRITERION_NAMES[name][0] for name in CRITERION_NAMES)]]
    for talk in content["talks"]:
        scores = [talk["scores"].get(name) for name in CRITERION_NAMES]
        with_whom = titles.get(talk["scenario"], talk["scenario"])
        rows.append(
            [
                when(talk["started_at"]),
                with_whom,
                f"{talk['minutes']:g}",
                str(talk["replies"]),
                *(f"{value:.0f}" if value is not None else "–" for value in scores),
            ]
        )
    out.table((42, 42, 17, 17, 25, 20, 19), rows)
    out.heading("Where the numbers come from")
    versions = content["versions"]
    out.line(
        f"Rubric {', '.join(versions['rubrics']) or '–'}. Model {', '.join(versions['models']) or '–'}. "
        f"Map of competencies {versions['competencies']}.", 9,
    )  # fmt: skip
    out.line(
        f"SHA-256 of the content: {sheet['sha256']}. The same content can be saved as a file next to this "
        "sheet; “switchback evidence verify FILE” computes the hash again and compares it with the records.",
        9,
    )
    return out.output()
