"""Which neighboring clauses are read as one."""

from __future__ import annotations

from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.nlu.segments import LONGEST_RUN, joined, most_probable, possible_runs
from bot.nlu.sentences import split_clauses

SURE, UNSURE = np.array([0.9, 0.1]), np.array([0.5, 0.5])


@pytest.mark.parametrize(
    ("text", "longest"),
    [
        ("You could ask her. What would you say?", 1),
        ("you could ask her\nwhat would you say", 1),
        ("i hear you, what would you say to her", 2),
    ],
)
def test_no_run_goes_beyond_its_sentence(text: str, longest: int) -> None:
    runs = possible_runs(text, split_clauses(text))
    assert max(last - first for first, last in runs) == longest


def test_clauses_with_different_rules_stay_apart() -> None:
    text = "i hear you, what would you say to her"
    clauses = split_clauses(text)
    assert possible_runs(text, clauses, [frozenset({"a"}), frozenset()]) == [(0, 1), (1, 2)]
    assert (0, 2) in possible_runs(text, clauses, [frozenset({"a"}), frozenset({"a"})])


def test_two_sure_clauses_stay_two() -> None:
    assert most_probable(2, {(0, 1): SURE, (1, 2): SURE, (0, 2): UNSURE}) == [(0, 1), (1, 2)]


def test_two_unsure_halves_become_one() -> None:
    assert most_probable(2, {(0, 1): SURE, (1, 2): UNSURE, (0, 2): SURE}) == [(0, 2)]


def test_of_equal_readings_the_one_with_fewer_segments_wins() -> None:
    whole = np.array([0.81, 0.19])
    assert most_probable(2, {(0, 1): SURE, (1, 2): SURE, (0, 2): whole}) == [(0, 2)]


def test_a_likely_cut_tips_the_balance() -> None:
    even = np.array([0.81, 0.19])
    likely = {(0, 1): SURE, (1, 2): SURE, (0, 2): even}
    assert most_probable(2, likely, [0.5, 0.9]) == [(0, 1), (1, 2)]
    assert most_probable(2, likely, [0.5, 0.1]) == [(0, 2)]


@given(st.integers(0, 12), st.randoms(use_true_random=False))
def test_every_clause_is_covered_once(count: int, random) -> None:
    likely = {
        (first, last): np.array([random.random()])
        for first in range(count)
        for last in range(first + 1, min(first + LONGEST_RUN, count) + 1)
        if last == first + 1 or random.random() < 0.7
    }
    runs = most_probable(count, likely)
    assert [run[0] for run in runs[:1]] == [0][:count]
    assert all(left[1] == right[0] for left, right in pairwise(runs))
    assert [run[1] for run in runs[-1:]] == [count][: len(runs)]
    assert all(run in likely for run in runs)


def test_joined_runs_keep_the_offsets() -> None:
    text = "  so, ok, if you just did the ten minutes, just the ten, around the block"
    clauses = split_clauses(text)
    for run in possible_runs(text, clauses):
        clause = joined(text, clauses, run)
        assert text[clause.start : clause.end] == clause.text
