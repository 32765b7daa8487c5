"""The parts that a rubric is made of: plain frozen values, no reading and no scoring."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any

CRITERIA = ("collaboration", "strengths", "humility")
"""The three criteria, in the order in which they are shown."""

TAGS = tuple(
    "disc str win dec amb push ask do path scope safety iso bar setb selfdoubt hopeless start any".split()
)
"""What a peer's line can carry; `start` and `any` are added by the scorer."""

Weights = Mapping[str, float]


@dataclass(frozen=True)
class Move:
    """One of the 40 moves.

    Attributes:
        id: Its code name.
        number: Its number in the rubric, 1 to 40.
        kind: "A" adherent, "N" neutral, "X" non-adherent.
        plain: What trainees read.
        about: What it is, in one sentence.
        weights: Criterion to points before context.
        extra: Condition to further weights.
        precedence: 1 is strongest where two moves claim the same words.
        kinds: Sub-kind to the words that show it.
        seeds: Training texts behind it.
        standard: Where the idea stands in published standards.
        examples: Sentences that are this move.
        near_misses: What looks like it: mappings with `say` or `when`, `instead` and perhaps `note`.
    """

    id: str
    number: int
    kind: str
    plain: str
    about: str
    weights: Weights
    extra: Mapping[str, Weights]
    precedence: int
    kinds: Mapping[str, tuple[str, ...]]
    seeds: tuple[str, ...]
    standard: str
    examples: tuple[Mapping[str, str], ...]
    near_misses: tuple[Mapping[str, str], ...]


@dataclass(frozen=True)
class Criterion:
    """One criterion: its plain words, its share of the reply score, the peer's turns that call for it."""

    id: str
    letter: str
    name: str
    plain: str
    weight: float
    weight_without: float
    expected_on: frozenset[str]
    tags: frozenset[str]


@dataclass(frozen=True)
class Rule:
    """A flag or a context rule: what it is called, what it costs, and its own parameters.

    Attributes:
        id: `missed_empathy`, `R9`.
        plain: What trainees read when they ask why.
        effects: Criterion to points of harm, as positive numbers.
        options: Its parameters, typed and checked (`actions/rubric_options.py`).
    """

    id: str
    plain: str
    effects: Weights
    options: Mapping[str, Any]

    def __getitem__(self, key: str) -> Any:
        """Return one parameter."""
        return self.options[key]


@dataclass(frozen=True)
class Cap:
    """A limit on a criterion (or on `all`) when one of the moves or flags is there."""

    criterion: str
    moves: frozenset[str]
    flags: frozenset[str]
    limits: Mapping[str, float]

    def covers(self, criterion: str) -> bool:
        """Return whether it limits this criterion."""
        return self.criterion in ("all", criterion)


@dataclass(frozen=True)
class ReplyNumbers:
    """The constants of the reply formula; see `data/rubric.yml` for what each means."""

    credits_counted: int
    credit_decay: float
    harm_decay: float
    unmet_tag: float
    one_of: tuple[frozenset[str], ...]
    relevance: Mapping[str, Any]
    freshness: Mapping[str, Any]
    harm_from: float
    doubt: Mapping[str, Any]
    pile: Mapping[str, Any]
    keywords: Mapping[str, Any]
    stock: Mapping[str, Any]
    severity: Mapping[str, Any]
    caps: tuple[Cap, ...]


@dataclass(frozen=True)
class SessionNumbers:
    """The constants of the session formula; see `data/rubric.yml` for what each means."""

    numbers: Mapping[str, Any]
    caps: tuple[Cap, ...]
    repaired_by: frozenset[str]
    repaired_within: int
    sure: float
    levels: Mapping[int, str]


@dataclass(frozen=True)
class Source:
    """What raises or lowers an indicator: a move or flag, perhaps of one kind or on one tag only."""

    name: str
    kind: str | None = None
    tag: str | None = None


@dataclass(frozen=True)
class Indicator:
    """One thing an instructor would look for over a session; its value runs from 1 to 5, 3 is the start."""

    id: str
    criterion: str
    name: str
    weight: float
    helps: tuple[Source, ...]
    harms: tuple[Source, ...]
    when: frozenset[str]
    anchors: Mapping[int, str]
    seeds: tuple[str, ...]

    @cached_property
    def sources(self) -> frozenset[str]:
        """Return the names of the moves and flags that can touch it."""
        return frozenset(source.name for source in (*self.helps, *self.harms))


@dataclass(frozen=True)
class FeedbackEntry:
    """The wordings for one move or flag, and the principle behind them.

    Attributes:
        say: What is said about it.
        rephrase: What could have been said, for what to try.
        why: The principle.
        seeds: Training texts that it comes from.
        quote_on: Tags of the peer's turn on which its words may be quoted; none means any.
        only_on: Tags of the peer's turn without one of which this is not said; none means any.
        after_harm: Whether it is also said after a harming move in one of the last two replies.
    """

    say: tuple[str, ...]
    rephrase: tuple[str, ...]
    why: str
    seeds: tuple[str, ...]
    quote_on: frozenset[str] = frozenset()
    only_on: frozenset[str] = frozenset()
    after_harm: bool = False


@dataclass(frozen=True)
class FeedbackText:
    """All that feedback is made of; the comments of `data/feedback.yml` say what each is for."""

    points: int
    quoted_words: int
    praise_from: float
    praise_sure: float
    praise_doubt: float
    praise_first: tuple[str, ...]
    first: tuple[str, ...]
    worked: Mapping[str, FeedbackEntry]
    to_try: Mapping[str, FeedbackEntry]


@dataclass(frozen=True)
class Rubric:
    """Everything that scoring needs, with the version that every score carries.

    Attributes:
        version: Declared version and a short hash of the three files, e.g. `1.0+3fa9c012`.
    """

    version: str
    labelling: tuple[str, ...]
    moves: Mapping[str, Move]
    criteria: Mapping[str, Criterion]
    reply: ReplyNumbers
    flags: Mapping[str, Rule]
    small_talk: frozenset[str]
    small_talk_words: int
    nods: frozenset[str]
    nods_in_a_row: int
    context: Mapping[str, Rule]
    answers: Mapping[str, tuple[str, ...]]
    session: SessionNumbers
    ratios: Mapping[str, Mapping[str, Any]]
    safety_gate: Mapping[str, Any]
    indicators: Mapping[str, Indicator]
    feedback: FeedbackText

    def indicators_of(self, criterion: str) -> tuple[Indicator, ...]:
        """Return the indicators of one criterion, in order."""
        return tuple(item for item in self.indicators.values() if item.criterion == criterion)
