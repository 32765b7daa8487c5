"""Which prepared lines of a person a reply leads to, by the likeness of sentences.

A question is compared with the questions that each line answers (`asked` in the scenario file), a remark
with the remarks that it may follow, and both with the lines' own words: one matrix product a turn. The
vectors are the encoder's own, untouched by the tuning for moves. What it means for the answer is decided
in `bot.peer`; here only likeness is measured.
"""

from __future__ import annotations

import json
import re
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from itertools import pairwise
from pathlib import Path

import numpy as np

from bot.nlu.encoder import SIZE, TextEncoder
from bot.nlu.form import asks
from bot.nlu.pronouns import has_pronoun, resolved
from bot.nlu.same_questions import (
    APART,
    FORM_NUMBER,
    NO_QUESTIONS,
    SameQuestions,
    same_questions,
)
from bot.nlu.wording import readable
from bot.peer.forms import form_of
from bot.peer.phrases import ASKED, OWN, STATED, Phrase, phrases_of, subject_of
from bot.peer.scenario import Scenario
from bot.reading import Likeness, Reading

FOLDER = "prepared"
SAME_FILE = "same-questions.npz"
"""Beside the persons' files; no scenario id has a hyphen."""
KINDS = (ASKED, STATED, OWN)
MOST = {ASKED: 12, STATED: 5, OWN: 6}
"""How many lines travel, by kind: enough that some are left when the best were said or are locked."""
MOST_VAGUE = 4
MOST_NEAR = 3
SAME_FROM = 0.68
"""Likeness with a general question from which it is that question."""
WORDING_FROM = 0.74
"""Likeness of a line's question with a wording from which it is another wording of the same."""
OTHER_WORDING = 0.04
"""What a likeness found by another wording of the question is worth less."""
LEAST = 0.3
"""Likeness below which nothing is taken along."""
MOST_CLAUSES = 6
"""Clauses of a reply that are looked at, the last ones: what is asked last is what is answered."""

_POINTS = re.compile(
    r"\b(?:that|it|this|he|she|they|them|him|her|his|hers|their|there|those|these|so|then|one|ones|else)\b"
)
CONTEXT_WORDS = 8
"""Longest question of which the peer's last words are thought to be a part."""
CONTEXT_CHARACTERS = 160
CONTEXT_LESS = 0.08
"""What a likeness is worth less when the peer's last words were needed to find it."""
CLEAR_FROM = 0.75
"""Likeness from which a question is understood without the words before it."""
SHORT = 4
"""Words up to which a question may need the one before it."""
RESOLVED_LESS = 0.02
"""What a likeness is worth less when a pronoun was taken for somebody named before."""
TWO_LESS = 0.03
"""What the likeness of two clauses together is worth less."""
_FRAGMENT = re.compile(
    r"^(?:(?:and|so|but|what about|how about|or) )+((?:your |the |his |her |their )?[\w' ]{2,30}?)\W*$"
)
"""A question that only names its subject: "and your kid?"."""


@dataclass(frozen=True)
class PreparedLines:
    """The phrases of one person with their vectors.

    Attributes:
        phrases: What a reply is compared with.
        vectors: Their vectors, `(phrases, 384)`; kept as float16, compared as float32.
        same: General questions in several wordings.
        names: People and places of this person's life, in lower case.
    """

    phrases: tuple[Phrase, ...]
    vectors: np.ndarray
    same: SameQuestions = NO_QUESTIONS
    names: frozenset[str] = frozenset()

    @cached_property
    def wordings(self) -> np.ndarray:
        """Return how alike each phrase is to any wording of each general question, `(questions, phrases)`."""
        is_asked = np.array([phrase.kind == ASKED and not phrase.is_vague for phrase in self.phrases])
        return self.same.closest(self.vectors, self.forms) * is_asked

    @cached_property
    def _called(self) -> re.Pattern[str]:
        """Return what finds the person's own name in a readable text, written in one word or two."""
        name = self.phrases[0].line.partition(":")[0] if self.phrases else ""
        return re.compile(rf",? *\b{' ?'.join(name)}\b,?") if name else re.compile(r"(?!)")

    @cached_property
    def forms(self) -> np.ndarray:
        """Return what each phrase asks for, as numbers; 0 for anything, and for what is no question."""
        asked = [form_of(readable(p.text)) if p.kind == ASKED else "" for p in self.phrases]
        return np.array([FORM_NUMBER[form] for form in asked], dtype=np.int8)

    def save(self, path: Path) -> None:
        """Write phrases and vectors to one compressed file."""
        rows = [[phrase.line, phrase.kind, phrase.text, phrase.is_vague] for phrase in self.phrases]
        written = np.frombuffer(json.dumps(rows).encode(), dtype=np.uint8)
        names = np.array(sorted(self.names), dtype=np.str_)
        np.savez_compressed(path, phrases=written, vectors=self.vectors.astype(np.float16), names=names)

    @classmethod
    def load(cls, path: Path) -> PreparedLines:
        """Read what `save` wrote."""
        with np.load(path) as arrays:
            rows = json.loads(arrays["phrases"].tobytes().decode())
            vectors = arrays["vectors"].astype(np.float32)
            names = frozenset(str(name) for name in arrays["names"])
        return cls(tuple(Phrase(*row) for row in rows), vectors, names=names)

    def leads(
        self, encoder: TextEncoder, reading: Reading, peer: str, said: Iterable[str] = ()
    ) -> tuple[Likeness, ...]:
        """Return the lines that a reply leads to, the most alike first within each kind.

        Args:
            encoder: Gives the vectors of the reply's parts.
            reading: The reply and its clauses.
            peer: The peer's last words.
            said: Ids of the lines that the peer said last; vague phrases count for their subjects only.
        """
        parts = _parts(reading, peer, self._called, self.names)
        if not parts or not self.phrases:
            return ()
        alone = [part for part in parts if not part.is_joined]
        likeness = self._likeness(encoder, alone)
        is_asked = np.array([phrase.kind == ASKED and not phrase.is_vague for phrase in self.phrases])
        # A clause that is clear by itself needs no words before it, and encoding them takes longest.
        clear = {
            part.start
            for part, row in zip(alone, likeness, strict=True)
            if row.max(where=is_asked, initial=0.0) >= CLEAR_FROM and not part.is_bare
        }
        joined = [part for part in parts if part.is_joined and part.start not in clear]
        if joined:
            likeness = np.concatenate([likeness, self._likeness(encoder, joined)])
        parts = [*alone, *joined]
        near = {subject_of(line) for line in said} - {""}
        best: dict[tuple[str, str, bool], Likeness] = {}
        for part, row in zip(parts, likeness, strict=True):
            for number in np.flatnonzero(row >= LEAST):
                phrase = self.phrases[number]
                if phrase.is_vague and (part.is_joined or subject_of(phrase.line) not in near):
                    continue
                if part.is_joined and phrase.kind != ASKED:
                    continue
                if (
                    part.is_bare
                    and phrase.kind == ASKED
                    and not phrase.is_vague
                    and not has_pronoun(phrase.text)
                ):
                    continue  # "how old is he?" is no question about the one who is asked
                key, value = (phrase.line, phrase.kind, phrase.is_vague), float(row[number])
                if key not in best or best[key].similarity < value:
                    found = Likeness(phrase.line, phrase.kind, value, part.start, part.end, phrase.is_vague)
                    best[key] = found
        return _most_alike(best.values(), near)

    def _likeness(self, encoder: TextEncoder, parts: Sequence[_Part]) -> np.ndarray:
        """Return how alike each part is to each phrase, in the same words or in others."""
        vectors = encoder.encode([part.text for part in parts])
        likeness = vectors @ self.vectors.T - np.array([[part.less] for part in parts], dtype=np.float32)
        forms = np.array([FORM_NUMBER[form_of(part.text)] for part in parts], dtype=np.int8)
        return self._in_other_words(vectors, forms, likeness - APART[forms][:, self.forms])

    def _in_other_words(self, vectors: np.ndarray, forms: np.ndarray, likeness: np.ndarray) -> np.ndarray:
        """Return the likenesses, raised where a phrase is another wording of the general question asked."""
        if not len(self.same.questions):
            return likeness
        asked = self.same.closest(vectors, forms).T
        question = asked.argmax(axis=1)
        sure = asked[np.arange(len(vectors)), question]
        wordings = self.wordings[question]
        other = np.minimum(sure[:, None], wordings) - OTHER_WORDING - APART[forms][:, self.forms]
        is_same = (sure[:, None] >= SAME_FROM) & (wordings >= WORDING_FROM)
        return np.where(is_same, np.maximum(likeness, other), likeness)


@dataclass(frozen=True)
class _Part:
    """A stretch of a reply to be compared, with what its likeness is worth less.

    Attributes:
        text: The words.
        start: First character of the stretch in the reply.
        end: One past the last.
        less: What its likeness is worth less.
        is_joined: Whether other words stand before it that only help to understand it.
        is_bare: Whether it has a pronoun that was taken for somebody; as it stands it asks of anybody.
    """

    text: str
    start: int
    end: int
    less: float = 0.0
    is_joined: bool = False
    is_bare: bool = False


def _parts(reading: Reading, peer: str, called: re.Pattern[str], names: frozenset[str]) -> list[_Part]:
    """Return the stretches of a reply: its clauses, and short questions with what they point at.

    Args:
        reading: The reply and its clauses.
        peer: The peer's last words.
        called: Finds the peer's own name, which says who is spoken to and nothing of what is asked.
        names: Whom a pronoun may mean.
    """
    sentences = list(reading.sentences)[-MOST_CLAUSES:]
    parts = [
        _Part(called.sub(" ", readable(reading.text[s.start : s.end])).strip(), s.start, s.end)
        for s in sentences
    ]
    parts = [part for part in parts if part.text]
    for part in list(parts):
        words = part.text.split()
        fragment = _FRAGMENT.match(part.text)
        if (
            fragment
            and fragment.group(1) not in ("you", "yours", "yourself")
            and "?" in reading.text[part.start : part.end + 1]
        ):
            parts.append(replace(part, text=f"tell me about {fragment.group(1)}"))
        if peer.strip() and asks(part.text) and len(words) <= CONTEXT_WORDS and _POINTS.search(part.text):
            words_before = readable(peer)[-CONTEXT_CHARACTERS:]
            parts.append(_Part(f"{words_before} {part.text}", part.start, part.end, CONTEXT_LESS, True))
        before = f"{readable(peer)} {readable(reading.text[: part.start])}"
        meant = resolved(part.text, before, names) if asks(part.text) else ""
        if meant:
            parts[parts.index(part)] = replace(part, is_bare=True)
            parts.append(_Part(meant, part.start, part.end, RESOLVED_LESS, True))
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
    encoder: TextEncoder,
    phrases: Sequence[Phrase],
    same: SameQuestions = NO_QUESTIONS,
    names: frozenset[str] = frozenset(),
) -> PreparedLines:
    """Encode the phrases of one person."""
    vectors = encoder.encode([readable(phrase.text) for phrase in phrases])
    return PreparedLines(tuple(phrases), vectors.astype(np.float16).astype(np.float32), same, names)


def prepare_all(
    encoder: TextEncoder, scenarios: Iterable[Scenario], questions: Sequence[Sequence[str]]
) -> dict[str, PreparedLines]:
    """Return the prepared lines of all persons.

    Args:
        encoder: Encodes, or remembers.
        scenarios: The persons.
        questions: The general questions, each as its wordings.
    """
    same = same_questions(encoder, questions)
    return {
        scenario.id: prepare(encoder, phrases_of(scenario), same, scenario.names.all)
        for scenario in scenarios
    }


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


class Reusing:
    """Takes vectors of phrases that were prepared before, and encodes the others."""

    def __init__(self, encoder: TextEncoder, old: PreparedLines | None) -> None:
        self._encoder = encoder
        known = zip(old.phrases, old.vectors, strict=True) if old else ()
        self._known = {readable(phrase.text): vector for phrase, vector in known}

    def encode(self, texts: Sequence[str]) -> np.ndarray:
        """Return the vectors of texts."""
        new = [text for text in dict.fromkeys(texts) if text not in self._known]
        if new:
            self._known.update(zip(new, self._encoder.encode(new), strict=True))
        rows = [self._known[text] for text in texts]
        return np.stack(rows) if rows else np.zeros((0, SIZE), dtype=np.float32)
