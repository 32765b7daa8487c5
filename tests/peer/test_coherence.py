"""The reply answers what was said: yes and no, wrong guesses, silence, questions left open, state bounds."""

from __future__ import annotations

from dataclasses import replace

import pytest

from bot.peer.claims import Claimed
from bot.peer.guesses import as_felt
from bot.peer.hearing import HeardTopic
from bot.peer.yes_no import says_yes_or_no
from tests.peer.conftest import heard

PEERS = ["marisol", "terrence", "rowan", "yusuf", "ravi", "kris", "nico", "ruthann"]
OPEN = {"trust": 90.0, "hope": 70.0, "guard": 10.0, "ownership": 50.0}


def pools(plan):
    return [act.pool for act in plan.said]


@pytest.mark.parametrize("peer", PEERS)
def test_what_they_never_said_is_set_right(talk_with, peer):
    talk = talk_with(peer)
    claim = (Claimed("partner", False),)
    plan = talk.say(replace(heard(mentions=("quotes_peer",)), claims=claim, guess="wrong"))
    assert pools(plan)[:2] == ["talk.contradiction", "topics.partner"]


@pytest.mark.parametrize("peer", PEERS)
@pytest.mark.parametrize("is_true", [True, False])
def test_a_yes_or_no_question_gets_one_and_no_second_one(talk_with, peer, is_true):
    asked = replace(
        heard("closed_question", topics=("partner",)), claims=(Claimed("partner", is_true, True),)
    )
    plan = talk_with(peer).say(asked)
    lead = "confirm" if is_true else "deny"
    answer = plan.said[-1]
    assert answer.pool == "topics.partner"
    assert pools(plan) == ([answer.pool] if says_yes_or_no(answer.text) else [lead, answer.pool])


@pytest.mark.parametrize("peer", PEERS)
def test_a_wrong_guess_is_set_right_and_does_not_warm(talk_with, peer):
    talk = talk_with(peer)
    reflection = replace(
        heard("complex_reflection"), topics=(HeardTopic("money", 0.9, False),), shared=0, similarity=0.1
    )
    felt = as_felt(reflection, talk.scenario, talk.memory)
    assert felt.guess == "wrong" and felt.moves[0].relevance == 0
    trust = talk.state.trust
    plan = talk.say(felt)
    lead = pools(plan)[:-1]
    assert pools(plan)[-1] == "corrects"
    assert lead in (["deny"], ["reactions.misheard"]) or (not lead and says_yes_or_no(plan.said[0].text))
    assert talk.state.trust <= trust


@pytest.mark.parametrize("peer", PEERS)
def test_a_guess_about_what_they_brought_up_is_no_wrong_one(talk_with, peer):
    talk = talk_with(peer)
    close = replace(
        heard("complex_reflection"), topics=(HeardTopic("legal", 0.9, False),), shared=2, similarity=0.1
    )
    assert as_felt(close, talk.scenario, talk.memory).guess is None


@pytest.mark.parametrize("peer", PEERS)
def test_a_question_about_that_is_about_the_last_words(talk_with, peer):
    talk = talk_with(peer, **OPEN)
    for _ in range(4):
        talk.say(heard("validate"))
    told = talk.memory.last_beat
    vague = heard("open_question", mentions=("go_on",))
    vague = replace(vague, topics=(HeardTopic("grief", 0.2, True),))
    felt = as_felt(vague, talk.scenario, talk.memory)
    assert felt.topics_asked() == []
    assert talk.say(felt).said[-1].beat == told


@pytest.mark.parametrize("peer", PEERS)
def test_given_the_floor_they_take_it(talk_with, peer):
    talk = talk_with(peer, **OPEN)
    asked = replace(heard("open_question", mentions=("opens_floor",)), is_question=True, similarity=0.1)
    assert talk.say(asked).said[-1].pool.startswith("beats.")


@pytest.mark.parametrize("peer", PEERS)
def test_silence_is_met_with_patience(talk_with, peer):
    plan = talk_with(peer).say(heard(mentions=("unreadable", "silence"), words=1, flags=("too_thin",)))
    assert pools(plan) == ["talk.silence"]


@pytest.mark.parametrize("peer", PEERS)
def test_given_nothing_twice_they_stop_telling(talk_with, peer):
    talk = talk_with(peer)
    talk.turn = 2
    nothing = heard(mentions=("backchannel",), words=1, flags=("too_thin",))
    first, second = talk.say(nothing), talk.say(nothing)
    assert any(act.beat for act in first.said)
    assert pools(second)[0] in ("talk.silence", "reactions.thin", "talk.waiting")
    assert not any(act.pool.startswith("beats.") for act in second.said)


@pytest.mark.parametrize("peer", PEERS)
def test_what_is_beside_the_point_gets_an_in_character_shrug(talk_with, peer):
    reply = replace(heard(words=8), is_question=False, similarity=0.02, shared=0)
    assert "talk.off_topic" in pools(talk_with(peer).say(reply))


@pytest.mark.parametrize("peer", PEERS)
def test_a_clinic_question_is_left_to_the_clinic(talk_with, peer):
    reply = heard("closed_question", topics=("medication",), mentions=("asks_medical",))
    assert pools(talk_with(peer).say(reply))[-1] == "talk.medical_deflect"


@pytest.mark.parametrize("mention", ["joke", "thanks", "about_trainee"])
def test_light_words_get_a_word_and_the_talk_goes_on(talk_with, mention):
    plan = talk_with("terrence").say(heard(mentions=(mention,), words=6))
    assert pools(plan)[0] == f"talk.{mention}" and len(plan.said) == 2


@pytest.mark.parametrize(("peer", "beat"), [("marisol", "B9"), ("kris", "B8"), ("terrence", "B9")])
def test_a_favor_left_unanswered_is_asked_again_but_not_for_ever(talk_with, peer, beat):
    talk = talk_with(peer)
    asking = talk.scenario.beat(beat)
    from bot.peer.memory import Said

    said = Said("x", "utter_ask", f"beats.{beat}", asking.lines[0].text, beat=beat, asks="favor")
    others = {other.id: 0 for other in talk.scenario.beats}
    talk.memory = replace(talk.memory, told=others).after_saying([said], 0)
    raised = [
        act.pool
        for _ in range(9)
        for act in talk.say(heard("simple_reflection")).said
        if act.pool in (f"beats.{beat}.if_missed", "talk.waiting")
    ]
    assert raised == [f"beats.{beat}.if_missed", "talk.waiting"]


def test_a_favor_that_was_answered_is_not_asked_again(talk_with):
    talk = talk_with("marisol")
    from bot.peer.memory import Said

    said = Said("x", "utter_ask", "beats.B9", "could you text ana", beat="B9", asks="favor")
    asked = talk.memory.after_saying([said], 0)
    assert asked.asked == {"B9": 0}
    assert asked.after_hearing(is_answered=True).asked == {}


def test_ruth_ann_takes_it_back_only_while_she_is_guarded(talk_with):
    def told(guard):
        talk = talk_with("ruthann", guard=guard, trust=40.0)
        talk.memory = replace(talk.memory, told={b.id: 0 for b in talk.scenario.beats if b.id != "B6"})
        talk.turn = 5
        return "beats.B6" in pools(talk.say(heard("give_information")))

    assert told(70.0) and not told(20.0)


def test_what_was_held_back_is_not_told_a_moment_later_unasked(talk_with):
    talk = talk_with("kris", trust=10.0)
    brother = talk.scenario.beat("B3")
    assert pools(talk.say(heard("open_question", topics=(brother.topics[0],))))[-1] == "beats.B3.surface"
    talk.state = replace(talk.state, trust=90.0, guard=5.0)
    told = [("beats.B3" in pools(talk.say(heard("give_information")))) for _ in range(2)]
    assert told == [False, False]


def test_the_wrong_pronoun_is_felt_as_a_label_and_named(talk_with):
    talk = talk_with("rowan")
    felt = as_felt(heard(mentions=("misgendered",)), talk.scenario, talk.memory)
    assert "stigma_term" in felt.flags
    before = talk.state.trust
    plan = talk.say(felt)
    assert pools(plan) == ["reactions.labeled"] and "they" in plan.said[0].text
    assert talk.state.trust < before - 4


def test_offered_a_step_that_is_theirs_they_say_they_will_do_it(talk_with):
    talk = talk_with("marisol", ownership=70.0, trust=50.0, hope=40.0)
    talk.memory = replace(
        talk.memory, is_next_step_voiced=True, told={beat.id: 0 for beat in talk.scenario.beats}
    )
    assert "step_forward" in pools(talk.say(heard("take_over")))
