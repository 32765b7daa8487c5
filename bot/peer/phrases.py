"""What each line of a person is an answer to: the phrases that a reply is compared with.

A line lists under `asked` what trainees type to which it is a good direct answer. A leading "~" marks a
vague follow-up ("~what did she say?"), which counts only while the line's own beat or topic is the last
thing said; a leading "=" marks a statement ("=sundays sound like the worst") after which the line is a
natural thing to say. Both may stand together. What stands at the first wording of a beat holds for all.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from bot.peer.lines import Line, Pool
    from bot.peer.scenario import Scenario

ASKED, STATED, OWN = "asked", "stated", "own"
"""Kinds of phrases: a question that the line answers, a remark it may follow, the line's own words."""

_MARKED = re.compile(r"^\s*([~=]*)\s*(.*)$", re.DOTALL)


@dataclass(frozen=True)
class Phrase:
    """One thing that a reply may resemble.

    Attributes:
        line: Id of the line that answers it.
        kind: `ASKED`, `STATED` or `OWN`.
        text: The words, without marks.
        is_vague: Whether it counts only right after something of the same subject.
    """

    line: str
    kind: str
    text: str
    is_vague: bool = False


@dataclass(frozen=True)
class Place:
    """Where a line stands: `kind` is beat, surface, follow_up, answer or again; `name` the beat or topic."""

    kind: str
    name: str
    band: str = ""


def marked(written: str) -> tuple[str, bool, str]:
    """Return the kind of a phrase as written, whether it is vague, and its words."""
    match = _MARKED.match(written)
    marks, text = (match.group(1), match.group(2).strip()) if match else ("", written)
    return (STATED if "=" in marks else ASKED), "~" in marks, text


def follows_remarks_only(line: Line) -> bool:
    """Return whether a line was written for remarks, and for no question at all."""
    return bool(line.asked) and all(marked(written)[0] == STATED for written in line.asked)


def subject_of(line_id: str) -> str:
    """Return the subject of a line by its id: `kris:beats.B3.follow_up.2` is of `B3`; "" for small talk."""
    parts = line_id.partition(":")[2].split(".")
    return parts[1] if parts[0] in ("beats", "topics") and len(parts) > 2 else ""


def answering_pools(scenario: Scenario) -> Iterator[tuple[Place, Pool]]:
    """Give the pools whose lines can answer or go on, each with its place."""
    for beat in scenario.beats[1:]:
        yield Place("beat", beat.id), beat.lines
        yield Place("surface", beat.id), beat.surface
        yield Place("follow_up", beat.id), beat.follow_up
    for topic, answers in scenario.topics.items():
        for band, pool in answers.by_band.items():
            yield Place("answer", topic, band), pool
        yield Place("again", topic), answers.again


def phrases_of(scenario: Scenario) -> list[Phrase]:
    """Return what a reply to this person is compared with, in the order of the file."""
    found: list[Phrase] = []
    for _, pool in answering_pools(scenario):
        for line in pool:
            for written in line.asked:
                kind, is_vague, text = marked(written)
                if text:
                    found.append(Phrase(line.id, kind, text, is_vague))
            found.append(Phrase(line.id, OWN, line.text.replace("\n\n", " ")))
    return found
