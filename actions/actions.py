"""The custom actions of the rasa-sdk server: thin, and safe to repeat.

An action that is called twice for one message (the engine died in between, the client tried again)
finds what it wrote the first time and gives the same answer. The peer's state is always taken from
the records, never from a slot.
"""

from __future__ import annotations

import functools
import zlib
from typing import Any, Dict, List, Optional, Text

from rasa_sdk import Action, Tracker
from rasa_sdk.events import SlotSet
from rasa_sdk.executor import CollectingDispatcher

from actions.records import Records, SessionRow, open_records
from actions.turn import (
    Earlier,
    Progress,
    Stage,
    TurnResult,
    first_progress,
    load_stage,
    opening_view,
    score_progress,
    take_turn,
)
from bot.peer.memory import Said
from bot.peer.state import PeerState
from bot.reading import Reading
from bot.settings import load_settings

PEER_SLOT = "peer"
STEP_OUT = "utter_step_out"
MET_FROM_TURN = 3
"""Replies from which two people have met; after fewer the next session is a first one again."""


@functools.lru_cache(maxsize=1)
def stage() -> Stage:
    """Return peers and rubric, read at the first call."""
    return load_stage(load_settings().data)


@functools.lru_cache(maxsize=1)
def records() -> Records:
    """Return the records, opened at the first call."""
    settings = load_settings()
    settings.home.mkdir(parents=True, exist_ok=True)
    return open_records(settings.database_url)


class _Message:
    """The trainee's message that an action was called for."""

    def __init__(self, tracker: Tracker) -> None:
        user_events = [event for event in tracker.events if event.get("event") == "user"]
        self.event: Dict[Text, Any] = user_events[-1] if user_events else {}
        self.metadata: Dict[Text, Any] = self.event.get("metadata") or {}
        self.session_id = tracker.sender_id
        self.id: Text = self.event.get("message_id") or f"{tracker.sender_id}:0"
        self.text: Text = self.event.get("text") or ""
        self.intent: Optional[Text] = (tracker.latest_message.get("intent") or {}).get("name")
        self.entities: List[Dict[Text, Any]] = list(tracker.latest_message.get("entities") or [])
        self.model: Text = str(self.metadata.get("model_id") or "unknown")[:40]

    def named(self, name: Text) -> Text:
        """Return a value given with the message, by the channel or as `/begin{"person": "kris"}`."""
        given = self.metadata.get(name)
        for entity in self.entities:
            if entity.get("entity") == name and given in (None, ""):
                given = entity.get("value")
        return "" if given is None else str(given)  # seed 0 is a seed, too


def _said_before(tracker: Tracker) -> Optional[List[Said]]:
    """Return what the peer said in role in answer to the reply before, or None if it is not known."""
    said: List[Said] = []
    for event in reversed(tracker.events):
        if event.get("event") == "bot" and (event.get("metadata") or {}).get("action") not in (
            None,
            STEP_OUT,
        ):
            said.append(Said.from_dict({**event["metadata"], "text": event.get("text") or ""}))
        elif event.get("event") == "user" and said:
            break
    return said[::-1] or None


def _session(message: _Message) -> SessionRow:
    """Return the session's row; one begun by hand (`rasa shell`) is made now."""
    known = records().session(message.session_id)
    if known:
        return known
    cast = stage().cast
    scenario_id = message.named("scenario") or message.named("person") or cast.first
    if scenario_id not in cast.scenarios:
        raise ValueError(f"There is no scenario {scenario_id!r}; there are {', '.join(cast.scenarios)}.")
    seed = message.named("seed")
    return records().start_session(
        message.session_id,
        scenario_id,
        int(seed) if seed.isdigit() else zlib.crc32(message.session_id.encode()) % 1000,
        scenario_version=cast.scenarios[scenario_id].version,
        rubric_version=stage().rubric.version,
        model_version=message.model,
    )


def _progress(session: SessionRow) -> Progress:
    """Return where the session stands, from its latest assessment."""
    latest = records().last_assessment(session.id)
    if latest:
        return Progress.from_dict(latest.snapshot)
    scenario = stage().cast.scenarios[session.scenario_id]
    return first_progress(scenario, stage().cast.dynamics, session.seed, _earlier(session))


def _earlier(session: SessionRow) -> Optional[Earlier]:
    """Return how this trainee and this peer parted last time, or None if they had hardly begun."""
    before = records().earlier_session(session)
    latest = records().last_assessment(before.id) if before else None
    if before is None or latest is None or latest.turn < MET_FROM_TURN:
        return None
    return Earlier(PeerState.from_dict(latest.snapshot["state"]), before.ending or "stopped")


class ActionBegin(Action):
    """Begins a practice session: who is met, and where they stand."""

    def name(self) -> Text:
        """Return the name that the domain knows."""
        return "action_begin"

    def run(
        self, dispatcher: CollectingDispatcher, tracker: Tracker, domain: Dict[Text, Any]
    ) -> List[Dict[Text, Any]]:
        """Set the scenario and the opening view."""
        message = _Message(tracker)
        session = _session(message)
        scenario = stage().cast.scenarios[session.scenario_id]
        earlier = _earlier(session)
        view = opening_view(scenario, stage().cast.dynamics, session.seed, message.id, earlier)
        return [SlotSet("scenario", session.scenario_id), SlotSet(PEER_SLOT, view)]


class ActionAssessReply(Action):
    """Scores a reply, moves the peer's state and writes both down under the message's id."""

    def name(self) -> Text:
        """Return the name that the domain knows."""
        return "action_assess_reply"

    def run(
        self, dispatcher: CollectingDispatcher, tracker: Tracker, domain: Dict[Text, Any]
    ) -> List[Dict[Text, Any]]:
        """Do it, or give back what was written when it was done before."""
        message = _Message(tracker)
        session = _session(message)
        rubric_version = stage().rubric.version
        known = records().assessment_of(message.id, rubric_version, session_id=session.id)
        if known:
            return [SlotSet(PEER_SLOT, dict(known.detail["view"]))]
        result = _take_turn(message, session, tracker)
        if result.assessment is None:
            _note_pause(session, result)
            return [SlotSet(PEER_SLOT, result.view)]
        if records().message(session.id, message.id) is None:
            # The web app has stored the words before we see them; in `rasa shell` nobody has.
            records().store_trainee_message(session.id, message.id, message.text)
        detail = {
            **result.assessment.to_dict(),
            "view": result.view,
            "before": dict(result.before),
            "after": result.view["shown"],
            "choice": list(result.choice),
            "entities": message.entities,
        }
        scores = {name: score.value for name, score in result.assessment.criteria.items()}
        stored = records().store_assessment(
            message.id,
            session.id,
            result.progress.turn,
            detail=detail,
            snapshot=result.progress.to_dict(),
            scores={**scores, "overall": result.assessment.overall},
            is_substantive=result.assessment.is_substantive,
            rubric_version=rubric_version,
            model_version=message.model,
            scenario_version=session.scenario_version,
        )
        # Should two attempts race, the first one's row counts for both.
        return [SlotSet(PEER_SLOT, dict(stored.detail["view"]))]


class ActionChangeSession(Action):
    """Pauses, resumes or ends the roleplay; nothing of it is scored."""

    def name(self) -> Text:
        """Return the name that the domain knows."""
        return "action_change_session"

    def run(
        self, dispatcher: CollectingDispatcher, tracker: Tracker, domain: Dict[Text, Any]
    ) -> List[Dict[Text, Any]]:
        """Note the change and let the neutral voice say so."""
        message = _Message(tracker)
        session = _session(message)
        result = _take_turn(message, session, tracker, intent=message.intent)
        _note_pause(session, result)
        if message.intent == "end":
            _score_session(session, message.model)
        return [SlotSet(PEER_SLOT, result.view)]


def _score_session(session: SessionRow, model_version: Text) -> None:
    """Score the session from its tally and write it down; the same tally again changes nothing."""
    scenario = stage().cast.scenarios[session.scenario_id]
    score = score_progress(stage(), scenario, _progress(session))
    records().store_session_score(
        session.id,
        stage().rubric.version,
        score.to_dict(),
        model_version=model_version,
        scenario_version=session.scenario_version,
    )


def _take_turn(
    message: _Message, session: SessionRow, tracker: Tracker, intent: Optional[Text] = None
) -> TurnResult:
    """Return what this message leads to, given what the records know."""
    return take_turn(
        stage(),
        stage().cast.scenarios[session.scenario_id],
        _progress(session),
        Reading.from_entities(message.text, message.entities),
        seed=session.seed,
        message_id=message.id,
        said=_said_before(tracker),
        is_paused=session.is_paused,
        intent=intent,
    )


def _note_pause(session: SessionRow, result: TurnResult) -> None:
    """Write down whether the roleplay stands still now."""
    pauses = result.view["step_out"] not in ("resume", "end")
    result.view["is_paused"] = pauses
    records().set_paused(session.id, pauses)
