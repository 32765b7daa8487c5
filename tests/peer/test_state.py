"""How a reply moves the peer: the numbers of the specification, and what must hold for any reply."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.peer.dynamics import VARIABLES, load_dynamics
from bot.peer.state import FeltMove, PeerState, react, resumed_state, starting_state
from bot.settings import load_settings

DYNAMICS = load_dynamics(load_settings({}).data)
KRIS = {"trust": 30, "hope": 25, "ownership": 45, "guard": 65, "strain": 5}
MARISOL = {"trust": 45, "hope": 55, "ownership": 50, "guard": 25, "strain": 0}


def at_start(start=KRIS) -> PeerState:
    return starting_state(start, DYNAMICS, seed=0)


def after(state, *moves, **options):
    felt = [FeltMove(move) for move in moves]
    return react(state, felt, DYNAMICS, sensitivity=options.pop("sensitivity", {}), **options)


@pytest.mark.parametrize(("start", "openness"), [(KRIS, 20), (MARISOL, 50)])
def test_openness_at_the_start_is_as_the_table_has_it(start, openness):
    assert round(at_start(start).openness(DYNAMICS)) == openness


def test_a_first_reflection_moves_as_calculated_by_hand():
    change = after(at_start(), "complex_reflection")
    # 5 x (1 - 30/125) = 3.8; guard -4, then 10 % of the way back; strain 5 - 3 - 4, not below 0
    assert change.state.trust == pytest.approx(33.8)
    assert change.state.guard == pytest.approx(61 + 0.1 * 4)
    assert change.state.strain == 0
    assert change.treatment == "LISTEN"


def test_trust_grows_more_slowly_the_more_there_is():
    low = after(replace(at_start(), trust=20.0), "validate").moved["trust"]
    high = after(replace(at_start(), trust=80.0), "validate").moved["trust"]
    assert low > high > 0


def test_a_repeated_move_warms_less_than_a_fresh_one():
    fresh = react(at_start(), [FeltMove("validate")], DYNAMICS, sensitivity={})
    stale = react(at_start(), [FeltMove("validate", freshness=0.25)], DYNAMICS, sensitivity={})
    assert stale.moved["trust"] < fresh.moved["trust"]


def test_strength_before_listening_counts_less_after_a_disclosure():
    praise_first = [FeltMove("affirm_strength", 0), FeltMove("validate", 30)]
    heard_first = [FeltMove("validate", 0), FeltMove("affirm_strength", 30)]
    options = {"sensitivity": {}, "after_disclosure": True}
    assert (
        react(at_start(), praise_first, DYNAMICS, **options).moved["hope"]
        < react(at_start(), heard_first, DYNAMICS, **options).moved["hope"]
    )


def test_a_person_feels_blame_by_their_own_measure():
    thin_skinned = after(at_start(MARISOL), "minimize", sensitivity={"JUDGE": 1.5})
    usual = after(at_start(MARISOL), "minimize")
    assert thin_skinned.moved["trust"] < usual.moved["trust"] < 0


def test_a_moves_own_sensitivity_takes_the_place_of_its_class():
    own = after(at_start(MARISOL), "minimize", sensitivity={"JUDGE": 3, "minimize": 1})
    assert own.moved["trust"] == pytest.approx(after(at_start(MARISOL), "minimize").moved["trust"])


def test_take_over_pleases_now_and_costs_ownership():
    change = after(at_start(MARISOL), "take_over", sensitivity={"take_over_trust": 1})
    assert change.moved["trust"] > 0 > change.moved["ownership"]


def test_two_poor_replies_at_high_guard_break_it_and_owning_it_mends_it():
    first = after(at_start(), "unsolicited_advice")
    assert first.event is None
    broken = after(first.state, "direct_command")
    assert broken.event == "rupture" and broken.state.repairs_left == 3
    mended = after(broken.state, "repair_rupture")
    assert mended.event == "repaired"
    assert mended.state.strain == 20 and not mended.state.is_ruptured


def test_hearing_the_complaint_and_stepping_down_mends_too_but_not_with_advice_beside_it():
    broken = after(after(at_start(), "unsolicited_advice").state, "direct_command").state
    assert after(broken, "complex_reflection", "level_power").event == "repaired"
    assert after(broken, "complex_reflection", "level_power", "unsolicited_advice").event is None


def test_a_break_left_alone_ends_it_after_three_replies():
    state = after(after(at_start(), "unsolicited_advice").state, "direct_command").state
    events = []
    for _ in range(3):
        change = after(state, "closed_question")
        state = change.state
        events.append(change.event)
    assert events == [None, None, "exit"]


def test_good_practice_reaches_the_good_ending_in_about_eight_to_twelve_replies():
    state = at_start()
    good = DYNAMICS.endings["good"]
    replies = [
        ("complex_reflection", "open_question"),
        ("validate", "elicit_strength"),
        ("affirm_strength", "seek_collaboration"),
    ]
    for turn in range(1, 20):
        state = after(state, *replies[turn % 3]).state
        if all(getattr(state, name) >= least for name, least in good.items()):
            break
    assert 6 <= turn <= 12


def test_lukewarm_practice_stays_flat():
    state = at_start()
    for _ in range(16):
        state = after(state, "closed_question", "give_information").state
    gained = state.openness(DYNAMICS) - state.start_openness
    assert gained < DYNAMICS.endings["stalled"]["openness_gain_below"]


def test_most_of_the_gain_is_kept_until_the_next_session():
    fresh = at_start()
    later = resumed_state(replace(fresh, trust=70.0, guard=20.0), fresh, DYNAMICS)
    assert later.trust == pytest.approx(66) and later.guard == fresh.guard


def test_seed_zero_is_the_scenario_itself_and_others_differ_a_little():
    assert at_start().trust == 30
    varied = {starting_state(KRIS, DYNAMICS, seed).trust for seed in range(1, 8)}
    assert len(varied) > 1 and all(abs(trust - 30) <= DYNAMICS.jitter for trust in varied)


names = st.sampled_from(sorted(DYNAMICS.changes))
felt_moves = st.lists(
    st.builds(FeltMove, names, st.integers(0, 200), st.sampled_from([0, 0.5, 1]), st.floats(0.1, 1)),
    max_size=8,
)


@settings(deadline=None, max_examples=150)
@given(st.lists(felt_moves, max_size=12))
def test_whatever_is_said_the_state_stays_in_bounds_and_can_be_replayed(replies):
    def played():
        state, seen = at_start(), []
        for felt in replies:
            state = react(state, felt, DYNAMICS, sensitivity={"JUDGE": 1.5}).state
            seen.append(state)
        return seen

    states = played()
    assert states == played()
    for state in states:
        assert all(0 <= getattr(state, name) <= 100 for name in VARIABLES)
        assert PeerState.from_dict(state.to_dict()) == state


@settings(deadline=None, max_examples=100)
@given(felt_moves)
def test_no_turn_changes_more_than_its_limits_and_the_drift(felt):
    before = replace(at_start(), trust=50.0, guard=50.0, start_guard=50.0, hope=50.0, start_hope=50.0)
    change = react(before, felt, DYNAMICS, sensitivity={})
    for name, (low, high) in DYNAMICS.limits.items():
        slack = DYNAMICS.drift["strain_relief"] if name == "strain" else 0
        assert low - slack - 1e-9 <= change.moved[name] <= high + 1e-9
