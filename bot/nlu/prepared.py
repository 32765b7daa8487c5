"""Which prepared lines of a person a reply leads to, by the likeness of sentences.

A question is compared with the questions that each line answers (`asked` in the scenario file), a remark
with the remarks that it may follow, and both with the lines' own words: one matrix product a turn. The
vectors are the encoder's own, untouched by the tuning for moves. What it means for the answer is decided
in `bot.peer`; here only likeness is measured.
"""

from __future__ import annotations

import json
import re
import tarfile
import tempfile
from collections import OrderedDict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np

from bot.nlu.encoder import SIZE, WIDTH, Encoder, WholeEncoder
from bot.nlu.form import asks
from bot.nlu.reader import ReplyReader, load_reader, newest_archive
from bot.nlu.wording import readable
from bot.peer.phrases import ASKED, OWN, STATED, Phrase, phrases_of, subject_of
from bot.peer.scenario import Scenario
from bot.reading import Likeness, Reading
from bot.settings import Settings

FOLDER = "prepared"
KINDS = (ASKED, STATED, OWN)
MOST = {ASKED: 12, STATED: 5, OWN: 6}
"""How many lines travel, by kind: enough that some are left when the best were said or are locked."""
MOST_VAGUE = 4
LEAST = 0.3
"""Likeness below which nothing is taken along."""
MOST_CLAUSES = 6
"""Clauses of a reply that are looked at, the last ones: what is asked last is what is answered."""
REMEMBERED = 256
"""Texts whose vectors a `RecentEncoder` keeps."""

_POINTS = re.compile(
    r"\b(?:that|it|this|he|she|they|them|him|her|his|hers|their|there|those|these|so|then|one|ones|else)\b"
)
CONTEXT_WORDS = 8
"""Longest question of which the peer's last words are thought to be a part."""
CONTEXT_LESS = 0.08
"""What a likeness is worth less when the peer's last words were needed to find it."""


class RecentEncoder:
    """An encoder that remembers the latest texts: what the reader encoded costs nothing here."""

    def __init__(self, encoder: Encoder) -> None:
        """Keep the encoder that does the work."""
        self._encoder = encoder
        self._known: OrderedDict[str, np.ndarray] = OrderedDict()

    def whole_words(self) -> frozenset[str]:
        """Return what `Encoder.whole_words` returns."""
        return self._encoder.whole_words()

    def encode_all(self, texts: Sequence[str], batch: int = 32) -> np.ndarray:
        """Return what `Encoder.encode_all` returns."""
        new = [text for text in dict.fromkeys(texts) if text not in self._known]
        if new:
            self._known.update(zip(new, self._encoder.encode_all(new, batch), strict=True))
        rows = [self._known[text] for text in texts]
        for text in texts:
            self._known.move_to_end(text)
        while len(self._known) > REMEMBERED:
            self._known.popitem(last=False)
        return np.stack(rows) if rows else np.zeros((0, WIDTH), dtype=np.float32)

    def encode(self, texts: Sequence[str], batch: int = 32) -> np.ndarray:
        """Return what `Encoder.encode` returns."""
        return self.encode_all(texts, batch)[:, :SIZE]


@dataclass(frozen=True)
class PreparedLines:
    """The phrases of one person with their vectors.

    Attributes:
        phrases: What a reply is compared with.
        vectors: Their vectors, `(phrases, 384)`; kept as float16, compared as float32.
    """

    phrases: tuple[Phrase, ...]
    vectors: np.ndarray

    def save(self, path: Path) -> None:
        """Write phrases and vectors to one compressed file."""
        rows = [[phrase.line, phrase.kind, phrase.text, phrase.is_vague] for phrase in self.phrases]
        written = np.frombuffer(json.dumps(rows).encode(), dtype=np.uint8)
        np.savez_compressed(path, phrases=written, vectors=self.vectors.astype(np.float16))

    @classmethod
    def load(cls, path: Path) -> PreparedLines:
        """Read what `save` wrote."""
        with np.load(path) as arrays:
            rows = json.loads(arrays["phrases"].tobytes().decode())
            vectors = arrays["vectors"].astype(np.float32)
        return cls(tuple(Phrase(*row) for row in rows), vectors)

    def leads(
        self, encoder: WholeEncoder, reading: Reading, peer: str, said: Iterable[str] = ()
    ) -> tuple[Likeness, ...]:
        """Return the lines that a reply leads to, the most alike first within each kind.

        Args:
            encoder: Gives the vectors of the reply's parts.
            reading: The reply and its clauses.
            peer: The peer's last words.
            said: Ids of the lines that the peer said last; vague phrases count for their subjects only.
        """
        parts = _parts(reading, peer)
        if not parts or not self.phrases:
            return ()
        vectors = encoder.encode_all([part.text for part in parts])[:, :SIZE]
        likeness = vectors @ self.vectors.T
        likeness -= np.array([[part.less] for part in parts], dtype=np.float32)
        near = {subject_of(line) for line in said} - {""}
        best: dict[tuple[str, str, bool], Likeness] = {}
        for part, row in zip(parts, likeness, strict=True):
            for number in np.flatnonzero(row >= LEAST):
                phrase = self.phrases[number]
                if phrase.is_vague and (part.less or subject_of(phrase.line) not in near):
                    continue
                if part.less and phrase.kind != ASKED:
                    continue
                key, value = (phrase.line, phrase.kind, phrase.is_vague), float(row[number])
                if key not in best or best[key].similarity < value:
                    found = Likeness(phrase.line, phrase.kind, value, part.start, part.end, phrase.is_vague)
                    best[key] = found
        return _most_alike(best.values())


@dataclass(frozen=True)
class _Part:
    """A stretch of a reply to be compared, with what its likeness is worth less."""

    text: str
    start: int
    end: int
    less: float = 0.0


def _parts(reading: Reading, peer: str) -> list[_Part]:
    """Return the stretches of a reply: its clauses, the whole, and short questions with what they point at."""
    sentences = list(reading.sentences)[-MOST_CLAUSES:]
    parts = [_Part(readable(reading.text[s.start : s.end]), s.start, s.end) for s in sentences]
    parts = [part for part in parts if part.text]
    for part in list(parts):
        words = part.text.split()
        if peer.strip() and asks(part.text) and len(words) <= CONTEXT_WORDS and _POINTS.search(part.text):
            parts.append(replace(part, text=f"{readable(peer)[-160:]} {part.text}", less=CONTEXT_LESS))
    if len(sentences) > 1:
        for first, second in zip(sentences, sentences[1:]):
            text = readable(reading.text[first.start : second.end])
            parts.append(_Part(text, second.start, second.end, 0.0))
    return parts


def _most_alike(found: Iterable[Likeness]) -> tuple[Likeness, ...]:
    """Return the most alike of each kind, with the similarities rounded as they travel."""
    ordered = sorted(found, key=lambda like: (-like.similarity, like.line))
    kept: list[Likeness] = []
    for kind in KINDS:
        plain = [like for like in ordered if like.kind == kind and not like.is_vague][: MOST[kind]]
        vague = [like for like in ordered if like.kind == kind and like.is_vague][:MOST_VAGUE]
        kept += plain + vague
    return tuple(replace(like, similarity=round(like.similarity, 4)) for like in kept)


def prepare(encoder: WholeEncoder, phrases: Sequence[Phrase]) -> PreparedLines:
    """Encode the phrases of one person."""
    vectors = encoder.encode_all([readable(phrase.text) for phrase in phrases])[:, :SIZE]
    return PreparedLines(tuple(phrases), vectors.astype(np.float16).astype(np.float32))


def save_prepared(prepared: Mapping[str, PreparedLines], folder: Path) -> None:
    """Write one file for each person."""
    (folder / FOLDER).mkdir(parents=True, exist_ok=True)
    for name, lines in prepared.items():
        lines.save(folder / FOLDER / f"{name}.npz")


def load_prepared(folder: Path) -> dict[str, PreparedLines]:
    """Read what `save_prepared` wrote, by person."""
    return {path.stem: PreparedLines.load(path) for path in sorted((folder / FOLDER).glob("*.npz"))}


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

    def _lines_of(self, scenario: Scenario) -> PreparedLines:
        """Return a scenario's prepared lines, brought up to date if the file changed."""
        if self._versions.get(scenario.id) != scenario.version:
            phrases = phrases_of(scenario)
            old = self._known.get(scenario.id)
            if old is None or old.phrases != tuple(phrases):
                self._known[scenario.id] = prepare(_Reusing(self._whole, old), phrases)
            self._versions[scenario.id] = scenario.version
        return self._known[scenario.id]


class _Reusing:
    """Takes vectors of phrases that were prepared before, and encodes the others."""

    def __init__(self, encoder: WholeEncoder, old: PreparedLines | None) -> None:
        self._encoder = encoder
        known = zip(old.phrases, old.vectors, strict=True) if old else ()
        self._known = {readable(phrase.text): vector for phrase, vector in known}

    def encode_all(self, texts: Sequence[str]) -> np.ndarray:
        """Return the vectors of texts; only their first third where they were known before."""
        new = [text for text in dict.fromkeys(texts) if text not in self._known]
        if new:
            self._known.update(zip(new, self._encoder.encode_all(new)[:, :SIZE], strict=True))
        rows = [self._known[text] for text in texts]
        return np.stack(rows) if rows else np.zeros((0, SIZE), dtype=np.float32)


def load_prepared_reader(model_path: Path | None, settings: Settings, threads: int = 2) -> PreparedReader:
    """Take reader and prepared lines out of a trained archive, without running Rasa.

    Args:
        model_path: The archive, or None for the newest in the models folder.
        settings: Where models and encoder are.
        threads: Processor threads of the encoder.

    Raises:
        ModelMissing: There is no archive, or none with a move tagger in it.
    """
    archive = newest_archive(settings) if model_path is None else model_path
    reader = load_reader(archive, settings, threads)
    with tempfile.TemporaryDirectory(prefix="switchback-") as scratch:
        folder = Path(scratch)
        (folder / FOLDER).mkdir()
        with tarfile.open(archive) as members:
            for member in members.getmembers():
                path = Path(member.name)
                if member.isfile() and path.parent.name == FOLDER and path.suffix == ".npz":
                    source = members.extractfile(member)
                    if source is not None:
                        (folder / FOLDER / path.name).write_bytes(source.read())
        return PreparedReader(reader, load_prepared(folder))
