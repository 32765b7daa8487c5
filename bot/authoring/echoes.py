"""What shows only beside the other files: lines that another person says too, facts that no line states.

Trainees who meet two people with the same lines would hear one author behind them.
"""

from __future__ import annotations

import re
from collections.abc import Iterable

from bot.content import Problem
from bot.peer.lines import Line
from bot.peer.scenario import Scenario

LONG_ENOUGH = 4
"""Words up to which two people may well say the same: "you said that already"."""


def echoes(scenario: Scenario, others: Iterable[Scenario], file: str) -> list[Problem]:
    """Return, as advice, the lines of a scenario that stand in another one, whatever their case and commas.

    Args:
        scenario: The scenario.
        others: All others.
        file: The scenario's name in messages.
    """
    taken: dict[str, str] = {}
    for other in others:
        for line in other.lines():
            taken.setdefault(_bare(line), f"{other.id}, {line.id.partition(':')[2]}")
    found = []
    for line in {line.id: line for line in scenario.lines()}.values():
        words = _bare(line)
        if words in taken and len(words.split()) > LONG_ENOUGH:
            text = f'is what another person says too ({taken[words]}): "{line.bubbles[0][:50]}"'
            found.append(Problem(file, line.id.partition(":")[2], text, is_error=False))
    return found


def unstated_facts(scenario: Scenario) -> list[str]:
    """Return the facts to which no line, beat or answer refers: left over, or stated without saying so."""
    stated = {fact for line in scenario.lines() for fact in line.facts}
    stated.update(fact for beat in scenario.beats for fact in beat.facts)
    stated.update(fact for answers in scenario.topics.values() for fact in answers.facts)
    return [fact for fact in scenario.facts if fact not in stated]


def unknown_name(scenario: Scenario, patterns: str, file: str) -> list[Problem]:
    """Return advice if the patterns that read replies do not know the person's name.

    Args:
        scenario: The scenario.
        patterns: The text of `data/patterns.yml`.
        file: The scenario's name in messages.
    """
    name = re.split(r"[^a-z]+", scenario.persona.short_name.casefold())[0]
    if name and re.search(rf"\b{name}\b", patterns):
        return []
    text = (
        f'data/patterns.yml does not know "{name}"; put it beside the other names for "bye {name}" to be read'
    )
    return [Problem(file, "persona.short_name", text, is_error=False)]


def _bare(line: Line) -> str:
    """Return the words of a line alone."""
    return re.sub(r"[^a-z0-9 ]", "", " ".join(line.bubbles).casefold())
