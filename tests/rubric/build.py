"""Builds readings by hand, so that the assessment is tested without any model."""

from __future__ import annotations

import re
from functools import lru_cache
from pathlib import Path

from actions.assessment import History, PeerTurn, ReplyAssessment, assess_reply
from actions.rubric import Rubric, load_rubric
from bot.reading import Evidence, Mention, Reading, Sentence

DATA = Path(__file__).resolve().parents[2] / "data"


@lru_cache(maxsize=1)
def rubric() -> Rubric:
    return load_rubric(DATA)


def reading(
    text: str,
    *spans: tuple[str, str],
    mentions: tuple[tuple[str, str], ...] = (),
    similar: float | None = None,
    hints: dict[str, float] | None = None,
) -> Reading:
    """Make a reading; spans and mentions are (words of the text, move or kind)."""
    sentences = []
    for found in re.finditer(r"[^.?!\n]+[.?!]*", text):
        words = found.group()
        start = found.start() + len(words) - len(words.lstrip())
        if words.strip():
            is_question = words.rstrip().endswith("?")
            sentences.append(Sentence(start, start + len(words.strip()), hints or {}, is_question))
    evidence = [
        Evidence(text.index(words), text.index(words) + len(words), move, 0.9) for words, move in spans
    ]
    return Reading(
        text=text,
        sentences=tuple(sentences),
        spans=tuple(sorted(evidence, key=lambda span: span.start)),
        mentions=tuple(
            Mention(kind, "test", text.index(words), text.index(words) + len(words), words)
            for words, kind in mentions
        ),
        similarity=tuple([similar] * len(sentences)) if similar is not None else (),
    )


def peer(text: str, tags: str = "") -> PeerTurn:
    return PeerTurn(text, frozenset(tags.split()))


def judge(reply: Reading, turn: PeerTurn | None = None, history: History | None = None) -> ReplyAssessment:
    return assess_reply(
        rubric(), reply, turn or peer("we were talking about work"), history or History.empty()
    )[0]


def talk(*turns: tuple[PeerTurn, Reading]) -> tuple[list[ReplyAssessment], History]:
    """Judge several replies in a row."""
    history, judged = History.empty(), []
    for turn, reply in turns:
        assessment, history = assess_reply(rubric(), reply, turn, history)
        judged.append(assessment)
    return judged, history


def moves_of(assessment: ReplyAssessment) -> list[str]:
    return [move.move for move in assessment.moves]


def flags_of(assessment: ReplyAssessment) -> list[str]:
    return [flag.name for flag in assessment.flags]
