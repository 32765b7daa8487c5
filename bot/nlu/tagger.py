"""The move tagger: from a part's features to calibrated probabilities of the moves.

Multinomial logistic regression, one move a part as RUBRIC section 1 wants; how far its
probabilities can be trusted is measured by `calibration.py` on whole replies.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from bot.nlu.calibration import USUAL_THRESHOLD, WholeReplies, calibrate
from bot.nlu.features import PartFeatures
from bot.nlu.ngrams import Ngrams
from bot.nlu.softmax import Softmax, fit_softmax, softmax

STRENGTH = 1.0
NGRAM_WEIGHT = 3.0
ITERATIONS = 40
MORE_ITERATIONS = 14
"""Steps from the model that was calibrated to the one that has learned from those replies too."""

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
        threshold: How probable a move must be to be shown.
    """

    moves: tuple[str, ...]
    model: Softmax
    ngrams: Ngrams
    temperature: float
    threshold: float

    def probabilities(self, features: PartFeatures) -> np.ndarray:
        """Return calibrated probabilities, `(parts, moves)`, each row summing to 1."""
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
            "threshold": self.threshold,
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
        return cls(tuple(state["moves"]), model, ngrams, state["temperature"], state["threshold"])


def train_tagger(
    features: PartFeatures, labels: Sequence[str], replies: WholeReplies | None = None
) -> MoveTagger:
    """Fit the tagger to sentences and whole replies; calibrate it on those that are kept apart.

    Args:
        features: The training sentences.
        labels: Their moves.
        replies: Whole replies; without them temperature and threshold keep their usual values.
    """
    moves = tuple(sorted(set(labels)))
    if replies is None:
        ngrams = Ngrams()
        loose = ngrams.fit_transform(features.texts) * np.float32(NGRAM_WEIGHT)
        model = fit_softmax(features.dense, loose, _one_hot(labels, moves), STRENGTH, ITERATIONS)
        return MoveTagger(moves, model, ngrams, 1.0, USUAL_THRESHOLD)
    known = features.joined(replies.learned.features)
    labels = [*labels, *replies.learned.moves]
    moves = tuple(sorted({*labels, *replies.kept_apart.moves}))
    # Which sequences there are may be learned from all texts: their labels stay unseen.
    everything = known.joined(replies.kept_apart.features)
    ngrams = Ngrams()
    loose = ngrams.fit_transform(everything.texts) * np.float32(NGRAM_WEIGHT)
    targets = _one_hot(labels, moves)
    model = fit_softmax(known.dense, loose[: len(labels)], targets, STRENGTH, ITERATIONS)
    cut = replies.cut.features
    scores = model.scores(cut.dense, ngrams.transform(cut.texts) * np.float32(NGRAM_WEIGHT))
    temperature, threshold = calibrate(replies.cut, scores, moves)
    targets = _one_hot([*labels, *replies.kept_apart.moves], moves)
    model = fit_softmax(everything.dense, loose, targets, STRENGTH, MORE_ITERATIONS, start=model)
    return MoveTagger(moves, model, ngrams, temperature, threshold)


def _one_hot(labels: Sequence[str], moves: Sequence[str]) -> np.ndarray:
    column = {move: number for number, move in enumerate(moves)}
    targets = np.zeros((len(labels), len(moves)), dtype=np.float32)
    targets[np.arange(len(labels)), [column[label] for label in labels]] = 1
    return targets
