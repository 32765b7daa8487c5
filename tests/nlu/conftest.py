"""What the tests of reading share: the encoder and one reader trained by Rasa on a part of our sentences."""

from __future__ import annotations

from pathlib import Path
from unittest import mock

import pytest
import yaml

from bot.content import read_yaml
from bot.nlu.context import ContextEncoder
from bot.nlu.encoder import Encoder
from bot.nlu.encoder_build import build_encoder
from bot.nlu.reader import ReplyReader, load_reader
from bot.nlu.replies import load_replies
from bot.nlu.vector_store import VectorStore
from bot.settings import PROJECT, load_settings

MOVES = tuple(str(move["id"]) for move in read_yaml(load_settings().data / "moves.yml")["moves"])

EXAMPLES_PER_MOVE, WHOLE_REPLIES = 24, 300
"""Enough for a model that works and trains in seconds."""


@pytest.fixture(scope="session")
def encoder_folder() -> Path:
    folder = load_settings().encoder
    build_encoder(folder)
    return folder


@pytest.fixture(scope="session")
def encoder(encoder_folder: Path) -> Encoder:
    return Encoder(encoder_folder)


@pytest.fixture(scope="session")
def context(encoder_folder: Path) -> ContextEncoder:
    return ContextEncoder(encoder_folder)


@pytest.fixture(scope="session")
def archive(encoder_folder: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A model archive made by Rasa's own train function from the real config and a part of the data."""
    from rasa.model_training import train_nlu

    folder = tmp_path_factory.mktemp("nlu")
    for source in sorted((PROJECT / "data" / "nlu").glob("*.yml")):
        document = yaml.safe_load(source.read_text(encoding="utf-8"))
        for intent in document["nlu"]:
            if isinstance(intent["examples"], list):
                intent["examples"] = intent["examples"][:EXAMPLES_PER_MOVE]
        (folder / source.name).write_text(yaml.safe_dump(document, allow_unicode=True), encoding="utf-8")
    some = load_replies(load_settings().data, MOVES)[:WHOLE_REPLIES]
    # The vectors kept for the next real training would be forgotten, being those of other sentences.
    with (
        mock.patch.object(VectorStore, "keep"),
        mock.patch("bot.nlu.components.load_replies", return_value=some),
    ):
        made = train_nlu(
            config=str(PROJECT / "config.yml"),
            nlu_data=str(folder),
            output=str(folder / "models"),
            domain=str(PROJECT / "domain.yml"),
        )
    assert made is not None
    return Path(made)


@pytest.fixture(scope="session")
def reader(archive: Path) -> ReplyReader:
    return load_reader(archive, load_settings(), threads=1)
