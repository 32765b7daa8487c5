"""Writes a BERT sentence encoder as an ONNX graph, straight from its weights.

The graph uses onnxruntime's fused operators (`Attention`, `SkipLayerNormalization`,
`BiasGelu`), takes `input_ids` and `attention_mask` of shape `(batch, tokens)` and gives
`embedding`, the mean over the tokens scaled to length 1, as sentence-transformers does
(Reimers and Gurevych 2019, "Sentence-BERT"), and `middle`, the same mean taken after an inner
layer. The last layer is about the topic; an inner one still knows how a thing is said. A second
branch of the upper layers, with `encoder_tuning`'s corrections, gives `tuned`: what is done with it.
"""

from __future__ import annotations

from collections.abc import Mapping
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


def export_onnx(
    weights: Mapping[str, np.ndarray],
    tuned: Mapping[str, np.ndarray],
    path: Path,
    heads: int,
    middle: int,
    tuned_from: int,
) -> None:
    """Write the encoder's graph.

    Args:
        weights: The tensors of `model.safetensors` by name, float32; the number of layers is read from them.
        tuned: The same with corrections, from `encoder_tuning.tuned_weights`.
        path: The ONNX file to write.
        heads: Attention heads per layer.
        middle: After how many layers the mean `middle` is taken.
        tuned_from: After how many layers the tuned branch leaves the other.
    """
    graph = _Graph()
    state = _embed(graph, weights)
    graph.add("Cast", ["attention_mask"], "mask_whole", to=TensorProto.INT32)
    graph.add("Cast", ["attention_mask"], "mask_float", to=TensorProto.FLOAT)
    layers = sum(f"encoder.layer.{layer}.output.dense.weight" in weights for layer in range(len(weights)))
    for layer in range(layers):
        state = _add_layer(graph, weights, layer, state, heads)
    branch = f"state_{tuned_from}"
    for layer in range(tuned_from, layers):
        branch = _add_layer(graph, tuned, layer, branch, heads, branch="tuned_")
    graph.constant("axis_last", np.array([2], np.int64))
    graph.constant("axis_tokens", np.array([1], np.int64))
    graph.add("Unsqueeze", ["mask_float", "axis_last"], "mask_column")
    graph.add("ReduceSum", ["mask_column", "axis_tokens"], "counted", keepdims=0)
    _pool(graph, state, "embedding")
    _pool(graph, f"state_{middle}", "middle")
    _pool(graph, branch, "tuned")
    size = weights["embeddings.word_embeddings.weight"].shape[1]
    inputs = [
        helper.make_tensor_value_info(name, TensorProto.INT64, ["batch", "tokens"])
        for name in ("input_ids", "attention_mask")
    ]
    outputs = [
        helper.make_tensor_value_info(name, TensorProto.FLOAT, ["batch", size])
        for name in ("embedding", "middle", "tuned")
    ]
    made = helper.make_graph(graph.nodes, "sentence_encoder", inputs, outputs, graph.constants)
    model = helper.make_model(
        made, opset_imports=[helper.make_opsetid("", 17), helper.make_opsetid(FUSED, 1)]
    )
    model.ir_version = 8
    onnx.save(model, str(path))


def _embed(graph: _Graph, weights: Mapping[str, np.ndarray]) -> str:
    """Add word, position and segment embeddings; a sentence is always segment 0."""
    segment = weights["embeddings.token_type_embeddings.weight"][0]
    graph.constant("words", weights["embeddings.word_embeddings.weight"])
    graph.constant("positions", weights["embeddings.position_embeddings.weight"] + segment)
    graph.constant("zero", np.array(0, np.int64))
    graph.constant("one", np.array(1, np.int64))
    graph.add("Gather", ["words", "input_ids"], "word_rows")
    graph.add("Shape", ["input_ids"], "shape")
    graph.add("Gather", ["shape", "one"], "width")
    graph.add("Range", ["zero", "width", "one"], "places")
    graph.add("Gather", ["positions", "places"], "position_rows")
    graph.add("Add", ["word_rows", "position_rows"], "embedded")
    graph.constant("embedding_scale", weights["embeddings.LayerNorm.weight"])
    graph.constant("embedding_shift", weights["embeddings.LayerNorm.bias"])
    norm = ["embedded", "embedding_scale", "embedding_shift"]
    return graph.add("LayerNormalization", norm, "state_0", axis=-1, epsilon=EPSILON)


def _add_layer(
    graph: _Graph, weights: Mapping[str, np.ndarray], layer: int, state: str, heads: int, branch: str = ""
) -> str:
    """Add one transformer layer after `state`, its names led by `branch`; return the name of its output."""
    prefix = f"encoder.layer.{layer}."

    def constant(name: str, values: np.ndarray) -> str:
        return graph.constant(f"{branch}{name}_{layer}", values)

    def weight(name: str) -> np.ndarray:
        return weights[prefix + name]

    parts = [f"attention.self.{part}" for part in ("query", "key", "value")]
    qkv = constant("qkv", np.concatenate([weight(f"{part}.weight").T for part in parts], axis=1))
    qkv_bias = constant("qkv_bias", np.concatenate([weight(f"{part}.bias") for part in parts]))
    attended = graph.add(
        "Attention", [state, qkv, qkv_bias, "mask_whole"], f"{branch}attended_{layer}", FUSED, num_heads=heads
    )
    projected = graph.add(
        "MatMul",
        [attended, constant("attention_out", weight("attention.output.dense.weight").T)],
        f"{branch}projected_{layer}",
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
        f"{branch}middle_{layer}",
        FUSED,
        epsilon=EPSILON,
    )
    widened = graph.add(
        "MatMul",
        [middle, constant("wide", weight("intermediate.dense.weight").T)],
        f"{branch}widened_{layer}",
    )
    active = graph.add(
        "BiasGelu",
        [widened, constant("wide_bias", weight("intermediate.dense.bias"))],
        f"{branch}active_{layer}",
        FUSED,
    )
    narrowed = graph.add(
        "MatMul", [active, constant("narrow", weight("output.dense.weight").T)], f"{branch}narrowed_{layer}"
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
        f"{branch}state_{layer + 1}",
        FUSED,
        epsilon=EPSILON,
    )


def _pool(graph: _Graph, state: str, name: str) -> None:
    """Add the mean of a layer over real tokens, scaled to length 1, as an output."""
    graph.add("Mul", [state, "mask_column"], f"{name}_masked")
    graph.add("ReduceSum", [f"{name}_masked", "axis_tokens"], f"{name}_summed", keepdims=0)
    graph.add("Div", [f"{name}_summed", "counted"], f"{name}_mean")
    graph.add("LpNormalization", [f"{name}_mean"], name, axis=1, p=2)
