"""Makes Rasa's call to the action server cheap and flat in the length of the conversation.

Two methods of `RemoteAction` are replaced, once, when the peer channel is loaded:

* the result's JSON schema is compiled once (Rasa re-checks the schema itself on every call: 20 ms);
* of the conversation only what the action server reads is sent: the latest messages, not every
  event since the beginning (645 KB at turn 200).
"""

from __future__ import annotations

from typing import Any, Dict, Text

import rasa
from jsonschema import Draft202012Validator
from rasa.core.actions import action as rasa_action
from rasa.shared.core.domain import Domain
from rasa.shared.core.events import BotUttered, UserUttered
from rasa.shared.core.trackers import DialogueStateTracker, EventVerbosity

SENT_MESSAGES = 40
"""Messages of both sides that travel; a turn has at most four, so ten turns of pause fit."""

_validator = Draft202012Validator(rasa_action.RemoteAction.action_response_format_spec())


def _validate_action_result(self: rasa_action.RemoteAction, result: Dict[Text, Any]) -> bool:
    """Check what the action server returned; raises `jsonschema.ValidationError` as Rasa does."""
    _validator.validate(result)
    return True


def _action_call_format(
    self: rasa_action.RemoteAction, tracker: DialogueStateTracker, domain: Domain
) -> Dict[Text, Any]:
    """Return the request for the action server, with only the latest messages as events."""
    state = tracker.current_state(EventVerbosity.NONE)
    recent: list[Dict[Text, Any]] = []
    for event in reversed(tracker.events):
        if isinstance(event, (UserUttered, BotUttered)):
            is_earlier_reply = isinstance(event, UserUttered) and event is not tracker.latest_message
            # Of earlier replies the action server only needs to know where they stood.
            sent = {"event": "user", "timestamp": event.timestamp} if is_earlier_reply else event.as_dict()
            if isinstance(event, BotUttered):
                sent["metadata"] = {
                    name: known for name, known in event.metadata.items() if name != "weighed"
                }
            recent.append(sent)
            if len(recent) == SENT_MESSAGES:
                break
    state["events"] = recent[::-1]
    return {
        "next_action": self._name,
        "sender_id": tracker.sender_id,
        "tracker": state,
        "domain": {},
        "version": rasa.__version__,
    }


def apply() -> None:
    """Replace the two methods; calling it again changes nothing."""
    rasa_action.RemoteAction._validate_action_result = _validate_action_result
    rasa_action.RemoteAction._action_call_format = _action_call_format
    rasa_action.DEFAULT_REQUEST_TIMEOUT = 15  # seconds; Rasa's own 300 would leave a trainee waiting
