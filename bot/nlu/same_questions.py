"""What a question asks for by its form, and general questions in several wordings.

Vectors tell well what a question is about, and badly whether it asks why or when. Its first words tell that.
Questions that trainees ask everybody stand in `data/same_questions.yml`, each in several wordings.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from bot.content import Checker, ContentError, read_yaml
from bot.nlu.encoder import SIZE, TextEncoder
from bot.nlu.wording import readable
from bot.peer.forms import FORMS, form_of

QUESTIONS_FILE = "same_questions.yml"
OTHER_FORM = 0.07
"""What a likeness is worth less when one asks why and the other when, or whether: vectors hardly tell."""


WHETHER_AND_OPEN = 0.05
"""The same where one asks whether and the other what or how."""
FORM_NUMBER = {"": 0, **{name: number for number, name in enumerate(FORMS, 1)}}


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
        if (
            not isinstance(wordings, list)
            or len(wordings) < 2
            or not all(isinstance(w, str) for w in wordings)
        ):
            check.error(f"questions.{number}", "must be a list of two or more wordings of one question")
    if check.problems:
        raise ContentError(check.problems)
    return [list(wordings) for wordings in questions]


def same_questions(encoder: TextEncoder, questions: Sequence[Sequence[str]]) -> SameQuestions:
    """Encode the general questions."""
    texts = [readable(wording) for wordings in questions for wording in wordings]
    numbers = [number for number, wordings in enumerate(questions) for _ in wordings]
    vectors = encoder.encode(texts)
    forms = np.array([FORM_NUMBER[form_of(text)] for text in texts], dtype=np.int8)
    return SameQuestions(np.array(numbers, np.int64), forms, vectors.astype(np.float16).astype(np.float32))
