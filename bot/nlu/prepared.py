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
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from itertools import pairwise
from pathlib import Path

import numpy as np

from bot.content import Checker, ContentError, read_yaml
from bot.nlu.encoder import SIZE, WIDTH, Encoder, WholeEncoder
from bot.nlu.form import asks
from bot.nlu.reader import ReplyReader, load_reader, newest_archive
from bot.nlu.wording import readable
from bot.peer.phrases import ASKED, OWN, STATED, Phrase, phrases_of, subject_of
from bot.peer.scenario import Scenario
from bot.reading import Likeness, Reading
from bot.settings import Settings

FOLDER = "prepared"
SAME_FILE = "same-questions.npz"
"""Beside the persons' files; no scenario id has a hyphen."""
KINDS = (ASKED, STATED, OWN)
MOST = {ASKED: 12, STATED: 5, OWN: 6}
"""How many lines travel, by kind: enough that some are left when the best were said or are locked."""
MOST_VAGUE = 4
MOST_NEAR = 3
QUESTIONS_FILE = "same_questions.yml"
SAME_FROM = 0.68
"""Likeness with a general question from which it is that question."""
OTHER_WORDING = 0.04
"""What a likeness found by another wording of the question is worth less."""
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
CONTEXT_CHARACTERS = 160
CONTEXT_LESS = 0.08
"""What a likeness is worth less when the peer's last words were needed to find it."""


OTHER_FORM = 0.07
"""What a likeness is worth less when one asks why and the other when, or whether: vectors hardly tell."""

_LEAD = r"^(?:(?:so|and|but|ok|okay|well|oh|then|now|wait|also|sorry|hey|can i ask|tell me|do you know|i wonder) )*"
_FORMS: tuple[tuple[str, re.Pattern[str]], ...] = (
    ("why", re.compile(rf"{_LEAD}(?:why|how come|what (?:made|makes|is the reason|was the reason|for))\b")),
    ("count", re.compile(rf"{_LEAD}how (?:long|many|much|old|often|far|big|bad)\b")),
    ("who", re.compile(rf"{_LEAD}(?:who|who's|whose|whom)\b")),
    ("when", re.compile(rf"{_LEAD}(?:when|when's|what time|what day)\b")),
    ("where", re.compile(rf"{_LEAD}(?:where|where's)\b")),
    ("whether", re.compile(
        rf"{_LEAD}(?:do|does|did|is|are|was|were|have|has|had|can|could|would|will|don't|didn't|isn't|aren't"
        r"|haven't|wasn't|am|any|ever|got)\b"
    )),
    ("open", re.compile(rf"{_LEAD}(?:what|what's|how|how's|which|describe|tell)\b")),
)  # fmt: skip
"""What a question asks for, by how it begins; an open one may ask for anything but a yes or no."""


WHETHER_AND_OPEN = 0.05
"""The same where one asks whether and the other what or how."""
FORM_NUMBER = {"": 0, **{name: number for number, (name, _) in enumerate(_FORMS, 1)}}


def form_of(text: str) -> str:
    """Return what a readable question asks for: `why`, `who`, `whether` and so on; "" for anything."""
    return next((name for name, pattern in _FORMS if pattern.search(text)), "")


SHORT = 4
"""Words up to which a question may need the one before it."""
TWO_LESS = 0.03
"""What the likeness of two clauses together is worth less."""
_FRAGMENT = re.compile(r"^(?:(?:and|so|but|what about|how about|or) )+((?:your |the |his |her |their )?[\w' ]{2,30}?)\W*$")
"""A question that only names its subject: "and your kid?"."""


def _apart() -> np.ndarray:
    """Return what a likeness is worth less for two forms, `(forms, forms)`."""
    count = len(FORM_NUMBER)
    apart = np.full((count, count), OTHER_FORM, dtype=np.float32)
    apart[0, :] = apart[:, 0] = 0.0
    np.fill_diagonal(apart, 0.0)
    whether, is_open = FORM_NUMBER["whether"], FORM_NUMBER["open"]
    apart[is_open, 1:] = apart[1:, is_open] = 0.0
    apart[is_open, whether] = apart[whether, is_open] = WHETHER_AND_OPEN
    return apart


APART = _apart()


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
class SameQuestions:
    """General questions in several wordings (`data/same_questions.yml`).

    Attributes:
        questions: For each wording the number of its question, in order.
        forms: What each wording asks for, as in `PreparedLines.forms`.
        vectors: Their vectors, `(wordings, 384)`.
    """

    questions: np.ndarray
    forms: np.ndarray
    vectors: np.ndarray

    def closest(self, vectors: np.ndarray, forms: np.ndarray) -> np.ndarray:
        """Return the likeness with the closest wording of each question, `(questions, vectors)`.

        Args:
            vectors: What is compared.
            forms: What each of it asks for.
        """
        alike = self.vectors @ vectors.T - APART[self.forms][:, forms]
        starts = np.flatnonzero(np.diff(self.questions, prepend=-1))
        return np.maximum.reduceat(alike, starts, axis=0)


NO_QUESTIONS = SameQuestions(np.zeros(0, np.int64), np.zeros(0, np.int8), np.zeros((0, SIZE), np.float32))


def read_same_questions(data: Path) -> list[list[str]]:
    """Return the general questions, each as its wordings.

    Raises:
        ContentError: A question has fewer than two wordings, or something is no text.
    """
    check = Checker(f"data/{QUESTIONS_FILE}")
    questions = read_yaml(data / QUESTIONS_FILE).get("questions") or []
    for number, wordings in enumerate(questions, 1):
        if not isinstance(wordings, list) or len(wordings) < 2 or not all(isinstance(w, str) for w in wordings):
            check.error(f"questions.{number}", "must be a list of two or more wordings of one question")
    if check.problems:
        raise ContentError(check.problems)
    return [list(wordings) for wordings in questions]


def same_questions(encoder: WholeEncoder, questions: Sequence[Sequence[str]]) -> SameQuestions:
    """Encode the general questions."""
    texts = [readable(wording) for wordings in questions for wording in wordings]
    numbers = [number for number, wordings in enumerate(questions) for _ in wordings]
    vectors = encoder.encode_all(texts)[:, :SIZE]
    forms = np.array([FORM_NUMBER[form_of(text)] for text in texts], dtype=np.int8)
    return SameQuestions(np.array(numbers, np.int64), forms, vectors.astype(np.float16).astype(np.float32))


@dataclass(frozen=True)
class PreparedLines:
    """The phrases of one person with their vectors.

    Attributes:
        phrases: What a reply is compared with.
        vectors: Their vectors, `(phrases, 384)`; kept as float16, compared as float32.
    """

    phrases: tuple[Phrase, ...]
    vectors: np.ndarray
    same: SameQuestions = NO_QUESTIONS

    @cached_property
    def wordings(self) -> np.ndarray:
        """Return how alike each phrase is to any wording of each general question, `(questions, phrases)`."""
        is_asked = np.array([phrase.kind == ASKED and not phrase.is_vague for phrase in self.phrases])
        return self.same.closest(self.vectors, self.forms) * is_asked

    @cached_property
    def forms(self) -> np.ndarray:
        """Return what each phrase asks for, as numbers; 0 for anything, and for what is no question."""
        asked = [form_of(readable(p.text)) if p.kind == ASKED else "" for p in self.phrases]
        return np.array([FORM_NUMBER[form] for form in asked], dtype=np.int8)

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
        forms = np.array([FORM_NUMBER[form_of(part.text)] for part in parts], dtype=np.int8)
        likeness -= APART[forms][:, self.forms]
        likeness = self._in_other_words(vectors, forms, likeness)
        near = {subject_of(line) for line in said} - {""}
        best: dict[tuple[str, str, bool], Likeness] = {}
        for part, row in zip(parts, likeness, strict=True):
            for number in np.flatnonzero(row >= LEAST):
                phrase = self.phrases[number]
                if phrase.is_vague and (part.is_joined or subject_of(phrase.line) not in near):
                    continue
                if part.is_joined and phrase.kind != ASKED:
                    continue
                key, value = (phrase.line, phrase.kind, phrase.is_vague), float(row[number])
                if key not in best or best[key].similarity < value:
                    found = Likeness(phrase.line, phrase.kind, value, part.start, part.end, phrase.is_vague)
                    best[key] = found
        return _most_alike(best.values(), near)


    def _in_other_words(self, vectors: np.ndarray, forms: np.ndarray, likeness: np.ndarray) -> np.ndarray:
        """Return the likenesses, raised where a phrase is another wording of the general question asked."""
        if not len(self.same.questions):
            return likeness
        asked = self.same.closest(vectors, forms).T
        question = asked.argmax(axis=1)
        sure = asked[np.arange(len(vectors)), question]
        other = np.minimum(sure[:, None], self.wordings[question]) - OTHER_WORDING
        return np.where(sure[:, None] >= SAME_FROM, np.maximum(likeness, other), likeness)


@dataclass(frozen=True)
class _Part:
    """A stretch of a reply to be compared, with what its likeness is worth less.

    Attributes:
        text: The words.
        start: First character of the stretch in the reply.
        end: One past the last.
        less: What its likeness is worth less.
        is_joined: Whether other words stand before it that only help to understand it.
    """

    text: str
    start: int
    end: int
    less: float = 0.0
    is_joined: bool = False


def _parts(reading: Reading, peer: str) -> list[_Part]:
    """Return the stretches of a reply: its clauses, the whole, and short questions with what they point at."""
    sentences = list(reading.sentences)[-MOST_CLAUSES:]
    parts = [_Part(readable(reading.text[s.start : s.end]), s.start, s.end) for s in sentences]
    parts = [part for part in parts if part.text]
    for part in list(parts):
        words = part.text.split()
        fragment = _FRAGMENT.match(part.text)
        if fragment and "?" in reading.text[part.start : part.end + 1]:
            parts.append(replace(part, text=f"tell me about {fragment.group(1)}"))
        if peer.strip() and asks(part.text) and len(words) <= CONTEXT_WORDS and _POINTS.search(part.text):
            words_before = readable(peer)[-CONTEXT_CHARACTERS:]
            parts.append(_Part(f"{words_before} {part.text}", part.start, part.end, CONTEXT_LESS, True))
    for first, second in pairwise(sentences):
        # "What about Tasha? Does she know?" needs its first half; most questions are clearer without one.
        last = readable(reading.text[second.start : second.end])
        if _POINTS.search(last) or len(last.split()) <= SHORT:
            text = readable(reading.text[first.start : second.end])
            parts.append(_Part(text, second.start, second.end, TWO_LESS, True))
    return parts


def _most_alike(found: Iterable[Likeness], near: Collection[str]) -> tuple[Likeness, ...]:
    """Return the most alike of each kind, with the similarities rounded as they travel.

    Args:
        found: What is alike.
        near: Subjects of the last words, of which a few lines come along in any case.
    """
    ordered = sorted(found, key=lambda like: (-like.similarity, like.line))
    kept: list[Likeness] = []
    for kind in KINDS:
        plain = [like for like in ordered if like.kind == kind and not like.is_vague]
        vague = [like for like in ordered if like.kind == kind and like.is_vague][:MOST_VAGUE]
        close = [like for like in plain[MOST[kind] :] if subject_of(like.line) in near][:MOST_NEAR]
        kept += plain[: MOST[kind]] + close + vague
    return tuple(replace(like, similarity=round(like.similarity, 4)) for like in kept)


def prepare(
    encoder: WholeEncoder, phrases: Sequence[Phrase], same: SameQuestions = NO_QUESTIONS
) -> PreparedLines:
    """Encode the phrases of one person."""
    vectors = encoder.encode_all([readable(phrase.text) for phrase in phrases])[:, :SIZE]
    return PreparedLines(tuple(phrases), vectors.astype(np.float16).astype(np.float32), same)


def prepare_all(
    encoder: Encoder, scenarios: Iterable[Scenario], questions: Sequence[Sequence[str]], folder: Path
) -> dict[str, PreparedLines]:
    """Return the prepared lines of all persons; what was encoded by an earlier training is taken over.

    Args:
        encoder: Encodes what is new.
        scenarios: The persons.
        questions: The general questions, each as its wordings.
        folder: The encoder's folder, beside whose weights the vectors are kept.
    """
    old = load_prepared(folder)
    same = same_questions(encoder, questions)
    found = {
        scenario.id: prepare(_Reusing(encoder, old.get(scenario.id)), phrases_of(scenario), same)
        for scenario in scenarios
    }
    save_prepared(found, folder)
    return found


def save_prepared(prepared: Mapping[str, PreparedLines], folder: Path) -> None:
    """Write one file for each person, and one for the general questions."""
    (folder / FOLDER).mkdir(parents=True, exist_ok=True)
    same = next((lines.same for lines in prepared.values()), NO_QUESTIONS)
    np.savez_compressed(
        folder / FOLDER / SAME_FILE,
        questions=same.questions,
        forms=same.forms,
        vectors=same.vectors.astype(np.float16),
    )
    for name, lines in prepared.items():
        lines.save(folder / FOLDER / f"{name}.npz")


def load_prepared(folder: Path) -> dict[str, PreparedLines]:
    """Read what `save_prepared` wrote, by person."""
    same, path = NO_QUESTIONS, folder / FOLDER / SAME_FILE
    if path.is_file():
        with np.load(path) as arrays:
            same = SameQuestions(arrays["questions"], arrays["forms"], arrays["vectors"].astype(np.float32))
    persons = (file for file in sorted((folder / FOLDER).glob("*.npz")) if file.name != SAME_FILE)
    return {file.stem: replace(PreparedLines.load(file), same=same) for file in persons}


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
            if old is None or old.phrases != tuple(phrases):
                same = old.same if old else next((one.same for one in self._known.values()), NO_QUESTIONS)
                self._known[scenario.id] = prepare(_Reusing(self._whole, old), phrases, same)
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
