"""What the tests of reading share: the encoder and one reader trained on the whole of our sentences."""

from __future__ import annotations

from pathlib import Path

import pytest

from bot.nlu.encoder import Encoder
from bot.nlu.encoder_build import build_encoder
from bot.settings import load_settings


@pytest.fixture(scope="session")
def encoder_folder() -> Path:
    folder = load_settings().encoder
    build_encoder(folder)
    return folder


@pytest.fixture(scope="session")
def encoder(encoder_folder: Path) -> Encoder:
    return Encoder(encoder_folder)
