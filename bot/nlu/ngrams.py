"""Counts of short word and letter sequences, weighted by rarity: what a clause literally says.

They catch set phrases ("up to you") and spelling ("shouldve") that a mean over tokens blurs.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from scipy import sparse
from sklearn.feature_extraction.text import TfidfVectorizer


class Ngrams:
    """One to three words and two to four letters in a row, as tf-idf (Salton and Buckley 1988).

    Args:
        state: What `to_state` gave, to go on with it.
    """

    LETTER_WEIGHT = 0.7

    def __init__(self, state: dict[str, Any] | None = None) -> None:
        self._words = TfidfVectorizer(
            ngram_range=(1, 3), token_pattern=r"[\w']+|[?!]", min_df=3, sublinear_tf=True, dtype=np.float32
        )
        self._letters = TfidfVectorizer(
            analyzer="char_wb", ngram_range=(2, 4), min_df=6, sublinear_tf=True, dtype=np.float32
        )
        if state is not None:
            for vectorizer, part in ((self._words, state["words"]), (self._letters, state["letters"])):
                vectorizer.vocabulary_ = {ngram: number for number, ngram in enumerate(part["ngrams"])}
                vectorizer.idf_ = np.array(part["rarity"], dtype=np.float32)

    def fit(self, texts: Sequence[str]) -> Ngrams:
        """Learn which sequences there are and how rare each is."""
        self._words.fit(texts)
        self._letters.fit(texts)
        return self

    def fit_transform(self, texts: Sequence[str]) -> sparse.csr_matrix:
        """Learn the sequences and return what `transform` gives for the same texts, in half the time."""
        return self._beside(self._words.fit_transform(texts), self._letters.fit_transform(texts))

    def transform(self, texts: Sequence[str]) -> sparse.csr_matrix:
        """Return float32 weights of shape `(len(texts), sequences)`."""
        if not texts:
            width = len(self._words.vocabulary_) + len(self._letters.vocabulary_)
            return sparse.csr_matrix((0, width), dtype=np.float32)
        return self._beside(self._words.transform(texts), self._letters.transform(texts))

    def _beside(self, words: sparse.csr_matrix, letters: sparse.csr_matrix) -> sparse.csr_matrix:
        weighted = letters * np.float32(self.LETTER_WEIGHT)
        return sparse.hstack([words, weighted], format="csr", dtype=np.float32)

    def to_state(self) -> dict[str, Any]:
        """Return all that was learned, JSON-ready."""
        return {"words": _state(self._words), "letters": _state(self._letters)}


def _state(vectorizer: TfidfVectorizer) -> dict[str, Any]:
    ngrams = sorted(vectorizer.vocabulary_, key=vectorizer.vocabulary_.__getitem__)
    return {"ngrams": ngrams, "rarity": [round(float(value), 6) for value in vectorizer.idf_]}
