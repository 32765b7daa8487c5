"""Answers fit the question: the line written for it, nothing instead of another, reactions with a cause."""

from __future__ import annotations

from dataclasses import replace

import pytest

from bot.peer.answers import ENOUGH
from bot.peer.decision import Situation
from bot.peer.ending import ending_of
from bot.peer.forms import form_of
from bot.peer.hearing import Heard, HeardTopic
from bot.peer.memory import Said
from bot.peer.phrases import ASKED, STATED, phrases_of
from bot.peer.remarks import asks_openly
from bot.peer.state import FeltMove
from bot.reading import Likeness

PEERS = ["marisol", "yusuf", "kris", "terrence"]


def reply(talk, text: str, *moves, leads=(), topics=(), mentions=()) -> Heard:
    """Return a reply as the action server hears it; its questions are the clauses that end in a mark.

    Args:
        talk: With whom.
        text: The words.
        moves: Names, or moves with where they stand.
        leads: (line without the peer's name, likeness, kind, start, end) of prepared lines.
        topics: Topics asked about.
        mentions: Kinds of mentions.
    """
    asking, start = [], 0
    for end, char in enumerate(text, 1):
        if char in ".?!":
            asking += [(start, end)] if char == "?" else []
            start = end
    peer = talk.scenario.id
    prepared = tuple(
        Likeness(f"{peer}:{line}", kind, like, first, last or len(text), is_vague)
        for line, like, kind, first, last, is_vague in (_lead(*lead) for lead in leads)
    )
    return Heard(
        moves=tuple(move if isinstance(move, FeltMove) else FeltMove(move) for move in moves),
        topics=tuple(HeardTopic(topic, 0.9, True) for topic in topics),
        mentions=tuple(mentions),
        is_question=bool(asking),
        words=len(text.split()),
        similarity=0.2,
        questions=len(asking),
        asking=tuple(asking),
        prepared=prepared,
        named=tuple(sorted(talk.scenario.names.named_in(text))),
        asks_openly=bool(asking) and asks_openly(text[asking[-1][0] :]),
        form=form_of(text[asking[-1][0] :]) if asking else "",
    )


def _lead(line, like, kind=ASKED, start=0, end=0, is_vague=False):
    return line, like, kind, start, end, is_vague


def pools(plan) -> list[str]:
    return [said.pool for said in plan.said]


def text_of(plan) -> str:
    return " / ".join(said.text for said in plan.said)


def test_the_line_that_was_asked_for_is_said(talk_with):
    talk = talk_with("kris", 3, trust=50)
    plan = talk.say(
        reply(talk, "do you have pets?", leads=[("topics.pets.mid.1", 0.9), ("topics.food.mid.1", 0.6)])
    )
    assert [said.line for said in plan.said] == ["kris:topics.pets.mid.1"]


def test_a_question_that_no_line_answers_gets_an_honest_no_idea(talk_with):
    talk = talk_with("kris", 3, trust=50)
    plan = talk.say(reply(talk, "do you like horoscopes?", leads=[("topics.faith.mid.1", 0.5)]))
    assert pools(plan) == ["no_answer.whether"]


@pytest.mark.parametrize(
    ("asks", "form"),
    [("who painted it?", "who"), ("how many are there?", "count"), ("when was that?", "when"),
     ("hm, why?", "why"), ("where'd you get it?", "where"), ("what color is it?", "open")],
)  # fmt: skip
def test_what_nobody_prepared_is_answered_by_the_form_of_the_question(talk_with, asks, form):
    talk = talk_with("kris", 3, trust=50)
    first = talk.say(reply(talk, asks, leads=[("topics.faith.mid.1", 0.4)]))
    assert pools(first) == [f"no_answer.{form}"]
    assert first.said[0].line in {line.id for line in talk.scenario.no_answer[form]}


def test_who_else_knows_is_no_offer_of_somebody(talk_with):
    talk = talk_with("kris", 3, trust=50)
    asks = "who else knows?"
    leads = [("topics.supports.mid.1", 0.9)]
    plan = talk.say(reply(talk, asks, FeltMove("link_support", 0), leads=leads))
    assert pools(plan) == ["topics.supports"]
    talk = talk_with("kris", 3, trust=50)
    assert pools(talk.say(reply(talk, asks, FeltMove("link_support", 0), leads=[]))) == ["no_answer.who"]


@pytest.mark.parametrize(("turn", "says"), [("mid", "topics.pets.mid.1"), ("low", "topics.pets.low.1")])
def test_the_trust_band_chooses_among_lines_for_the_same_question(talk_with, turn, says):
    talk = talk_with("kris", 3, trust={"mid": 50, "low": 20}[turn])
    leads = [("topics.pets.low.1", 0.9), ("topics.pets.mid.1", 0.9)]
    assert talk.say(reply(talk, "do you have pets?", leads=leads)).said[0].line == f"kris:{says}"


def test_what_presumes_something_untold_is_put_off_or_told(talk_with):
    asks = "what was your brother like?"
    leads = [("topics.siblings.mid.5", 0.9)]
    closed = talk_with("kris", 3, trust=40)
    assert pools(closed.say(reply(closed, asks, leads=leads))) == ["beats.B3.surface"]
    opened = talk_with("kris", 3, trust=80, guard=10)
    assert pools(opened.say(reply(opened, asks, leads=leads))) == ["beats.B3"]


def test_a_vague_follow_up_counts_only_right_after_its_own_beat(talk_with):
    vague = [("beats.B9.follow_up.2", 0.9, ASKED, 0, 0, True)]
    elsewhere = talk_with("kris", 3, trust=60)
    assert "beats.B9.follow_up" not in pools(
        elsewhere.say(reply(elsewhere, "what did she say?", leads=vague))
    )
    there = talk_with("kris", 3, trust=60)
    told = Said("kris:beats.B9.lines.1", "utter_disclose", "beats.B9", "I told Tasha.", beat="B9")
    there.memory = there.memory.after_saying([told], 1)
    plan = there.say(reply(there, "what did she say?", leads=vague))
    assert [said.line for said in plan.said] == ["kris:beats.B9.follow_up.2"]


def test_a_line_about_somebody_else_is_no_answer(talk_with):
    talk = talk_with("kris", 3, trust=50)
    leads = [("topics.boss_coworkers.mid.3", 0.66)]
    assert pools(talk.say(reply(talk, "does Renny sing?", leads=leads))) == ["no_answer.whether"]
    talk = talk_with("kris", 3, trust=50)
    assert pools(talk.say(reply(talk, "does Dani sing?", leads=leads))) == ["topics.boss_coworkers"]


def test_a_no_is_no_answer_to_what(talk_with):
    leads = [("topics.children.mid.2", 0.66)]
    talk = talk_with("kris", 3, trust=50)
    assert talk.scenario.places["kris:topics.children.mid.2"][0].text.startswith("No.")
    assert pools(talk.say(reply(talk, "what about kids?", leads=leads))) == ["no_answer.open"]
    talk = talk_with("kris", 3, trust=50)
    assert pools(talk.say(reply(talk, "do you want kids?", leads=leads))) == ["topics.children"]


def test_the_same_question_again_gets_something_new_or_is_said_to_be_old(talk_with):
    talk = talk_with("kris", 3, trust=50)
    leads = [("topics.pets.mid.1", 0.95), ("topics.pets.again.1", 0.58), ("topics.pets.again.2", 0.4)]
    said = [talk.say(reply(talk, "do you have pets?", leads=leads)).said[0] for _ in range(4)]
    assert len({thing.line for thing in said}) == 4
    assert [thing.line for thing in said[:2]] == ["kris:topics.pets.mid.1", "kris:topics.pets.again.1"]
    assert {thing.pool for thing in said[2:]} == {"talk.repeated_question"}


def test_a_new_question_that_is_most_like_a_line_already_said_is_no_repetition(talk_with):
    talk = talk_with("kris", 3, trust=50)
    talk.say(reply(talk, "do you have pets?", leads=[("topics.pets.mid.1", 0.95)]))
    leads = [("topics.pets.mid.1", 0.7), ("topics.pets.again.1", 0.5)]
    assert pools(talk.say(reply(talk, "did the cat get its shots?", leads=leads))) == ["no_answer.whether"]


def test_two_questions_are_both_answered(talk_with):
    talk = talk_with("kris", 3, trust=50)
    text = "do you have pets? are you sleeping?"
    leads = [("topics.pets.mid.1", 0.9, ASKED, 0, 17), ("topics.sleep.mid.1", 0.9, ASKED, 17, 35)]
    assert set(pools(talk.say(reply(talk, text, leads=leads)))) == {"topics.pets", "topics.sleep"}


def test_a_reflection_and_a_question_are_both_answered(talk_with):
    talk = talk_with("kris", 3, trust=50)
    text = "you are worn out. are you sleeping?"
    sure = FeltMove("complex_reflection", 0, certainty=0.9)
    plan = talk.say(reply(talk, text, sure, leads=[("topics.sleep.mid.1", 0.9, ASKED, 17, 35)]))
    assert pools(plan) == ["reactions.heard_deep", "topics.sleep"]


def test_what_follows_a_remark_stays_on_its_subject(talk_with):
    talk = talk_with("kris", 3, trust=50)
    lead = next(
        phrase for phrase in phrases_of(talk.scenario)
        if phrase.kind == STATED and not phrase.is_vague and ".mid." in phrase.line
        and not talk.scenario.places[phrase.line][0].told
    )  # fmt: skip
    sure = FeltMove("simple_reflection", 0, certainty=0.9)
    plan = talk.say(reply(talk, lead.text, sure, leads=[(lead.line.partition(":")[2], 0.9, STATED)]))
    assert [said.pool for said in plan.said][0] == "reactions.heard"
    assert plan.said[1].line == lead.line


def test_a_jump_to_something_else_has_a_word_before_it(talk_with):
    talk = talk_with("kris", 3, trust=50)
    told = Said("kris:beats.B2.lines.1", "utter_ask", "beats.B2", "14 months.", beat="B2")
    talk.memory = talk.memory.after_saying([told], 1)
    talk.turn = 4
    used = tuple(line.id for line in talk.scenario.beat("B2").follow_up)
    talk.memory = replace(talk.memory, used=(*talk.memory.used, *used))
    plan = talk.say(reply(talk, "that is a lot.", FeltMove("validate", certainty=0.9)))
    jump = plan.said[-1]
    bridges = [line.text for line in talk.scenario.talk["bridge"]["mid"]]
    assert jump.lead and any(jump.text.startswith(bridge) for bridge in bridges)
    assert jump.lead in talk.memory.used, "a bridge is said once, like any line"


@pytest.mark.parametrize("peer", PEERS)
def test_a_question_is_not_stepped_over_by_what_is_on_their_mind(talk_with, peer):
    for seed in range(1, 6):
        talk = talk_with(peer, seed, trust=60, guard=20)
        kind = FeltMove("affirm_strength", certainty=0.9)
        plan = talk.say(reply(talk, "you kept at it. do you like horoscopes?", kind))
        assert not [said for said in plan.said if said.pool.startswith("beats.")], text_of(plan)
        assert "no_answer.whether" in pools(plan)


def test_who_just_had_no_answer_tells_something_instead(talk_with):
    talk = talk_with("kris", 2, trust=60, guard=20)
    talk.turn = 5
    assert "no_answer.open" in pools(talk.say(reply(talk, "what do you make of horoscopes?")))
    plan = talk.say(reply(talk, "what would sailing be to you?"))
    instead = [line.text for line in talk.scenario.talk["instead"]["mid"]]
    assert any(plan.said[-1].text.startswith(line) for line in instead), text_of(plan)
    assert plan.said[-1].pool.startswith("beats.")
    talk = talk_with("kris", 2, trust=60, guard=20)
    talk.say(reply(talk, "what do you make of horoscopes?"))
    assert "no_answer.who" in pools(talk.say(reply(talk, "who taught you to sail?"))), "a fact leaves no room"
    assert "no_answer.whether" in pools(talk.say(reply(talk, "do you like cats?"))), (
        "nor does a small question"
    )


def test_a_question_after_can_i_ask_is_asked_already(talk_with):
    talk = talk_with("kris", 1, trust=50)
    leads = [("topics.housing.mid.5", 0.72)]
    plan = talk.say(
        reply(
            talk,
            "can i ask how long you have lived there?",
            FeltMove("ask_permission", certainty=0.95),
            leads=leads,
        )
    )
    assert "topics.housing" in pools(plan)
    talk = talk_with("kris", 1, trust=50)
    plan = talk.say(
        reply(talk, "can i ask you something?", FeltMove("ask_permission", certainty=0.95), leads=leads)
    )
    assert "reactions.asked_permission" in pools(plan)


@pytest.mark.parametrize("peer", PEERS)
def test_no_stock_bubble_stands_before_the_answer_to_a_plain_question(talk_with, peer):
    for seed in range(1, 12):
        talk = talk_with(peer, seed)
        leads = [("topics.sleep.mid.1", 0.9), ("topics.sleep.low.1", 0.9)]
        plan = talk.say(reply(talk, "how have you been sleeping?", "open_question", leads=leads))
        assert pools(plan) == ["topics.sleep"]


@pytest.mark.parametrize("peer", PEERS)
@pytest.mark.parametrize("move", ["pressure_warn", "deficit_focus", "confront_blame"])
def test_a_sting_that_is_hardly_there_gets_no_ouch(talk_with, peer, move):
    leads = [("topics.sleep.mid.1", 0.9)]
    talk = talk_with(peer, 1, trust=60)
    plan = talk.say(reply(talk, "so how do you sleep?", FeltMove(move, certainty=0.38), leads=leads))
    assert "utter_push_back" not in {said.action for said in plan.said}
    talk = talk_with(peer, 1, trust=60)
    plan = talk.say(reply(talk, "so how do you sleep?", FeltMove(move, certainty=0.9), leads=leads))
    assert {said.action for said in plan.said} & {"utter_push_back", "utter_rupture"}


@pytest.mark.parametrize("peer", PEERS)
def test_thanks_need_a_cause_and_do_not_come_twice_running(talk_with, peer):
    talk = talk_with(peer, 2, trust=60)
    doubtful = FeltMove("repair_rupture", certainty=0.45)
    assert "reactions.apologized" not in pools(talk.say(reply(talk, "did i?", doubtful)))
    talk = talk_with(peer, 2, trust=60)
    said = []
    for text in ("you kept going anyway.", "and you showed up for them."):
        said.append(pools(talk.say(reply(talk, text, FeltMove("affirm_strength", certainty=0.9)))))
    assert "reactions.strength_named" in said[0]
    assert "reactions.strength_named" not in said[1] or len(said[1]) == 1


def stalled_at(talk, text, leads=(), **state):
    """Return how it ends after sixteen replies with nothing gained, with this one last."""
    heard = reply(talk, text, FeltMove("generic_praise"), leads=leads)
    at = replace(talk.state, start_openness=talk.state.openness(talk.dynamics), **state)
    return ending_of(Situation(talk.scenario, talk.dynamics, 1, 16, at, None, heard, talk.memory))


@pytest.mark.parametrize("peer", PEERS)
def test_nobody_leaves_without_a_sign_or_right_after_warming(talk_with, peer):
    talk = talk_with(peer, 1)
    warned = Said("x", "utter_push_back", "reactions.advised", "hm")
    opened = Said("x", "utter_disclose", "beats.B2", "hm")
    talk.memory = talk.memory.after_saying([warned], 15)
    assert stalled_at(talk, "nice one") == "stalled"
    assert stalled_at(talk, "nice one", since_rise=0) is None
    assert stalled_at(talk, "do you sleep?", leads=[("topics.sleep.low.1", ENOUGH / 100)]) is None
    talk.memory = talk.memory.after_saying([opened], 15)
    assert stalled_at(talk, "nice one") is None


def test_a_sign_about_wanting_to_die_still_comes_before_any_answer(cast, talk_with):
    for peer, scenario in cast.scenarios.items():
        for beat in (beat for beat in scenario.beats if "safety" in beat.tags):
            talk = talk_with(peer, 1, trust=70, guard=10)
            talk.turn = max(beat.from_turn, beat.at_latest)
            for other in beat.after:
                talk.memory = talk.memory.after_saying(
                    [Said(f"{other}", "utter_disclose", f"beats.{other}", "", beat=other)], 1
                )
            plan = talk.say(reply(talk, "do you sleep?", leads=[("topics.sleep.mid.1", 1.0)]))
            assert f"beats.{beat.id}" in pools(plan), (peer, text_of(plan))


def test_an_apology_in_plain_words_is_not_met_with_the_cold_shoulder(talk_with):
    talk = talk_with("marisol", 13, trust=22, repairs_left=2)
    plan = talk.say(
        reply(talk, "i came in like a boss. what was it about that office?", mentions=("owns_it",))
    )
    assert plan.said[0].pool in ("reactions.apologized", "ruptures.repaired"), text_of(plan)


def test_a_warm_goodbye_of_many_words_ends_the_talk(talk_with):
    talk = talk_with("marisol", 1)
    warm = "you did say it, and you did the hard part yourself. i am glad. take care, talk soon."
    assert talk.say(
        reply(talk, warm, FeltMove("affirm_strength", certainty=0.8), mentions=("goodbye",))
    ).ended
    talk = talk_with("marisol", 1)
    assert not talk.say(reply(talk, "should i say take care, or is there more?", mentions=("goodbye",))).ended
