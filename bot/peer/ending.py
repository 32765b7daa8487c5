"""How a practice session ends, and when: good, okay, stalled or broken."""

from __future__ import annotations

from bot.peer.answers import ENOUGH
from bot.peer.beats_now import was_asked_straight
from bot.peer.decision import Situation
from bot.peer.dynamics import Dynamics
from bot.peer.hearing import Heard
from bot.peer.lines import Pool
from bot.peer.memory import Memory
from bot.peer.phrases import ASKED
from bot.peer.state import PeerState

STAYS_AFTER_RISE = 2
"""Replies after a rise of trust in which nobody leaves because it goes nowhere."""
GOODBYE_WORDS = 24
"""Longest reply that is a goodbye; warm ones are long ("i'm glad you said it. take care, talk soon")."""
WARNINGS = frozenset({"utter_push_back", "utter_hold_back", "utter_rupture", "utter_move_on"})
"""Acts by which a person shows that they are drifting off."""

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
    if not _has_reason_to_stay(situation):
        if situation.state.thin_replies >= stalled["thin_replies"]:
            return "stalled"
        if turn >= stalled["turn"] and gained < stalled["openness_gain_below"] and _was_warned(situation):
            return "stalled"
    if turn >= rules["wrap_up_turn"] or _says_goodbye(situation.heard):
        return outcome_if_ended(situation.state, situation.memory, situation.dynamics)
    return None


def ending_lines(outcome: str, situation: Situation) -> Pool:
    """Return the last words; none says that a sign about wanting to die was missed where they were asked."""
    scenario = situation.scenario
    lines = scenario.endings[outcome]
    if not was_asked_straight(situation):
        return lines
    heard = tuple(
        line for line in lines if not any("safety" in scenario.beat(beat).tags for beat in line.told)
    )
    return heard or lines


def _has_reason_to_stay(situation: Situation) -> bool:
    """Return whether leaving would be odd: trust just rose, or something was asked that they can answer."""
    heard = situation.heard
    known = any(like.kind == ASKED and 100 * like.similarity >= ENOUGH for like in heard.prepared or ())
    answerable = heard.questions > 0 and (bool(heard.topics_asked()) or known)
    return situation.state.since_rise < STAYS_AFTER_RISE or answerable


def _was_warned(situation: Situation) -> bool:
    """Return whether the turn before showed that it goes nowhere; where no words were heard, yes."""
    return situation.heard.questions < 0 or any(
        thing.action in WARNINGS
        or thing.pool in ("reactions.thin", "talk.silence", "talk.unknown_question")
        or thing.pool.startswith("no_answer.")
        for thing in situation.memory.last
    )


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
    return "goodbye" in heard.mentions and heard.words <= GOODBYE_WORDS and not heard.is_question
