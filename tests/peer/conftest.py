"""The real peers, and a way to talk with them without a server or a trained model."""

from __future__ import annotations

from dataclasses import dataclass, field

import pytest

from bot.engine.content import load_cast
from bot.peer.choice import Plan, choose, opening
from bot.peer.decision import Situation
from bot.peer.hearing import Heard, HeardTopic, settles
from bot.peer.memory import Memory
from bot.peer.state import FeltMove, PeerState, react, starting_state
from bot.settings import load_settings

ASKING = {"open_question", "closed_question", "elicit_strength", "evoke_own_reasons", "seek_collaboration"}


@pytest.fixture(scope="session")
def cast():
    return load_cast(load_settings({}).data)


def heard(
    *moves: str, topics: tuple[str, ...] = (), mentions: tuple[str, ...] = (), words: int = 10, flags=()
) -> Heard:
    """Return a reply with these moves that asks about these topics."""
    return Heard(
        moves=tuple(FeltMove(move, 20 * place) for place, move in enumerate(moves)),
        flags=tuple(flags),
        topics=tuple(HeardTopic(topic, 1.0, True) for topic in topics),
        mentions=mentions,
        is_question=bool(topics) or bool(ASKING & set(moves)),
        words=words,
    )


@dataclass
class Talk:
    """A talk that is played move by move."""

    scenario: object
    dynamics: object
    seed: int = 0
    turn: int = 0
    state: PeerState = None
    memory: Memory = None
    plans: list[Plan] = field(default_factory=list)

    def __post_init__(self):
        self.state = self.state or starting_state(self.scenario.start, self.dynamics, self.seed)
        self.memory = Memory().after_saying(opening(self.scenario).said, 0)

    def say(self, reply: Heard) -> Plan:
        self.turn += 1
        change = react(
            self.state, reply.felt, self.dynamics, sensitivity=self.scenario.sensitivity,
            after_disclosure="disc" in self.memory.last_tags, is_thin="too_thin" in reply.flags,
        )  # fmt: skip
        self.state = change.state
        self.memory = self.memory.after_hearing(settles(reply))
        situation = Situation(
            self.scenario, self.dynamics, self.seed, self.turn, change.state, change.event, reply, self.memory
        )
        plan = choose(situation)
        assert plan == choose(situation), "the same situation must give the same plan"
        self.memory = self.memory.after_saying(plan.said, self.turn)
        self.plans.append(plan)
        return plan


@pytest.fixture
def talk_with(cast):
    def start(scenario_id: str, seed: int = 0, **state) -> Talk:
        talk = Talk(cast.scenarios[scenario_id], cast.dynamics, seed)
        if state:
            from dataclasses import replace

            talk.state = replace(talk.state, **state)
        return talk

    return start
