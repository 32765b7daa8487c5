"""What the peer decides upon: the situation, and one thing that could be done in it."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass

from bot.peer.dynamics import Dynamics
from bot.peer.hearing import Heard
from bot.peer.lines import Pool
from bot.peer.memory import Memory
from bot.peer.scenario import Beat, Scenario
from bot.peer.state import PeerState

NEARBY_BANDS: Mapping[str, tuple[str, ...]] = {
    "low": ("low", "mid"),
    "mid": ("mid", "low"),
    "high": ("high", "mid", "low"),
}
"""Where to look when a band has nothing left: never warmer than two steps, rather cooler."""


@dataclass(frozen=True)
class Situation:
    """All that the choice depends on.

    Attributes:
        scenario: The person.
        dynamics: The constants of the state.
        seed: The session's seed.
        turn: Number of the trainee's reply, from 1.
        state: The state after the reply.
        event: `rupture`, `repaired`, `exit` or None, from the state's change.
        heard: The reply.
        memory: What was said before it.
        treatment: The reaction class that weighed most in the reply, or None.
    """

    scenario: Scenario
    dynamics: Dynamics
    seed: int
    turn: int
    state: PeerState
    event: str | None
    heard: Heard
    memory: Memory
    treatment: str | None = None

    @property
    def band(self) -> str:
        """Return the trust band."""
        return self.state.band(self.dynamics)

    @property
    def openness(self) -> float:
        """Return the openness."""
        return self.state.openness(self.dynamics)


@dataclass(frozen=True)
class Candidate:
    """One thing the peer could do now.

    Attributes:
        action: The dialogue act.
        pool: Where the words come from.
        score: How much it suggests itself, 0 to 100.
        why: The reason, in plain words.
        pools: The lines to draw from, best first.
        beat: The beat it tells or continues, if any.
        topic: The topic it answers, if any.
        is_late: Whether it steps over what was asked, so that it is shown but never said.
        is_matched: Whether its lines were found by what was asked; the topics they name do not matter.
    """

    action: str
    pool: str
    score: float
    why: str
    pools: tuple[Pool, ...]
    beat: Beat | None = None
    topic: str | None = None
    is_late: bool = False
    is_matched: bool = False


def chance(situation: Situation, what: str) -> float:
    """Return a number from 0 to 1 that depends on seed, turn and purpose alone."""
    key = f"{situation.seed}:{situation.scenario.id}:{situation.turn}:{what}".encode()
    return int.from_bytes(hashlib.blake2b(key, digest_size=4).digest(), "big") / 2**32


def banded(pools: Mapping[str, Pool], band: str) -> tuple[Pool, ...]:
    """Return the pools of a band and of those near it, best first."""
    return tuple(pools[near] for near in NEARBY_BANDS[band])


def small_talk_lines(situation: Situation, name: str) -> Pool:
    """Return the lines of a kind of small talk for this band."""
    return situation.scenario.talk[name][situation.band]
