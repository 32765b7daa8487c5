"""Conversations kept in memory are the saved ones, never a half-done turn."""

from __future__ import annotations

import pytest
from rasa.core.tracker_store import FailSafeTrackerStore, InMemoryTrackerStore
from rasa.shared.core.domain import Domain
from rasa.shared.core.events import ActionExecuted, BotUttered, SlotSet, UserUttered
from rasa.shared.core.slots import AnySlot

from bot.engine.tracker_store import MESSAGES_KEPT, LiveTrackerStore, conversation, live


@pytest.fixture
def store(tmp_path):
    return LiveTrackerStore(Domain.empty(), dialect="sqlite", db=str(tmp_path / "rasa.db"), keep=2)


async def saved(store, sender, *texts):
    tracker = await store.get_or_create_tracker(sender)
    for text in texts:
        tracker.update(UserUttered(text))
    await store.save(tracker)
    return tracker


def texts(tracker):
    return [event.text for event in tracker.events if isinstance(event, UserUttered)]


async def test_a_saved_conversation_is_given_back_without_reading(store):
    tracker = await saved(store, "s1", "one")
    assert await store.retrieve("s1") is tracker


async def test_what_was_never_saved_is_forgotten(store):
    tracker = await saved(store, "s1", "one")
    tracker.update(UserUttered("half a turn"))
    assert texts(await store.retrieve("s1")) == ["one"]


async def test_a_new_process_reads_what_was_saved(store, tmp_path):
    await saved(store, "s1", "one", "two")
    other = LiveTrackerStore(Domain.empty(), dialect="sqlite", db=str(tmp_path / "rasa.db"))
    assert texts(await other.retrieve("s1")) == ["one", "two"]


async def test_only_so_many_are_kept_and_the_others_are_still_there(store):
    first = await saved(store, "s1", "one")
    for sender in ("s2", "s3"):
        await saved(store, sender, "x")
    again = await store.retrieve("s1")
    assert again is not first and texts(again) == ["one"]


async def test_a_forgotten_conversation_is_gone(store):
    await saved(store, "s1", "one")
    await store.delete("s1")
    assert await store.retrieve("s1") is None


TURNS = 40


async def talk(store, turns=TURNS):
    """Play turns as Rasa does: retrieve, add events, save; return the number of events of each turn."""
    sizes = []
    for number in range(turns):
        tracker = await store.retrieve("s1")
        if tracker is None:
            tracker = await store.get_or_create_tracker("s1", append_action_listen=False)
            tracker.slots = {name: AnySlot(name, mappings=[{}]) for name in ("scenario", "peer")}
            tracker.update(ActionExecuted("action_listen"))
        tracker.update(UserUttered(f"reply {number}", message_id=f"m{number}"))
        if not number:
            tracker.update(SlotSet("scenario", "kris"))
        tracker.update(SlotSet("peer", {"turn": number}))
        tracker.update(BotUttered(f"answer {number}"))
        tracker.update(ActionExecuted("action_listen"))
        await store.save(tracker)
        sizes.append(len((await store.retrieve("s1")).events))
    return sizes


async def test_a_long_conversation_is_kept_short_and_saved_whole(store, tmp_path):
    sizes = await talk(store)
    assert sizes[-1] == sizes[MESSAGES_KEPT + 2] == max(sizes)
    kept = texts(await store.retrieve("s1"))
    assert kept == ["reply 0"] + [f"reply {n}" for n in range(TURNS - MESSAGES_KEPT, TURNS)]
    other = LiveTrackerStore(Domain.empty(), dialect="sqlite", db=str(tmp_path / "rasa.db"))
    assert texts(await other.retrieve("s1")) == [f"reply {n}" for n in range(TURNS)]


async def test_what_was_set_once_at_the_beginning_is_still_set_on_a_copy(store):
    await talk(store)
    copied = (await store.retrieve("s1")).copy()
    assert copied.get_slot("scenario") == "kris" and copied.get_slot("peer") == {"turn": TURNS - 1}


async def test_a_message_from_long_ago_is_still_known_with_its_answer(store):
    await talk(store)
    for wrapped in (store, FailSafeTrackerStore(store)):
        whole = await conversation(wrapped, "s1", "m5")
        assert len(texts(whole)) == TURNS and texts(whole)[5] == "reply 5"
        assert len(texts(await conversation(wrapped, "s1", "m99"))) == MESSAGES_KEPT + 1


async def test_a_conversation_taken_up_after_a_restart_goes_on_and_is_saved_once(store, tmp_path):
    await talk(store, 20)
    other = LiveTrackerStore(Domain.empty(), dialect="sqlite", db=str(tmp_path / "rasa.db"))
    tracker = await other.retrieve("s1")
    tracker.update(UserUttered("after the restart", message_id="n1"))
    await other.save(tracker)
    assert texts(await other.retrieve("s1"))[-1] == "after the restart"
    assert len(texts(await other.retrieve("s1"))) == MESSAGES_KEPT + 1
    third = LiveTrackerStore(Domain.empty(), dialect="sqlite", db=str(tmp_path / "rasa.db"))
    assert texts(await third.retrieve("s1")) == [f"reply {n}" for n in range(20)] + ["after the restart"]


async def test_our_store_is_found_in_its_wrapping(store):
    assert live(FailSafeTrackerStore(store)) is store
    with pytest.raises(TypeError, match="InMemoryTrackerStore"):
        live(InMemoryTrackerStore(Domain.empty()))
    assert await conversation(InMemoryTrackerStore(Domain.empty()), "s1", "m1") is None
