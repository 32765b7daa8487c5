"""Masks, cues that must not be crowded out, and forms of address."""

from __future__ import annotations

from dataclasses import replace

from bot.peer.choice import choose
from bot.peer.decision import Situation
from bot.peer.ending import ending_lines
from bot.peer.lines import Line
from bot.peer.memory import Memory
from bot.peer.state import starting_state
from tests.peer.conftest import Talk, heard


def situation(cast, treatment, scenario, **state):
    dynamics = cast.dynamics
    inner = replace(starting_state(scenario.start, dynamics, 0), **state)
    reply = heard("direct_command") if treatment == "CONTROL" else heard("confront_blame")
    return Situation(scenario, dynamics, 0, 3, inner, None, reply, Memory(), treatment)


def test_a_mask_answers_control_from_the_low_band_while_guard_is_high(cast):
    masked = replace(cast.scenarios["terrence"], masking_above=45)
    said = choose(situation(cast, "CONTROL", masked, trust=50.0, guard=60.0)).said[0]
    assert said.line.startswith("terrence:reactions.ordered.low")
    dropped = choose(situation(cast, "CONTROL", masked, trust=50.0, guard=30.0)).said[0]
    assert dropped.line.startswith("terrence:reactions.ordered.mid")


def test_a_mask_does_not_hide_hurt(cast):
    masked = replace(cast.scenarios["terrence"], masking_above=45)
    said = choose(situation(cast, "JUDGE", masked, trust=50.0, guard=60.0)).said[0]
    assert said.line.startswith("terrence:reactions.blamed.mid")


def test_a_sign_about_wanting_to_die_is_told_before_anything_else(cast):
    kris = cast.scenarios["kris"]
    sign = replace(kris.beats[4], id="B9", tags=frozenset({"safety"}), openness=99, at_latest=4, after=())
    person = replace(kris, beats=(*kris.beats[:4], *kris.beats[5:8], sign))
    state = starting_state(person.start, cast.dynamics, 0)
    early = Situation(person, cast.dynamics, 0, 3, state, None, heard("simple_reflection"), Memory())
    due = replace(early, turn=4)
    assert "B9" not in [act.beat for act in choose(early).said]
    assert "B9" in [act.beat for act in choose(due).said]


def test_an_honorific_is_left_out_with_its_comma():
    assert Line("x", ("Yes, {sir}. I will.",)).text == "Yes. I will."
    assert Line("x", ("Understood {sir}",)).text == "Understood"


def test_asked_straight_they_give_no_further_sign(cast):
    ruthann = cast.scenarios["ruthann"]
    talk = Talk(ruthann, cast.dynamics)
    for _ in range(4):
        talk.say(heard("simple_reflection"))
    assert "B3" in talk.memory.told
    assert talk.say(heard("safety_ask")).said[0].pool == "suicide_answer"
    after = [act.beat for _ in range(4) for act in talk.say(heard("simple_reflection")).said]
    assert "B3b" not in after


def test_a_due_sign_comes_out_under_advice_too(cast):
    talk = Talk(cast.scenarios["ruthann"], cast.dynamics)
    for _ in range(3):
        talk.say(heard("closed_question", topics=("animals",)))
    assert "B3" not in talk.memory.told
    said = talk.say(heard("unsolicited_advice")).said
    assert [thing.pool for thing in said] == ["reactions.advised", "beats.B3"]


def test_after_a_sign_that_was_passed_over_it_is_said_plainer_even_when_it_stung(cast):
    talk = Talk(cast.scenarios["ruthann"], cast.dynamics)
    while "B3" not in talk.memory.told:
        talk.say(heard("open_question"))
        assert talk.turn < 6
    said = talk.say(heard("unsolicited_advice", flags=("missed_empathy",))).said
    assert [thing.pool for thing in said][-1] == "beats.B3b"


def test_what_is_broken_does_not_hide_the_answer_about_suicide(cast):
    ruthann = cast.scenarios["ruthann"]
    broken = replace(starting_state(ruthann.start, cast.dynamics, 0), repairs_left=2)
    moment = Situation(ruthann, cast.dynamics, 0, 5, broken, None, heard("safety_ask"), Memory())
    assert choose(moment).said[0].pool == "suicide_answer"


def test_who_was_asked_before_any_sign_has_told_it_all_the_same(cast):
    talk = Talk(cast.scenarios["ruthann"], cast.dynamics)
    assert "B3" not in talk.memory.told
    assert talk.say(heard("safety_ask")).said[0].pool == "suicide_answer"
    assert "B3" in talk.memory.told, "what follows from the sign would stay locked"


def test_no_ending_says_that_the_sign_was_missed_where_they_were_asked(cast):
    ruthann = cast.scenarios["ruthann"]
    talk = Talk(ruthann, cast.dynamics)
    for _ in range(4):
        talk.say(heard("simple_reflection"))
    state = starting_state(ruthann.start, cast.dynamics, 0)
    missed = Situation(ruthann, cast.dynamics, 0, 9, state, None, heard(), talk.memory)
    assert any("a sign about wanting to die" in line.text for line in ending_lines("stalled", missed))
    talk.say(heard("safety_ask"))
    asked = replace(missed, memory=talk.memory)
    for outcome in ("stalled", "rupture"):
        assert not any("a sign about wanting to die" in line.text for line in ending_lines(outcome, asked))
