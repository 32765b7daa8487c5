"""What is wanted twice is encoded once."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import numpy as np

from bot.nlu.encoder import SIZE
from bot.nlu.vector_store import StoredEncoder, VectorStore


class Counting:
    """Gives each text a vector of its length, and keeps what it was asked."""

    def __init__(self) -> None:
        self.asked: list[str] = []

    def encode(self, texts: Sequence[str]) -> np.ndarray:
        self.asked += texts
        return np.array([[len(text)] * SIZE for text in texts], dtype=np.float32)


def test_a_text_is_encoded_once_and_stays_known(tmp_path: Path) -> None:
    encoder, store = Counting(), VectorStore(tmp_path)
    vectors = StoredEncoder(encoder, store).encode(["why", "and you", "why"])
    assert encoder.asked == ["why", "and you"]
    assert list(vectors[:, 0]) == [3, 7, 3]
    store.keep()
    again = StoredEncoder(encoder, VectorStore(tmp_path)).encode(["and you", "why"])
    assert encoder.asked == ["why", "and you"]
    assert list(again[:, 0]) == [7, 3]
