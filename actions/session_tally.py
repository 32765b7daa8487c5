"""What a session adds up to, one reply at a time: small whatever its length, and ready for JSON.

The tally keeps the order of replies where order matters: repairs, openings taken up, the safety gate. A
session scored live, replayed from its records or in a batch goes through the same `add`, so it comes out the
same.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, fields, replace
from typing import Any

from actions.arithmetic import REFLECTIONS
from actions.judgement import PeerTurn, ReplyAssessment
from actions.safety_gate import GateTally

QUESTIONS = frozenset({"open_question", "closed_question"})


@dataclass(frozen=True)
class IndicatorTally:
    """What a session gathered for one indicator.

    Attributes:
        credit: Sum of helping moves, at most 1 a reply.
        harm: Sum of severities of harming moves and flags.
        called: Opportunities so far.
        answered: Opportunities that a helping move took up in time.
        open_for: For each opportunity not yet taken up, how many replies it has waited.
    """

    credit: float = 0.0
    harm: float = 0.0
    called: int = 0
    answered: int = 0
    open_for: tuple[int, ...] = ()


@dataclass(frozen=True)
class SessionTally:
    """Everything that a session score is made of; JSON-ready, of bounded size.

    Attributes:
        replies: Replies so far.
        substantive: Those that count toward the least number.
        stock: How many of these would fit anyone.
        praised: How many of these praise without saying what for.
        framed: How many of these are an earlier reply with other words of the peer put in.
        indicators: Indicator to its tally.
        expected: Criterion to number of replies in which it was expected.
        expected_sum: Criterion to the sum of u over those.
        elsewhere_loss: Criterion to the sum of max(0, 50 - u) over the other replies.
        adherent_kinds: Distinct adherent moves used.
        watched: Move to number of replies with it.
        mends: For watched moves of humility: replies since each of the last ones that can still be mended.
        mended: How many of them were repaired in time.
        missed_safety: Replies with a missed safety cue.
        counts: Plain counts for the ratios.
        gate: Progress through the safety gate.
    """

    replies: int = 0
    substantive: int = 0
    stock: int = 0
    framed: int = 0
    praised: int = 0
    indicators: Mapping[str, IndicatorTally] = field(default_factory=dict)
    expected: Mapping[str, int] = field(default_factory=dict)
    expected_sum: Mapping[str, float] = field(default_factory=dict)
    elsewhere_loss: Mapping[str, float] = field(default_factory=dict)
    adherent_kinds: tuple[str, ...] = ()
    watched: Mapping[str, int] = field(default_factory=dict)
    mends: tuple[int, ...] = ()
    mended: int = 0
    missed_safety: int = 0
    counts: Mapping[str, int] = field(default_factory=dict)
    gate: GateTally = field(default_factory=GateTally)

    @classmethod
    def empty(cls) -> SessionTally:
        """Return the tally of a session without replies."""
        return cls()

    def add(self, assessment: ReplyAssessment, peer_turn: PeerTurn) -> SessionTally:
        """Return the tally with one more reply.

        Args:
            assessment: The judgement of the reply.
            peer_turn: The turn that it answered.
        """
        mends, mended = _mending(self.mends, self.mended, assessment)
        helped = {move.move for move in assessment.moves if move.kind == "A"}
        return replace(
            self,
            replies=self.replies + 1,
            substantive=self.substantive + assessment.is_substantive,
            stock=self.stock + (assessment.is_stock and assessment.is_substantive),
            praised=self.praised
            + (assessment.is_substantive and any(move.move == "generic_praise" for move in assessment.moves)),
            framed=self.framed + (assessment.is_framed and assessment.is_substantive),
            indicators=_with_marks(self.indicators, assessment),
            expected=_plus(self.expected, {k: int(s.is_expected) for k, s in assessment.criteria.items()}),
            expected_sum=_plus(
                self.expected_sum, {k: s.value for k, s in assessment.criteria.items() if s.is_expected}
            ),
            elsewhere_loss=_plus(
                self.elsewhere_loss,
                {k: max(0.0, 50 - s.value) for k, s in assessment.criteria.items() if not s.is_expected},
            ),
            adherent_kinds=tuple(sorted(helped | set(self.adherent_kinds))),
            watched=_plus(self.watched, {name: 1 for name in assessment.breaks}),
            mends=mends,
            mended=mended,
            missed_safety=self.missed_safety + assessment.has_flag("missed_safety_cue"),
            counts=_plus(self.counts, _counts(assessment)),
            gate=self.gate.after(assessment.signs, assessment.has_flag("missed_safety_cue")),
        )

    def to_dict(self) -> dict[str, Any]:
        """Return it ready for JSON."""
        plain: dict[str, Any] = {item.name: getattr(self, item.name) for item in fields(self)}
        plain["indicators"] = {
            key: [t.credit, t.harm, t.called, t.answered, list(t.open_for)]
            for key, t in self.indicators.items()
        }
        for key in ("expected", "expected_sum", "elsewhere_loss", "watched", "counts"):
            plain[key] = dict(plain[key])
        plain["adherent_kinds"], plain["mends"] = list(self.adherent_kinds), list(self.mends)
        plain["gate"] = self.gate.to_dict()
        return plain

    @classmethod
    def from_dict(cls, values: Mapping[str, Any]) -> SessionTally:
        """Rebuild it from `to_dict`."""
        known = {item.name: values[item.name] for item in fields(cls) if item.name in values}
        known["indicators"] = {
            key: IndicatorTally(credit, harm, called, answered, tuple(waiting))
            for key, (credit, harm, called, answered, waiting) in values.get("indicators", {}).items()
        }
        known["adherent_kinds"] = tuple(values.get("adherent_kinds", ()))
        known["mends"] = tuple(values.get("mends", ()))
        known["gate"] = GateTally.from_dict(values.get("gate", {}))
        return cls(**known)


def _plus(base: Mapping[str, Any], more: Mapping[str, Any]) -> dict[str, Any]:
    return {**base, **{key: round(base.get(key, 0) + value, 6) for key, value in more.items()}}


def _with_marks(base: Mapping[str, IndicatorTally], assessment: ReplyAssessment) -> dict[str, IndicatorTally]:
    """Return the indicator tallies after a reply: what it earned, cost and took up, and what still waits.

    An opening may be taken up in this reply or the next, as a passed-over win may (flag `missed_strength`):
    nobody can answer five tags in one breath, and the kitchen sink is not what we teach.
    """
    tallies = dict(base)
    for key in {*base, *assessment.indicators}:
        tally = tallies.get(key, IndicatorTally())
        mark = assessment.indicators.get(key)
        if mark is None and not tally.open_for:
            tallies[key] = tally
            continue
        waiting = [age for age in tally.open_for if age < assessment.answer_within]
        if mark is not None and mark.is_called:
            waiting.append(0)
        if mark is not None and mark.credit > 0:
            answered, waiting = tally.answered + len(waiting), []
        else:
            answered = tally.answered
        tallies[key] = IndicatorTally(
            credit=round(tally.credit + (mark.credit if mark else 0.0), 6),
            harm=round(tally.harm + (mark.harm if mark else 0.0), 6),
            called=tally.called + int(mark is not None and mark.is_called),
            answered=answered,
            open_for=tuple(age + 1 for age in waiting),
        )
    return dict(sorted(tallies.items()))


def _mending(mends: tuple[int, ...], mended: int, assessment: ReplyAssessment) -> tuple[tuple[int, ...], int]:
    """Return the breaks that wait to be mended and how many were, after a reply.

    A reply that blames again does not mend, even if it says sorry.
    """
    waiting = tuple(age + 1 for age in mends if age + 1 <= assessment.repair_within)
    if assessment.is_mendable:
        return (*waiting, 0), mended
    if assessment.is_mending:
        return (), mended + len(waiting)
    return waiting, mended


def _counts(assessment: ReplyAssessment) -> dict[str, int]:
    names = [move.move for move in assessment.moves]
    spans = [*names, *(move.move for move in assessment.repeats)]
    kinds = [move.kind for move in assessment.moves]
    return {
        "reflections": sum(name in REFLECTIONS for name in names),
        "complex": names.count("complex_reflection"),
        "questions": sum(name in QUESTIONS for name in spans),
        "adherent": kinds.count("A"),
        "harmful": kinds.count("X"),
        "words": assessment.words,
        "peer_words": assessment.peer_words,
    }
