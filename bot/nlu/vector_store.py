"""Vectors of the training sentences, kept between trainings: an edit costs the encoder only what is new.

Encoding is most of a training's time. The vectors of a text depend on the encoder's weights and the
text alone, so they are kept beside the weights, under hashes of the texts.
"""

from __future__ import annotations

import hashlib
import os
from collections.abc import Sequence
from pathlib import Path

import numpy as np

from bot.nlu.encoder import WEIGHTS_SHA256, WIDTH, Encoder
from bot.nlu.encoder_tuning import tuning_sha256

STORE_FILE = "training-vectors.npz"
KEY_BYTES = 16


class StoredEncoder:
    """An encoder that remembers; used for training only, since what people type is not to be kept.

    Args:
        encoder: Encodes what is not known yet.
        folder: The encoder's folder, in which the vectors are kept.
    """

    def __init__(self, encoder: Encoder, folder: Path) -> None:
        self._encoder = encoder
        self._path = folder / STORE_FILE
        self._known = self._read()
        self._used: dict[bytes, np.ndarray] = {}

    def encode_all(self, texts: Sequence[str]) -> np.ndarray:
        """Return what `Encoder.encode_all` returns, `(len(texts), WIDTH)`."""
        keys = [_key(text) for text in texts]
        new = [number for number, key in enumerate(keys) if key not in self._known]
        if new:
            fresh = self._encoder.encode_all([texts[number] for number in new])
            self._known.update((keys[number], row) for number, row in zip(new, fresh, strict=True))
        self._used.update((key, self._known[key]) for key in keys)
        if not keys:
            return np.zeros((0, WIDTH), dtype=np.float32)
        return np.stack([self._known[key] for key in keys])

    def keep(self) -> None:
        """Write the vectors that were used; those of sentences that are gone are forgotten."""
        keys = np.frombuffer(b"".join(self._used), dtype=np.uint8).reshape(-1, KEY_BYTES)
        vectors = np.stack(list(self._used.values())) if self._used else np.zeros((0, WIDTH), np.float32)
        unfinished = self._path.with_suffix(f".{os.getpid()}.tmp.npz")
        np.savez(unfinished, keys=keys, vectors=vectors, weights=np.array(_weights()))
        os.replace(unfinished, self._path)

    def _read(self) -> dict[bytes, np.ndarray]:
        """Return what was kept, or nothing if it is not there, damaged, or of other weights."""
        try:
            with np.load(self._path) as kept:
                if str(kept["weights"]) != _weights():
                    return {}
                keys, vectors = kept["keys"], kept["vectors"]
        except (OSError, ValueError, KeyError, EOFError):
            return {}  # it only saves time; what is missing is encoded again
        return {row.tobytes(): vector for row, vector in zip(keys, vectors, strict=True)}


def _weights() -> str:
    """Return what names the weights that all vectors depend on."""
    return f"{WEIGHTS_SHA256} {tuning_sha256()}"


def _key(text: str) -> bytes:
    """Return a text's place in the store."""
    return hashlib.blake2b(text.encode("utf-8", "surrogatepass"), digest_size=KEY_BYTES).digest()
