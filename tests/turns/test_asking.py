"""Where a reply asks something: by its mark, by its form, or because it is a known question in few words."""

from __future__ import annotations

import pytest

from actions.turn import asking_spans
from bot.peer.phrases import ASKED, STATED
from bot.reading import Likeness, Reading, Sentence


def reading(text: str, asked: float = 0.0, stated: float = 0.0) -> Reading:
    alike = ((ASKED, asked), (STATED, stated))
    prepared = tuple(Likeness("kris:topics.pets.mid.1", kind, like, 0, len(text)) for kind, like in alike)
    return Reading(text, (Sentence(0, len(text), {}, False),), prepared=prepared)


@pytest.mark.parametrize("text", ["any kids", "you sleeping ok", "still working"])
def test_a_few_words_that_are_nearly_a_known_question_are_one(text):
    assert asking_spans(reading(text, asked=0.8)) == ((0, len(text)),)


@pytest.mark.parametrize(
    ("text", "asked", "stated"),
    [
        ("kids around", 0.6, 0.0),
        ("that sounds hard", 0.76, 0.9),
        ("i have always thought of it as a kind of second home", 0.9, 0.0),
    ],
)
def test_other_words_without_a_mark_are_none(text, asked, stated):
    assert asking_spans(reading(text, asked, stated)) == ()


def test_a_mark_asks():
    assert asking_spans(reading("kids?")) == ((0, 5),)
