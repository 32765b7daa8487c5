"""Where a message may be cut: after marks and set words (`sentences.py`), and where the network says so.

The rules find seven of ten places where people put a bound; the network, which has read the whole message,
finds eight and is right more often. Both only propose: `segments.py` chooses among their cuts.
"""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise

from bot.nlu.context import InContext, Stretch
from bot.nlu.sentences import READ_CHARACTERS, Clause, split_clauses

LEAST_LIKELY = 0.2
"""Probability from which a place that no rule names is a possible cut."""


def cut_clauses(text: str, in_context: InContext) -> list[Clause]:
    """Return the smallest stretches of a message that could be a part, in order.

    Args:
        text: The message.
        in_context: What the network says of its words; of words beyond the first `READ_CHARACTERS` nothing.
    """
    return cut_further(text, split_clauses(text), in_context)


def cut_further(
    text: str, clauses: Sequence[Clause], in_context: InContext, whole: Sequence[Stretch] = ()
) -> list[Clause]:
    """Return clauses cut where the network says so too.

    Args:
        text: The message.
        clauses: Its clauses by the rules.
        in_context: What the network says of its words.
        whole: Stretches inside which nothing is cut.
    """
    cuts = [
        cut
        for cut in in_context.likely_cuts(text[:READ_CHARACTERS], LEAST_LIKELY)
        if not any(start < cut < end for start, end in whole)
    ]
    return [piece for clause in clauses for piece in _pieces(clause, cuts)]


def _pieces(clause: Clause, cuts: Sequence[int]) -> list[Clause]:
    """Return a clause cut at the places that lie in it."""
    places = [clause.start, *(cut for cut in cuts if clause.start < cut < clause.end), clause.end]
    found = []
    for start, end in pairwise(places):
        text = clause.text[start - clause.start : end - clause.start].rstrip()
        found.append(Clause(start, start + len(text), text))
    return found
