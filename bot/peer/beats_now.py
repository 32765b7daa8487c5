"""Which beats may be told now, and in which order they suggest themselves."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Mapping, Sequence

from bot.peer.decision import Candidate, Situation, chance
from bot.peer.scenario import Beat

LEADS_ON_FROM_TURN = 6
"""From this turn on, what leads to the peer's own next step comes before other things to tell, every
other time at first and always from `LEADS_ON_ALWAYS` on."""
LEADS_ON_ALWAYS = 12
HELD_FOR = 3
"""Turns for which what was held back is not told unasked: nobody says "not yet" and then tells it."""
OFFERS = frozenset({"take_over", "link_support", "advise_with_permission", "build_independence"})
"""Moves that offer or hand back a step, to which somebody who owns it says that they will do it."""
PLANNING = frozenset({"co_create_goal", "build_independence", "brainstorm_options", "seek_collaboration"})
"""Moves that ask for a plan."""
OWNS_IT = 60.0
"""Ownership from which they do."""
WAITS_FOR_ANSWER = 60.5
"""Score of a sign about wanting to die that is not due yet: after an answer, before "I don't know"."""
NEXT_ON_MIND = 55.0
"""Score of the beat that comes next by itself."""


SIGN = 93.0
"""Score of a sign about wanting to die: before all else that could be told."""


def untold(situation: Situation) -> list[Beat]:
    """Return the beats that were not told yet; who has answered about suicide has no sign left to give."""
    has_answered = was_asked_straight(situation)
    return [
        beat
        for beat in situation.scenario.beats[1:]
        if beat.id not in situation.memory.told and not (has_answered and "safety" in beat.tags)
    ]


def was_asked_straight(situation: Situation) -> bool:
    """Return whether they were asked plainly about suicide and have answered."""
    return any(line.id in situation.memory.used for line in situation.scenario.suicide_answer)


def is_open(beat: Beat, situation: Situation, *, is_asked: bool = False) -> bool:
    """Return whether a beat may be told now.

    Args:
        beat: The beat.
        situation: The turn.
        is_asked: Whether it was asked for; then its time has come, if it is no step of their own.
    """
    is_due = 0 < beat.at_latest <= situation.turn
    in_time = beat.from_turn <= situation.turn or (is_asked and not beat.is_next_step)
    return (
        (beat.openness <= situation.openness or is_due)
        and in_time
        and beat.if_ownership <= situation.state.ownership
        and _is_within(beat.if_state, situation)
        and all(other in situation.memory.told or other == "B1" for other in beat.after)
    )


def _is_within(bounds: Mapping[str, float], situation: Situation) -> bool:
    """Return whether the inner state lies within a beat's bounds."""
    for name, bound in bounds.items():
        variable, _, side = name.rpartition("_")
        value = situation.openness if variable == "openness" else getattr(situation.state, variable)
        if not (value > bound if side == "above" else value < bound):
            return False
    return True


def can_tell(situation: Situation) -> dict[str, Beat]:
    """Return the beats that are told if they are asked for, by id."""
    return {beat.id: beat for beat in untold(situation) if is_open(beat, situation, is_asked=True)}


def telling(beat: Beat, score: float, why: str) -> Candidate:
    """Return the candidate that tells a beat."""
    action = "utter_ask" if beat.is_asking else "utter_disclose"
    return Candidate(action, f"beats.{beat.id}", score, why, (beat.lines,), beat=beat)


def next_beats(situation: Situation) -> Iterable[Candidate]:
    """Give the beats that may be told now without being asked."""
    names, memory = situation.heard.names, situation.memory
    leads_on = situation.turn >= LEADS_ON_ALWAYS or (
        situation.turn >= LEADS_ON_FROM_TURN and chance(situation, "lead on") < 0.4
    )
    leading = _leading_to_next_step(situation.scenario.beats) if leads_on else frozenset()
    if may_step_forward(situation) and names & OFFERS:
        yield stepping_forward(situation, 68)
    for place, beat in enumerate(_in_order(untold(situation), situation.seed)):
        if not is_open(beat, situation):
            continue
        if situation.turn - memory.held.get(beat.id, -HELD_FOR) < HELD_FOR and not beat.at_latest:
            continue
        if _is_known(beat, situation):
            continue
        if "safety" in beat.tags:
            # A sign about wanting to die is never crowded out by other things to tell; a plain question it
            # waits for, until it is due.
            waits = situation.heard.prepared is not None and situation.heard.questions > 0
            is_due = _is_due(beat, situation)
            score = WAITS_FOR_ANSWER if waits and not is_due else SIGN
            yield telling(beat, score, "it weighs on them more than anything else")
        elif beat.is_next_step:
            yield telling(
                beat, 88 if names & PLANNING else NEXT_ON_MIND + 2, "ready to say what they will do next"
            )
        elif beat.id in leading:
            yield telling(beat, NEXT_ON_MIND + 1.5 - 0.1 * place, "it leads to what they will do next")
        else:
            yield telling(beat, NEXT_ON_MIND - 0.5 * place, "next on their mind")


SAID_AGAIN_AFTER = 2
"""Turns after which a sign that was not taken up is given again, whatever is asked."""


def _is_due(beat: Beat, situation: Situation) -> bool:
    """Return whether a sign about wanting to die waits for no question any more."""
    if beat.at_latest:
        return beat.at_latest <= situation.turn
    before = max((situation.memory.told.get(other, 0) for other in beat.after), default=0)
    return situation.turn - before >= SAID_AGAIN_AFTER


def _is_known(beat: Beat, situation: Situation) -> bool:
    """Return whether what a beat discloses came up already in answers; nobody breaks the news twice.

    What it is about is the first of its facts.
    """
    if not beat.facts or beat.is_asking or beat.is_next_step or not {"disc", "setb"} & beat.tags:
        return False
    return "safety" not in beat.tags and beat.facts[0] in situation.scenario.facts_in(situation.memory.used)


def may_step_forward(situation: Situation) -> bool:
    """Return whether they own their next step so far that they take it out of another's hands."""
    return situation.memory.is_next_step_voiced and situation.state.ownership >= OWNS_IT


def stepping_forward(situation: Situation, score: float) -> Candidate:
    """Return the candidate that says "I'll do it"."""
    why = "offered a step that they have made their own"
    return Candidate("utter_disclose", "step_forward", score, why, (situation.scenario.step_forward,))


def _leading_to_next_step(beats: Sequence[Beat]) -> frozenset[str]:
    """Return the beats that must be told before a next step can be voiced."""
    after = {beat.id: beat.after for beat in beats}
    waiting = [other for beat in beats if beat.is_next_step for other in beat.after]
    found: set[str] = set()
    while waiting:
        beat_id = waiting.pop()
        if beat_id not in found:
            found.add(beat_id)
            waiting.extend(after.get(beat_id, ()))
    return frozenset(found)


def _in_order(beats: Sequence[Beat], seed: int) -> list[Beat]:
    """Return beats in telling order; the middle ones are shuffled by seed, so replays differ."""

    def key(beat: Beat) -> tuple[float, int]:
        number = int("".join(char for char in beat.id if char.isdigit()) or 0)
        if seed and 5 <= number <= 9:
            return 5.0, int(hashlib.blake2b(f"{seed}:{beat.id}".encode(), digest_size=4).hexdigest(), 16)
        return float(number), 0

    return sorted(beats, key=key)
