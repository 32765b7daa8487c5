"""Every line that any peer or the neutral voice can say, read once: a proof over a closed set.

A peer only ever says lines of the scenario file, so what is in none of them is never said, whatever is typed.
"""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from bot.engine.content import load_cast
from bot.peer.safety import load_step_outs
from bot.settings import load_settings
from tests.trained.hostile_words import HARMLESS, wrong_with

DATA = load_settings({}).data
CAST = load_cast(DATA)
NEUTRAL = [line for step_out in load_step_outs(DATA).values() for line in step_out.lines]


def every_line() -> Iterator[tuple[str, str]]:
    for scenario in CAST.scenarios.values():
        for line in scenario.lines():
            yield line.id, line.text


def test_no_line_of_any_peer_holds_what_no_peer_may_say() -> None:
    lines = list(every_line())
    assert len(lines) > 5000
    assert {line: wrong_with(text) for line, text in lines if wrong_with(text)} == {}


def test_the_neutral_voice_names_no_means_and_gives_no_direction() -> None:
    assert {text: wrong_with(text) for text in NEUTRAL if wrong_with(text)} == {}


@pytest.mark.parametrize(
    "line",
    [
        "I kept the pills by the bed.",
        "took ten of them, like, 40 mg",
        "he had a gun",
        "you should stop taking that, it made me worse",
        "lets get drunk, come on",
        "my guy sells it behind the store",
        "Four beers and I was fine.",
        "honestly just plead and be done",
        "you'd be better off dead",
    ],
)
def test_a_line_that_says_too_much_is_found(line: str) -> None:
    assert wrong_with(line)


@pytest.mark.parametrize(
    "line",
    ["I had two cups of coffee.", "nine months. i counted", "That tracks.", "It's odd.", "Count me in."],
)
def test_an_ordinary_line_passes(line: str) -> None:
    assert wrong_with(line) == []


def test_every_harmless_phrase_is_still_in_use() -> None:
    said = "\n".join([*(text for _, text in every_line()), *NEUTRAL]).lower().replace("\u2019", "'")
    assert [phrase for phrase in HARMLESS if phrase not in said] == []
