"""Vectors of the training sentences, kept between trainings: an edit costs the encoder only what is new.

Encoding is most of a training's time. Vectors depend on the encoder's weights and on what is read alone, so
they are kept beside the weights, under hashes of what was read.
"""

from __future__ import annotations

import hashlib
import json
import os
from collections.abc import Callable, Sequence
from pathlib import Path

import numpy as np

from bot.nlu.encoder import SIZE, WEIGHTS_SHA256, TextEncoder
from bot.nlu.encoder_tuning import tuning_sha256
from bot.nlu.features import PartReader, Wanted

STORE_FILE = "training-vectors.npz"
KEY_BYTES = 16


class VectorStore:
    """What was encoded before; used for training only, since what people type is not to be kept.

    Args:
        folder: The encoder's folder, in which the vectors are kept.
    """

    def __init__(self, folder: Path) -> None:
        self._path = folder / STORE_FILE
        self._known = self._read()
        self._used: dict[bytes, np.ndarray] = {}

    def get(
        self, wanted: Sequence[object], encode: Callable[[list[int]], Sequence[np.ndarray]]
    ) -> list[np.ndarray]:
        """Return the rows of each thing that is wanted.

        Args:
            wanted: What is to be read, each JSON-ready.
            encode: Gives the rows of those that are not known, by their places in `wanted`.
        """
        keys = [_key(thing) for thing in wanted]
        # Each once, however often it is wanted: persons share questions, and lines of one person too.
        new = {key: place for place, key in enumerate(keys) if key not in self._known}
        if new:
            self._known.update(zip(new, encode(list(new.values())), strict=True))
        self._used.update((key, self._known[key]) for key in keys)
        return [self._known[key] for key in keys]

    def keep(self) -> None:
        """Write the vectors that were used; those of sentences that are gone are forgotten."""
        arrays: dict[str, np.ndarray] = {}
        for width in sorted({rows.shape[1] for rows in self._used.values()}):
            own = {key: rows for key, rows in self._used.items() if rows.shape[1] == width}
            arrays[f"keys{width}"] = np.frombuffer(b"".join(own), dtype=np.uint8).reshape(-1, KEY_BYTES)
            arrays[f"counts{width}"] = np.array([len(rows) for rows in own.values()])
            arrays[f"rows{width}"] = np.concatenate(list(own.values()))
        unfinished = self._path.with_suffix(f".{os.getpid()}.tmp.npz")
        np.savez(unfinished, weights=np.array(_weights()), **arrays)
        os.replace(unfinished, self._path)

    def _read(self) -> dict[bytes, np.ndarray]:
        """Return what was kept, or nothing if it is not there, damaged, or of other weights."""
        known: dict[bytes, np.ndarray] = {}
        try:
            with np.load(self._path) as kept:
                if str(kept["weights"]) != _weights():
                    return {}
                for name in [name for name in kept.files if name.startswith("keys")]:
                    width = name.removeprefix("keys")
                    ends = np.cumsum(kept[f"counts{width}"])[:-1]
                    rows = np.split(kept[f"rows{width}"], ends)
                    known.update((key.tobytes(), own) for key, own in zip(kept[name], rows, strict=True))
        except (OSError, ValueError, KeyError, EOFError):
            return {}  # it only saves time; what is missing is encoded again
        return known


class StoredEncoder:
    """An encoder of texts that remembers.

    Args:
        encoder: Encodes what is not known yet.
        store: Where what is known is kept.
    """

    def __init__(self, encoder: TextEncoder, store: VectorStore) -> None:
        self._encoder = encoder
        self._store = store

    def encode(self, texts: Sequence[str]) -> np.ndarray:
        """Return what `Encoder.encode` returns."""

        def new(places: list[int]) -> list[np.ndarray]:
            return list(self._encoder.encode([texts[place] for place in places])[:, None])

        return np.concatenate([np.zeros((0, SIZE), np.float32), *self._store.get(texts, new)])


class StoredParts:
    """A reader of parts of messages that remembers.

    Args:
        reader: Reads what is not known yet.
        store: Where what is known is kept.
    """

    def __init__(self, reader: PartReader, store: VectorStore) -> None:
        self._reader = reader
        self._store = store

    def parts(self, wanted: Sequence[Wanted]) -> list[np.ndarray]:
        """Return what `PartReader.parts` returns."""

        def new(places: list[int]) -> list[np.ndarray]:
            return self._reader.parts([wanted[place] for place in places])

        return self._store.get([one.key() for one in wanted], new)


def _weights() -> str:
    """Return what names the weights that all vectors depend on."""
    return f"{WEIGHTS_SHA256} {tuning_sha256()}"


def _key(thing: object) -> bytes:
    """Return a thing's place in the store."""
    written = json.dumps(thing).encode("ascii")
    return hashlib.blake2b(written, digest_size=KEY_BYTES).digest()
