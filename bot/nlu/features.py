"""All that the tagger sees of a clause: meaning, manner, form, and the peer's line before it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from bot.nlu.encoder import SIZE, WIDTH, WholeEncoder
from bot.nlu.form import form_features
from bot.nlu.wording import readable

CLAUSE_WEIGHT = 2.5
PEER_WEIGHT = 0.7
"""Scale of the vectors beside the form features, which lie between 0 and 1; set by cross-validation."""

DEED_WEIGHT = 0.6
"""Scale of the tuned vectors. Their layers have seen the training sentences, so they seem surer there than
they are elsewhere; measured on whole replies they help most at a quarter of the others' weight."""

_SCALE = np.repeat(np.array([CLAUSE_WEIGHT, CLAUSE_WEIGHT, DEED_WEIGHT], dtype=np.float32), SIZE)


@dataclass(frozen=True)
class ClauseFeatures:
    """Clauses as numbers, row by row.

    Attributes:
        texts: The readable clauses, for the n-grams.
        vectors: Meaning, manner and deed of each, `(rows, encoder.WIDTH)`.
        dense: What the tagger takes, `(rows, features)`, float32.
        form: Form and relation to the peer's line, `(rows, len(form.NAMES))`; part of `dense`.
        similarity: Cosine of each with the peer's line; 0 where there was none.
    """

    texts: Sequence[str]
    vectors: np.ndarray
    dense: np.ndarray
    form: np.ndarray
    similarity: np.ndarray

    def rows(self, numbers: np.ndarray) -> ClauseFeatures:
        """Return some of the rows."""
        texts = [self.texts[number] for number in numbers]
        return ClauseFeatures(
            texts, self.vectors[numbers], self.dense[numbers], self.form[numbers], self.similarity[numbers]
        )

    def joined(self, more: ClauseFeatures) -> ClauseFeatures:
        """Return these rows and then those."""
        return ClauseFeatures(
            [*self.texts, *more.texts],
            np.concatenate([self.vectors, more.vectors]),
            np.concatenate([self.dense, more.dense]),
            np.concatenate([self.form, more.form]),
            np.concatenate([self.similarity, more.similarity]),
        )


def read_features(encoder: WholeEncoder, clauses: Sequence[str], peers: Sequence[str]) -> ClauseFeatures:
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
    encoded = encoder.encode_all(wanted)
    vectors = encoded[[place[text] for text in texts]] if texts else np.zeros((0, WIDTH), np.float32)
    before = [lines[peer] for peer in peers]
    spoken = np.array([[float(bool(line))] for line in before], dtype=np.float32).reshape(-1, 1)
    peer_vectors = encoded[[place[line] for line in before], :SIZE] * spoken if before else vectors[:, :SIZE]
    similarity = (vectors[:, :SIZE] * peer_vectors).sum(axis=1)
    form = form_features(texts, before, [float(value) for value in similarity])
    dense = np.concatenate([vectors * _SCALE, form, peer_vectors * PEER_WEIGHT], axis=1)
    return ClauseFeatures(texts, vectors, dense.astype(np.float32), form, similarity)
