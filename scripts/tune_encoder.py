"""Teach the encoder's upper layers what people do with a sentence, from our own example sentences.

    python scripts/tune_encoder.py            (about ten minutes on two idle cores)

The encoder was trained to tell what a text is about. Low-rank corrections of its last three layers (LoRA,
Hu et al. 2021) are trained to tell the moves apart; they are small enough to be kept in the repository
(`bot/nlu/encoder_tuning.npz`), and `encoder_build` adds them as a second branch beside the untouched
layers. A training of the bot (`rasa train`) uses them as they are. Run this after a larger change of
`data/nlu`, then `make eval`, and keep the result only if the held-out replies say so.

The parts of whole replies (`data/replies`) are learned from too, but for the fifth of the replies that is
kept apart: on these `rasa train` calibrates.
Uses TensorFlow, which Rasa brings along. The result varies by rounding between machines.
"""

from __future__ import annotations

import argparse
import hashlib
import json
import os
import time
from pathlib import Path

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")

import numpy as np  # noqa: E402
import tensorflow as tf  # noqa: E402
from tokenizers import Tokenizer  # noqa: E402

from bot.content import read_yaml  # noqa: E402
from bot.nlu.encoder import MIDDLE, TOKENIZER_FILE, WEIGHTS_SHA256, Encoder  # noqa: E402
from bot.nlu.encoder_build import HEADS, fetch_weights  # noqa: E402
from bot.nlu.encoder_tuning import TUNED_FROM, TUNED_PARTS, TUNING_FILE  # noqa: E402
from bot.nlu.features import read_features  # noqa: E402
from bot.nlu.replies import load_replies
from bot.nlu.vector_store import StoredEncoder  # noqa: E402
from bot.settings import load_settings  # noqa: E402

RANK = 24
EPOCHS = 5
BATCH = 32
RATE, HEAD_RATE = 1.5e-3, 1e-3
SMOOTHING = 0.05
DROPOUT = 0.1
SEED = 1
MOST_TOKENS = 96
SIZE = 384
VECTOR_WEIGHT = 4.0
"""Scale of the vectors beside the form features in front of the head, which is thrown away afterwards."""


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


class Upper(tf.Module):
    """The encoder's layers from `TUNED_FROM` on, with low-rank corrections that can be trained.

    Args:
        weights: The encoder's tensors by name.
        layers: How many layers it has.
    """

    def __init__(self, weights: dict[str, np.ndarray], layers: int) -> None:
        super().__init__()
        self.weights = {name: tf.constant(values) for name, values in weights.items()}
        self.layers = layers
        random = np.random.default_rng(SEED)
        self.left: dict[str, tf.Variable] = {}
        self.right: dict[str, tf.Variable] = {}
        for layer in range(TUNED_FROM, layers):
            for part in TUNED_PARTS:
                name = f"encoder.layer.{layer}.{part}.weight"
                out, into = weights[name].shape
                start = random.normal(0, 1 / np.sqrt(into), (into, RANK)).astype(np.float32)
                self.left[name] = tf.Variable(start)
                self.right[name] = tf.Variable(np.zeros((RANK, out), np.float32))

    def linear(self, state: tf.Tensor, name: str) -> tf.Tensor:
        """Return one linear map, corrected where it is tuned."""
        full = f"{name}.weight"
        result = tf.matmul(state, self.weights[full], transpose_b=True) + self.weights[f"{name}.bias"]
        if full in self.left:
            result += tf.matmul(tf.matmul(state, self.left[full]), self.right[full])
        return result

    def norm(self, state: tf.Tensor, name: str) -> tf.Tensor:
        mean, variance = tf.nn.moments(state, -1, keepdims=True)
        scaled = (state - mean) * tf.math.rsqrt(variance + 1e-12)
        return scaled * self.weights[f"{name}.weight"] + self.weights[f"{name}.bias"]

    def lower(self, ids: tf.Tensor, mask: tf.Tensor) -> tuple[tf.Tensor, tf.Tensor]:
        """Return the state below the tuned layers, `(batch, tokens, 384)`, and the middle vector."""
        state = tf.gather(self.weights["embeddings.word_embeddings.weight"], ids)
        state += self.weights["embeddings.position_embeddings.weight"][: tf.shape(ids)[1]]
        state = self.norm(
            state + self.weights["embeddings.token_type_embeddings.weight"][0], "embeddings.LayerNorm"
        )
        below = state
        for layer in range(MIDDLE):
            if layer == TUNED_FROM:
                below = state
            state = self.layer(state, mask, layer, is_training=False, is_tuned=False)
        return below, pooled(state, mask)

    def upper(self, state: tf.Tensor, mask: tf.Tensor, is_training: bool) -> tf.Tensor:
        """Return the tuned vector, `(batch, 384)`, from the state below."""
        for layer in range(TUNED_FROM, self.layers):
            state = self.layer(state, mask, layer, is_training, is_tuned=True)
        return pooled(state, mask)

    def layer(
        self, state: tf.Tensor, mask: tf.Tensor, number: int, is_training: bool, is_tuned: bool
    ) -> tf.Tensor:
        prefix = f"encoder.layer.{number}."
        linear = self.linear if is_tuned else self._plain
        rows, width = tf.shape(state)[0], tf.shape(state)[1]
        size = SIZE // HEADS

        def heads(values: tf.Tensor) -> tf.Tensor:
            return tf.transpose(tf.reshape(values, (rows, width, HEADS, size)), (0, 2, 1, 3))

        query, key, value = (
            heads(linear(state, f"{prefix}attention.self.{part}")) for part in ("query", "key", "value")
        )
        away = (1 - mask)[:, None, None, :] * -1e4
        attention = tf.nn.softmax(tf.matmul(query, key, transpose_b=True) / np.sqrt(size) + away)
        mixed = tf.transpose(tf.matmul(drop(attention, is_training), value), (0, 2, 1, 3))
        mixed = linear(tf.reshape(mixed, (rows, width, SIZE)), f"{prefix}attention.output.dense")
        state = self.norm(drop(mixed, is_training) + state, f"{prefix}attention.output.LayerNorm")
        wide = tf.nn.gelu(linear(state, f"{prefix}intermediate.dense"))
        narrow = drop(linear(wide, f"{prefix}output.dense"), is_training)
        return self.norm(narrow + state, f"{prefix}output.LayerNorm")

    def _plain(self, state: tf.Tensor, name: str) -> tf.Tensor:
        return (
            tf.matmul(state, self.weights[f"{name}.weight"], transpose_b=True) + self.weights[f"{name}.bias"]
        )


def drop(values: tf.Tensor, is_training: bool) -> tf.Tensor:
    return tf.nn.dropout(values, DROPOUT) if is_training else values


def pooled(state: tf.Tensor, mask: tf.Tensor) -> tf.Tensor:
    """Return the mean over real tokens, scaled to length 1."""
    column = mask[:, :, None]
    return tf.math.l2_normalize(
        tf.reduce_sum(state * column, 1) / tf.reduce_sum(column, 1), -1, epsilon=1e-12
    )


def padded(tokens: list[list[int]]) -> tuple[np.ndarray, np.ndarray]:
    """Return ids and mask of one batch, padded to a multiple of eight."""
    width = (max(map(len, tokens)) + 7) // 8 * 8
    ids, mask = np.zeros((len(tokens), width), np.int32), np.zeros((len(tokens), width), np.float32)
    for row, line in enumerate(tokens):
        ids[row, : len(line)] = line
        mask[row, : len(line)] = 1
    return ids, mask


def tune(
    upper: Upper, tokens: list[list[int]], form: np.ndarray, targets: np.ndarray, classes: int, epochs: int
) -> None:
    """Train the corrections together with a linear head over vector, middle vector and form."""
    random = np.random.default_rng(SEED)
    tf.random.set_seed(SEED)
    head = tf.Variable(tf.random.normal((2 * SIZE + form.shape[1], classes), stddev=0.02, seed=SEED))
    bias = tf.Variable(tf.zeros(classes))
    corrections = [*upper.left.values(), *upper.right.values()]
    optimizer, head_optimizer = tf.keras.optimizers.Adam(RATE), tf.keras.optimizers.Adam(HEAD_RATE)

    @tf.function(reduce_retracing=True)
    def lower(ids, mask):  # type: ignore[no-untyped-def]
        return upper.lower(ids, mask)

    @tf.function(
        input_signature=[
            tf.TensorSpec((None, None, SIZE), tf.float32),
            tf.TensorSpec((None, None), tf.float32),
            tf.TensorSpec((None, SIZE), tf.float32),
            tf.TensorSpec((None, form.shape[1]), tf.float32),
            tf.TensorSpec((None,), tf.int32),
        ]
    )
    def step(state, mask, middle, manner, wanted):  # type: ignore[no-untyped-def]
        with tf.GradientTape() as tape:
            vector = upper.upper(state, mask, is_training=True)
            seen = tf.concat([vector * VECTOR_WEIGHT, middle * VECTOR_WEIGHT, manner], 1)
            scores = tf.matmul(tf.nn.dropout(seen, DROPOUT), head) + bias
            goal = tf.one_hot(wanted, classes) * (1 - SMOOTHING) + SMOOTHING / classes
            loss = tf.reduce_mean(tf.nn.softmax_cross_entropy_with_logits(goal, scores))
        slopes = tape.gradient(loss, [*corrections, head, bias])
        slopes, _ = tf.clip_by_global_norm(slopes, 1.0)
        optimizer.apply_gradients([(slopes[number], one) for number, one in enumerate(corrections)])
        head_optimizer.apply_gradients([(slopes[-2], head), (slopes[-1], bias)])
        return loss

    # The layers below never change, so their states are worked out once.
    order = np.argsort([len(line) for line in tokens])
    below: list[np.ndarray] = [np.empty(0)] * len(tokens)
    middles = np.zeros((len(tokens), SIZE), np.float32)
    for first in range(0, len(order), 128):
        rows = order[first : first + 128]
        states, middle = lower(*padded([tokens[row] for row in rows]))
        middles[rows] = middle.numpy()
        for row, state in zip(rows, states.numpy(), strict=True):
            below[row] = state[: len(tokens[row])].copy()
    steps, done, started = epochs * -(-len(tokens) // BATCH), 0, time.monotonic()
    for epoch in range(epochs):
        jitter = np.array([len(line) for line in tokens]) + random.uniform(0, 6, len(tokens))
        shuffled = np.argsort(jitter)
        batches = [shuffled[first : first + BATCH] for first in range(0, len(shuffled), BATCH)]
        random.shuffle(batches)
        total = 0.0
        for rows in batches:
            share = done / steps
            slope = min(1.0, share / 0.08) * (1 - share)
            optimizer.learning_rate.assign(RATE * slope)
            head_optimizer.learning_rate.assign(HEAD_RATE * max(0.05, slope))
            done += 1
            _, mask = padded([tokens[row] for row in rows])
            state = np.zeros((len(rows), mask.shape[1], SIZE), np.float32)
            for line, row in enumerate(rows):
                state[line, : len(tokens[row])] = below[row]
            total += float(step(state, mask, middles[rows], form[rows], targets[rows]))
        print(
            f"epoch {epoch + 1}: loss {total / len(batches):.3f}, {time.monotonic() - started:.0f} s",
            flush=True,
        )


def main() -> None:
    """Tune and write the corrections beside the encoder's code."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--out", type=Path, default=TUNING_FILE)
    parser.add_argument("--epochs", type=int, default=EPOCHS)
    options = parser.parse_args()
    settings = load_settings()
    texts, peers, labels = sentences(settings.data)
    moves = sorted(set(labels))
    for reply in load_replies(settings.data, moves):
        for part in () if reply.is_kept_apart else reply.parts:
            texts.append(reply.text[part.start : part.end])
            peers.append(reply.peer)
            labels.append(part.move)
    encoder = Encoder(settings.encoder, threads=2)
    features = read_features(StoredEncoder(encoder, settings.encoder), texts, peers)
    tokenizer = Tokenizer.from_file(str(settings.encoder / TOKENIZER_FILE))
    tokenizer.no_padding()
    tokenizer.enable_truncation(MOST_TOKENS)
    tokens = [encoding.ids for encoding in tokenizer.encode_batch(list(features.texts))]
    weights = fetch_weights()
    layers = sum(f"encoder.layer.{layer}.output.dense.weight" in weights for layer in range(100))
    upper = Upper(weights, layers)
    targets = np.array([moves.index(label) for label in labels], np.int32)
    tune(upper, tokens, features.form.astype(np.float32), targets, len(moves), options.epochs)
    arrays = {f"{name}/left": value.numpy().astype(np.float16) for name, value in upper.left.items()}
    arrays |= {f"{name}/right": value.numpy().astype(np.float16) for name, value in upper.right.items()}
    made = {
        "weights": WEIGHTS_SHA256,
        "sentences": len(texts),
        "sentences_sha256": hashlib.sha256(json.dumps([texts, peers, labels]).encode()).hexdigest(),
        "rank": RANK,
        "epochs": options.epochs,
        "seed": SEED,
    }
    np.savez_compressed(options.out, made=np.array(json.dumps(made)), **arrays)
    print(f"{options.out}: {options.out.stat().st_size // 1024} KB, from {len(texts)} sentences")


if __name__ == "__main__":
    main()
