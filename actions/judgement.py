"""What the assessment says about one reply: plain values, each with the words and the sums behind it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any


@dataclass(frozen=True)
class PeerTurn:
    """What the peer just said.

    Attributes:
        text: Their words; several bubbles are joined by a new line.
        tags: What it carries: `disc`, `win`, `ask` ... (see `data/rubric.yml`).
    """

    text: str
    tags: frozenset[str] = frozenset()


@dataclass(frozen=True)
class JudgedMove:
    """One move in its context, with the arithmetic of its credit or harm.

    Credit of a criterion = weight x relevance x freshness x factor x sureness; harm = |weight| x severity x
    sureness.

    Attributes:
        start: First character in the reply, in code points.
        end: One past the last.
        move: The move after the context rules.
        probability: How sure the reading was, 0 to 1.
        rule: Id of the pattern that found it, or None.
        kind: "A", "N" or "X".
        plain: What trainees read.
        text: The words themselves.
        read_as: The move before the context rules; the same as `move` unless one of them applied.
        context: Ids of the context rules that applied, e.g. ("R3",).
        weights: Criterion to points before context.
        kinds: Sub-kinds seen, e.g. ("barrier",).
        rel: Relevance 0, 0.5 or 1.
        fresh: Freshness, 1 for the first use in the window.
        sev: Severity of a harm; 0 for a harm that is excused.
        factor: What else a context rule or flag leaves of the credit, 0 to 1.
        sureness: How far the reading counts, 0 to 1: in full from `certain` on, under it in proportion.
        is_faint: Whether another reading of these words was likelier; then it only touches the score.
        credit: Criterion to points earned.
        harm: Criterion to points lost.
        notes: Why, in plain words.
    """

    start: int
    end: int
    move: str
    probability: float
    rule: str | None
    kind: str
    plain: str
    text: str
    read_as: str
    context: tuple[str, ...] = ()
    weights: Mapping[str, float] = field(default_factory=dict)
    kinds: tuple[str, ...] = ()
    rel: float = 1.0
    fresh: float = 1.0
    sev: float = 1.0
    factor: float = 1.0
    sureness: float = 1.0
    is_faint: bool = False
    credit: Mapping[str, float] = field(default_factory=dict)
    harm: Mapping[str, float] = field(default_factory=dict)
    notes: tuple[str, ...] = ()

    @property
    def worth(self) -> float:
        """Return what is left of one use: relevance x freshness x factor."""
        return self.rel * self.fresh * self.factor

    def to_dict(self) -> dict[str, Any]:
        """Return it ready for JSON."""
        return {
            "start": self.start,
            "end": self.end,
            "move": self.move,
            "probability": round(self.probability, 4),
            "rule": self.rule,
            "kind": self.kind,
            "plain": self.plain,
            "text": self.text,
            "read_as": self.read_as,
            "context": list(self.context),
            "weights": dict(self.weights),
            "kinds": list(self.kinds),
            "rel": self.rel,
            "fresh": self.fresh,
            "sev": self.sev,
            "factor": self.factor,
            "sureness": round(self.sureness, 4),
            "is_faint": self.is_faint,
            "credit": {key: round(value, 4) for key, value in self.credit.items()},
            "harm": {key: round(value, 4) for key, value in self.harm.items()},
            "notes": list(self.notes),
        }


@dataclass(frozen=True)
class Flag:
    """Something seen in the whole reply.

    Attributes:
        name: Id in `data/rubric.yml`, e.g. `missed_empathy`.
        start: First character of the words that show it, or None where it is about the whole reply.
        end: One past the last, or None.
        why: What set it off, in plain words.
        effects: Criterion to points of harm; empty for a coaching note.
        plain: What trainees read.
        detail: A word that feedback needs, such as the labeling word that was used.
    """

    name: str
    start: int | None
    end: int | None
    why: str
    effects: Mapping[str, float] = field(default_factory=dict)
    plain: str = ""
    detail: str = ""

    def to_dict(self) -> dict[str, Any]:
        """Return it ready for JSON."""
        return {
            "name": self.name,
            "start": self.start,
            "end": self.end,
            "why": self.why,
            "effects": {key: round(value, 4) for key, value in self.effects.items()},
            "plain": self.plain,
            "detail": self.detail,
        }


@dataclass(frozen=True)
class CapHit:
    """A limit that a reply or session ran into, with the reason in plain words."""

    limit: float
    reason: str

    def to_dict(self) -> dict[str, Any]:
        """Return it ready for JSON."""
        return {"limit": self.limit, "reason": self.reason}


@dataclass(frozen=True)
class CriterionScore:
    """The score of one criterion for one reply: u = 50 + 50 A (1 - B) - 50 B, then caps.

    Attributes:
        value: 0 to 100, after caps.
        uncapped: u, before caps.
        credit: P, the largest credits summed.
        harm: N, all harms with flags and what an unanswered turn costs.
        rise: A = 1 - e^(-P / 1.6).
        fall: B = 1 - e^(-N / 2).
        unmet: What was added to N because nothing answered a turn that called for this criterion.
        is_expected: Whether this reply counts for the criterion.
        caps: Limits that the reply ran into.
    """

    value: float
    uncapped: float
    credit: float
    harm: float
    rise: float
    fall: float
    unmet: float
    is_expected: bool
    caps: tuple[CapHit, ...] = ()

    def to_dict(self) -> dict[str, Any]:
        """Return it ready for JSON, with the letters of the formula."""
        return {
            "value": self.value,
            "u": self.uncapped,
            "P": round(self.credit, 4),
            "N": round(self.harm, 4),
            "A": round(self.rise, 4),
            "B": round(self.fall, 4),
            "unmet": round(self.unmet, 4),
            "is_expected": self.is_expected,
            "caps": [cap.to_dict() for cap in self.caps],
        }


@dataclass(frozen=True)
class FeedbackPoint:
    """One thing said to the trainee about a reply.

    Attributes:
        kind: "worked" or "try".
        text: The sentence.
        rewording: What could have been said, or None for what worked.
        code: Move or flag behind it; for machines, never shown.
        start: First character of the words that it is about, or None.
        end: One past the last, or None.
        why: The principle behind it.
        seeds: Training texts that it comes from.
        quote: The words that it is about, trimmed, or None.
        context: What the context rule says, in plain words, or "".
    """

    kind: str
    text: str
    rewording: str | None
    code: str
    start: int | None
    end: int | None
    why: str
    seeds: tuple[str, ...]
    quote: str | None = None
    context: str = ""

    def to_dict(self) -> dict[str, Any]:
        """Return it ready for JSON."""
        return {
            "kind": self.kind,
            "text": self.text,
            "rewording": self.rewording,
            "code": self.code,
            "start": self.start,
            "end": self.end,
            "why": self.why,
            "seeds": list(self.seeds),
            "quote": self.quote,
            "context": self.context,
        }


@dataclass(frozen=True)
class IndicatorMark:
    """What one reply does for one indicator.

    Attributes:
        credit: Its helping moves, relevance x freshness, at most 1.
        harm: Its harming moves and flags by severity.
        is_called: Whether the peer's turn gave an opportunity for it.
    """

    credit: float = 0.0
    harm: float = 0.0
    is_called: bool = False

    def to_dict(self) -> dict[str, Any]:
        """Return it ready for JSON."""
        return {"credit": round(self.credit, 4), "harm": round(self.harm, 4), "is_called": self.is_called}


@dataclass(frozen=True)
class ReplyAssessment:
    """The judgement of one reply.

    Attributes:
        moves: The moves that count, each once, in order.
        repeats: Further spans of a move that already counted, kept as evidence.
        flags: Flags in the order of the rubric.
        criteria: Criterion to its score.
        overall: The reply score U, 0 to 100.
        is_substantive: Whether the reply counts toward the replies that a session score needs.
        is_small_talk: Whether it was only a greeting or the like: neutral, neither credited nor counted.
        feedback: At most two points.
        indicators: Indicator to what this reply does for it; those untouched are left out.
        signs: Steps of the safety gate seen in the words, e.g. `asks_suicide`.
        words: Number of words of the reply.
        peer_words: Number of words of the peer's turn.
        rubric_version: Version of the rubric that judged it.
        breaks: Moves that limit the session's score, each once.
        is_mendable: Whether one of them can be repaired.
        is_mending: Whether the reply owns an earlier slip.
        is_stock: Whether the reply would fit anyone: no word of its own, or the frame of an earlier one.
        is_framed: Whether it is an earlier reply with other words of the peer put in.
        answer_within: Replies in which an opening may be taken up, from the rubric.
        repair_within: Replies in which a slip can be mended, from the rubric.
        faint: What else the words may have been: it touches the criteria and nothing else.
    """

    moves: tuple[JudgedMove, ...]
    repeats: tuple[JudgedMove, ...]
    flags: tuple[Flag, ...]
    criteria: Mapping[str, CriterionScore]
    overall: float
    is_substantive: bool
    is_small_talk: bool
    feedback: tuple[FeedbackPoint, ...]
    indicators: Mapping[str, IndicatorMark]
    signs: tuple[str, ...]
    words: int
    peer_words: int
    rubric_version: str
    breaks: tuple[str, ...] = ()
    is_mendable: bool = False
    is_mending: bool = False
    is_stock: bool = False
    is_framed: bool = False
    answer_within: int = 2
    repair_within: int = 2
    faint: tuple[JudgedMove, ...] = ()

    def has_flag(self, name: str) -> bool:
        """Return whether a flag is raised."""
        return any(flag.name == name for flag in self.flags)

    def to_dict(self) -> dict[str, Any]:
        """Return it ready for JSON, with everything that a page needs to explain the number."""
        return {
            "moves": [move.to_dict() for move in self.moves],
            "repeats": [move.to_dict() for move in self.repeats],
            "faint": [move.to_dict() for move in self.faint],
            "flags": [flag.to_dict() for flag in self.flags],
            "criteria": {key: score.to_dict() for key, score in self.criteria.items()},
            "overall": self.overall,
            "is_substantive": self.is_substantive,
            "is_small_talk": self.is_small_talk,
            "feedback": [point.to_dict() for point in self.feedback],
            "indicators": {key: mark.to_dict() for key, mark in self.indicators.items()},
            "signs": list(self.signs),
            "words": self.words,
            "peer_words": self.peer_words,
            "rubric_version": self.rubric_version,
            "breaks": list(self.breaks),
            "is_mending": self.is_mending,
            "is_stock": self.is_stock,
            "is_framed": self.is_framed,
        }
