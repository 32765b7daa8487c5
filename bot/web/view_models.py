"""What the pages and the API show, made out of rows: plain dicts, no ids that mean nothing to a trainee.

One function makes the assessment of a reply for everybody, so that the widget, the report and the
instructor's transcript can never disagree. Marked words are cut on the server, because offsets count
code points and JavaScript counts something else.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from bot.web.report_words import ReportWords
from bot.web.words import EFFECTS, Words

CRITERIA = ("collaboration", "strengths", "humility")

CRITERION_NAMES = {
    "collaboration": ("Collaboration", "Working with, not on"),
    "strengths": ("Strengths", "Seeing what is strong in them"),
    "humility": ("Humility", "Listening first, on equal footing"),
}

LEVEL_WORDS = ("working against", "beginning", "mixed", "solid", "strong")

OUT_OF_ROLE = "utter_step_out"
"""What the engine calls a line of the neutral voice."""

ENDINGS = {
    "good": "Ended well",
    "okay": "Ended all right",
    "stalled": "Stalled",
    "rupture": "Broke off",
    "safety_pause": "Paused for safety",
    "stopped": "Ended by the trainee",
}

ENDING_SENTENCES = {
    "good": "{name} left with a next step that {name} chose.",
    "okay": "{name} left feeling heard, without a clear next step.",
    "stalled": "The talk went in circles and {name} let it go.",
    "rupture": "{name} broke off the talk.",
    "safety_pause": "The practice stopped to take care of safety.",
    "stopped": "You ended the talk.",
}


@dataclass(frozen=True)
class Level:
    """A score as people read it.

    Attributes:
        value: 0 to 100, rounded.
        step: 1 to 5.
        word: The word for the step.
    """

    value: int
    step: int
    word: str

    @classmethod
    def of(cls, score: float | None) -> Level | None:
        """Return the level of a score from 0 to 100 (RUBRIC section 6: 1 + score/25), None for none."""
        if score is None:
            return None
        bounded = min(max(float(score), 0.0), 100.0)
        step = min(int(round(1 + bounded / 25, 2) + 0.5), 5)  # as `actions/session_score.py` does
        return cls(round(bounded), step, LEVEL_WORDS[step - 1])

    def to_dict(self) -> dict[str, Any]:
        """Return the level for JSON."""
        return {"value": self.value, "step": self.step, "word": self.word}


def level_dict(score: float | None) -> dict[str, Any] | None:
    """Return the level of a score for JSON, or None."""
    level = Level.of(score)
    return level.to_dict() if level else None


def effect_of(move: Mapping[str, Any]) -> str:
    """Return what a judged move did here: "helped", "neutral" or "hindered".

    A harm that the context excuses, and a good move that earned nothing here, count as neutral.
    """
    effect = EFFECTS.get(move.get("kind", "N"), "neutral")
    if effect == "helped" and not any((move.get("credit") or {}).values()):
        return "neutral"
    if effect == "hindered" and not any((move.get("harm") or {}).values()):
        return "neutral"
    return effect


def marks_of(detail: Mapping[str, Any], words: Words) -> list[dict[str, Any]]:
    """Return the marked words of a reply, in order, numbered from 1.

    Moves come first; a flag with words of its own is a mark too, unless a move covers those words.
    The names are those of the rubric version that judged the reply.
    """
    found = []
    for move in detail.get("moves") or ():
        name = move.get("plain") or words.move(move["move"])
        found.append((int(move["start"]), int(move["end"]), name, effect_of(move)))
    for flag in detail.get("flags") or ():
        start, end = flag.get("start"), flag.get("end")
        if start is not None and end is not None and not any(a < end and start < b for a, b, *_ in found):
            effect = "hindered" if flag.get("effects") else "neutral"
            found.append((int(start), int(end), _flag_name(flag, words), effect))
    found.sort(key=lambda mark: (mark[0], mark[1]))
    return [
        {"number": number, "start": start, "end": end, "name": name, "effect": effect}
        for number, (start, end, name, effect) in enumerate(found, 1)
    ]


def _flag_name(flag: Mapping[str, Any], words: Words) -> str:
    return str(flag.get("plain") or words.flag(flag["name"]))


def segments_of(text: str, marks: Sequence[Mapping[str, Any]]) -> list[dict[str, Any]]:
    """Cut a text where marks begin and end; together the pieces are exactly the text.

    Args:
        text: The trainee's words.
        marks: Marks as from `marks_of`; of two that overlap the earlier keeps the shared words.

    Returns:
        Pieces with `text` and `mark`, the number of the mark or None.
    """
    pieces: list[dict[str, Any]] = []
    at = 0
    for mark in marks:
        start, end = max(mark["start"], at), min(mark["end"], len(text))
        if end <= start:
            continue
        if start > at:
            pieces.append({"text": text[at:start], "mark": None})
        pieces.append({"text": text[start:end], "mark": mark["number"]})
        at = end
    if at < len(text):
        pieces.append({"text": text[at:], "mark": None})
    return pieces


def feedback_of(detail: Mapping[str, Any], report_words: ReportWords) -> list[dict[str, Any]]:
    """Return the feedback points of a reply: what worked, what to try, and what "why?" opens.

    `rule` is what the rubric asks for here, `why` what it is good for, `source` the training text behind it.
    """
    points = []
    for point in detail.get("feedback") or ():
        points.append(
            {
                "kind": "worked" if point["kind"] == "worked" else "try",
                "text": point["text"],
                "quote": (point.get("quote") or "").strip('“”"') or None,
                "rewording": point.get("rewording") or None,
                "rule": " ".join(
                    filter(None, (report_words.rules.get(point.get("code", "")), point.get("context")))
                )
                or None,
                "why": point.get("why") or None,
                "source": report_words.principle(point.get("seeds") or ()) or None,
            }
        )
    return points


def assessment_view(text: str, row: Any, words: Words, report_words: ReportWords) -> dict[str, Any]:
    """Return the assessment of one reply as a trainee may see it.

    Args:
        text: The reply's words.
        row: Its `AssessmentRow`.
        words: Plain names of moves and flags.
        report_words: Rules and principles, for "why?".
    """
    marks = marks_of(row.detail, words)
    scores = row.detail.get("criteria") or {}
    criteria = []
    for name in CRITERIA:
        level = Level.of(getattr(row, name))
        if level is None:
            continue
        criteria.append(
            {
                "id": name,
                "name": CRITERION_NAMES[name][0],
                "hint": CRITERION_NAMES[name][1],
                "is_expected": bool((scores.get(name) or {}).get("is_expected", True)),
                **level.to_dict(),
            }
        )
    return {
        "message_id": row.message_id,
        "overall": level_dict(row.overall),
        "criteria": criteria,
        "segments": segments_of(text, marks),
        "marks": marks,
        "general": [
            _flag_name(flag, words)
            for flag in row.detail.get("flags") or ()
            if flag.get("start") is None or flag.get("end") is None
        ],
        "feedback": feedback_of(row.detail, report_words),
        "rubric_version": row.rubric_version,
    }


def message_view(row: Any) -> dict[str, Any]:
    """Return one line of the conversation for the widget."""
    view = {
        "id": row.id,
        "speaker": row.speaker,
        "text": row.text,
        "turn": row.turn,
        "sent_at": row.created_at,
    }
    if row.speaker == "trainee":
        view["is_answered"] = row.turn is not None
    else:
        view["reply_to"] = row.reply_to
        view["is_in_role"] = row.act != OUT_OF_ROLE
    return view


def session_view(row: Any, scenario: Any, score: Any = None) -> dict[str, Any]:
    """Return the state of a session as its trainee may see it."""
    return {
        "id": row.id,
        "scenario": row.scenario_id,
        "title": scenario.title if scenario else row.scenario_id,
        "person": scenario.persona.short_name if scenario else "the peer",
        "is_paused": row.is_paused,
        "is_score_hidden": row.is_score_hidden,
        "ended": row.ending,
        "started_at": row.started_at,
        "ended_at": row.ended_at,
        "is_scored": score is not None,
    }


def level_words(level: str) -> str:
    """Return how hard a scenario is, as a reader would say it."""
    return {"easy+": "fairly easy"}.get(level, level)


def scenario_view(scenario: Any) -> dict[str, Any]:
    """Return what a trainee may know of a scenario before talking to the person."""
    return {
        "id": scenario.id,
        "title": scenario.title,
        "level": scenario.level,
        "pathway": scenario.pathway,
        "card": scenario.card,
        "content_notice": list(scenario.content_notice),
        "before_you_start": scenario.before_you_start or None,
        "person": {
            "name": scenario.persona.name,
            "short_name": scenario.persona.short_name,
            "age": scenario.persona.age,
            "pronouns": scenario.persona.pronouns,
        },
        "objectives": list(scenario.objectives),
    }


def ending_words(ending: str | None) -> str:
    """Return how a session ended in a few words."""
    return ENDINGS.get(ending or "", "Going on") if ending else "Going on"


def when(iso: str | None) -> str:
    """Return a stored time as a reader takes it in, e.g. "Mar 3, 2026, 14:05 UTC"."""
    if not iso:
        return ""
    moment = datetime.fromisoformat(iso)
    return f"{moment:%b} {moment.day}, {moment:%Y, %H:%M} UTC"
