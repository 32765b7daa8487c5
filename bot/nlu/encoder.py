"""The sentence encoder: a text becomes a vector of 384 numbers whose direction is its meaning.

all-MiniLM-L6-v2 run by onnxruntime, without torch. The files are made once by
`bot/nlu/encoder_build.py`; the weights are the official ones, checked by sha256. What a sentence does
rather than means is read by `context.py`, with layers of its own.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Iterable, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Protocol, TypeVar

import numpy as np
import onnxruntime
from tokenizers import Tokenizer

from bot.nlu.encoder_tuning import tuning_sha256

WEIGHTS_SHA256 = "53aa51172d142c89d9012cce15ae4d6cc0ca6895895114379cacb4fab128d9db"
"""Hash of the official `model.safetensors`; a tagger trained on other vectors would be silently wrong."""

GRAPH_FILE = "model.onnx"
CONTEXT_FILE = "context.onnx"
TOKENIZER_FILE = "tokenizer.json"
MANIFEST_FILE = "encoder.json"

SIZE = 384
"""Numbers in a vector."""

MAX_TOKENS = 128
"""Longer texts are cut; a clause of a chat reply has 5 to 40 tokens."""


_Job = TypeVar("_Job")
_Done = TypeVar("_Done")


class EncoderMissing(RuntimeError):
    """The encoder's folder is absent, incomplete or made from other weights."""


def read_manifest(folder: Path) -> dict[str, str]:
    """Return what the folder says about itself: hashes of weights, graph and tokenizer.

    Raises:
        EncoderMissing: The folder is not a finished encoder of the pinned weights.
    """
    repair = "run `python -m bot.nlu.encoder_build`"
    try:
        manifest: dict[str, str] = json.loads((folder / MANIFEST_FILE).read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        raise EncoderMissing(f"{folder}: no usable {MANIFEST_FILE} ({error}); {repair}") from error
    if (manifest.get("weights"), manifest.get("tuning")) != (WEIGHTS_SHA256, tuning_sha256()):
        raise EncoderMissing(f"{folder}: made from other weights or by an older Switchback; {repair}")
    for name in (GRAPH_FILE, CONTEXT_FILE, TOKENIZER_FILE):
        path = folder / name
        if not path.is_file() or manifest.get(name) != sha256_of(path):
            raise EncoderMissing(f"{path}: missing or changed since it was made; {repair}")
    return manifest


def sha256_of(path: Path) -> str:
    """Return the file's sha256 in hexadecimal, reading a megabyte at a time."""
    digest = hashlib.sha256()
    with path.open("rb") as file:
        while block := file.read(1 << 20):
            digest.update(block)
    return digest.hexdigest()


def session_options(threads: int) -> onnxruntime.SessionOptions:
    """Return how onnxruntime is to run a network beside other work.

    Args:
        threads: Processor threads of one call: 1 while people wait (other turns run beside it), 2 for
            training and batches.
    """
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = threads
    options.inter_op_num_threads = 1
    # Idle onnxruntime threads spin by default and would take a core from Rasa beside them.
    options.add_session_config_entry("session.intra_op.allow_spinning", "0")
    options.log_severity_level = 3
    return options


def side_by_side(work: Callable[[_Job], _Done], jobs: Iterable[_Job], threads: int) -> list[_Done]:
    """Return what the work gives for each job, so many at a time; onnxruntime frees Python's lock."""
    if threads == 1:
        return [work(job) for job in jobs]
    with ThreadPoolExecutor(threads) as pool:
        return list(pool.map(work, jobs))


class TextEncoder(Protocol):
    """What gives the vectors of texts: the encoder, or one that remembers."""

    def encode(self, texts: Sequence[str]) -> np.ndarray:
        """Return `(len(texts), SIZE)` float32; every row has length 1."""
        ...


class Encoder:
    """Turns texts into unit vectors.

    Args:
        folder: Made by `encoder_build.build_encoder`.
        threads: Processor threads for one call, see `session_options`.
        together: Batches that are run at a time: two with one thread each wait less than one with two.

    Raises:
        EncoderMissing: The folder is not a finished encoder of the pinned weights.
    """

    def __init__(self, folder: Path, threads: int = 1, together: int = 1) -> None:
        read_manifest(folder)
        self._together = together
        self._session = onnxruntime.InferenceSession(
            str(folder / GRAPH_FILE), session_options(threads), providers=["CPUExecutionProvider"]
        )
        self._tokenizer = Tokenizer.from_file(str(folder / TOKENIZER_FILE))
        self._tokenizer.no_padding()
        self._tokenizer.enable_truncation(MAX_TOKENS)

    def encode(self, texts: Sequence[str], batch: int = 32) -> np.ndarray:
        """Return the meaning of each text.

        Args:
            texts: Any strings; an empty one gets a vector too. Those of like length are run together.
            batch: Texts per run of the network; bounds the memory.

        Returns:
            float32 array of shape `(len(texts), 384)`; every row has length 1.
        """
        tokens = [encoding.ids for encoding in self._tokenizer.encode_batch(list(texts))]
        vectors = np.zeros((len(tokens), SIZE), dtype=np.float32)
        order = sorted(range(len(tokens)), key=lambda number: len(tokens[number]))

        def run(first: int) -> None:
            rows = order[first : first + batch]
            width = len(tokens[rows[-1]])
            ids = np.zeros((len(rows), width), dtype=np.int64)
            mask = np.zeros((len(rows), width), dtype=np.int64)
            for line, number in enumerate(rows):
                ids[line, : len(tokens[number])] = tokens[number]
                mask[line, : len(tokens[number])] = 1
            feed = {"input_ids": ids, "attention_mask": mask}
            (vectors[rows],) = self._session.run(["embedding"], feed)

        side_by_side(run, range(0, len(order), batch), self._together)
        return vectors

    def whole_words(self) -> frozenset[str]:
        """Return the words that the tokenizer knows undivided, lower case; nearly all common English ones."""
        return frozenset(word for word in self._tokenizer.get_vocab() if word.isalpha())
