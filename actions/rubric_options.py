"""Which parameters each flag and context rule has, and of what sort: the shape of `data/rubric.yml`.

The sorts: `moves`, `move`, `tags`, `flags`, `criteria` are names that must exist; `words` are texts; `stems`
are texts of which the content words count; `shares` are numbers from 0 to 1, `share` is one; `number` is 0 or
more; `whole` a whole number; `effects` are points by criterion; `texts` maps a text to a text.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from actions.rubric_places import Place
from actions.words import content_words

FLAG_OPTIONS: Mapping[str, Mapping[str, str]] = {
    "missed_empathy": {
        "strong_tags": "tags",
        "unless_tags": "tags",
        "answered_by": "moves",
        "first_spans": "whole",
        "doubt": "share",
        "thanked_by": "words",
    },
    "missed_strength": {"on_tags": "tags", "answered_by": "moves", "within": "whole"},
    "missed_safety_cue": {
        "on_tags": "tags",
        "answered_by": "moves",
        "answered_by_mentions": "words",
        "within": "whole",
    },
    "question_stack": {
        "questions": "whole",
        "closed_in_a_row": "whole",
        "never_with": "moves",
    },
    "lecture_length": {
        "words": "whole",
        "times_peer": "number",
        "times_peer_from": "whole",
        "handed_back_within": "whole",
        "hands_back": "moves",
    },
    "stigma_term": {"first_time": "effects", "mentions": "words", "alternatives": "texts"},
    "jargon": {"mentions": "words", "at_least": "whole"},
    "parrot": {"copied": "share", "from_words": "whole", "factor": "share", "moves": "moves"},
    "duplicate": {"same": "share", "from_words": "whole", "factor": "share"},
    "too_thin": {"words": "whole"},
    "to_scorer": {"mentions": "words"},
}

CONTEXT_OPTIONS: Mapping[str, Mapping[str, str]] = {
    "R1": {"turns": "moves", "into": "move", "within": "whole", "ideas": "whole", "uninvited": "share"},
    "R2": {"moves": "moves", "turns": "moves", "into": "move", "lasts": "whole"},
    "R3": {
        "tags": "tags",
        "turns": "moves",
        "into": "move",
        "view_sought_by": "moves",
        "view_sought_before": "moves",
        "credit_when_sought": "share",
        "credit_otherwise": "share",
        "tips": "whole",
        "tips_into": "move",
        "severity": "number",
        "order_words": "words",
    },
    "R4": {},
    "R5": {
        "tags": "tags",
        "repeat_moves": "moves",
        "repeat_overlap": "share",
        "repeat_into": "move",
        "argue_moves": "moves",
        "argue_into": "move",
        "argue_openings": "words",
        "severity": "number",
    },
    "R6": {
        "forms": "words",
        "soft_forms": "words",
        "soft_doing": "words",
        "doing": "words",
        "theirs": "share",
        "not_before": "words",
        "questions": "moves",
        "into": "move",
        "own_idea_into": "move",
    },
    "R7": {
        "peer_asks": "words",
        "moves": "moves",
        "words": "whole",
        "uninvited": "share",
        "flawed": "share",
        "into": "move",
        "leverage": "moves",
        "hands_back": "moves",
    },
    "R8": {
        "beside": "words",
        "instead": "words",
        "beside_into": "move",
        "beside_moves": "moves",
        "instead_into": "move",
        "instead_moves": "moves",
        "severity": "number",
    },
    "R9": {"moves": "moves", "softened_by": "moves", "factor": "share"},
    "R10": {"moves": "moves", "after": "moves", "always": "moves", "factor": "share"},
    "R11": {"moves": "moves", "spared_flags": "flags", "cue_tags": "tags"},
    "R12": {"mentions": "words", "phrases": "words", "before": "words", "spared_by": "moves", "into": "move"},
    "R13": {"moves": "moves", "tags": "tags", "danger": "words", "instructions": "words"},
    "R14": {"phrases": "words", "claims": "words", "spared_by_words": "words", "into": "move"},
}


def read_options(
    place: Place,
    wanted: Mapping[str, str],
    moves: Sequence[str],
    tags: Sequence[str],
    criteria: Sequence[str],
) -> dict[str, Any]:
    """Return the parameters given at a place, each as its sort demands.

    Args:
        place: Where they stand.
        wanted: Name to sort.
        moves: Ids of all moves.
        tags: All tags.
        criteria: All criteria.

    Raises:
        RubricError: One is missing or not of its sort.
    """
    readers: Mapping[str, Callable[[Place], Any]] = {
        "moves": lambda entry: frozenset(entry.names("move", moves)),
        "move": lambda entry: entry.name("move", moves),
        "tags": lambda entry: frozenset(entry.names("tag", tags)),
        "flags": lambda entry: frozenset(entry.names("flag", FLAG_OPTIONS)),
        "criteria": lambda entry: frozenset(entry.names("criterion", criteria)),
        "words": lambda entry: entry.words(),
        "stems": lambda entry: content_words(" ".join(entry.words())),
        "shares": lambda entry: entry.each(lambda item: item.number(0, 1)),
        "share": lambda entry: entry.number(0, 1),
        "number": lambda entry: entry.number(0),
        "whole": lambda entry: entry.whole(),
        "effects": lambda entry: {key: -value for key, value in entry.effects(criteria, -5, 0).items()},
        "texts": lambda entry: {str(key): item.text() for key, item in entry.items()},
    }
    return {key: readers[sort](place.at(key)) for key, sort in wanted.items()}
