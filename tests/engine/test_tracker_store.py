"""Conversations kept in memory are the saved ones, never a half-done turn."""

from __future__ import annotations

import pytest
from rasa.shared.core.domain import Domain
from rasa.shared.core.events import UserUttered

from bot.engine.tracker_store import LiveTrackerStore


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
