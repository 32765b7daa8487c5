"""How a practice session ends, and when: good, okay, stalled or broken."""

from __future__ import annotations

from bot.peer.decision import Situation
from bot.peer.dynamics import Dynamics
from bot.peer.hearing import Heard
from bot.peer.memory import Memory
from bot.peer.state import PeerState

ENDING_REASONS = {
    "good": "trust, hope and ownership are there and they have said their next step",
    "okay": "the talk comes to its end with something gained",
    "stalled": "the talk went nowhere",
    "rupture": "what broke was not mended in time",
}


def ending_of(situation: Situation) -> str | None:
    """Return how the session ends now, or None if it goes on."""
    rules, turn = situation.dynamics.endings, situation.turn
    if situation.event == "exit":
        return "rupture"
    if situation.state.is_ruptured:
        return None
    if turn >= rules["from_turn"] and situation.memory.is_next_step_voiced and _meets_good(situation):
        return "good"
    gained = situation.openness - situation.state.start_openness
    stalled = rules["stalled"]
    if situation.state.thin_replies >= stalled["thin_replies"]:
        return "stalled"
    if turn >= stalled["turn"] and gained < stalled["openness_gain_below"]:
        return "stalled"
    if turn >= rules["wrap_up_turn"] or _says_goodbye(situation.heard):
        return outcome_if_ended(situation.state, situation.memory, situation.dynamics)
    return None


def _meets_good(situation: Situation) -> bool:
    """Return whether every threshold of a good ending is reached."""
    good = situation.dynamics.endings["good"]
    return all(getattr(situation.state, name) >= least for name, least in good.items())


def outcome_if_ended(state: PeerState, memory: Memory, dynamics: Dynamics) -> str:
    """Return how a session ends that the trainee ends now: good, okay, stalled or rupture."""
    good = dynamics.endings["good"]
    met = [getattr(state, name) >= least for name, least in good.items()]
    if state.is_ruptured:
        return "rupture"
    if all(met) and memory.is_next_step_voiced:
        return "good"
    return "okay" if any(met) else "stalled"


def _says_goodbye(heard: Heard) -> bool:
    """Return whether the reply is a goodbye and little else."""
    return "goodbye" in heard.mentions and heard.words <= 14 and not heard.is_question
