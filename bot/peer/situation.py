"""The view of a turn that travels from the action server to the policy, as JSON in one slot.

The action server knows how the reply was judged and where the peer stands; the policy decides what
the peer does with it. Between them travels the `peer` slot; stories may give it with little more
than what they are about.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from bot.peer.choice import Plan, choose, opening
from bot.peer.claims import Claimed
from bot.peer.decision import Situation
from bot.peer.dynamics import Dynamics
from bot.peer.hearing import Heard, HeardTopic, likenesses
from bot.peer.memory import Memory, Said
from bot.peer.safety import StepOut
from bot.peer.scenario import Scenario
from bot.peer.state import FeltMove, PeerState, starting_state


def view_of(situation: Situation, message_id: str, step_out: str | None = None) -> dict[str, Any]:
    """Return the `peer` slot for a situation.

    Args:
        situation: The turn.
        message_id: Id of the trainee's message that led to it.
        step_out: Kind of stepping out of the role, see `data/safety.yml`, or None.
    """
    return {
        "message_id": message_id,
        "scenario": situation.scenario.id,
        "scenario_version": situation.scenario.version,
        "seed": situation.seed,
        "turn": situation.turn,
        "band": situation.band,
        "state": situation.state.to_dict(),
        "event": situation.event,
        "treatment": situation.treatment,
        "step_out": step_out,
        "heard": situation.heard.to_dict(),
        "memory": situation.memory.to_dict(),
    }


def situation_from(view: Mapping[str, Any], scenario: Scenario, dynamics: Dynamics) -> Situation:
    """Rebuild the situation from the `peer` slot; what is left out is as at the opening.

    Args:
        view: The slot's value.
        scenario: The person it names.
        dynamics: The constants.
    """
    seed = int(view.get("seed", 0))
    state = starting_state(scenario.start, dynamics, seed)
    given = view.get("state") or {}
    state = PeerState.from_dict({**state.to_dict(), **given})
    memory = view.get("memory") or {}
    turn = int(view.get("turn", 1))
    if not memory:
        remembered = Memory().after_saying(opening(scenario).said, 0)
    elif "used" in memory:
        remembered = Memory.from_dict(memory)
    else:
        told = {beat: 0 for beat in memory.get("told", [])}
        last = tuple(
            Said(**{"line": "", "action": "", "pool": "", "text": "", **said})
            for said in memory.get("last", [])
        )
        remembered = Memory(
            told={"B1": 0, **told},
            last=last,
            asked=dict(memory.get("asked") or {}),
            is_next_step_voiced=bool(memory.get("is_next_step_voiced")),
        )
    return Situation(
        scenario=scenario,
        dynamics=dynamics,
        seed=seed,
        turn=turn,
        state=state,
        event=view.get("event"),
        heard=_heard_from(view.get("heard") or {}),
        memory=remembered,
        treatment=view.get("treatment"),
    )


def _heard_from(given: Mapping[str, Any]) -> Heard:
    """Return what was heard; moves and topics may be given as bare names."""
    moves = [FeltMove(move) if isinstance(move, str) else FeltMove(**move) for move in given.get("moves", ())]
    topics = [
        HeardTopic(topic, 1.0, True) if isinstance(topic, str) else HeardTopic(**topic)
        for topic in given.get("topics", ())
    ]
    return Heard(
        moves=tuple(moves),
        flags=tuple(given.get("flags", ())),
        topics=tuple(topics),
        mentions=tuple(given.get("mentions", ())),
        is_question=bool(given.get("is_question", any(topic.is_asked for topic in topics))),
        words=int(given.get("words", 12)),
        similarity=given.get("similarity"),
        claims=tuple(Claimed(**claim) for claim in given.get("claims", ())),
        shared=int(given.get("shared", -1)),
        guess=given.get("guess"),
        questions=int(given.get("questions", -1)),
        asking=tuple((start, end) for start, end in given.get("asking", ())),
        prepared=likenesses(given.get("prepared")),
        named=tuple(given.get("named", ())),
        asks_openly=bool(given.get("asks_openly")),
        points_back=bool(given.get("points_back")),
        form=str(given.get("form") or ""),
    )


def plan_of(
    view: Mapping[str, Any], scenario: Scenario, dynamics: Dynamics, neutral_voice: Mapping[str, StepOut]
) -> Plan:
    """Return what is said in answer to a view: the peer's acts, or the neutral voice out of role."""
    step_out = view.get("step_out")
    if step_out:
        return neutral_voice[step_out].plan(seed=f"{view.get('seed', 0)}:{view.get('message_id')}")
    if view.get("turn") == 0:
        return opening(scenario, view.get("earlier"), int(view.get("seed", 0)))
    return choose(situation_from(view, scenario, dynamics))
