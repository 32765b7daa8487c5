"""How far the tagger's probabilities can be trusted: measured on whole replies, cut as they are in use.

Example sentences are neat and whole; what the tagger meets is cut by rules out of messages. So the
temperature (Guo et al. 2017) and the threshold are set on a fifth of the replies of `data/replies`, which
neither the tagger that is measured nor the encoder's tuning has seen.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
from scipy import optimize

from bot.nlu.decide import ask_only_in_questions
from bot.nlu.features import END, START, PartFeatures, PartReader, Wanted, features_of
from bot.nlu.replies import ExampleReply
from bot.nlu.segments import Run, most_probable
from bot.nlu.softmax import softmax
from bot.reading import OTHER

LOWEST_THRESHOLD, HIGHEST_THRESHOLD = 0.35, 0.6
"""The threshold is looked for between these: what is shown and scored must not be a mere chance."""

USUAL_THRESHOLD = 0.3


@dataclass(frozen=True)
class CutReplies:
    """Whole replies cut into every possible segment, as features.

    Attributes:
        features: One row for each possible segment of each reply.
        runs: For each reply its possible segments, in the order of the rows.
        counts: For each reply its number of clauses.
        labels: For each row the move of the part that covers most of it.
    """

    features: PartFeatures
    runs: Sequence[Sequence[Run]]
    counts: Sequence[int]
    labels: Sequence[str]


@dataclass(frozen=True)
class Parts:
    """Annotated parts of whole replies: features and moves, row by row."""

    features: PartFeatures
    moves: Sequence[str]


@dataclass(frozen=True)
class WholeReplies:
    """What the tagger takes from whole replies.

    Attributes:
        learned: Parts of the replies that are learned from.
        kept_apart: Parts of those on which it is calibrated first; learned from only afterwards.
        cut: The latter as they are cut in use.
    """

    learned: Parts
    kept_apart: Parts
    cut: CutReplies


def read_replies(reader: PartReader, replies: Sequence[ExampleReply]) -> WholeReplies | None:
    """Read the features of whole replies; None when there are none to learn from or to calibrate on."""
    apart = [reply for reply in replies if reply.is_kept_apart]
    others = [reply for reply in replies if not reply.is_kept_apart]
    if not apart or not others:
        return None
    learned = _parts(others, reader.parts([_annotated(reply) for reply in others]))
    # Once through the network for both, the annotated parts and those of our own cutting.
    read = reader.parts([replace(_annotated(reply), is_cut=True) for reply in apart])
    given = [rows[: len(reply.parts)] for reply, rows in zip(apart, read, strict=True)]
    own = [rows[len(reply.parts) :] for reply, rows in zip(apart, read, strict=True)]
    return WholeReplies(learned, _parts(apart, given), _cut(apart, own))


def _annotated(reply: ExampleReply) -> Wanted:
    return Wanted(reply.peer, reply.text, tuple((part.start, part.end) for part in reply.parts))


def _parts(replies: Sequence[ExampleReply], read: Sequence[np.ndarray]) -> Parts:
    features = features_of([(reply.peer, reply.text) for reply in replies], read)
    return Parts(features, [part.move for reply in replies for part in reply.parts])


def cut_replies(reader: PartReader, replies: Sequence[ExampleReply]) -> CutReplies:
    """Cut whole replies into possible segments and read the features of all of them."""
    return _cut(replies, reader.parts([Wanted(reply.peer, reply.text, is_cut=True) for reply in replies]))


def _cut(replies: Sequence[ExampleReply], read: Sequence[np.ndarray]) -> CutReplies:
    labels = [
        reply.move_of(int(row[START]), int(row[END]))
        for reply, rows in zip(replies, read, strict=True)
        for row in rows
    ]
    features = features_of([(reply.peer, reply.text) for reply in replies], read)
    runs = [_runs_of(rows) for rows in read]
    counts = [len({first for first, _ in own}) for own in runs]
    return CutReplies(features, runs, counts, labels)


def _runs_of(rows: np.ndarray) -> list[Run]:
    """Return the runs of clauses that rows stand for; every clause is a run of its own too."""
    first = {start: number for number, start in enumerate(sorted(set(rows[:, START])))}
    last = {end: number for number, end in enumerate(sorted(set(rows[:, END])), 1)}
    return [(first[row[START]], last[row[END]]) for row in rows]


def chosen_rows(cut: CutReplies, likely: np.ndarray) -> np.ndarray:
    """Return the rows of the segments that would be chosen in use.

    Args:
        cut: The replies.
        likely: Probabilities of the moves for each possible segment, `(segments, moves)`.
    """
    rows: list[int] = []
    first = 0
    for count, runs in zip(cut.counts, cut.runs, strict=True):
        place = {run: first + number for number, run in enumerate(runs)}
        first += len(runs)
        begins = [float(cut.features.begins[place[(clause, clause + 1)]]) for clause in range(count)]
        chosen = most_probable(count, {run: likely[row] for run, row in place.items()}, begins)
        rows += [place[run] for run in chosen]
    return np.array(rows, dtype=int)


def calibrate(cut: CutReplies, scores: np.ndarray, moves: Sequence[str]) -> tuple[float, float]:
    """Return temperature and threshold.

    Args:
        cut: Whole replies.
        scores: Scores for the possible segments, `(segments, moves)`, by a tagger that has not seen them.
        moves: The move of each column.
    """
    column = {move: number for number, move in enumerate(moves)}
    gold = np.array([column[label] for label in cut.labels])
    texts = cut.features.texts
    temperature = 1.0
    # The temperature changes which segments are chosen, and these the temperature: twice is enough.
    for _ in range(2):
        likely = _gated(softmax(scores / temperature), moves, texts)
        rows = chosen_rows(cut, likely)
        # What is taken for no move is never shown, and the easy "thanks" and "hi" would make all else modest.
        rows = rows[likely[rows].argmax(axis=1) != column[OTHER]] if OTHER in column else rows
        temperature = _fit_temperature(scores[rows], gold[rows])
    likely = _gated(softmax(scores / temperature), moves, texts)
    rows = chosen_rows(cut, likely)
    return temperature, _fit_threshold(likely[rows], gold[rows], moves)


def _gated(likely: np.ndarray, moves: Sequence[str], texts: Sequence[str]) -> np.ndarray:
    return np.array(
        [ask_only_in_questions(row, moves, text) for row, text in zip(likely, texts, strict=True)]
    )


def _fit_temperature(scores: np.ndarray, gold: np.ndarray) -> float:
    """Return the temperature with the smallest log-loss."""

    def loss(logarithm: float) -> float:
        likely = softmax(scores / np.exp(logarithm))
        return -float(np.log(np.maximum(likely[np.arange(len(gold)), gold], 1e-9)).mean())

    return float(np.exp(optimize.minimize_scalar(loss, bounds=(-1.5, 1.5), method="bounded").x))


def _fit_threshold(likely: np.ndarray, gold: np.ndarray, moves: Sequence[str]) -> float:
    """Return the threshold with the best mean F1 over the moves.

    One for all: with some sixty examples of a move, a threshold of its own is mostly chance.
    """
    top = likely.argmax(axis=1)
    surest = likely.max(axis=1)
    best, best_f1 = USUAL_THRESHOLD, -1.0
    for threshold in np.arange(LOWEST_THRESHOLD, HIGHEST_THRESHOLD + 0.01, 0.05):
        scores = []
        for number, move in enumerate(moves):
            if move != OTHER:
                found, wanted = (top == number) & (surest >= threshold), gold == number
                scores.append(2 * float((found & wanted).sum()) / max(1, int(found.sum() + wanted.sum())))
        if np.mean(scores) > best_f1 + 1e-9:
            best, best_f1 = float(threshold), float(np.mean(scores))
    return round(best, 2)
