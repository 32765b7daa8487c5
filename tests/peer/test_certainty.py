"""What was read in doubt breaks nothing; what was read surely does."""

from __future__ import annotations

from dataclasses import replace

import pytest

from bot.peer.dynamics import load_dynamics
from bot.peer.hearing import Heard, sting
from bot.peer.state import FeltMove, react, starting_state
from bot.settings import load_settings

START = {"trust": 30, "hope": 30, "ownership": 20, "guard": 70, "strain": 0}


@pytest.fixture(scope="module")
def dynamics():
    return load_dynamics(load_settings().data)


def after(dynamics, certainty: float, replies: int):
    state, events = starting_state(START, dynamics, 0), []
    for _ in range(replies):
        change = react(state, [FeltMove("confront_blame", certainty=certainty)], dynamics, sensitivity={})
        state = change.state
        events.append(change.event)
    return state, events


def test_only_sure_harm_breaks_it(dynamics):
    assert "rupture" in after(dynamics, 0.9, 3)[1]
    assert set(after(dynamics, 0.6, 3)[1]) == {None}


def test_doubtful_harm_hurts_less_the_more_doubtful_it_is(dynamics):
    trust = [after(dynamics, certainty, 1)[0].trust for certainty in (0.3, 0.5, 0.6, 0.9)]
    assert trust == sorted(trust, reverse=True)
    assert trust[0] > trust[1] > trust[2] > trust[3]


def test_an_unsure_word_stings_nobody_unless_a_sure_one_says_the_same(dynamics):
    unsure = FeltMove("confront_blame", certainty=0.5)
    heard = Heard(moves=(unsure,))
    assert sting(heard, dynamics) is None
    assert sting(replace(heard, moves=(unsure, FeltMove("confront_blame", 30))), dynamics) == "blamed"
