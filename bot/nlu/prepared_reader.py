"""Reads replies to a person: moves, topics and mentions, and the prepared lines that they lead to."""

from __future__ import annotations

import tempfile
from collections import OrderedDict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np

from bot.nlu.archive import trained_archive, unpack
from bot.nlu.encoder import SIZE, Encoder
from bot.nlu.prepared import FOLDER, PreparedLines, Reusing, load_prepared, prepare
from bot.nlu.reader import ReplyReader, load_reader
from bot.nlu.same_questions import NO_QUESTIONS
from bot.peer.phrases import phrases_of
from bot.peer.scenario import Scenario
from bot.reading import Reading
from bot.settings import Settings

REMEMBERED = 256
"""Texts whose vectors a `RecentEncoder` keeps."""


class RecentEncoder:
    """An encoder that remembers the latest texts: what the reader encoded costs nothing here."""

    def __init__(self, encoder: Encoder) -> None:
        """Keep the encoder that does the work."""
        self._encoder = encoder
        self._known: OrderedDict[str, np.ndarray] = OrderedDict()

    def whole_words(self) -> frozenset[str]:
        """Return what `Encoder.whole_words` returns."""
        return self._encoder.whole_words()

    def encode(self, texts: Sequence[str], batch: int = 32) -> np.ndarray:
        """Return what `Encoder.encode` returns."""
        new = [text for text in dict.fromkeys(texts) if text not in self._known]
        if new:
            self._known.update(zip(new, self._encoder.encode(new, batch), strict=True))
        rows = [self._known[text] for text in texts]
        for text in texts:
            self._known.move_to_end(text)
        while len(self._known) > REMEMBERED:
            self._known.popitem(last=False)
        return np.stack(rows) if rows else np.zeros((0, SIZE), dtype=np.float32)


class PreparedReader:
    """Reads replies to a person: moves, topics and mentions, and the prepared lines that they lead to.

    The lines of a scenario that changed are encoded when it is next read with; vectors of phrases that
    were known before are taken over, so an author waits only for what is new.
    """

    def __init__(self, reader: ReplyReader, known: Mapping[str, PreparedLines]) -> None:
        """Keep the reader and what was prepared in training.

        Args:
            reader: Reads moves, topics and mentions. Its encoder is made to remember the latest texts.
            known: Prepared lines by scenario.
        """
        self._reader = reader
        self._whole = reader.encoder
        self._recent = RecentEncoder(reader.encoder)
        reader.encoder = self._recent  # type: ignore[assignment]
        self._known = dict(known)
        self._versions: dict[str, str] = {}

    def read(
        self, text: str, peer_text: str = "", scenario: Scenario | None = None, said: Iterable[str] = ()
    ) -> Reading:
        """Return what was understood of a reply.

        Args:
            text: The trainee's message.
            peer_text: The peer's last words.
            scenario: The person spoken with; None compares with nobody's lines.
            said: Ids of the lines that the peer said last.
        """
        reading = self._reader.read(text, peer_text)
        if scenario is None:
            return reading
        lines = self._lines_of(scenario)
        return replace(reading, prepared=lines.leads(self._recent, reading, peer_text, said))

    def read_to(self, text: str, peer_text: str, person: str, said: Iterable[str] = ()) -> Reading:
        """Return what was understood of a reply to a person as they were prepared in training.

        Args:
            text: The trainee's message.
            peer_text: The peer's last words.
            person: Scenario id; a person who was not prepared is compared with nobody's lines.
            said: Ids of the lines that the peer said last.
        """
        reading = self._reader.read(text, peer_text)
        lines = self._known.get(person)
        if lines is None:
            return reading
        return replace(reading, prepared=lines.leads(self._recent, reading, peer_text, said))

    def _lines_of(self, scenario: Scenario) -> PreparedLines:
        """Return a scenario's prepared lines, brought up to date if the file changed."""
        if self._versions.get(scenario.id) != scenario.version:
            phrases = phrases_of(scenario)
            old = self._known.get(scenario.id)
            if old is None or old.phrases != tuple(phrases) or old.names != scenario.names.all:
                same = old.same if old else next((one.same for one in self._known.values()), NO_QUESTIONS)
                self._known[scenario.id] = prepare(
                    Reusing(self._whole, old), phrases, same, scenario.names.all
                )
            self._versions[scenario.id] = scenario.version
        return self._known[scenario.id]


def load_prepared_reader(model_path: Path | None, settings: Settings, threads: int = 2) -> PreparedReader:
    """Take reader and prepared lines out of a trained archive, without running Rasa.

    Args:
        model_path: The archive, or None for the newest in the models folder.
        settings: Where models and encoder are.
        threads: Processor threads of the encoder.

    Raises:
        ModelMissing: There is no archive, or none with a move tagger in it.
    """
    archive = trained_archive(settings) if model_path is None else model_path
    reader = load_reader(archive, settings, threads)
    with tempfile.TemporaryDirectory(prefix="switchback-") as scratch:
        folder = Path(scratch)
        (folder / FOLDER).mkdir()
        unpack(archive, folder / FOLDER, lambda path: path.parent.name == FOLDER and path.suffix == ".npz")
        return PreparedReader(reader, load_prepared(folder))
