"""The words that a scenario file may use: tags, kinds of reaction and of talk. Its keys are in `keys.py`."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from bot.content import read_yaml
from bot.peer.dynamics import CLASSES, VARIABLES, load_dynamics

BANDS = ("low", "mid", "high")
LEVELS = ("warm-up", "easy+", "medium", "hard", "safety-critical")
NO_SUBJECTS = frozenset({"nothing", "last_words"})
"""Topics that the reader finds and that are no subject: nobody has answers written for them."""

RUPTURE_KINDS = ("confrontation", "withdrawal")
SPECIAL_SENSITIVITIES = frozenset({"early_praise", "take_over_trust"})
"""Named cases beside moves and classes: praise in the first replies, and trust gained by taking over."""

ASKS = ("question", "opinion", "advice", "favor", "belief", "permission")

TAGS: Mapping[str, str] = {
    "disc": "discloses something",
    "str": "hints at a strength",
    "win": "mentions a win",
    "dec": "stands before a decision",
    "amb": "is of two minds",
    "push": "pushes back",
    "ask": "asks for advice",
    "do": "asks to have it done for them",
    "path": "names a belief or a route",
    "scope": "asks for what lies outside the role",
    "safety": "gives a sign about wanting to die",
    "iso": "is alone or withdraws",
    "bar": "names a barrier",
    "setb": "tells of a setback",
    "selfdoubt": "doubts themselves",
    "hopeless": "sees no way",
}

REACTIONS: Mapping[str, int] = {
    "heard": 8, "heard_deep": 6, "misheard": 4, "validated": 6, "given_choice": 6, "asked_permission": 6,
    "invited": 6, "leveled": 5, "story_shared": 5, "linked": 5, "strength_named": 8, "strength_asked": 4,
    "praised": 4, "informed": 4, "advised_ok": 5, "advised": 8, "ordered": 6, "pressured": 5, "blamed": 6,
    "labeled": 4, "minimized": 5, "outranked": 4, "imposed": 4, "hijacked": 4, "taken_over": 4, "isolated": 3,
    "overstepped": 4, "skipped": 5, "interrogated": 3, "apologized": 4, "safety_asked": 3, "thin": 5,
    "repeated": 4, "question": 8,
}  # fmt: skip
"""Kinds of reaction, with the least number of lines per band that keeps a session from repeating."""

TALK = (
    "greeting", "goodbye", "thanks", "how_are_you", "joke", "silence", "about_trainee",
    "asks_about_trainee_back",
    "are_you_bot", "out_of_character", "insult_first", "off_topic", "repeated_question", "contradiction",
    "unreadable", "other_language", "unknown_question", "moving_on", "medical_deflect", "waiting",
    "bridge", "instead",
)  # fmt: skip
BANDED_TALK = ("moving_on",)

STATE_BOUNDS = tuple(f"{name}_{side}" for name in (*VARIABLES, "openness") for side in ("above", "below"))
"""What a beat's `if_state` may name."""


@dataclass(frozen=True)
class Vocabulary:
    """Ids that scenario files may refer to.

    Attributes:
        topics: From `data/topics.yml`.
        indicators: From `data/rubric.yml`.
        moves: Moves and flags, from `data/dynamics.yml`.
        sensitivities: Those, reaction classes and the named special cases.
    """

    topics: frozenset[str]
    indicators: frozenset[str]
    moves: frozenset[str]
    sensitivities: frozenset[str]


def load_vocabulary(data: Path) -> Vocabulary:
    """Read the ids from the content files that define them.

    Raises:
        ContentError: One of those files cannot be read.
    """
    topics = read_yaml(data / "topics.yml")["topics"]
    indicators = read_yaml(data / "rubric.yml")["indicators"]
    dynamics = load_dynamics(data)
    return Vocabulary(
        topics=frozenset(_ids(topics)) - NO_SUBJECTS,
        indicators=frozenset(_ids(indicators)),
        moves=frozenset(dynamics.changes),
        sensitivities=frozenset(dynamics.changes) | frozenset(CLASSES) | SPECIAL_SENSITIVITIES,
    )


def _ids(entries: object) -> list[str]:
    """Return the ids of a list of entries with an `id`, or the keys of a mapping."""
    if isinstance(entries, Mapping):
        return [str(key) for key in entries]
    if isinstance(entries, list):
        return [str(entry["id"]) for entry in entries]
    return []
