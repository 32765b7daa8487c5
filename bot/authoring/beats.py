"""Where each beat of a talk stands: told, ready, or what it still waits for, in plain words."""

from __future__ import annotations

from typing import Any

from bot.peer.dynamics import Dynamics
from bot.peer.memory import Memory
from bot.peer.scenario import Beat, Scenario
from bot.peer.state import PeerState


def beat_board(
    scenario: Scenario, state: PeerState, memory: Memory, turn: int, dynamics: Dynamics
) -> list[dict[str, Any]]:
    """Return every beat with what it waits for.

    Args:
        scenario: The person.
        state: Where they stand.
        memory: What was told so far.
        turn: Number of the next reply, from 1.
        dynamics: The constants of the state.
    """
    return [
        {
            "beat": beat.id,
            "told": memory.told.get(beat.id),
            "waits_for": [] if beat.id in memory.told else waits_for(beat, state, memory, turn, dynamics),
            "is_next_step": beat.is_next_step,
            "text": beat.lines[0].text.replace("\n\n", " ") if beat.lines else "",
        }
        for beat in scenario.beats
    ]


def waits_for(beat: Beat, state: PeerState, memory: Memory, turn: int, dynamics: Dynamics) -> list[str]:
    """Return what must happen before a beat may be told; nothing if it may be told now."""
    openness, waits = state.openness(dynamics), []
    is_due = 0 < beat.at_latest <= turn
    if beat.openness > openness and not is_due:
        waits.append(f"openness {beat.openness:g} (now {openness:.0f})")
    if beat.from_turn > turn:
        waits.append(f"reply {beat.from_turn}")
    if beat.if_ownership > state.ownership:
        waits.append(f"ownership {beat.if_ownership:g} (now {state.ownership:.0f})")
    for name, bound in beat.if_state.items():
        variable, _, side = name.rpartition("_")
        value = openness if variable == "openness" else getattr(state, variable)
        if not (value > bound if side == "above" else value < bound):
            waits.append(f"{variable} {side} {bound:g} (now {value:.0f})")
    waits += [f"{other} told" for other in beat.after if other != "B1" and other not in memory.told]
    return waits
