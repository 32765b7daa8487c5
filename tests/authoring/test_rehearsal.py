"""The draft on disk, and a talk with it: what is shown is what decided."""

from __future__ import annotations

import itertools
from dataclasses import replace
from pathlib import Path

import pytest

from bot.authoring.beats import waits_for
from bot.authoring.rehearsal import Rehearsal
from bot.engine.content import load_cast
from bot.peer import beats_now
from bot.peer.decision import Situation
from bot.peer.hearing import Heard
from bot.peer.memory import Memory
from bot.peer.state import starting_state
from tests.authoring.fakes import DATA, copy_data, desk_parts


@pytest.fixture(scope="module")
def cast():
    return load_cast(DATA)


@pytest.fixture
def data(tmp_path: Path) -> Path:
    return copy_data(tmp_path, "marisol")


def test_what_a_beat_waits_for_is_what_the_peer_waits_for(cast):
    """No word about waiting, just when the peer could tell it."""
    seen = set()
    for scenario in cast.scenarios.values():
        fresh = starting_state(scenario.start, cast.dynamics, 0)
        every = {beat.id: 1 for beat in scenario.beats}
        for value, turn, told in itertools.product((10, 40, 65, 95), (1, 4, 9), ({}, every)):
            state = replace(fresh, trust=value, ownership=value, hope=value, guard=100 - value)
            memory = Memory(told=told)
            for beat in scenario.beats:
                situation = Situation(scenario, cast.dynamics, 0, turn, state, None, Heard(), memory)
                is_open = beats_now.is_open(beat, situation)
                assert is_open == (waits_for(beat, state, memory, turn, cast.dynamics) == [])
                seen.add(is_open)
    assert seen == {True, False}


def test_the_draft_is_read_again_and_a_broken_one_leaves_the_last_good_one(data):
    draft, _ = desk_parts(data, "marisol")
    first = draft.state()
    assert first.is_current and not first.problems
    assert draft.state() is first, "nothing changed, nothing is read"
    good = draft.path.read_text(encoding="utf-8")
    draft.path.write_text(good.replace("tags: [win]", "tags: [winn]", 1), encoding="utf-8")
    broken = draft.state()
    assert not broken.is_current
    assert broken.scenario is first.scenario
    assert [problem.text for problem in broken.problems] == ['unknown tag "winn"; did you mean "win"?']
    assert broken.problems[0].line == good[: good.index("tags: [win]")].count("\n") + 1
    draft.path.unlink()
    assert "cannot be read" in str(draft.state().problems[0])
    draft.path.write_text(good.replace("hey! they said", "hi! they said"), encoding="utf-8")
    again = draft.state()
    assert again.is_current and again.scenario.opening.text.startswith("hi! they said")


def test_a_turn_shows_what_was_read_weighed_and_said(data):
    draft, theater = desk_parts(data, "marisol")
    scenario = draft.state().scenario
    talk = Rehearsal(theater, scenario)
    talk.say(scenario, "It sounds like you miss it.")
    turn = talk.say(scenario, "How do you sleep?")
    assert [move["move"] for move in turn["moves"]] == ["open_question"]
    assert turn["topics"] == [{"topic": "sleep", "probability": 0.9, "is_asked": True}]
    assert turn["state"]["after"]["trust"] > turn["state"]["before"]["trust"]
    answer = turn["said"][-1]
    assert answer["line"].startswith("topics.sleep.") and answer["topic"] == "sleep"
    assert {"id": "sleep", "fact": scenario.facts["sleep"]} in answer["facts"]
    won = [one for one in turn["candidates"] if one["won"]]
    assert "topics.sleep" in [one["pool"] for one in won]
    assert (
        max(one["score"] for one in turn["candidates"] if one["pool"] != "reactions.question")
        == won[-1]["score"]
    )
    assert theater.reader.peer_words[0] == scenario.opening.text.replace("\n\n", " ")
    assert theater.reader.peer_words[1] == " ".join(said["text"] for said in talk.turns[1]["said"]).replace(
        "\n\n", " "
    )


def test_seed_and_replies_make_the_talk(data):
    draft, theater = desk_parts(data, "marisol")
    scenario = draft.state().scenario
    replies = ["It sounds like a lot.", "How do you sleep?", "You should rest.", "That makes sense."]

    def words(seed: int) -> list[str]:
        talk = Rehearsal(theater, scenario, seed)
        return [said["text"] for reply in replies for said in talk.say(scenario, reply)["said"]]

    assert words(7) == words(7)
    assert words(7) != words(8)


def test_pushing_breaks_it_and_the_talk_ends(data):
    draft, theater = desk_parts(data, "marisol")
    scenario = draft.state().scenario
    talk = Rehearsal(theater, scenario)
    for number in range(14):
        if talk.ended:
            break
        talk.say(scenario, f"You should just do it. ({number})")
    assert talk.ended == "rupture"
    assert "rupture" in [turn["event"] for turn in talk.turns]
    with pytest.raises(ValueError, match="over"):
        talk.say(scenario, "Hello?")
