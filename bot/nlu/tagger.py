"""The move tagger: from a clause's features to calibrated probabilities of the moves.

Multinomial logistic regression, one move per clause as RUBRIC section 1 wants. Temperature
(Guo et al. 2017) and thresholds come from cross-validation on our own sentences, grouped by the
peer's line so that no line is on both sides.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from scipy import optimize

from bot.nlu.features import ClauseFeatures
from bot.nlu.ngrams import Ngrams
from bot.nlu.softmax import Softmax, fit_softmax, softmax
from bot.reading import OTHER

STRENGTH = 1.0
NGRAM_WEIGHT = 3.0
ITERATIONS = 40
FOLD_ITERATIONS = 25
"""A fold's model only sets temperature and thresholds; it need not be fitted to the end."""
FOLDS = 3
LOWEST_THRESHOLD, HIGHEST_THRESHOLD = 0.15, 0.6
"""Thresholds are kept between these, so that a move with few sentences is neither thrown about nor lost."""

_WEIGHTS_FILE = "tagger.npz"
_STATE_FILE = "tagger.json"


@dataclass(frozen=True)
class MoveTagger:
    """A trained tagger.

    Attributes:
        moves: The labels in the order of the columns, `other` among them.
        model: Weights.
        ngrams: Which n-grams there are.
        temperature: Divides the scores; above 1 where the raw model is too sure.
        thresholds: For each move, how probable it must be to be shown.
    """

    moves: tuple[str, ...]
    model: Softmax
    ngrams: Ngrams
    temperature: float
    thresholds: Mapping[str, float]

    def probabilities(self, features: ClauseFeatures) -> np.ndarray:
        """Return calibrated probabilities, `(clauses, moves)`, each row summing to 1."""
        loose = self.ngrams.transform(features.texts) * np.float32(NGRAM_WEIGHT)
        return softmax(self.model.scores(features.dense, loose) / self.temperature)

    def save(self, folder: Path) -> None:
        """Write the tagger to a folder: weights as npz, the rest as JSON; no pickles."""
        np.savez_compressed(
            folder / _WEIGHTS_FILE,
            dense=self.model.dense.astype(np.float32),
            loose=self.model.loose.astype(np.float32),
            bias=self.model.bias.astype(np.float32),
        )
        state = {
            "moves": list(self.moves),
            "temperature": self.temperature,
            "thresholds": dict(self.thresholds),
            "ngrams": self.ngrams.to_state(),
        }
        (folder / _STATE_FILE).write_text(json.dumps(state), encoding="utf-8")

    @classmethod
    def load(cls, folder: Path) -> MoveTagger:
        """Read what `save` wrote."""
        state = json.loads((folder / _STATE_FILE).read_text(encoding="utf-8"))
        with np.load(folder / _WEIGHTS_FILE) as arrays:
            model = Softmax(arrays["dense"], arrays["loose"], arrays["bias"])
        ngrams = Ngrams(state["ngrams"])
        return cls(tuple(state["moves"]), model, ngrams, state["temperature"], state["thresholds"])


def train_tagger(features: ClauseFeatures, labels: Sequence[str], groups: Sequence[str]) -> MoveTagger:
    """Fit the tagger, then its temperature and thresholds on predictions for sentences it had not seen.

    Args:
        features: The training sentences.
        labels: Their moves.
        groups: The peer's line of each; sentences that share one stay in one fold.
    """
    moves = tuple(sorted(set(labels)))
    targets = _one_hot(labels, moves)
    scores = held_out_scores(features, labels, groups)
    temperature = _fit_temperature(scores, targets) if scores is not None else 1.0
    thresholds = dict.fromkeys(moves, 0.3)
    if scores is not None:
        thresholds = _fit_thresholds(softmax(scores / temperature), targets, moves)
    ngrams, model = _fit(features, targets, ITERATIONS)
    return MoveTagger(moves, model, ngrams, temperature, thresholds)


def held_out_scores(
    features: ClauseFeatures, labels: Sequence[str], groups: Sequence[str], folds: int = FOLDS
) -> np.ndarray | None:
    """Return for every sentence the scores of a model that was trained without its fold.

    Returns:
        `(sentences, moves)` in the order of the sorted moves, or None when they are too few to fold.
    """
    moves = tuple(sorted(set(labels)))
    targets = _one_hot(labels, moves)
    fold = fold_of(groups, folds)
    if len(set(fold)) < folds or len(labels) < 10 * folds:
        return None
    scores = np.zeros(targets.shape, dtype=np.float32)
    for number in range(folds):
        inside, outside = np.flatnonzero(fold != number), np.flatnonzero(fold == number)
        ngrams, model = _fit(features.rows(inside), targets[inside], FOLD_ITERATIONS)
        held = features.rows(outside)
        scores[outside] = model.scores(held.dense, ngrams.transform(held.texts) * np.float32(NGRAM_WEIGHT))
    return scores


def fold_of(groups: Sequence[str], folds: int) -> np.ndarray:
    """Deal the groups out to folds of like size, the largest first; always alike."""
    sizes: dict[str, int] = {}
    names = [group or f"alone {number}" for number, group in enumerate(groups)]
    for name in names:
        sizes[name] = sizes.get(name, 0) + 1
    load = [0] * folds
    home: dict[str, int] = {}
    for name in sorted(sizes, key=lambda name: (-sizes[name], name)):
        home[name] = load.index(min(load))
        load[home[name]] += sizes[name]
    return np.array([home[name] for name in names])


def _fit(features: ClauseFeatures, targets: np.ndarray, iterations: int) -> tuple[Ngrams, Softmax]:
    ngrams = Ngrams().fit(features.texts)
    loose = ngrams.transform(features.texts) * np.float32(NGRAM_WEIGHT)
    return ngrams, fit_softmax(features.dense, loose, targets, STRENGTH, iterations)


def _one_hot(labels: Sequence[str], moves: Sequence[str]) -> np.ndarray:
    column = {move: number for number, move in enumerate(moves)}
    targets = np.zeros((len(labels), len(moves)), dtype=np.float32)
    targets[np.arange(len(labels)), [column[label] for label in labels]] = 1
    return targets


def _fit_temperature(scores: np.ndarray, targets: np.ndarray) -> float:
    """Return the temperature with the smallest log-loss on held-out scores."""

    def loss(logarithm: float) -> float:
        likely = softmax(scores / np.exp(logarithm))
        return -float(np.log(np.maximum((likely * targets).sum(axis=1), 1e-9)).mean())

    return float(np.exp(optimize.minimize_scalar(loss, bounds=(-1.5, 1.5), method="bounded").x))


def _fit_thresholds(likely: np.ndarray, targets: np.ndarray, moves: Sequence[str]) -> dict[str, float]:
    """Return for each move the threshold with the best F1 on held-out probabilities, within the bounds."""
    thresholds = {}
    for column, move in enumerate(moves):
        gold = targets[:, column] > 0
        best, best_f1 = 0.3, -1.0
        for threshold in np.arange(LOWEST_THRESHOLD, HIGHEST_THRESHOLD + 0.01, 0.05):
            found = likely[:, column] >= threshold
            f1 = 2 * float((found & gold).sum()) / max(1, int(found.sum() + gold.sum()))
            if f1 > best_f1 + 1e-9:
                best, best_f1 = float(threshold), f1
        thresholds[move] = round(best, 2)
    thresholds[OTHER] = 0.0
    return thresholds
