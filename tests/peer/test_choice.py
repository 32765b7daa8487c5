"""What the peer does: that it answers what was said, keeps its secrets, and never repeats itself."""

from __future__ import annotations

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from bot.peer.dynamics import load_dynamics
from bot.settings import load_settings
from tests.peer.conftest import Talk, heard

PEERS = ["marisol", "terrence", "rowan", "yusuf", "ravi", "kris", "nico", "ruthann"]
OPEN = {"trust": 90.0, "hope": 70.0, "guard": 10.0, "ownership": 50.0}
MOVES = sorted(load_dynamics(load_settings({}).data).changes)
TOPICS = ["work", "sleep", "family", "children", "supports", "hopes_goals", "medication", "money", "faith"]


@pytest.mark.parametrize("peer", PEERS)
@pytest.mark.parametrize("topic", ["sleep", "work", "supports", "children", "hobbies"])
def test_a_direct_question_is_answered(talk_with, peer, topic):
    talk = talk_with(peer)
    plan = talk.say(heard("open_question", topics=(topic,)))
    beats = [beat.id for beat in talk.scenario.beats if topic in beat.topics]
    assert any(act.topic == topic or act.beat in beats for act in plan.said)


@pytest.mark.parametrize("peer", PEERS)
def test_asked_again_they_answer_in_other_words(talk_with, peer):
    talk = talk_with(peer)
    said = [talk.say(heard("open_question", topics=("sleep",))).said[-1] for _ in range(3)]
    assert len({answer.text for answer in said}) == 3


@pytest.mark.parametrize("peer", PEERS)
def test_two_things_in_one_reply_get_two_answers(talk_with, peer):
    plan = talk_with(peer).say(heard("complex_reflection", "open_question", topics=("sleep",)))
    assert [act.action for act in plan.said][0] == "utter_react"
    assert len(plan.said) >= 2


@pytest.mark.parametrize("peer", PEERS)
@pytest.mark.parametrize(
    "move", ["unsolicited_advice", "direct_command", "confront_blame", "minimize", "impose_pathway"]
)
def test_control_and_blame_get_a_push_back_and_nothing_else(talk_with, peer, move):
    plan = talk_with(peer).say(heard(move))
    assert [act.action for act in plan.said] in (["utter_push_back"], ["utter_rupture"])


def test_what_is_hidden_stays_hidden_until_they_are_open(talk_with):
    talk = talk_with("kris")
    brother = talk.scenario.beat("B3")
    plan = talk.say(heard("open_question", topics=(brother.topics[0],)))
    assert plan.said[-1].pool != "beats.B3"
    open_talk = talk_with("kris", **OPEN)
    told = [act.pool for _ in range(9) for act in open_talk.say(heard("complex_reflection")).said]
    assert "beats.B3" in told


def test_a_locked_thing_that_is_asked_about_shows_only_its_surface(talk_with):
    talk = talk_with("terrence", trust=10.0)
    locked = next(beat for beat in talk.scenario.beats if beat.openness > 30 and beat.surface and beat.topics)
    pools = [talk.say(heard("open_question", topics=(locked.topics[0],))).said[-1].pool for _ in range(3)]
    assert f"beats.{locked.id}.surface" in pools
    assert f"beats.{locked.id}" not in pools


@pytest.mark.parametrize("peer", PEERS)
def test_an_unreadable_reply_is_answered_in_character(talk_with, peer):
    plan = talk_with(peer).say(heard(mentions=("unreadable",), words=1))
    assert plan.said[0].pool == "talk.unreadable"


@pytest.mark.parametrize("peer", PEERS)
def test_asked_whether_it_is_a_bot_it_does_not_lie(talk_with, peer):
    talk = talk_with(peer)
    assert talk.say(heard("closed_question", mentions=("asks_identity",))).said[0].pool == "talk.are_you_bot"
    lines = " ".join(line.text.lower() for line in talk.scenario.talk["are_you_bot"]["mid"])
    assert (
        "i'm human" not in lines
        and "im human" not in lines
        and "real person" not in lines.replace("not a real person", "")
    )


@pytest.mark.parametrize("peer", PEERS)
def test_asked_about_suicide_they_answer_plainly(talk_with, peer):
    assert talk_with(peer).say(heard("safety_ask")).said[0].pool == "suicide_answer"


@pytest.mark.parametrize("peer", PEERS)
def test_a_break_is_said_felt_and_mended(talk_with, peer):
    talk = talk_with(peer, guard=70.0, trust=20.0)
    acts = [
        talk.say(heard(move)).said[0].pool
        for move in ("unsolicited_advice", "direct_command", "closed_question")
    ]
    assert acts[1:] == ["ruptures.onset", "ruptures.during"]
    assert talk.say(heard("repair_rupture")).said[0].pool == "ruptures.repaired"


@pytest.mark.parametrize("peer", PEERS)
def test_a_break_that_is_not_mended_ends_it(talk_with, peer):
    talk = talk_with(peer, guard=80.0, trust=10.0)
    plan = None
    for _ in range(6):
        plan = talk.say(heard("confront_blame"))
        if plan.ended:
            break
    assert plan.ended == "rupture" and plan.said[-1].pool == "endings.rupture"


@pytest.mark.parametrize("peer", PEERS)
def test_skilled_practice_ends_well(talk_with, peer):
    talk = talk_with(peer)
    replies = [
        heard("complex_reflection", "open_question"),
        heard("validate"),
        heard("affirm_strength", "elicit_strength"),
        heard("seek_collaboration"),
        heard("complex_reflection", "emphasize_autonomy"),
        heard("co_create_goal"),
        heard("build_independence"),
    ]
    ended = None
    for turn in range(24):
        ended = talk.say(replies[turn % len(replies)]).ended
        if ended:
            break
    assert ended == "good" and 8 <= talk.turn <= 20


@pytest.mark.parametrize("peer", PEERS)
def test_thin_replies_stall_it(talk_with, peer):
    talk = talk_with(peer)
    ended = [talk.say(heard(words=1, flags=("too_thin",))).ended for _ in range(4)]
    assert ended == [None, None, None, "stalled"]


@pytest.mark.parametrize("peer", PEERS)
def test_replays_with_other_seeds_differ(talk_with, peer):
    def lines(seed):
        talk = talk_with(peer, seed)
        return [act.text for _ in range(6) for act in talk.say(heard("simple_reflection")).said]

    assert lines(1) == lines(1)
    assert lines(1) != lines(2)


replies = st.builds(
    lambda moves, topics, words, flags: heard(*moves, topics=tuple(topics), words=words, flags=flags),
    st.lists(st.sampled_from(MOVES), max_size=3, unique=True),
    st.lists(st.sampled_from(TOPICS), max_size=1),
    st.integers(1, 40),
    st.just(()),
)


@settings(deadline=None, max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(peer=st.sampled_from(PEERS), seed=st.integers(0, 50), said=st.lists(replies, min_size=5, max_size=20))
def test_never_silent_never_the_same_line_twice_and_never_a_locked_beat(cast, peer, seed, said):
    talk = Talk(cast.scenarios[peer], cast.dynamics, seed)
    seen: set[str] = set()
    for reply in said:
        plan = talk.say(reply)
        assert plan.said and all(act.text.strip() for act in plan.said)
        assert len(plan.said) <= 3
        for act in plan.said:
            assert act.line not in seen, f"{act.line} said twice"
            seen.add(act.line)
            if act.beat and act.pool == f"beats.{act.beat}":
                beat = talk.scenario.beat(act.beat)
                is_due = 0 < beat.at_latest <= talk.turn
                assert is_due or talk.state.openness(talk.dynamics) >= beat.openness
        if plan.ended:
            break
