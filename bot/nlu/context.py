"""A whole message read in its context: what each word does, given all the others and the peer's last line.

The same encoder, its upper layers tuned to what people do with a sentence (`encoder_tuning.npz`), reads the
peer's line and the message as one text, as a reader would. The vector of a part is the mean over its words,
which have seen what stands around them: "take it or leave it" after an idea is another thing than alone.
Beside it the network says of each word how probable it is that a new part begins there.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import onnxruntime
from tokenizers import Encoding, Tokenizer

from bot.nlu.encoder import CONTEXT_FILE, SIZE, TOKENIZER_FILE, read_manifest, session_options, side_by_side
from bot.nlu.wording import whole

MOST_PEER, MOST_WORDS = 48, 160
"""Tokens of the peer's line (its end) and of a message that are read at once; longer ones go in windows."""

INPUTS = ("input_ids", "token_types", "attention_mask")
OUTPUTS = ("states", "begins")

_EMOJI_BEHIND = re.compile("(?<=\\w)[\u2600-\u27bf\U0001f300-\U0001faff]")

Message = tuple[str, str]
"""The peer's last line, "" where there was none, and the message that answers it."""

Stretch = tuple[int, int]
"""First code point of a part of a message and one past its last."""


@dataclass(frozen=True)
class InContext:
    """A message as the network sees it.

    Attributes:
        starts: First code point of each token, `(tokens,)`.
        ends: One past its last.
        states: What the network says of each token, `(tokens, SIZE)`.
        begins: How probable it is that a part begins with each token, 0 to 1.
    """

    starts: np.ndarray
    ends: np.ndarray
    states: np.ndarray
    begins: np.ndarray

    def vector(self, stretch: Stretch) -> np.ndarray:
        """Return the vector of a part, `(SIZE,)` and of length 1; zeros where it has no token."""
        inside = (self.starts < stretch[1]) & (self.ends > stretch[0])
        if not inside.any():
            return np.zeros(SIZE, dtype=np.float32)
        mean = self.states[inside].mean(axis=0)
        return np.asarray(mean / max(1e-9, float(np.linalg.norm(mean))), dtype=np.float32)

    def likely_cuts(self, text: str, least: float) -> list[int]:
        """Return the words, by first code point, with which a part begins with at least some probability.

        Args:
            text: The message.
            least: That probability.
        """
        places = [int(place) for place in self.starts[self.begins >= least]]
        return [place for place in places if place and text[place - 1].isspace()]

    def begins_at(self, place: int) -> float:
        """Return how probable it is that a part begins at a code point, 0.5 where no token does."""
        found = np.flatnonzero(self.starts == place)
        return float(self.begins[found[0]]) if len(found) else 0.5


class ContextEncoder:
    """Reads messages in context.

    Args:
        folder: Made by `encoder_build.build_encoder`.
        threads: Processor threads for one call.
        together: Batches that are run at a time.

    Raises:
        EncoderMissing: The folder is not a finished encoder of the pinned weights.
    """

    def __init__(self, folder: Path, threads: int = 1, together: int = 1) -> None:
        read_manifest(folder)
        self._together = together
        self._session = onnxruntime.InferenceSession(
            str(folder / CONTEXT_FILE), session_options(threads), providers=["CPUExecutionProvider"]
        )
        self._tokenizer = Tokenizer.from_file(str(folder / TOKENIZER_FILE))
        self._tokenizer.no_padding()
        self._tokenizer.no_truncation()
        self._first, self._between = (self._tokenizer.token_to_id(name) for name in ("[CLS]", "[SEP]"))
        self._stops = frozenset(self._encode([".?!|;"])[0].ids)

    def read(self, messages: Sequence[Message], batch: int = 16) -> list[InContext]:
        """Read messages, those of like length together.

        Args:
            messages: The peer's line and the message.
            batch: Windows of messages per run of the network; bounds the memory.
        """
        peers = self._encode([peer for peer, _ in messages])
        texts = self._encode([text for _, text in messages])
        windows = [
            (number, peers[number].ids[-MOST_PEER:], text.ids[first:last])
            for number, text in enumerate(texts)
            for first, last in windows_of(text.ids, self._stops)
        ]
        parts: list[tuple[np.ndarray, np.ndarray]] = [(np.empty(0), np.empty(0))] * len(windows)
        order = sorted(range(len(windows)), key=lambda place: len(windows[place][1]) + len(windows[place][2]))

        def run(start: int) -> None:
            rows = order[start : start + batch]
            for row, found in zip(rows, self._run([windows[row][1:] for row in rows]), strict=True):
                parts[row] = found

        side_by_side(run, range(0, len(order), batch), self._together)
        read: list[InContext] = []
        place = 0
        for number, text in enumerate(texts):
            own = []
            while place < len(windows) and windows[place][0] == number:
                own.append(parts[place])
                place += 1
            offsets = np.array(text.offsets, dtype=int).reshape(-1, 2)
            states = np.concatenate([one for one, _ in own]) if own else np.zeros((0, SIZE), np.float32)
            begins = np.concatenate([one for _, one in own]) if own else np.zeros(0, np.float32)
            read.append(InContext(offsets[:, 0], offsets[:, 1], states, begins))
        return read

    def _encode(self, texts: Sequence[str]) -> list[Encoding]:
        # The tokenizer takes a new line for a space; a bar in its place keeps it, and the offsets. A word
        # with an emoji at its end would be an unknown one.
        plain = [_EMOJI_BEHIND.sub(" ", whole(text).replace("\n", "|")) for text in texts]
        return self._tokenizer.encode_batch(plain, add_special_tokens=False)

    def _run(self, windows: Sequence[tuple[list[int], list[int]]]) -> list[tuple[np.ndarray, np.ndarray]]:
        """Run the network on windows of messages, each behind the peer's line."""
        width = max(len(peer) + len(text) + 3 for peer, text in windows)
        ids, types, mask = (np.zeros((len(windows), width), dtype=np.int64) for _ in INPUTS)
        for row, (peer, text) in enumerate(windows):
            line = [self._first, *peer, self._between, *text, self._between]
            ids[row, : len(line)] = line
            types[row, len(peer) + 2 : len(line)] = 1
            mask[row, : len(line)] = 1
        states, begins = self._session.run(list(OUTPUTS), dict(zip(INPUTS, (ids, types, mask), strict=True)))
        found = []
        for row, (peer, text) in enumerate(windows):
            inside = slice(len(peer) + 2, len(peer) + 2 + len(text))
            found.append((states[row, inside], 1 / (1 + np.exp(-begins[row, inside, 0]))))
        return found


def windows_of(tokens: Sequence[int], stops: frozenset[int]) -> list[Stretch]:
    """Divide a long message into windows that the network can read at once.

    Args:
        tokens: The message's tokens.
        stops: Tokens after which it is best divided.

    Returns:
        First token of each window and one past its last; none for a message without tokens.
    """
    windows = []
    first = 0
    while first < len(tokens):
        last = min(first + MOST_WORDS, len(tokens))
        if last < len(tokens):
            after = [place + 1 for place in range(first + MOST_WORDS // 2, last) if tokens[place] in stops]
            last = after[-1] if after else last
        windows.append((first, last))
        first = last
    return windows
