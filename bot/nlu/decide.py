"""From probabilities and rules to the moves that are shown: one per clause, the humbler one in doubt."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from bot.nlu.form import asks_plainly, asks_somebody
from bot.nlu.patterns import Found
from bot.nlu.sentences import Clause
from bot.reading import OTHER, Evidence

if TYPE_CHECKING:
    from bot.nlu.tagger import MoveTagger

PRECEDENCE = (
    "safety_ask", "safety_connect", "scope_violation", "confront_blame", "pressure_warn", "direct_command",
    "impose_pathway", "take_over", "expert_stance",
)  # fmt: skip
"""Which move takes a span that two rules claim (RUBRIC section 1.5); the rest by alphabet."""

ASKED = frozenset({"open_question", "closed_question", "evoke_own_reasons", "elicit_strength", "safety_ask"})
"""Moves that are questions, question mark or not."""

MOSTLY_ASKED = frozenset(
    {"seek_collaboration", "ask_permission", "match_pace", "brainstorm_options", "deficit_focus"}
)
"""Moves that are mostly questions but can be said: "You steer."."""

FAINT = 0.35
"""Probability below which a clause that asks nothing is no such move: it would be noise and no evidence."""

LEAST_ASKING = 0.2
"""How probable all asking moves must be together where nothing but the first words looks like a question."""

CERTAIN = 0.9
"""Probability of a move that a rule has found; the rules' own examples and counterexamples are all met."""

HUMBLER = {
    "simple_reflection": ("simple_reflection", "complex_reflection"),
    "open_question": (
        "open_question", "evoke_own_reasons", "elicit_strength", "seek_collaboration", "brainstorm_options",
        "co_create_goal", "match_pace", "build_independence",
    ),
    "closed_question": ("closed_question", "ask_permission", "match_pace", "safety_ask"),
    "give_information": ("give_information", "unsolicited_advice", "advise_with_permission", "link_support"),
    "generic_praise": ("generic_praise", "affirm_strength", "express_belief"),
    "unsolicited_advice": (
        "unsolicited_advice", "direct_command", "impose_pathway", "encourage_isolation", "take_over",
        "pressure_warn",
    ),
}  # fmt: skip
"""In doubt between the members of a family the humblest is shown (RUBRIC section 1.4)."""

FAMILY_SHARE = 0.5
"""How probable a whole family must be when none of its members is probable enough alone."""


@dataclass(frozen=True)
class Raised:
    """A clause's probabilities after the rules.

    Attributes:
        likely: One per move, summing to 1.
        move: The move that a rule set, or "".
        rule: That rule's id, or "".
    """

    likely: np.ndarray
    move: str = ""
    rule: str = ""


def ask_only_in_questions(likely: np.ndarray, moves: Sequence[str], text: str) -> np.ndarray:
    """Return a clause's probabilities with none left for asking when it asks nothing.

    Moves that are questions by definition go; of those that are mostly questions, faint guesses. A clause
    without a mark that begins like a question asks only if the tagger thinks so too; what it then loses
    speaks for `other`, for no move grows likelier by having looked like a question.

    Args:
        likely: Probabilities of one clause.
        moves: The move of each column.
        text: The clause, readable.
    """
    mostly = np.array([move in MOSTLY_ASKED for move in moves])
    always = np.array([move in ASKED for move in moves])
    begins_so = asks_somebody(text)
    if begins_so and (asks_plainly(text) or float(likely[mostly | always].sum()) >= LEAST_ASKING):
        return likely
    kept = np.where(always | (mostly & (likely < FAINT)), 0.0, likely)
    total = float(kept.sum())
    if begins_so and OTHER in moves:
        kept[list(moves).index(OTHER)] += 1 - total
        return kept
    return kept / total if total > 0 else likely


def raise_by_rules(likely: np.ndarray, moves: Sequence[str], found: Sequence[Found]) -> Raised:
    """Lift the move of the strongest rule to `CERTAIN`; the others share what is left.

    Args:
        likely: Probabilities of one clause.
        moves: The move of each column.
        found: Rules that matched in the clause.
    """
    setting = [item for item in found if item.rule.move in moves]
    if not setting:
        return Raised(likely)
    first = min(setting, key=lambda item: (_rank(item.rule.move), item.start, item.rule.id))
    column = list(moves).index(first.rule.move)
    if likely[column] >= CERTAIN:
        return Raised(likely, first.rule.move, first.rule.id)
    raised = likely * ((1 - CERTAIN) / max(1e-9, 1 - likely[column]))
    raised[column] = CERTAIN
    return Raised(raised, first.rule.move, first.rule.id)


def _rank(move: str) -> tuple[int, str]:
    return (PRECEDENCE.index(move) if move in PRECEDENCE else len(PRECEDENCE), move)


def decide_spans(
    clauses: Sequence[Clause], raised: Sequence[Raised], tagger: MoveTagger, questions: Sequence[bool]
) -> tuple[Evidence, ...]:
    """Return the moves of a reply, at most one per clause.

    Args:
        clauses: The clauses.
        raised: Their probabilities after the rules.
        tagger: Names the moves and the threshold.
        questions: Whether each clause asks something.
    """
    spans = []
    for clause, row, is_question in zip(clauses, raised, questions, strict=True):
        if row.move:
            value = float(row.likely[list(tagger.moves).index(row.move)])
            spans.append(Evidence(clause.start, clause.end, row.move, round(value, 4), row.rule))
            continue
        move, value = _choose(row.likely, tagger, is_question)
        if move != OTHER:
            spans.append(Evidence(clause.start, clause.end, move, round(value, 4)))
    return tuple(spans)


def _choose(likely: np.ndarray, tagger: MoveTagger, is_question: bool) -> tuple[str, float]:
    """Return the move of a clause and its probability, or `other`."""
    by_move = {move: float(value) for move, value in zip(tagger.moves, likely, strict=True)}
    top = max(by_move, key=lambda move: (by_move[move], move))
    if top == OTHER:
        return OTHER, by_move[OTHER]
    if by_move[top] >= tagger.threshold:
        return top, by_move[top]
    for humble, family in HUMBLER.items():
        share = sum(by_move.get(move, 0.0) for move in family)
        if humble in by_move and share >= FAMILY_SHARE and top in family:
            if humble == "open_question" and not is_question:
                continue
            return humble, share
    return OTHER, by_move.get(OTHER, 0.0)
