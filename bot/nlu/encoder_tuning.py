"""Corrections of the encoder's upper layers that tell moves apart; made by `scripts/tune_encoder.py`.

Low-rank corrections (LoRA, Hu et al. 2021) are small enough to be kept in the repository. With them come the
weights that say where in a message a new part begins.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from functools import lru_cache
from pathlib import Path

import numpy as np

TUNING_FILE = Path(__file__).with_name("encoder_tuning.npz")

TUNED_FROM = 2
"""The first layer with a correction, counted from 0."""

TUNED_PARTS = (
    "attention.self.query",
    "attention.self.key",
    "attention.self.value",
    "attention.output.dense",
    "intermediate.dense",
    "output.dense",
)
"""The linear maps of a layer that are corrected."""


BEGINS_WEIGHT, BEGINS_BIAS = "begins/weight", "begins/bias"


class TuningUnfit(RuntimeError):
    """The corrections belong to another encoder."""


@lru_cache(maxsize=1)
def tuning_sha256() -> str:
    """Return the sha256 of the corrections; what was encoded with others is not comparable."""
    return hashlib.sha256(TUNING_FILE.read_bytes()).hexdigest()


def tuned_weights(
    weights: Mapping[str, np.ndarray], weights_sha256: str, path: Path = TUNING_FILE
) -> dict[str, np.ndarray]:
    """Return the encoder's tensors with the corrections added.

    Args:
        weights: The untouched tensors by name, float32; they are not changed.
        weights_sha256: Hash of the file that they came from.
        path: The corrections: for each tuned matrix `(out, in)` a `left` `(in, rank)` and a `right`
            `(rank, out)` whose product is added, transposed.

    Raises:
        TuningUnfit: The corrections were trained on other weights.
    """
    with np.load(path) as kept:
        made = json.loads(str(kept["made"]))
        if made["weights"] != weights_sha256:
            raise TuningUnfit(f"{path.name} was trained on other weights; run scripts/tune_encoder.py")
        tuned = dict(weights)
        for key in kept.files:
            name, _, side = key.rpartition("/")
            if side == "left":
                left, right = kept[key].astype(np.float32), kept[f"{name}/right"].astype(np.float32)
                tuned[name] = weights[name] + (left @ right).T
        return tuned


def begins_weights(path: Path = TUNING_FILE) -> tuple[np.ndarray, np.ndarray]:
    """Return what turns a token's state into the log-odds that a part begins with it: `(size, 1)`, `(1,)`."""
    with np.load(path) as kept:
        return kept[BEGINS_WEIGHT].astype(np.float32), kept[BEGINS_BIAS].astype(np.float32)
