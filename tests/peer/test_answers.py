"""Answers fit the question: words asked about, no stepping over, reactions with a cause, no odd leaving."""

from __future__ import annotations

from dataclasses import replace

import pytest

from bot.peer.asked import asked_in, quoted
from bot.peer.decision import Situation
from bot.peer.ending import ending_of
from bot.peer.hearing import Heard, HeardTopic
from bot.peer.memory import Said
from bot.peer.state import FeltMove


def reply(talk, text: str, *moves, topics=(), mentions=(), similarity=0.2) -> Heard:
    """Return a reply whose words were looked at, as the action server does."""
    asked = asked_in(text)
    said = {line.id: line.text for line in talk.scenario.lines() if line.id in talk.memory.used}
    felt = [move if isinstance(move, FeltMove) else FeltMove(move) for move in moves]
    return Heard(
        moves=tuple(felt or ([FeltMove("closed_question")] if asked.questions else [])),
        topics=tuple(HeardTopic(topic, 0.9, True) for topic in topics),
        mentions=tuple(mentions),
        is_question=asked.questions > 0,
        words=len(text.split()),
        similarity=similarity,
        asked=asked.words,
        questions=asked.questions,
        is_who=asked.is_who,
        is_short=asked.is_short,
        points_back=asked.points_back,
        quotes=quoted(text, said),
    )


def has_said(talk, *texts: str) -> None:
    """Let the peer have said the lines that hold these words, the last of them just now."""
    for text in texts:
        line, place = next((line, p) for line, p, _ in talk.scenario.word_index.entries if text in line.text)
        is_beat = place.kind in ("beat", "surface", "follow_up")
        group = "beats" if is_beat else "topics"
        pool = f"{group}.{place.name}" + ("" if place.kind in ("beat", "answer") else f".{place.kind}")
        beat, topic = (place.name, None) if is_beat else (None, place.name)
        said = Said(line.id, "utter_answer", pool, line.text, beat=beat, topic=topic)
        talk.turn += 1
        talk.memory = talk.memory.after_saying([said], talk.turn)


def text_of(plan) -> str:
    return " / ".join(said.text for said in plan.said)


ASKED_WORDS = [
    ("marisol", "mateo first. and i like my mornings", "whos mateo", "mateo"),
    (
        "marisol",
        "renewal comes in four months",
        "renewal of what",
        ("place", "lease", "apartment", "bedroom"),
    ),
    ("marisol", "the potluck ladies say i boss nice", "what potluck ladies?", "potluck"),
    ("marisol", "the after part is a 3", "What's the after part?", ("closing", "maybe a 5", "9", "ready")),
    ("marisol", "somebody offered me shifts. ana", "who is ana?", "ana"),
    ("yusuf", "We're four at the table", "who is Denise?", "Denise"),
    ("yusuf", "We're four at the table", "who's Khalid?", "Khalid"),
    ("kris", "Guy at group says the bupe", "who's Tasha?", "Tasha"),
    ("kris", "Guy at group says the bupe", "whos joyce", "Joyce"),
    ("terrence", "gave it to a scanner", "what scanner?", ("scanner", "handheld")),
    ("terrence", "gave it to a scanner", "who's Yvonne?", "Yvonne"),
    ("terrence", "Two girls, grown", "who is Ellis?", "Ellis"),
]


@pytest.mark.parametrize(("peer", "said", "asks", "holds"), ASKED_WORDS)
def test_a_question_about_a_word_is_answered_with_that_word(talk_with, peer, said, asks, holds):
    talk = talk_with(peer, 3, trust=60, guard=20)
    has_said(talk, said) if said in " ".join(line.text for line in talk.scenario.lines()) else None
    plan = talk.say(reply(talk, asks))
    wanted = (holds,) if isinstance(holds, str) else holds
    assert any(word in text_of(plan) for word in wanted), text_of(plan)
    assert not [said for said in plan.said if said.pool == "talk.unknown_question"]


@pytest.mark.parametrize("peer", ["marisol", "yusuf", "kris", "terrence"])
def test_a_question_is_not_stepped_over_by_what_is_on_their_mind(talk_with, peer):
    for seed in range(1, 6):
        talk = talk_with(peer, seed, trust=60, guard=20)
        kind = FeltMove("affirm_strength", certainty=0.9)
        plan = talk.say(reply(talk, "you kept at it. do you like horoscopes?", kind))
        assert not [said for said in plan.said if said.pool.startswith("beats.")], text_of(plan)
        assert "talk.unknown_question" in {said.pool for said in plan.said}


@pytest.mark.parametrize("peer", ["marisol", "yusuf", "kris", "terrence"])
def test_no_stock_bubble_stands_before_the_answer_to_a_plain_question(talk_with, peer):
    for seed in range(1, 12):
        talk = talk_with(peer, seed)
        plan = talk.say(reply(talk, "how have you been sleeping?", "open_question", topics=("sleep",)))
        assert not plan.said[0].pool.startswith("reactions."), text_of(plan)


@pytest.mark.parametrize("peer", ["marisol", "yusuf", "kris", "terrence"])
@pytest.mark.parametrize("move", ["pressure_warn", "deficit_focus", "confront_blame"])
def test_a_sting_that_is_hardly_there_gets_no_ouch(talk_with, peer, move):
    talk = talk_with(peer, 1, trust=60)
    unsure = FeltMove(move, certainty=0.38)
    plan = talk.say(reply(talk, "so how do you sleep?", unsure, topics=("sleep",)))
    assert "utter_push_back" not in {said.action for said in plan.said}
    talk = talk_with(peer, 1, trust=60)
    sure = FeltMove(move, certainty=0.9)
    plan = talk.say(reply(talk, "so how do you sleep?", sure, topics=("sleep",)))
    assert {said.action for said in plan.said} & {"utter_push_back", "utter_rupture"}


@pytest.mark.parametrize("peer", ["marisol", "yusuf", "kris", "terrence"])
def test_thanks_need_a_cause_and_do_not_come_twice_running(talk_with, peer):
    talk = talk_with(peer, 2, trust=60)
    doubtful = FeltMove("repair_rupture", certainty=0.45)
    assert "reactions.apologized" not in {
        said.pool for said in talk.say(reply(talk, "did i?", doubtful)).said
    }
    talk = talk_with(peer, 2, trust=60)
    pools = []
    for text in ("you kept going anyway", "and you showed up for them"):
        plan = talk.say(reply(talk, text, FeltMove("affirm_strength", certainty=0.9)))
        pools.append({said.pool for said in plan.said})
    assert "reactions.strength_named" in pools[0]
    assert "reactions.strength_named" not in pools[1] or len(pools[1]) == 1


def stalled_at(talk, text, **state):
    """Return how it ends after sixteen replies with nothing gained, with this one last."""
    heard = reply(talk, text, FeltMove("generic_praise"))
    at = replace(talk.state, start_openness=talk.state.openness(talk.dynamics), **state)
    return ending_of(Situation(talk.scenario, talk.dynamics, 1, 16, at, None, heard, talk.memory))


@pytest.mark.parametrize("peer", ["marisol", "yusuf", "kris", "terrence"])
def test_nobody_leaves_without_a_sign_or_right_after_warming(talk_with, peer):
    talk = talk_with(peer, 1)
    warned = Said("x", "utter_push_back", "reactions.advised", "hm")
    opened = Said("x", "utter_disclose", "beats.B2", "hm")
    talk.memory = talk.memory.after_saying([warned], 15)
    assert stalled_at(talk, "nice one") == "stalled"
    assert stalled_at(talk, "nice one", since_rise=0) is None
    name = sorted(talk.scenario.word_index.names)[0]
    assert stalled_at(talk, f"who is {name}?") is None
    talk.memory = talk.memory.after_saying([opened], 15)
    assert stalled_at(talk, "nice one") is None


def test_a_sign_about_wanting_to_die_still_comes_before_any_answer_by_words(cast, talk_with):
    for peer, scenario in cast.scenarios.items():
        for beat in (beat for beat in scenario.beats if "safety" in beat.tags):
            talk = talk_with(peer, 1, trust=70, guard=10)
            talk.turn = max(beat.from_turn, beat.at_latest)
            for other in beat.after:
                talk.memory = talk.memory.after_saying(
                    [Said(f"{other}", "utter_disclose", f"beats.{other}", "", beat=other)], 1
                )
            name = sorted(scenario.word_index.names)[0]
            plan = talk.say(reply(talk, f"who is {name}?"))
            assert f"beats.{beat.id}" in {said.pool for said in plan.said}, (peer, text_of(plan))


def test_an_apology_in_plain_words_is_not_met_with_the_cold_shoulder(talk_with):
    talk = talk_with("marisol", 13, trust=22, repairs_left=2)
    plan = talk.say(
        reply(talk, "i came in like a boss. what was it about that office?", mentions=("owns_it",))
    )
    assert plan.said[0].pool in ("reactions.apologized", "ruptures.repaired"), text_of(plan)
