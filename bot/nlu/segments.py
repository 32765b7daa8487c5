"""Which neighboring clauses belong together: the most probable reading of a sentence.

`sentences.py` cuts at every place where the function may change; often it does not ("if you just did
the ten minutes, | just the ten, around the block"). Every run of clauses within a sentence is read as
one segment too, and the division whose segments are together most probable wins: a search for the best
path, as in semi-Markov models (Sarawagi and Cohen 2004), to which the network that reads the message in
context (`context.py`) adds how probable each cut is.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np

from bot.nlu.sentences import Clause

LONGEST_RUN = 3
"""Clauses that one segment may have."""

MOST_WORDS = 45
"""Longer segments are not tried: nobody does one thing only in so many words."""

_SENTENCE_END = frozenset(".?!;\u2026\uff1f\uff01\u3002\u037e\u061f")
_CLOSERS = "\"')]}\u2019\u201d\u00bb"

CUT_WEIGHT = 0.6
"""How much the probability of a cut counts beside the moves; set on replies kept apart."""

SUREST_CUT = 0.995
"""No cut is surer than this, so that what the parts do still counts."""

Run = tuple[int, int]
"""First clause of a run and one past its last."""


def possible_runs(text: str, clauses: Sequence[Clause], kept_apart: Sequence[object] = ()) -> list[Run]:
    """Return every run of clauses that could be one segment, single clauses among them.

    Args:
        text: The message.
        clauses: Its clauses in order.
        kept_apart: For each clause a mark; clauses with different marks are never joined. The rules that
            set a move in a clause are such a mark, so that their span does not grow.
    """
    runs = []
    for first in range(len(clauses)):
        runs.append((first, first + 1))
        for last in range(first + 2, min(first + LONGEST_RUN, len(clauses)) + 1):
            if _ends_sentence(text, clauses[last - 2], clauses[last - 1]):
                break
            if kept_apart and kept_apart[last - 1] != kept_apart[first]:
                break
            if len(text[clauses[first].start : clauses[last - 1].end].split()) > MOST_WORDS:
                break
            runs.append((first, last))
    return runs


def joined(text: str, clauses: Sequence[Clause], run: Run) -> Clause:
    """Return a run as one clause."""
    start, end = clauses[run[0]].start, clauses[run[1] - 1].end
    return Clause(start, end, text[start:end])


def most_probable(
    count: int, likely: Mapping[Run, np.ndarray], begins: Sequence[float] | None = None
) -> list[Run]:
    """Return the division into runs with the largest product of their best moves' probabilities.

    Args:
        count: How many clauses there are.
        likely: The moves' probabilities of every run; single clauses must be there.
        begins: How probable it is that a part begins with each clause; a cut there counts that much, and its
            absence the rest, to the power of `CUT_WEIGHT`. Without it only the moves count.

    Returns:
        Runs in order that cover every clause once; of equal divisions the one with fewer segments.
    """
    cut, uncut = _cut_scores(count, begins)
    best: list[tuple[float, int]] = [(0.0, 0)]
    came_from = [0]
    for last in range(1, count + 1):
        options = []
        for first in range(max(0, last - LONGEST_RUN), last):
            row = likely.get((first, last))
            if row is not None:
                score, segments = best[first]
                score += float(np.log(max(row.max(), 1e-9))) + cut[first] + sum(uncut[first + 1 : last])
                options.append((score, -segments - 1, first))
        score, segments, first = max(options)
        best.append((score, -segments))
        came_from.append(first)
    runs: list[Run] = []
    last = count
    while last:
        runs.append((came_from[last], last))
        last = came_from[last]
    return runs[::-1]


def _cut_scores(count: int, begins: Sequence[float] | None) -> tuple[list[float], list[float]]:
    """Return what it adds to a division to cut before each clause, and not to."""
    if begins is None:
        return [0.0] * count, [0.0] * count
    sure = [min(SUREST_CUT, max(1 - SUREST_CUT, chance)) for chance in begins]
    cut = [CUT_WEIGHT * float(np.log(chance)) for chance in sure]
    return [0.0, *cut[1:]], [CUT_WEIGHT * float(np.log(1 - chance)) for chance in sure]


def _ends_sentence(text: str, clause: Clause, following: Clause) -> bool:
    """Return whether a sentence, or a line, ends between two neighboring clauses."""
    ending = clause.text.rstrip(_CLOSERS)[-1:]
    return ending in _SENTENCE_END or any(mark in text[clause.end : following.start] for mark in "\n\r\u2028")
