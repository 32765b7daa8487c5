"""The encoder's forward pass in plain numpy, to hold the ONNX graph against."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
from scipy.special import erf

Weights = Mapping[str, np.ndarray]


def random_weights(layers: int, size: int, vocabulary: int, tokens: int, seed: int) -> dict[str, np.ndarray]:
    """Return weights with the names of a BERT checkpoint and values drawn from a seed."""
    draw = np.random.default_rng(seed)

    def matrix(*shape: int) -> np.ndarray:
        return draw.normal(0, 0.2, shape).astype(np.float32)

    weights = {
        "embeddings.word_embeddings.weight": matrix(vocabulary, size),
        "embeddings.position_embeddings.weight": matrix(tokens, size),
        "embeddings.token_type_embeddings.weight": matrix(2, size),
    }
    names = ["embeddings.LayerNorm"]
    for layer in range(layers):
        prefix = f"encoder.layer.{layer}."
        for part in ("query", "key", "value"):
            weights[f"{prefix}attention.self.{part}.weight"] = matrix(size, size)
            weights[f"{prefix}attention.self.{part}.bias"] = matrix(size)
        for part, shape in (
            ("attention.output.dense", (size, size)),
            ("intermediate.dense", (4 * size, size)),
            ("output.dense", (size, 4 * size)),
        ):
            weights[f"{prefix}{part}.weight"] = matrix(*shape)
            weights[f"{prefix}{part}.bias"] = matrix(shape[0])
        names += [f"{prefix}attention.output.LayerNorm", f"{prefix}output.LayerNorm"]
    for name in names:
        weights[f"{name}.weight"] = 1 + matrix(size)
        weights[f"{name}.bias"] = matrix(size)
    return weights


def embed(weights: Weights, ids: list[int], heads: int, layers: int) -> np.ndarray:
    """Return the unit vector of one text, given as token ids, after so many layers."""
    mean = token_states(weights, ids, heads, layers, np.zeros(len(ids), dtype=int)).mean(0)
    return mean / np.linalg.norm(mean)


def token_states(weights: Weights, ids: list[int], heads: int, layers: int, types: np.ndarray) -> np.ndarray:
    """Return what the encoder says of each token, `(tokens, size)`; types tell which text a token is of."""

    def dense(name: str, values: np.ndarray) -> np.ndarray:
        return values @ weights[f"{name}.weight"].T + weights[f"{name}.bias"]

    def normal(name: str, values: np.ndarray) -> np.ndarray:
        centered = values - values.mean(-1, keepdims=True)
        scaled = centered / np.sqrt((centered**2).mean(-1, keepdims=True) + 1e-12)
        return scaled * weights[f"{name}.weight"] + weights[f"{name}.bias"]

    state = weights["embeddings.word_embeddings.weight"][ids]
    state = state + weights["embeddings.position_embeddings.weight"][: len(ids)]
    state = normal("embeddings.LayerNorm", state + weights["embeddings.token_type_embeddings.weight"][types])
    for layer in range(layers):
        prefix = f"encoder.layer.{layer}."
        query, key, value = (
            dense(f"{prefix}attention.self.{part}", state).reshape(len(ids), heads, -1).transpose(1, 0, 2)
            for part in ("query", "key", "value")
        )
        scores = query @ key.transpose(0, 2, 1) / np.sqrt(query.shape[-1])
        scores = np.exp(scores - scores.max(-1, keepdims=True))
        mixed = (scores / scores.sum(-1, keepdims=True)) @ value
        mixed = mixed.transpose(1, 0, 2).reshape(len(ids), -1)
        state = normal(
            f"{prefix}attention.output.LayerNorm", dense(f"{prefix}attention.output.dense", mixed) + state
        )
        wide = dense(f"{prefix}intermediate.dense", state)
        wide = wide * 0.5 * (1 + erf(wide / np.sqrt(2)))
        state = normal(f"{prefix}output.LayerNorm", dense(f"{prefix}output.dense", wide) + state)
    return state
