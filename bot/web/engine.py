"""The web app's side of the Rasa channel: one request per turn, on the loopback.

The channel is `POST {rasa_url}/webhooks/peer/turn`. It is safe to send the same message id
again: Rasa either kept nothing of the first try, or gives the first answer once more. That is
what lets `turns.py` retry without ever making two turns of one message.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Protocol

import httpx

CONNECT_SECONDS = 2.0
READ_SECONDS = 20.0

KINDS = ("begin", "say", "pause", "resume", "end")
"""What can be asked of the engine."""


class EngineUnavailable(Exception):
    """Rasa is down, restarting or too slow. Nothing was kept there; the same request may be sent again."""


class EngineFault(Exception):
    """Rasa answered with something that is not a turn. Sending the same request again would not help."""


@dataclass(frozen=True)
class TurnRequest:
    """One thing to tell the engine.

    Attributes:
        session_id: The practice session.
        message_id: The id that makes this request safe to repeat.
        kind: One of `KINDS`.
        scenario: Scenario id.
        seed: Seed of the session, so that it can be replayed.
        text: The trainee's words; empty unless `kind` is "say".
    """

    session_id: str
    message_id: str
    kind: str
    scenario: str
    seed: int
    text: str = ""

    def to_dict(self) -> dict[str, Any]:
        """Return the JSON body that the channel expects."""
        return {
            "session_id": self.session_id,
            "message_id": self.message_id,
            "kind": self.kind,
            "text": self.text,
            "scenario": self.scenario,
            "seed": self.seed,
        }


@dataclass(frozen=True)
class EngineAnswer:
    """What the engine did with one request.

    Attributes:
        message_id: The id that was asked about.
        turn: Number of the turn; the opening is 0.
        lines: The peer's bubbles in order, each with `id`, `text`, `act` and `beat`.
        ended: How the conversation ended, or None while it goes on.
        is_paused: Whether the peer has stepped out of role.
        state: The peer's inner state after the turn, each 0 to 100.
        band: Trust band, "low", "mid" or "high".
    """

    message_id: str
    turn: int
    lines: tuple[dict[str, Any], ...] = ()
    ended: str | None = None
    is_paused: bool = False
    state: Mapping[str, float] = field(default_factory=dict)
    band: str = "low"

    @classmethod
    def from_dict(cls, body: Any) -> EngineAnswer:
        """Read the channel's JSON.

        Raises:
            EngineFault: A key is missing or has the wrong type; the message says which.
        """
        try:
            lines = tuple(
                {
                    "id": str(line["id"]),
                    "text": str(line["text"]),
                    "act": line.get("act"),
                    "beat": line.get("beat"),
                }
                for line in body["lines"]
            )
            return cls(
                message_id=str(body["message_id"]),
                turn=int(body["turn"] or 0),
                lines=lines,
                ended=body.get("ended") or None,
                is_paused=bool(body.get("is_paused", False)),
                state=dict(body.get("state") or {}),
                band=str(body.get("band") or "low"),
            )
        except (KeyError, TypeError, ValueError, AttributeError) as error:
            raise EngineFault(f"the engine's answer is not a turn: {error!r}") from error


class Engine(Protocol):
    """Anything that can do a turn: Rasa in the running app, a fake in tests."""

    async def turn(self, request: TurnRequest) -> EngineAnswer:
        """Do one turn, or raise `EngineUnavailable` or `EngineFault`."""
        ...

    async def close(self) -> None:
        """Let go of connections."""
        ...


class RasaEngine:
    """The engine behind the Rasa server's `peer` channel."""

    def __init__(self, url: str, *, transport: httpx.AsyncBaseTransport | None = None) -> None:
        """Prepare a client; nothing is sent yet.

        Args:
            url: Address of the Rasa server, e.g. `http://127.0.0.1:5005`.
            transport: Stands in for the network in tests.
        """
        self._client = httpx.AsyncClient(
            base_url=url,
            timeout=httpx.Timeout(READ_SECONDS, connect=CONNECT_SECONDS),
            transport=transport,
            trust_env=False,  # the loopback is never reached through a proxy
        )

    async def turn(self, request: TurnRequest) -> EngineAnswer:
        """Send one request to Rasa.

        Raises:
            EngineUnavailable: No connection, no answer in time, or a 5xx; try the same request again.
            EngineFault: A 4xx, or a body that is not a turn.
        """
        try:
            response = await self._client.post("/webhooks/peer/turn", json=request.to_dict())
        except httpx.TransportError as error:
            raise EngineUnavailable(f"Rasa could not be reached: {error!r}") from error
        if response.status_code >= 500 or response.status_code == 429:
            raise EngineUnavailable(f"Rasa answered {response.status_code}")
        if response.status_code != 200:
            raise EngineFault(f"Rasa answered {response.status_code}: {response.text[:300]}")
        try:
            body = response.json()
        except ValueError as error:
            raise EngineFault("Rasa answered something that is not JSON") from error
        answer = EngineAnswer.from_dict(body)
        if answer.message_id != request.message_id:
            raise EngineFault(f"asked about {request.message_id}, answered about {answer.message_id}")
        return answer

    async def close(self) -> None:
        """Close the connections to Rasa."""
        await self._client.aclose()
