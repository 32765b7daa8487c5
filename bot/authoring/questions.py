"""What is wrong with the questions that lines answer: one at two subjects, a line that answers none."""

from __future__ import annotations

import re

from bot.content import Problem
from bot.peer.phrases import ASKED, answering_pools, marked, subject_of
from bot.peer.scenario import Scenario

SHOWN = 5
"""How many lines without questions are named."""


def question_problems(scenario: Scenario, file: str) -> list[Problem]:
    """Return, as advice, questions that stand at lines of two subjects, and lines that answer none.

    A beat and one of its own topics are no two subjects: they answer the same questions.

    Args:
        scenario: The scenario.
        file: Its name in messages.
    """
    stands: dict[str, str] = {}
    found: list[Problem] = []
    silent: list[str] = []
    for place, pool in answering_pools(scenario):
        # What stands at one wording of a beat holds for all; what is said while it is locked, for the beat.
        answered = place.kind == "surface" or (place.kind == "beat" and any(line.asked for line in pool))
        for line in pool:
            here = line.id.partition(":")[2]
            if not line.asked and not answered:
                silent.append(here)
            for written in line.asked:
                kind, is_vague, text = marked(written)
                question = re.sub(r"[^a-z0-9 ]", "", text.casefold())
                other = stands.setdefault(question, line.id) if kind == ASKED and not is_vague else line.id
                if not _belong_together(scenario, subject_of(other), place.name):
                    there = other.partition(":")[2]
                    note = f'"{text}" stands at {there} too, which is about something else; one must do'
                    found.append(Problem(file, here, note, is_error=False))
    if silent:
        named = ", ".join(silent[:SHOWN]) + (", ..." if len(silent) > SHOWN else "")
        many = len(silent) > 1
        count = f"{len(silent)} lines answer" if many else "1 line answers"
        note = f"{count} no question (no asked:), so nobody can ask for {'them' if many else 'it'}: {named}"
        found.append(Problem(file, "topics", note, is_error=False))
    return found


def _belong_together(scenario: Scenario, first: str, second: str) -> bool:
    """Return whether two beats or topics are one subject."""
    topics = scenario.beat_topics
    one, two = {first, *topics.get(first, ())}, {second, *topics.get(second, ())}
    return bool(one & two)
