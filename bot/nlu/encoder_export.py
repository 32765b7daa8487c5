"""Writes a BERT encoder as ONNX graphs, straight from its weights.

The graphs use onnxruntime's fused operators (`Attention`, `SkipLayerNormalization`, `BiasGelu`). One gives
the `embedding` of a text, the mean over its tokens scaled to length 1, as sentence-transformers does (Reimers
and Gurevych 2019, "Sentence-BERT"). The other takes two texts as one, the peer's line and a message, and
gives the `states` of all tokens and whether something new `begins` with each.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import onnx
from onnx import TensorProto, helper, numpy_helper

FUSED = "com.microsoft"
EPSILON = 1e-12


class _Graph:
    """Collects the nodes and constants of a graph under construction."""

    def __init__(self) -> None:
        self.nodes: list[onnx.NodeProto] = []
        self.constants: list[onnx.TensorProto] = []

    def constant(self, name: str, values: np.ndarray) -> str:
        # order="C" and not ascontiguousarray: that one makes a one-element list of a scalar.
        self.constants.append(numpy_helper.from_array(np.array(values, order="C"), name))
        return name

    def add(self, operator: str, inputs: list[str], output: str, domain: str = "", **attributes: Any) -> str:
        self.nodes.append(helper.make_node(operator, inputs, [output], domain=domain, **attributes))
        return output


def export_sentence(weights: Mapping[str, np.ndarray], path: Path, heads: int) -> None:
    """Write the graph that gives one vector a text: `input_ids`, `attention_mask` to `embedding`.

    Args:
        weights: The tensors of `model.safetensors` by name, float32; the number of layers is read from them.
        path: The ONNX file to write.
        heads: Attention heads per layer.
    """
    graph = _Graph()
    state = _add_layers(graph, weights, _embed(graph, weights), heads)
    graph.add("Cast", ["attention_mask"], "mask_float", to=TensorProto.FLOAT)
    graph.constant("axis_last", np.array([2], np.int64))
    graph.constant("axis_tokens", np.array([1], np.int64))
    graph.add("Unsqueeze", ["mask_float", "axis_last"], "mask_column")
    graph.add("ReduceSum", ["mask_column", "axis_tokens"], "counted", keepdims=0)
    _pool(graph, state, "embedding")
    size = _size(weights)
    _save(graph, path, ("input_ids", "attention_mask"), {"embedding": ["batch", size]})


def export_context(
    weights: Mapping[str, np.ndarray], begins: tuple[np.ndarray, np.ndarray], path: Path, heads: int
) -> None:
    """Write the graph that reads a message after the peer's line, token by token.

    It takes `input_ids`, `token_types` (0 for the peer's line, 1 for the message) and `attention_mask` and
    gives `states` and `begins`, the log-odds that a part begins with a token.

    Args:
        weights: The tensors with the corrections of `encoder_tuning.tuned_weights`.
        begins: Weights `(size, 1)` and bias `(1,)` of the log-odds.
        path: The ONNX file to write.
        heads: Attention heads per layer.
    """
    graph = _Graph()
    state = _add_layers(graph, weights, _embed(graph, weights, "token_types"), heads)
    graph.add("Identity", [state], "states")
    graph.add("MatMul", [state, graph.constant("begins_weight", begins[0])], "begins_raw")
    graph.add("Add", ["begins_raw", graph.constant("begins_bias", begins[1])], "begins")
    outputs: dict[str, list[str | int]] = {
        "states": ["batch", "tokens", _size(weights)],
        "begins": ["batch", "tokens", 1],
    }
    _save(graph, path, ("input_ids", "token_types", "attention_mask"), outputs)


def _size(weights: Mapping[str, np.ndarray]) -> int:
    return int(weights["embeddings.word_embeddings.weight"].shape[1])


def _add_layers(graph: _Graph, weights: Mapping[str, np.ndarray], state: str, heads: int) -> str:
    """Add all layers that there are; return the name of the last one's output."""
    graph.add("Cast", ["attention_mask"], "mask_whole", to=TensorProto.INT32)
    layers = sum(f"encoder.layer.{layer}.output.dense.weight" in weights for layer in range(len(weights)))
    for layer in range(layers):
        state = _add_layer(graph, weights, layer, state, heads)
    return state


def _save(
    graph: _Graph, path: Path, inputs: Sequence[str], outputs: Mapping[str, Sequence[str | int]]
) -> None:
    """Write the graph with the shapes of what goes in and comes out."""
    taken = [helper.make_tensor_value_info(name, TensorProto.INT64, ["batch", "tokens"]) for name in inputs]
    given = [helper.make_tensor_value_info(name, TensorProto.FLOAT, shape) for name, shape in outputs.items()]
    made = helper.make_graph(graph.nodes, "encoder", taken, given, graph.constants)
    model = helper.make_model(
        made, opset_imports=[helper.make_opsetid("", 17), helper.make_opsetid(FUSED, 1)]
    )
    model.ir_version = 8
    onnx.save(model, str(path))


def _embed(graph: _Graph, weights: Mapping[str, np.ndarray], types: str = "") -> str:
    """Add word, position and segment embeddings; without an input that says which, all is segment 0."""
    segments = weights["embeddings.token_type_embeddings.weight"]
    positions = weights["embeddings.position_embeddings.weight"]
    graph.constant("words", weights["embeddings.word_embeddings.weight"])
    graph.constant("positions", positions if types else positions + segments[0])
    graph.constant("zero", np.array(0, np.int64))
    graph.constant("one", np.array(1, np.int64))
    graph.add("Gather", ["words", "input_ids"], "word_rows")
    graph.add("Shape", ["input_ids"], "shape")
    graph.add("Gather", ["shape", "one"], "width")
    graph.add("Range", ["zero", "width", "one"], "places")
    graph.add("Gather", ["positions", "places"], "position_rows")
    graph.add("Add", ["word_rows", "position_rows"], "embedded" if not types else "placed")
    if types:
        graph.add("Gather", [graph.constant("segments", segments), types], "segment_rows")
        graph.add("Add", ["placed", "segment_rows"], "embedded")
    graph.constant("embedding_scale", weights["embeddings.LayerNorm.weight"])
    graph.constant("embedding_shift", weights["embeddings.LayerNorm.bias"])
    norm = ["embedded", "embedding_scale", "embedding_shift"]
    return graph.add("LayerNormalization", norm, "state_0", axis=-1, epsilon=EPSILON)


def _add_layer(graph: _Graph, weights: Mapping[str, np.ndarray], layer: int, state: str, heads: int) -> str:
    """Add one transformer layer after `state`; return the name of its output."""
    prefix = f"encoder.layer.{layer}."

    def constant(name: str, values: np.ndarray) -> str:
        return graph.constant(f"{name}_{layer}", values)

    def weight(name: str) -> np.ndarray:
        return weights[prefix + name]

    parts = [f"attention.self.{part}" for part in ("query", "key", "value")]
    qkv = constant("qkv", np.concatenate([weight(f"{part}.weight").T for part in parts], axis=1))
    qkv_bias = constant("qkv_bias", np.concatenate([weight(f"{part}.bias") for part in parts]))
    attended = graph.add(
        "Attention", [state, qkv, qkv_bias, "mask_whole"], f"attended_{layer}", FUSED, num_heads=heads
    )
    projected = graph.add(
        "MatMul",
        [attended, constant("attention_out", weight("attention.output.dense.weight").T)],
        f"projected_{layer}",
    )
    middle = graph.add(
        "SkipLayerNormalization",
        [
            projected,
            state,
            constant("attention_scale", weight("attention.output.LayerNorm.weight")),
            constant("attention_shift", weight("attention.output.LayerNorm.bias")),
            constant("attention_bias", weight("attention.output.dense.bias")),
        ],
        f"middle_{layer}",
        FUSED,
        epsilon=EPSILON,
    )
    widened = graph.add(
        "MatMul",
        [middle, constant("wide", weight("intermediate.dense.weight").T)],
        f"widened_{layer}",
    )
    active = graph.add(
        "BiasGelu",
        [widened, constant("wide_bias", weight("intermediate.dense.bias"))],
        f"active_{layer}",
        FUSED,
    )
    narrowed = graph.add(
        "MatMul", [active, constant("narrow", weight("output.dense.weight").T)], f"narrowed_{layer}"
    )
    return graph.add(
        "SkipLayerNormalization",
        [
            narrowed,
            middle,
            constant("output_scale", weight("output.LayerNorm.weight")),
            constant("output_shift", weight("output.LayerNorm.bias")),
            constant("output_bias", weight("output.dense.bias")),
        ],
        f"state_{layer + 1}",
        FUSED,
        epsilon=EPSILON,
    )


def _pool(graph: _Graph, state: str, name: str) -> None:
    """Add the mean of a layer over real tokens, scaled to length 1, as an output."""
    graph.add("Mul", [state, "mask_column"], f"{name}_masked")
    graph.add("ReduceSum", [f"{name}_masked", "axis_tokens"], f"{name}_summed", keepdims=0)
    graph.add("Div", [f"{name}_summed", "counted"], f"{name}_mean")
    graph.add("LpNormalization", [f"{name}_mean"], name, axis=1, p=2)
