"""Teach the encoder's upper layers what people do with a sentence, from our own examples.

    python scripts/tune_encoder.py            (about half an hour on two idle cores)

The encoder was trained to tell what a text is about. Low-rank corrections of its upper layers (LoRA, Hu et
al. 2021) are trained to read the peer's line and a whole message as one text (`tuning_network.py`) and to
tell of each part its move and of each word whether a part begins there. They are small enough to be kept in
the repository (`bot/nlu/encoder_tuning.npz`); `encoder_build` adds them to the weights. A training of the bot
(`rasa train`) uses them as they are. Run this after a larger change of `data/replies` or `data/nlu`, then
`make eval`, and keep the result only if the held-out replies say so.

Learned from are the example sentences, each a message of one part, and the whole replies but for the fifth
that is kept apart: on these `rasa train` calibrates. A third of the replies comes twice, then without marks.
Uses TensorFlow, which Rasa brings along. The result varies by rounding between machines.
"""

from __future__ import annotations

import argparse
import hashlib
import json
import os
import re
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")

import numpy as np  # noqa: E402
from tokenizers import Tokenizer  # noqa: E402
from tuning_network import SIZE, Batch, Tuning  # noqa: E402

from bot.content import read_yaml  # noqa: E402
from bot.nlu.context import MOST_PEER, MOST_WORDS  # noqa: E402
from bot.nlu.encoder import TOKENIZER_FILE, WEIGHTS_SHA256  # noqa: E402
from bot.nlu.encoder_build import build_encoder, fetch_weights  # noqa: E402
from bot.nlu.encoder_tuning import BEGINS_BIAS, BEGINS_WEIGHT, TUNED_FROM, TUNING_FILE  # noqa: E402
from bot.nlu.form import form_features  # noqa: E402
from bot.nlu.replies import ExampleReply, load_replies  # noqa: E402
from bot.nlu.wording import readable  # noqa: E402
from bot.reading import OTHER  # noqa: E402
from bot.settings import load_settings  # noqa: E402

RANK = 32
EPOCHS = 3
ROWS = 24
RATE, HEAD_RATE = 1.5e-3, 1e-3
WITHOUT_MARKS = 0.35
"""Share of the replies that come a second time without marks."""
JITTERED = 0.25
"""Share of the parts whose bounds are moved a little: in use they are not always right."""
SEED = 1

Span = tuple[int, int, str]


@dataclass(frozen=True)
class Example:
    """A message ready for the network.

    Attributes:
        tokens: Of the peer's line and the message, with the marks around them.
        types: 0 for the peer's line, 1 for the message.
        parts: First token of each part, one past its last, and its move.
        words: Tokens that begin a word of the message other than the first.
        begins: Whether a part begins with each of those.
        form: Form features of the parts, `(parts, features)`.
    """

    tokens: list[int]
    types: list[int]
    parts: list[Span]
    words: list[int]
    begins: list[float]
    form: np.ndarray


def sentences(data: Path) -> tuple[list[str], list[str], list[str]]:
    """Return texts, the peer's lines before them and moves of `data/nlu`, in the order of the files."""
    texts, peers, labels = [], [], []
    for path in sorted((data / "nlu").glob("*.yml")):
        for intent in read_yaml(path)["nlu"]:
            if isinstance(intent["examples"], list):
                for example in intent["examples"]:
                    texts.append(str(example["text"]).strip())
                    peers.append(str((example.get("metadata") or {}).get("peer") or ""))
                    labels.append(str(intent["intent"]))
    return texts, peers, labels


def without_marks(reply: ExampleReply) -> tuple[str, list[Span]]:
    """Return a reply as it is typed by those who type no marks."""
    text, spans = "", []
    for part in reply.parts:
        words = re.sub(r"[.?!,;:]+(?=\s|$)", "", reply.text[part.start : part.end]).lower().strip()
        if words:
            text += " " if text else ""
            spans.append((len(text), len(text) + len(words), part.move))
            text += words
    return text, spans


class Examples:
    """Makes messages ready for the network.

    Args:
        tokenizer: The encoder's.
    """

    def __init__(self, tokenizer: Tokenizer) -> None:
        self._tokenizer = tokenizer
        self._first, self._between = tokenizer.token_to_id("[CLS]"), tokenizer.token_to_id("[SEP]")

    def make(self, peer: str, text: str, spans: Sequence[Span]) -> Example | None:
        """Return a message as an example, None where nothing of it is left.

        Args:
            peer: The peer's line, "" where there was none.
            text: The message.
            spans: Its parts as code points, with their moves.
        """
        before = self._encode(peer).ids[-MOST_PEER:]
        read = self._encode(text)
        ids, offsets = read.ids[:MOST_WORDS], read.offsets[:MOST_WORDS]
        base = len(before) + 2
        parts, texts = [], []
        for start, end, move in spans:
            rows = [base + row for row, (low, high) in enumerate(offsets) if low < end and high > start]
            if rows:
                parts.append((rows[0], rows[-1] + 1, move))
                texts.append(readable(text[start:end]))
        if not parts:
            return None
        starts = {first for first, _, _ in parts}
        words = [base + row for row, (low, _) in enumerate(offsets) if row and text[low - 1].isspace()]
        return Example(
            tokens=[self._first, *before, self._between, *ids, self._between],
            types=[0] * base + [1] * (len(ids) + 1),
            parts=parts,
            words=words,
            begins=[float(word in starts) for word in words],
            form=form_features(texts, [readable(peer[-1000:])] * len(texts)).astype(np.float32),
        )

    def _encode(self, text: str):  # type: ignore[no-untyped-def]
        return self._tokenizer.encode(text.replace("\n", "|"), add_special_tokens=False)


def load_examples(data: Path, make: Examples, random: np.random.Generator) -> list[Example]:
    """Return all that is learned from."""
    texts, peers, labels = sentences(data)
    known = {str(move["id"]) for move in read_yaml(data / "moves.yml")["moves"]} | {OTHER}
    found = [
        make.make(peer, text, [(0, len(text), label)])
        for text, peer, label in zip(texts, peers, labels, strict=True)
        if label in known
    ]
    for reply in load_replies(data, known):
        if not reply.is_kept_apart:
            spans = [(part.start, part.end, part.move) for part in reply.parts]
            found.append(make.make(reply.peer, reply.text, spans))
            if len(spans) > 1 and random.random() < WITHOUT_MARKS:
                found.append(make.make(reply.peer, *without_marks(reply)))
    return [example for example in found if example]


class Batches:
    """Puts examples of like length together, in another order each time.

    Args:
        examples: All of them.
        moves: The column of each move.
        random: Where chance comes from.
    """

    def __init__(
        self, examples: Sequence[Example], moves: Sequence[str], random: np.random.Generator
    ) -> None:
        self.examples = examples
        self._column = {move: number for number, move in enumerate(moves)}
        self._random = random
        self.below: list[np.ndarray] = [np.empty(0)] * len(examples)

    def __len__(self) -> int:
        return -(-len(self.examples) // ROWS)

    def padded(self, rows: Sequence[int]) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
        """Return tokens, types and mask of some examples, padded to a multiple of eight."""
        width = (max(len(self.examples[row].tokens) for row in rows) + 7) // 8 * 8
        ids, types = np.zeros((len(rows), width), np.int32), np.zeros((len(rows), width), np.int32)
        mask = np.zeros((len(rows), width), np.float32)
        for line, row in enumerate(rows):
            example = self.examples[row]
            ids[line, : len(example.tokens)] = example.tokens
            types[line, : len(example.types)] = example.types
            mask[line, : len(example.tokens)] = 1
        return ids, types, mask

    def read_below(self, tuning: Tuning) -> None:
        """Work out the states below the tuned layers, once: they never change."""
        order = np.argsort([len(example.tokens) for example in self.examples])
        for first in range(0, len(order), 64):
            rows = order[first : first + 64]
            for row, state in zip(rows, tuning.lower(*self.padded(rows)), strict=True):
                self.below[row] = state[: len(self.examples[row].tokens)].astype(np.float16)

    def shuffled(self) -> Iterator[Batch]:
        """Give every example once."""
        lengths = np.array([len(example.tokens) for example in self.examples])
        order = np.argsort(lengths + self._random.uniform(0, 8, len(lengths)))
        blocks = [order[first : first + ROWS] for first in range(0, len(order), ROWS)]
        for place in self._random.permutation(len(blocks)):
            yield self._batch(blocks[place])

    def _batch(self, rows: Sequence[int]) -> Batch:
        _, _, mask = self.padded(rows)
        width = mask.shape[1]
        state = np.zeros((len(rows), width, SIZE), np.float32)
        tokens, owners, moves, words, begins = [], [], [], [], []
        for line, row in enumerate(rows):
            example = self.examples[row]
            state[line, : len(example.tokens)] = self.below[row]
            for first, last, move in example.parts:
                first, last = self._jittered(first, last, len(example.parts))
                tokens += range(line * width + first, line * width + last)
                owners += [len(moves)] * (last - first)
                moves.append(self._column[move])
            words += [line * width + word for word in example.words]
            begins += example.begins
        form = np.concatenate([self.examples[row].form for row in rows])
        return Batch(state, mask, tokens, owners, form, moves, words, begins)

    def _jittered(self, first: int, last: int, parts: int) -> tuple[int, int]:
        if parts > 1 and last - first > 4 and self._random.random() < JITTERED:
            less = int(self._random.integers(1, max(2, (last - first) // 3) + 1))
            return (first + less, last) if self._random.random() < 0.5 else (first, last - less)
        return first, last


def train(tuning: Tuning, batches: Batches, epochs: int) -> None:
    """Train, with a rate that rises at first and then falls to nothing."""
    steps, done, started = epochs * len(batches), 0, time.monotonic()
    for epoch in range(epochs):
        total = np.zeros(2)
        for batch in batches.shuffled():
            share = done / steps
            slope = min(1.0, share / 0.06) * (1 - share)
            total += tuning.step(batch, RATE * slope, HEAD_RATE * max(0.05, slope))
            done += 1
        of_moves, of_cuts = total / len(batches)
        seconds = time.monotonic() - started
        print(f"epoch {epoch + 1}: loss {of_moves:.3f}, of cuts {of_cuts:.4f}, {seconds:.0f} s", flush=True)


def main() -> None:
    """Tune and write the corrections beside the encoder's code."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--out", type=Path, default=TUNING_FILE)
    parser.add_argument("--epochs", type=int, default=EPOCHS)
    options = parser.parse_args()
    settings = load_settings()
    build_encoder(settings.encoder)
    tokenizer = Tokenizer.from_file(str(settings.encoder / TOKENIZER_FILE))
    tokenizer.no_padding()
    tokenizer.no_truncation()
    random = np.random.default_rng(SEED)
    examples = load_examples(settings.data, Examples(tokenizer), random)
    moves = sorted({move for example in examples for _, _, move in example.parts})
    parts = sum(len(example.parts) for example in examples)
    print(f"{len(examples)} messages with {parts} parts", flush=True)
    form = examples[0].form.shape[1]
    tuning = Tuning(fetch_weights(), TUNED_FROM, RANK, len(moves), form, SEED)
    batches = Batches(examples, moves, random)
    batches.read_below(tuning)
    train(tuning, batches, options.epochs)
    weight, bias = tuning.begins()
    arrays = {name: values.astype(np.float16) for name, values in tuning.corrections().items()}
    arrays |= {BEGINS_WEIGHT: weight, BEGINS_BIAS: bias}
    learned = json.dumps([[example.tokens, example.parts] for example in examples]).encode()
    made = {
        "weights": WEIGHTS_SHA256,
        "parts": parts,
        "examples_sha256": hashlib.sha256(learned).hexdigest(),
        "rank": RANK,
        "epochs": options.epochs,
        "seed": SEED,
    }
    np.savez_compressed(options.out, made=np.array(json.dumps(made)), **arrays)
    print(f"{options.out}: {options.out.stat().st_size // 1024} KB, from {parts} parts")


if __name__ == "__main__":
    main()
