"""All that the tagger sees of a clause: meaning, manner, form, and the peer's line before it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from bot.nlu.encoder import SIZE, BothEncoder
from bot.nlu.form import form_features
from bot.nlu.wording import readable

CLAUSE_WEIGHT = 2.5
PEER_WEIGHT = 0.7
"""Scale of the vectors beside the form features, which lie between 0 and 1; set by cross-validation."""


@dataclass(frozen=True)
class ClauseFeatures:
    """Clauses as numbers, row by row.

    Attributes:
        texts: The readable clauses, for the n-grams.
        vectors: Meaning and manner of each, `(rows, 768)`.
        dense: What the tagger takes, `(rows, features)`, float32.
        similarity: Cosine of each with the peer's line; 0 where there was none.
    """

    texts: Sequence[str]
    vectors: np.ndarray
    dense: np.ndarray
    similarity: np.ndarray

    def rows(self, numbers: np.ndarray) -> ClauseFeatures:
        """Return some of the rows."""
        texts = [self.texts[number] for number in numbers]
        return ClauseFeatures(texts, self.vectors[numbers], self.dense[numbers], self.similarity[numbers])


def read_features(encoder: BothEncoder, clauses: Sequence[str], peers: Sequence[str]) -> ClauseFeatures:
    """Encode clauses together with the peer's lines that they answer; each text is encoded once.

    Args:
        encoder: The sentence encoder.
        clauses: Clauses as typed.
        peers: For each the peer's last line, "" where there was none.
    """
    texts = [readable(clause) for clause in clauses]
    lines = {peer: readable(peer[-1000:]) for peer in set(peers)}
    wanted = sorted({*texts, *lines.values()})
    place = {text: number for number, text in enumerate(wanted)}
    encoded = encoder.encode_both(wanted)
    vectors = encoded[[place[text] for text in texts]] if texts else np.zeros((0, 2 * SIZE), np.float32)
    before = [lines[peer] for peer in peers]
    spoken = np.array([[float(bool(line))] for line in before], dtype=np.float32).reshape(-1, 1)
    peer_vectors = encoded[[place[line] for line in before], :SIZE] * spoken if before else vectors[:, :SIZE]
    similarity = (vectors[:, :SIZE] * peer_vectors).sum(axis=1)
    form = form_features(texts, before, [float(value) for value in similarity])
    dense = np.concatenate([vectors * CLAUSE_WEIGHT, form, peer_vectors * PEER_WEIGHT], axis=1)
    return ClauseFeatures(texts, vectors, dense.astype(np.float32), similarity)
