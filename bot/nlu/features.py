"""All that the tagger sees of a part of a message: what it does in its context, its form, the peer's line."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Protocol

import numpy as np

from bot.nlu.context import ContextEncoder, InContext, Stretch
from bot.nlu.cuts import cut_clauses
from bot.nlu.encoder import SIZE
from bot.nlu.form import form_features
from bot.nlu.segments import joined, possible_runs
from bot.nlu.wording import readable

VECTOR_WEIGHT = 0.6
"""Scale of the vectors beside the form features. Their layers have seen the training sentences, so that they
seem surer there than they are elsewhere; set on replies kept apart."""

LAST_WORDS = 1000
"""Characters at the end of the peer's line that the form features look at."""

TOGETHER = 256
"""Messages whose tokens are held at once while parts of many are read; bounds the memory."""

START, END, BEGINS, VECTOR = 0, 1, 2, 3
"""Columns of a part's row: its first code point, one past its last, how probable it is that a part begins
there, and from here on its vector."""


@dataclass(frozen=True)
class Wanted:
    """The parts of one message that are to be read.

    Attributes:
        peer: The peer's line, "" where there was none.
        text: The message.
        given: Parts whose bounds are known.
        is_cut: Whether all parts that our own cutting allows come after those.
    """

    peer: str
    text: str
    given: tuple[Stretch, ...] = ()
    is_cut: bool = False

    def key(self) -> list[object]:
        """Return what tells it from others, JSON-ready."""
        return [self.peer, self.text, self.given, self.is_cut]


class PartReader(Protocol):
    """What reads parts of messages: the network, or a store that remembers."""

    def parts(self, wanted: Sequence[Wanted]) -> list[np.ndarray]:
        """Return for each message one row a part, `(parts, VECTOR + SIZE)` float32."""
        ...


class ContextParts:
    """Reads parts with the network, for training.

    Args:
        context: The network.
    """

    def __init__(self, context: ContextEncoder) -> None:
        self._context = context

    def parts(self, wanted: Sequence[Wanted]) -> list[np.ndarray]:
        """Return what `PartReader.parts` returns."""
        found = [np.zeros((0, VECTOR + SIZE), dtype=np.float32)] * len(wanted)
        # Those of like length together: the network takes as long for each as for the longest beside it.
        order = sorted(
            range(len(wanted)), key=lambda place: len(wanted[place].peer) + len(wanted[place].text)
        )
        for first in range(0, len(order), TOGETHER):
            places = order[first : first + TOGETHER]
            read = self._context.read([(wanted[place].peer, wanted[place].text) for place in places])
            for place, in_context in zip(places, read, strict=True):
                one = wanted[place]
                found[place] = part_rows(in_context, [*one.given, *_own(one, in_context)])
        return found


def _own(wanted: Wanted, in_context: InContext) -> Iterator[Stretch]:
    """Give the parts of our own cutting."""
    if wanted.is_cut:
        clauses = cut_clauses(wanted.text, in_context)
        for run in possible_runs(wanted.text, clauses):
            segment = joined(wanted.text, clauses, run)
            yield segment.start, segment.end


def part_rows(in_context: InContext, stretches: Sequence[Stretch]) -> np.ndarray:
    """Return one row for each part of a message, `(parts, VECTOR + SIZE)` float32."""
    rows = np.zeros((len(stretches), VECTOR + SIZE), dtype=np.float32)
    for row, stretch in zip(rows, stretches, strict=True):
        row[START], row[END], row[BEGINS] = *stretch, in_context.begins_at(stretch[0])
        row[VECTOR:] = in_context.vector(stretch)
    return rows


@dataclass(frozen=True)
class PartFeatures:
    """Parts of messages as numbers, row by row.

    Attributes:
        texts: The readable parts, for the n-grams.
        dense: What the tagger takes, `(rows, features)`, float32: vector in context, form.
        begins: How probable it is that a part begins where this one does, 0 to 1, `(rows,)`.
    """

    texts: Sequence[str]
    dense: np.ndarray
    begins: np.ndarray

    def rows(self, numbers: np.ndarray) -> PartFeatures:
        """Return some of the rows."""
        return PartFeatures(
            [self.texts[number] for number in numbers], self.dense[numbers], self.begins[numbers]
        )

    def joined(self, more: PartFeatures) -> PartFeatures:
        """Return these rows and then those."""
        return PartFeatures(
            [*self.texts, *more.texts],
            np.concatenate([self.dense, more.dense]),
            np.concatenate([self.begins, more.begins]),
        )


def features_of(messages: Sequence[tuple[str, str]], parts: Sequence[np.ndarray]) -> PartFeatures:
    """Return the features of parts, message by message.

    Args:
        messages: The peer's line and the message.
        parts: For each message the rows of its parts.
    """
    texts: list[str] = []
    peers: list[str] = []
    for (peer, text), rows in zip(messages, parts, strict=True):
        line = readable(peer[-LAST_WORDS:])
        texts += [readable(text[int(row[START]) : int(row[END])]) for row in rows]
        peers += [line] * len(rows)
    together = np.concatenate(parts) if len(parts) else np.zeros((0, VECTOR + SIZE), np.float32)
    dense = np.concatenate([together[:, VECTOR:] * VECTOR_WEIGHT, form_features(texts, peers)], axis=1)
    return PartFeatures(texts, dense.astype(np.float32), together[:, BEGINS])
