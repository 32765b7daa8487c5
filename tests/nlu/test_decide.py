"""What is left of the probabilities of asking where a clause asks nothing; what a reply makes of them."""

from __future__ import annotations

import numpy as np
import pytest

from bot.nlu.decide import ask_only_in_questions
from bot.reading import Reading, Sentence

MOVES = ("open_question", "match_pace", "validate", "other")


@pytest.mark.parametrize(
    ("text", "likely", "is_kept"),
    [
        ("when you are low it gets dark early", [0.12, 0.05, 0.8, 0.03], False),
        ("what would you like to do", [0.7, 0.1, 0.1, 0.1], True),
        ("have you slept?", [0.05, 0.02, 0.9, 0.03], True),
        ("with who", [0.05, 0.02, 0.9, 0.03], True),
        ("that sounds heavy", [0.3, 0.2, 0.4, 0.1], False),
    ],
)
def test_a_clause_without_a_mark_asks_only_if_the_tagger_thinks_so_too(text, likely, is_kept):
    left = ask_only_in_questions(np.array(likely), MOVES, text)

    assert bool(left[:2].sum() > 0) is is_kept
    assert left.sum() == pytest.approx(1)


def test_what_is_mostly_asked_may_be_said_where_it_is_likely():
    left = ask_only_in_questions(np.array([0.1, 0.6, 0.2, 0.1]), MOVES, "no rush at all")

    assert left[0] == 0
    assert left[1] > 0.6


def test_what_only_looked_like_a_question_makes_no_other_move_likelier():
    left = ask_only_in_questions(np.array([0.12, 0.05, 0.3, 0.53]), MOVES, "when you are low it gets dark")

    assert left[2] == pytest.approx(0.3)
    assert left[3] == pytest.approx(0.7)


def test_several_half_sure_sentences_make_a_move_likelier():
    reading = Reading("a. b.", (Sentence(0, 2, {"validate": 0.5}), Sentence(3, 5, {"validate": 0.4})))

    assert reading.move_probabilities == {"validate": pytest.approx(0.7)}
