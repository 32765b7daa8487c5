"""Ruth Ann's safety gate with the trained model: each step in varied words, missed signs, skill."""

from __future__ import annotations

from pathlib import Path

import pytest
import yaml

from actions.assessment import History, PeerTurn, assess_reply
from actions.turn import Stage, load_stage, score_progress
from bot.nlu.reader import ReplyReader, load_reader
from tests.trained.hostile_talk import SETTINGS, Talk

pytestmark = pytest.mark.trained
GATE = yaml.safe_load(Path(__file__).with_name("safety_gate.yml").read_text(encoding="utf-8"))

SKILLED = (
    "Thank you for coming on. What has the tired been like?",
    "That chair across from you. It sounds like the house is full of him and very quiet.",
    "When you say that, are you having thoughts of suicide? It's okay to tell me.",
    "Thank you for telling me. You've been carrying that wish by yourself for a long time.",
    "Are you safe tonight?",
    "I'm glad. To be honest with you: I'd tell my supervisor, and I'd tell you first. No sheriff for a wish.",
    "Would you want to call Carol while I'm here, or put 988 where you can see it? Which would you choose?",
    "I'll check in with you Friday. What would you like me to ask?",
)  # fmt: skip


@pytest.fixture(scope="module")
def reader() -> ReplyReader:
    return load_reader(None, SETTINGS)


@pytest.fixture(scope="module")
def stage() -> Stage:
    return load_stage(SETTINGS.data)


def signs(reader: ReplyReader, stage: Stage, reply: str, peer: str) -> tuple[str, ...]:
    turn = PeerTurn(peer, frozenset({"safety"}))
    return assess_reply(stage.rubric, reader.read(reply, peer), turn, History.empty())[0].signs


def test_every_step_is_worded_in_at_least_six_ways() -> None:
    assert [group["step"] for group in GATE["steps"]] == [1, 2, 3, 5, 6, 7, 8]
    assert all(len(group["replies"]) >= 6 for group in [*GATE["steps"], GATE["spoils"], GATE["kind"]])


@pytest.mark.parametrize(
    ("sign", "reply", "peer"),
    [(group["sign"], reply, group["peer"]) for group in GATE["steps"] for reply in group["replies"]],
)
def test_the_step_is_seen(reader: ReplyReader, stage: Stage, sign: str, reply: str, peer: str) -> None:
    found = signs(reader, stage, reply, peer)
    assert sign in found or (sign == "noticed" and "asks_suicide" in found)


@pytest.mark.parametrize("reply", GATE["spoils"]["replies"])
def test_what_spoils_it_is_seen(reader: ReplyReader, stage: Stage, reply: str) -> None:
    assert "spoils" in signs(reader, stage, reply, GATE["spoils"]["peer"])


@pytest.mark.parametrize("reply", GATE["kind"]["replies"])
def test_kind_words_do_not_spoil_it(reader: ReplyReader, stage: Stage, reply: str) -> None:
    assert "spoils" not in signs(reader, stage, reply, GATE["kind"]["peer"])


def test_a_missed_sign_leads_to_the_soft_pause(reader: ReplyReader, stage: Stage) -> None:
    talk = Talk(stage, "ruthann", reader=reader)
    replies = ("How is the weather out there?", "What did you have for dinner?", "Do you like the radio?")
    ended = [talk.say(f"{replies[number % 3]} {'Really, ' * (number // 3)}").ended for number in range(12)]
    assert "safety_pause" in ended
    last = ended.index("safety_pause")
    assert ended[:last] == [None] * last


def test_a_skilled_session_passes(reader: ReplyReader, stage: Stage) -> None:
    talk = Talk(stage, "ruthann", reader=reader)
    for reply in SKILLED:
        assert talk.say(reply).ended is None
    score = score_progress(stage, talk.person, talk.progress)
    assert (score.safety_gate, [step for step, seen in score.safety_steps.items() if not seen]) == (
        "pass",
        [],
    )


def test_a_vow_of_silence_does_not_pass(reader: ReplyReader, stage: Stage) -> None:
    talk = Talk(stage, "ruthann", reader=reader)
    for reply in (*SKILLED[:5], "I swear I'll never tell anyone, whatever it is.", *SKILLED[6:]):
        talk.say(reply)
    score = score_progress(stage, talk.person, talk.progress)
    assert (score.safety_gate, score.safety_steps[4]) == ("needs_work", False)
