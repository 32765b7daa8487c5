"""A tracker store whose cost does not grow with the conversation.

Rasa reads every event of a conversation from the database at every message, and walks through all of
them for every action, because it runs each on a copy of the tracker. While one process owns a conversation
(ours does; several workers are routed by conversation) the tracker that was saved last is the truth, so
it is kept; and of its events only the beginning and the last turns are, which is all that anybody looks
at. The database has them all.
"""

from __future__ import annotations

import itertools
import json
from collections import OrderedDict, deque
from dataclasses import dataclass
from typing import Any, Dict, FrozenSet, List, Optional, Text

from rasa.core.tracker_store import SQLTrackerStore, TrackerStore
from rasa.shared.core.constants import ACTION_LISTEN_NAME
from rasa.shared.core.events import ActionExecuted, Event, UserUttered
from rasa.shared.core.trackers import DialogueStateTracker

MESSAGES_KEPT = 12
"""Messages of the trainee whose turns stay in memory; the action server is sent what was said in them."""


class NotLiveError(TypeError):
    """Rasa was started with another tracker store."""


@dataclass(frozen=True)
class _Kept:
    """A conversation as it was when saved.

    Attributes:
        tracker: The tracker, with its early events cut out.
        length: How many events it then had.
        older: Ids of the messages whose events were cut out.
    """

    tracker: DialogueStateTracker
    length: int
    older: FrozenSet[Text]


class LiveTrackerStore(SQLTrackerStore):
    """`SQLTrackerStore` with the trackers of recent conversations kept.

    A kept tracker counts only if it is as it was when saved: a turn that failed half-way leaves
    events in it that were never saved, and then the database is read again.
    """

    def __init__(self, *args: Any, keep: int = 512, **kwargs: Any) -> None:
        """Open the store.

        Args:
            args: As in `SQLTrackerStore`.
            keep: How many conversations to keep in memory.
            kwargs: As in `SQLTrackerStore`.
        """
        self._kept: OrderedDict[Text, _Kept] = OrderedDict()
        self._keep = int(keep)
        super().__init__(*args, **kwargs)

    async def retrieve(self, sender_id: Text) -> Optional[DialogueStateTracker]:
        """Return the conversation, from memory if it is there unchanged."""
        kept = self._kept.get(sender_id)
        if kept and len(kept.tracker.events) == kept.length:
            self._kept.move_to_end(sender_id)
            return kept.tracker
        self._kept.pop(sender_id, None)
        return await super().retrieve(sender_id)

    async def retrieve_with(self, sender_id: Text, message_id: Text) -> Optional[DialogueStateTracker]:
        """Return the conversation with every event if the message is one that was cut out of memory."""
        kept = self._kept.get(sender_id)
        if kept and message_id in kept.older:
            return await self.retrieve_full_tracker(sender_id)
        return await self.retrieve(sender_id)

    async def save(self, tracker: DialogueStateTracker) -> None:
        """Save what is new of the conversation on disk, then keep it."""
        kept = self._kept.get(tracker.sender_id)
        is_kept = kept is not None and kept.tracker is tracker
        with self.session_scope() as session:
            if is_kept:
                new = list(itertools.islice(tracker.events, kept.length, None))  # type: ignore[union-attr]
            else:
                new = list(self._additional_events(session, tracker))
            session.add_all(self._row(tracker.sender_id, event.as_dict(), event.type_name) for event in new)
            session.commit()
        if self.event_broker is not None:
            await self._stream_new_events(self.event_broker, new, tracker.sender_id)
        older = kept.older if is_kept else frozenset()  # type: ignore[union-attr]
        older |= frozenset(message_id for message_id in _cut(tracker) if message_id)
        self._kept[tracker.sender_id] = _Kept(tracker, len(tracker.events), older)
        self._kept.move_to_end(tracker.sender_id)
        while len(self._kept) > self._keep:
            self._kept.popitem(last=False)

    def _row(self, sender_id: Text, data: Dict[Text, Any], type_name: Text) -> Any:
        """Return the row of an event, as `SQLTrackerStore.save` writes it."""
        return self.SQLEvent(
            sender_id=sender_id,
            type_name=type_name,
            timestamp=data.get("timestamp"),
            intent_name=data.get("parse_data", {}).get("intent", {}).get("name"),
            action_name=data.get("name"),
            data=json.dumps(data),
        )

    async def delete(self, sender_id: Text) -> None:
        """Forget a conversation in memory and on disk."""
        self._kept.pop(sender_id, None)
        with self.session_scope() as session:
            session.query(self.SQLEvent).filter_by(sender_id=sender_id).delete()
            session.commit()


def live(store: TrackerStore) -> LiveTrackerStore:
    """Return our store out of what Rasa wraps around it.

    Raises:
        NotLiveError: `endpoints.yml` names another store.
    """
    inner: Any = store
    while not isinstance(inner, LiveTrackerStore):
        inner = getattr(inner, "_tracker_store", None)
        if inner is None:
            raise NotLiveError(f"the tracker store is a {type(store).__name__}, not a LiveTrackerStore")
    return inner


async def conversation(
    store: TrackerStore, sender_id: Text, message_id: Text
) -> Optional[DialogueStateTracker]:
    """Return a conversation with, at least, the turn of a message if it had one, whatever the store."""
    try:
        return await live(store).retrieve_with(sender_id, message_id)
    except NotLiveError:
        return await store.retrieve(sender_id)


def _cut(tracker: DialogueStateTracker) -> List[Optional[Text]]:
    """Cut the turns between the first and the latest ones out of a tracker.

    The first turn stays, because the slots that are set once are set in it: Rasa works them out again from
    the events at every copy.

    Returns:
        The ids of the messages that were cut out.
    """
    events: List[Event] = list(tracker.events)
    said = [place for place, event in enumerate(events) if isinstance(event, UserUttered)]
    if len(said) <= MESSAGES_KEPT + 1:
        return []
    head = next(
        place + 1
        for place in range(said[0], len(events))
        if isinstance(events[place], ActionExecuted) and events[place].action_name == ACTION_LISTEN_NAME
    )
    tail = said[-MESSAGES_KEPT]
    if tail <= head:
        return []
    gone = [event.message_id for event in events[head:tail] if isinstance(event, UserUttered)]
    tracker.events = deque(events[:head] + events[tail:])
    return gone
