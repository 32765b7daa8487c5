"""The network that `tune_encoder.py` trains: a BERT encoder whose upper layers have low-rank corrections."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import tensorflow as tf

from bot.nlu.encoder import SIZE
from bot.nlu.encoder_build import HEADS
from bot.nlu.encoder_tuning import TUNED_PARTS

DROPOUT = 0.15
SMOOTHING = 0.05
CUT_SHARE = 2.0
"""Weight of the loss about where parts begin beside the loss about what they do."""
STEEPEST = 1.0
"""Gradients are scaled down to this length."""


@dataclass(frozen=True)
class Batch:
    """Some examples as one step of the training takes them.

    Attributes:
        state: What the layers below say of each token, `(rows, tokens, SIZE)`.
        mask: 1 for tokens, 0 for padding, `(rows, tokens)`.
        tokens: Tokens of the parts, counted through the whole batch.
        owners: The part that each of those belongs to.
        form: Form features of the parts, `(parts, features)`.
        moves: Columns of their moves.
        words: Tokens that begin a word, counted through the whole batch.
        begins: 1 where a part begins with that word, 0 elsewhere.
    """

    state: np.ndarray
    mask: np.ndarray
    tokens: Sequence[int]
    owners: Sequence[int]
    form: np.ndarray
    moves: Sequence[int]
    words: Sequence[int]
    begins: Sequence[float]


class Tuning:
    """The encoder with corrections, and heads that are thrown away or kept beside them.

    Args:
        weights: The encoder's tensors by name, float32.
        tuned_from: The first layer with corrections.
        rank: Rank of the corrections.
        moves: How many moves there are.
        form: How many form features.
        seed: Start of all chance.
    """

    def __init__(
        self, weights: Mapping[str, np.ndarray], tuned_from: int, rank: int, moves: int, form: int, seed: int
    ) -> None:
        tf.random.set_seed(seed)
        random = np.random.default_rng(seed)
        self._weights = {name: tf.constant(values) for name, values in weights.items()}
        self._layers = sum(f"encoder.layer.{n}.output.dense.weight" in weights for n in range(len(weights)))
        self._tuned_from = tuned_from
        self._moves = moves
        self._left: dict[str, tf.Variable] = {}
        self._right: dict[str, tf.Variable] = {}
        for layer in range(tuned_from, self._layers):
            for part in TUNED_PARTS:
                name = f"encoder.layer.{layer}.{part}.weight"
                out, into = weights[name].shape
                start = random.normal(0, 1 / np.sqrt(into), (into, rank)).astype(np.float32)
                self._left[name] = tf.Variable(start)
                self._right[name] = tf.Variable(np.zeros((rank, out), np.float32))
        self._head = tf.Variable(random.normal(0, 0.02, (SIZE + form, moves)).astype(np.float32))
        self._bias = tf.Variable(np.zeros(moves, np.float32))
        self._begins = tf.Variable(random.normal(0, 0.02, (SIZE, 1)).astype(np.float32))
        self._begins_bias = tf.Variable(np.array([-2.0], np.float32))
        self._corrections = [*self._left.values(), *self._right.values()]
        self._heads = [self._head, self._bias, self._begins, self._begins_bias]
        self._optimizer, self._head_optimizer = tf.keras.optimizers.Adam(), tf.keras.optimizers.Adam()
        self._lower = tf.function(self._below, reduce_retracing=True)
        shapes = [(None, None, SIZE), (None, None), (None,), (None,), (None, form), (None,), (None,), (None,)]
        kinds = [tf.float32, tf.float32, tf.int32, tf.int32, tf.float32, tf.int32, tf.int32, tf.float32]
        signature = [tf.TensorSpec(*both) for both in zip(shapes, kinds, strict=True)]
        self._step = tf.function(self._learn, input_signature=signature)

    def lower(self, ids: np.ndarray, types: np.ndarray, mask: np.ndarray) -> np.ndarray:
        """Return what the layers below the corrections say, `(rows, tokens, SIZE)`."""
        return np.asarray(self._lower(tf.constant(ids), tf.constant(types), tf.constant(mask)))

    def step(self, batch: Batch, rate: float, head_rate: float) -> np.ndarray:
        """Learn from a batch; return the losses about moves and about cuts."""
        self._optimizer.learning_rate.assign(rate)
        self._head_optimizer.learning_rate.assign(head_rate)
        counted = [np.array(values, np.int32) for values in (batch.tokens, batch.owners)]
        wanted = [np.array(values, np.int32) for values in (batch.moves, batch.words)]
        begins = np.array(batch.begins, np.float32)
        return np.array(
            self._step(batch.state, batch.mask, *counted, batch.form, *wanted, begins), dtype=float
        )

    def corrections(self) -> dict[str, np.ndarray]:
        """Return the corrections as `encoder_tuning.tuned_weights` reads them."""
        left = {f"{name}/left": value.numpy() for name, value in self._left.items()}
        return left | {f"{name}/right": value.numpy() for name, value in self._right.items()}

    def begins(self) -> tuple[np.ndarray, np.ndarray]:
        """Return weights and bias of the log-odds that a part begins with a token."""
        return self._begins.numpy(), self._begins_bias.numpy()

    def _learn(self, state, mask, tokens, owners, form, moves, words, begins):  # type: ignore[no-untyped-def]
        with tf.GradientTape() as tape:
            for layer in range(self._tuned_from, self._layers):
                state = self._layer(state, mask, layer, is_training=True)
            flat = tf.reshape(state, (-1, SIZE))
            vectors = tf.math.segment_mean(tf.gather(flat, tokens), owners)
            seen = tf.nn.dropout(tf.concat([vectors, form], 1), DROPOUT)
            goal = tf.one_hot(moves, self._moves) * (1 - SMOOTHING) + SMOOTHING / self._moves
            scores = tf.matmul(seen, self._head) + self._bias
            of_moves = tf.reduce_mean(tf.nn.softmax_cross_entropy_with_logits(goal, scores))
            log_odds = tf.matmul(tf.gather(flat, words), self._begins)[:, 0] + self._begins_bias
            errors = tf.nn.sigmoid_cross_entropy_with_logits(begins, log_odds)
            of_cuts = tf.reduce_sum(errors) / (tf.cast(tf.shape(begins)[0], tf.float32) + 1.0)
            loss = of_moves + CUT_SHARE * of_cuts
        slopes = tape.gradient(loss, [*self._corrections, *self._heads])
        slopes, _ = tf.clip_by_global_norm(slopes, STEEPEST)
        count = len(self._corrections)
        self._optimizer.apply_gradients(list(zip(slopes[:count], self._corrections, strict=True)))
        self._head_optimizer.apply_gradients(list(zip(slopes[count:], self._heads, strict=True)))
        return of_moves, of_cuts

    def _below(self, ids: tf.Tensor, types: tf.Tensor, mask: tf.Tensor) -> tf.Tensor:
        state = tf.gather(self._weights["embeddings.word_embeddings.weight"], ids)
        state += self._weights["embeddings.position_embeddings.weight"][: tf.shape(ids)[1]]
        state += tf.gather(self._weights["embeddings.token_type_embeddings.weight"], types)
        state = self._norm(state, "embeddings.LayerNorm")
        for layer in range(self._tuned_from):
            state = self._layer(state, mask, layer, is_training=False)
        return state

    def _layer(self, state: tf.Tensor, mask: tf.Tensor, number: int, is_training: bool) -> tf.Tensor:
        prefix = f"encoder.layer.{number}."
        rows, width, size = tf.shape(state)[0], tf.shape(state)[1], SIZE // HEADS

        def drop(values: tf.Tensor) -> tf.Tensor:
            return tf.nn.dropout(values, DROPOUT) if is_training else values

        def heads(part: str) -> tf.Tensor:
            values = self._linear(state, f"{prefix}attention.self.{part}")
            return tf.transpose(tf.reshape(values, (rows, width, HEADS, size)), (0, 2, 1, 3))

        away = (1 - mask)[:, None, None, :] * -1e4
        likeness = tf.matmul(heads("query"), heads("key"), transpose_b=True) / np.sqrt(size)
        mixed = tf.matmul(drop(tf.nn.softmax(likeness + away)), heads("value"))
        mixed = tf.reshape(tf.transpose(mixed, (0, 2, 1, 3)), (rows, width, SIZE))
        mixed = drop(self._linear(mixed, f"{prefix}attention.output.dense"))
        state = self._norm(mixed + state, f"{prefix}attention.output.LayerNorm")
        wide = tf.nn.gelu(self._linear(state, f"{prefix}intermediate.dense"))
        narrow = drop(self._linear(wide, f"{prefix}output.dense"))
        return self._norm(narrow + state, f"{prefix}output.LayerNorm")

    def _linear(self, state: tf.Tensor, name: str) -> tf.Tensor:
        full = f"{name}.weight"
        result = tf.matmul(state, self._weights[full], transpose_b=True) + self._weights[f"{name}.bias"]
        if full in self._left:
            result += tf.matmul(tf.matmul(state, self._left[full]), self._right[full])
        return result

    def _norm(self, state: tf.Tensor, name: str) -> tf.Tensor:
        mean, variance = tf.nn.moments(state, -1, keepdims=True)
        scaled = (state - mean) * tf.math.rsqrt(variance + 1e-12)
        return scaled * self._weights[f"{name}.weight"] + self._weights[f"{name}.bias"]
