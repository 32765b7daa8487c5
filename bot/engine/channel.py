"""The channel between the web app and the peer: one turn a request, on the loopback only.

`POST /webhooks/peer/turn` takes one message of a session and answers with everything the peer
says. Unlike Rasa's REST channel it never hides a failure behind an empty answer: a turn that could
not be done is a 503 and leaves nothing behind, so the same message may be sent again; a message
that was answered before is answered with the same words.
"""

from __future__ import annotations

import asyncio
import json
import logging
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Awaitable, Callable, Dict, List, Optional, Text

from rasa.core.channels.channel import CollectingOutputChannel, InputChannel, UserMessage
from rasa.core.tracker_store import TrackerStore
from rasa.shared.core.events import BotUttered, UserUttered
from rasa.shared.core.trackers import DialogueStateTracker
from sanic import Blueprint, response
from sanic.request import Request
from sanic.response import HTTPResponse

from bot.engine import fast
from bot.engine.policy import PEER_SLOT
from bot.engine.tracker_store import conversation, live
from bot.peer.phrases import subject_of

logger = logging.getLogger(__name__)

TURNS_BACK = 2
"""Turns of the peer that a vague follow-up ("what did she say?") may be about."""
KINDS = ("begin", "say", "pause", "resume", "end")
SLASH, HARMLESS_SLASH = "/", "\u2215"
"""Rasa takes a message that begins with a slash for a command. What a trainee types is never one;
the look-alike keeps every offset where it was."""


@dataclass(frozen=True)
class TurnRequest:
    """One message of a session.

    Attributes:
        session_id: The practice session, which is Rasa's conversation.
        message_id: The client's id of this message.
        kind: One of `KINDS`.
        text: What the trainee typed; empty unless `kind` is `say`.
        scenario: Scenario id; needed for `begin`.
        seed: Seed of the session; 0 for the scenario's own values.
    """

    session_id: str
    message_id: str
    kind: str
    text: str = ""
    scenario: str = ""
    seed: int = 0

    @classmethod
    def from_json(cls, body: Any) -> TurnRequest:
        """Return the request in a JSON body.

        Raises:
            ValueError: Something is missing or of the wrong kind; says what.
        """
        if not isinstance(body, Mapping):
            raise ValueError("the body must be a JSON object")
        for name in ("session_id", "message_id", "kind"):
            if not isinstance(body.get(name), str) or not body[name]:
                raise ValueError(f'"{name}" must be some text')
        if body["kind"] not in KINDS:
            raise ValueError(f'"kind" must be one of {", ".join(KINDS)}')
        if not isinstance(body.get("text") or "", str):
            raise ValueError('"text" must be text')
        return cls(
            session_id=body["session_id"],
            message_id=body["message_id"],
            kind=body["kind"],
            text=body.get("text") or "",
            scenario=str(body.get("scenario") or ""),
            seed=int(body.get("seed") or 0),
        )

    def to_message(self, peer_said: str, person: str = "", lines: Sequence[str] = ()) -> UserMessage:
        """Return the message for Rasa.

        Args:
            peer_said: The peer's last words, against which the reply is read.
            person: The scenario that is played.
            lines: Ids of the lines that the peer said last, for follow-ups such as "what did she say?".
        """
        if self.kind == "say":
            text = HARMLESS_SLASH + self.text[1:] if self.text.startswith(SLASH) else self.text
        else:
            text = f"/{self.kind}"
        metadata = {
            "peer": peer_said,
            "scenario": self.scenario,
            "seed": self.seed,
            "person": person,
            "said": list(lines),
        }
        return UserMessage(
            text, CollectingOutputChannel(), self.session_id, input_channel=PeerInput.name(),
            message_id=self.message_id, metadata=metadata,
        )  # fmt: skip


def answer_to(tracker: DialogueStateTracker, message_id: str) -> Optional[Dict[Text, Any]]:
    """Return the answer that a message got, or None if it got none yet.

    Args:
        tracker: The conversation.
        message_id: The message.
    """
    lines: List[Dict[Text, Any]] = []
    for event in reversed(tracker.events):
        if isinstance(event, BotUttered):
            lines.append(_line(event))
        elif isinstance(event, UserUttered):
            if event.message_id == message_id:
                break
            lines = []
    else:
        return None
    if not lines:
        return None
    lines.reverse()
    view = tracker.get_slot(PEER_SLOT) or {}
    ended = next((line["ended"] for line in lines if line["ended"]), None)
    return {
        "message_id": message_id,
        "turn": view.get("turn"),
        "lines": [{key: line[key] for key in ("id", "text", "act", "beat")} for line in lines],
        "ended": ended,
        "is_paused": bool(view.get("is_paused")),
        "state": view.get("shown", {}),
        "band": view.get("band"),
        "choice": next((line["weighed"] for line in lines if line["weighed"]), []),
    }


def _line(event: BotUttered) -> Dict[Text, Any]:
    """Return what a bot event said and where it came from."""
    known = event.metadata or {}
    return {
        "id": known.get("line", ""),
        "text": event.text or "",
        "act": known.get("action", ""),
        "beat": known.get("beat"),
        "ended": known.get("ended"),
        "weighed": known.get("weighed") or [],
    }


def last_words(tracker: Optional[DialogueStateTracker]) -> str:
    """Return what the peer said in the last turn in role, as one text; empty if nothing yet."""
    words: List[str] = []
    for event in reversed(tracker.events if tracker else []):
        if isinstance(event, BotUttered) and (event.metadata or {}).get("action") != "utter_step_out":
            words.append(event.text or "")
        elif isinstance(event, UserUttered) and words:
            break
    return " ".join(reversed(words)).replace("\n\n", " ")


def last_lines(tracker: Optional[DialogueStateTracker]) -> List[Text]:
    """Return the ids of the lines with a subject that the peer said last; small talk has none.

    They are those of the last `TURNS_BACK` turns that had any.
    """
    lines: List[Text] = []
    turns, here = 0, False
    for event in reversed(tracker.events if tracker else []):
        if isinstance(event, BotUttered):
            line = (event.metadata or {}).get("line") or ""
            if subject_of(line):
                lines.append(line)
                here = True
        elif isinstance(event, UserUttered) and here:
            turns, here = turns + 1, False
            if turns == TURNS_BACK:
                break
    return lines[::-1]


class TurnRunner:
    """Runs turns, one at a time per session, in the order in which they came.

    Rasa's lock store polls once a second; a lock in memory answers at once. With several workers
    Rasa's own lock (Redis) still holds, since `handle_message` takes it as well.
    """

    def __init__(self, handle: Callable[[UserMessage], Awaitable[Any]], store: TrackerStore) -> None:
        """Keep what is needed.

        Args:
            handle: Rasa's handler of messages.
            store: The tracker store.
        """
        self._handle, self._store = handle, store
        self._locks: Dict[Text, List[Any]] = {}

    async def run(self, turn: TurnRequest) -> Dict[Text, Any]:
        """Do one turn, or return the answer that the same message got before.

        Raises:
            Exception: Whatever kept the turn from being done; nothing of it was saved.
        """
        entry = self._locks.setdefault(turn.session_id, [asyncio.Lock(), 0])
        entry[1] += 1
        try:
            async with entry[0]:
                tracker = await conversation(self._store, turn.session_id, turn.message_id)
                known = answer_to(tracker, turn.message_id) if tracker else None
                if known:
                    return known
                person = turn.scenario or str((tracker and tracker.get_slot("scenario")) or "")
                await self._handle(turn.to_message(last_words(tracker), person, last_lines(tracker)))
                tracker = await self._store.retrieve(turn.session_id)
                answer = answer_to(tracker, turn.message_id) if tracker else None
                if answer is None:
                    raise RuntimeError("the turn ended without an answer")
                return answer
        finally:
            entry[1] -= 1
            if not entry[1]:
                self._locks.pop(turn.session_id, None)


class PeerInput(InputChannel):
    """Rasa's side of the channel; `credentials.yml` names it."""

    @classmethod
    def name(cls) -> Text:
        """Return the channel's name, which is part of its address."""
        return "peer"

    def blueprint(self, on_new_message: Callable[[UserMessage], Awaitable[Any]]) -> Blueprint:
        """Return the addresses: `GET /` for health, `POST /turn`, `POST /forget`."""
        fast.apply()
        hook = Blueprint("peer_webhook", __name__)
        runner: List[TurnRunner] = []

        def runner_for(request: Request) -> TurnRunner:
            if not runner:
                runner.append(TurnRunner(on_new_message, request.app.ctx.agent.tracker_store))
            return runner[0]

        @hook.get("/")
        async def health(request: Request) -> HTTPResponse:
            agent = request.app.ctx.agent
            ready = bool(agent and agent.is_ready())
            return response.json({"status": "ok" if ready else "loading"}, status=200 if ready else 503)

        @hook.post("/turn")
        async def turn(request: Request) -> HTTPResponse:
            try:
                wanted = TurnRequest.from_json(json.loads(request.body))
            except ValueError as error:
                return response.json({"title": "This is no turn", "detail": str(error)}, status=400)
            try:
                return response.json(await runner_for(request).run(wanted))
            except Exception as error:  # noqa: BLE001 - every failure is told to the web app, none is hidden
                logger.exception("Turn %s of session %s failed.", wanted.message_id, wanted.session_id)
                problem = {
                    "title": "The turn could not be done",
                    "detail": str(error) or type(error).__name__,
                }
                return response.json(problem, status=503)

        @hook.post("/forget")
        async def forget(request: Request) -> HTTPResponse:
            body = json.loads(request.body)
            await live(request.app.ctx.agent.tracker_store).delete(body["session_id"])
            return response.json({"forgotten": body["session_id"]})

        return hook
