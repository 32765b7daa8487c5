"""One turn a request: nothing twice, nothing lost, nothing hidden."""

from __future__ import annotations

import asyncio

import pytest
from rasa.core.tracker_store import InMemoryTrackerStore
from rasa.shared.core.domain import Domain
from rasa.shared.core.events import ActionExecuted, BotUttered, SlotSet, UserUttered
from rasa.shared.core.slots import AnySlot
from rasa.shared.core.trackers import DialogueStateTracker

from bot.engine.channel import TurnRequest, TurnRunner, answer_to, last_lines, last_words

SLOTS = [AnySlot("peer", mappings=[{"type": "custom"}])]


def said(text, line="kris:reactions.heard.low.1", action="utter_react", **metadata):
    return BotUttered(text, metadata={"line": line, "action": action, "beat": None, **metadata})


def tracker_of(*events):
    tracker = DialogueStateTracker("s1", SLOTS)
    for event in events:
        tracker.update(event)
    return tracker


def user(message_id, text="hi"):
    return UserUttered(text, {"name": "other"}, message_id=message_id)


def test_the_answer_to_a_message_is_what_was_said_before_the_next_one():
    tracker = tracker_of(
        user("m1"), SlotSet("peer", {"turn": 1, "band": "low", "shown": {"trust": 30.0}}),
        said("One."), said("Two."),
        user("m2"), said("Three."),
    )  # fmt: skip
    answer = answer_to(tracker, "m1")
    assert [line["text"] for line in answer["lines"]] == ["One.", "Two."]
    assert answer["turn"] == 1 and answer["state"] == {"trust": 30.0} and answer["ended"] is None
    assert answer_to(tracker, "m3") is None


def test_a_message_without_an_answer_has_none():
    assert answer_to(tracker_of(user("m1"), ActionExecuted("action_assess_reply")), "m1") is None


def test_how_it_ended_is_told():
    assert answer_to(tracker_of(user("m1"), said("Bye.", ended="good")), "m1")["ended"] == "good"


def test_the_last_words_are_those_in_role():
    tracker = tracker_of(
        user("m1"),
        said("First.\n\nSecond."),
        said("Third."),
        user("m2"),
        said("Paused.", action="utter_step_out"),
    )
    assert last_words(tracker) == "First. Second. Third."
    assert last_words(None) == ""


@pytest.mark.parametrize("text", ["/restart", '/begin{"person": "kris"}', "/"])
def test_what_a_trainee_types_is_never_a_command(text):
    message = TurnRequest("s1", "m1", "say", text).to_message("")
    assert not message.text.startswith("/")
    assert len(message.text) == len(text) and message.text[1:] == text[1:]


@pytest.mark.parametrize(
    ("body", "complaint"),
    [
        ([], "must be a JSON object"),
        ({"session_id": "s", "kind": "say"}, "message_id"),
        ({"session_id": "s", "message_id": "m", "kind": "shout"}, "kind"),
        ({"session_id": "s", "message_id": "m", "kind": "say", "text": 5}, "text"),
    ],
)
def test_a_wrong_body_is_told_apart(body, complaint):
    with pytest.raises(ValueError, match=complaint):
        TurnRequest.from_json(body)


class Engine:
    """Stands for Rasa: answers each message once, slowly, or fails."""

    def __init__(self):
        self.store = InMemoryTrackerStore(Domain.empty())
        self.handled, self.running, self.most_at_once, self.failures = [], 0, 0, 0

    async def handle(self, message):
        self.running += 1
        self.most_at_once = max(self.most_at_once, self.running)
        await asyncio.sleep(0.01)
        self.running -= 1
        if self.failures:
            self.failures -= 1
            raise RuntimeError("the action server is down")
        self.handled.append(message.message_id)
        tracker = await self.store.get_or_create_tracker(message.sender_id)
        tracker.update(user(message.message_id, message.text))
        tracker.update(said(f"You said {message.text}."))
        await self.store.save(tracker)


@pytest.fixture
def engine():
    return Engine()


async def test_the_same_message_at_once_and_later_is_one_turn_with_one_answer(engine):
    runner = TurnRunner(engine.handle, engine.store)
    request = TurnRequest("s1", "m1", "say", "hello")
    answers = await asyncio.gather(*(runner.run(request) for _ in range(5)))
    answers.append(await runner.run(request))
    assert engine.handled == ["m1"]
    assert all(answer == answers[0] for answer in answers)


async def test_messages_of_one_session_wait_for_each_other_in_order(engine):
    runner = TurnRunner(engine.handle, engine.store)
    await asyncio.gather(*(runner.run(TurnRequest("s1", f"m{n}", "say", "x")) for n in range(4)))
    assert engine.handled == ["m0", "m1", "m2", "m3"]
    assert engine.most_at_once == 1


async def test_a_turn_that_failed_can_be_sent_again(engine):
    runner = TurnRunner(engine.handle, engine.store)
    engine.failures = 1
    request = TurnRequest("s1", "m1", "say", "hello")
    with pytest.raises(RuntimeError, match="action server"):
        await runner.run(request)
    assert (await runner.run(request))["lines"][0]["text"] == "You said hello."
    assert engine.handled == ["m1"]


def test_follow_ups_are_about_the_last_lines_that_had_a_subject():
    tracker = tracker_of(
        user("m1"),
        said("A beat.", line="kris:beats.B4.lines.1"),
        user("m2"),
        said("Hm.", line="kris:reactions.heard.low.1"),
        said("More.", line="kris:topics.sleep.mid.2"),
        user("m3"),
        said("Yeah.", line="kris:reactions.heard.low.2"),
    )
    assert last_lines(tracker) == ["kris:beats.B4.lines.1", "kris:topics.sleep.mid.2"]
    assert last_lines(tracker_of(user("m1"), said("Hi.", line="kris:opening.1"))) == []


def test_the_message_says_who_is_spoken_with_and_what_they_said():
    turn = TurnRequest("s1", "m1", "say", "hi")
    known = turn.to_message("Hello.", "kris", ["kris:topics.sleep.mid.2"]).metadata
    assert (
        known["person"] == "kris"
        and known["said"] == ["kris:topics.sleep.mid.2"]
        and known["peer"] == "Hello."
    )
