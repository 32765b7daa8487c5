"""The topic reader: what a clause is about, and whether it asks the peer about it.

Logistic regression on the encoder's vectors of the questions and statements in `data/topics.yml`,
one model per topic, so that a clause can be about several or none.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from scipy import sparse

from bot.content import ContentError, Problem, read_yaml
from bot.nlu.encoder import TextEncoder
from bot.nlu.form import content_words
from bot.nlu.ngrams import Ngrams
from bot.nlu.softmax import Softmax, fit_softmax, softmax
from bot.nlu.wording import readable

TOPICS_FILE = "topics.yml"
NOTHING = "nothing"
"""The column of clauses that are about no topic in particular ("tell me more")."""

LOWEST = 0.2
MOST = 3
_VECTOR_WEIGHT, _NGRAM_WEIGHT, _KEYWORD_WEIGHT = 4.0, 1.5, 2.0
_STRENGTH, _ITERATIONS = 2.0, 60


@dataclass(frozen=True)
class TopicContent:
    """What `data/topics.yml` says of one topic.

    Attributes:
        id: The topic's name.
        label: What people are shown.
        examples: Clauses that ask or tell about it.
        keywords: Words that nearly always mean it.
    """

    id: str
    label: str
    examples: tuple[str, ...]
    keywords: tuple[str, ...]


def load_topics(data: Path) -> list[TopicContent]:
    """Read `topics.yml`.

    Raises:
        ContentError: A topic lacks its id, label or examples, or comes twice.
    """
    document = read_yaml(data / TOPICS_FILE)
    problems: list[Problem] = []
    topics: list[TopicContent] = []
    for number, entry in enumerate(document.get("topics", ())):
        name = str(entry.get("id", number))
        missing = [key for key in ("id", "label", "about", "asked", "told") if not entry.get(key)]
        if missing and name != NOTHING:
            problems.append(Problem(TOPICS_FILE, f"topics.{name}", f"lacks {', '.join(missing)}"))
        if any(topic.id == name for topic in topics):
            problems.append(Problem(TOPICS_FILE, f"topics.{name}", "comes twice"))
        examples = tuple(str(text) for key in ("asked", "told") for text in entry.get(key) or ())
        keywords = tuple(str(word) for word in entry.get("keywords") or ())
        topics.append(TopicContent(name, str(entry.get("label", "")), examples, keywords))
    if problems:
        raise ContentError(problems)
    return topics


@dataclass(frozen=True)
class TopicReader:
    """A trained topic reader.

    Attributes:
        topics: Topic ids in the order of the columns, `nothing` among them.
        keywords: Keyword stem to the column that it speaks for.
        model: Weights.
        ngrams: Which n-grams there are.
    """

    topics: tuple[str, ...]
    keywords: Mapping[str, int]
    model: Softmax
    ngrams: Ngrams

    def probabilities(self, texts: Sequence[str], vectors: np.ndarray) -> np.ndarray:
        """Return how likely each topic is, `(texts, topics)`.

        Args:
            texts: Readable clauses.
            vectors: Their encoder vectors, `(texts, SIZE)`.
        """
        dense = _dense(texts, vectors, self.keywords, len(self.topics))
        loose = self.ngrams.transform(texts) * np.float32(_NGRAM_WEIGHT)
        return softmax(self.model.scores(dense, loose))

    def save(self, folder: Path) -> None:
        """Write weights as npz and the rest as JSON."""
        np.savez_compressed(
            folder / "topics.npz", dense=self.model.dense, loose=self.model.loose, bias=self.model.bias
        )
        state: dict[str, Any] = {"topics": list(self.topics), "keywords": dict(self.keywords)}
        state["ngrams"] = self.ngrams.to_state()
        (folder / "topics.json").write_text(json.dumps(state), encoding="utf-8")

    @classmethod
    def load(cls, folder: Path) -> TopicReader:
        """Read what `save` wrote."""
        state = json.loads((folder / "topics.json").read_text(encoding="utf-8"))
        with np.load(folder / "topics.npz") as arrays:
            model = Softmax(arrays["dense"], arrays["loose"], arrays["bias"])
        return cls(tuple(state["topics"]), state["keywords"], model, Ngrams(state["ngrams"]))


def train_topics(encoder: TextEncoder, topics: Sequence[TopicContent]) -> TopicReader:
    """Fit the topic reader on the examples of `data/topics.yml`."""
    names = tuple(topic.id for topic in topics)
    keywords = _keywords(topics)
    texts = [readable(text) for topic in topics for text in topic.examples]
    labels = [column for column, topic in enumerate(topics) for _ in topic.examples]
    targets = np.zeros((len(texts), len(names)), dtype=np.float32)
    targets[np.arange(len(texts)), labels] = 1
    vectors = encoder.encode(texts)
    ngrams = Ngrams()
    loose: sparse.csr_matrix = ngrams.fit_transform(texts) * np.float32(_NGRAM_WEIGHT)
    dense = _dense(texts, vectors, keywords, len(names))
    model = fit_softmax(dense, loose, targets, _STRENGTH, _ITERATIONS)
    return TopicReader(names, keywords, model, ngrams)


def _keywords(topics: Sequence[TopicContent]) -> dict[str, int]:
    """Return the stems that speak for one topic; a stem that two topics claim speaks for neither."""
    claimed: dict[str, set[int]] = {}
    for column, topic in enumerate(topics):
        for word in topic.keywords:
            for stem in content_words(word.lower()):
                claimed.setdefault(stem, set()).add(column)
    return {stem: next(iter(columns)) for stem, columns in sorted(claimed.items()) if len(columns) == 1}


def _dense(
    texts: Sequence[str], vectors: np.ndarray, keywords: Mapping[str, int], columns: int
) -> np.ndarray:
    spoken = np.zeros((len(texts), columns), dtype=np.float32)
    for row, text in enumerate(texts):
        for stem in content_words(text):
            if stem in keywords:
                spoken[row, keywords[stem]] = _KEYWORD_WEIGHT
    return np.concatenate([vectors * _VECTOR_WEIGHT, spoken], axis=1).astype(np.float32)
