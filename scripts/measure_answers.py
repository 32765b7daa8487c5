"""How well a question finds the line that answers it: each written question, asked of the others.

Every question of every scenario is left out in turn and asked; the line of the most similar other question
would be the answer. Counted are those that lead to the very line, and to its beat or topic. Questions that
stand at two lines of different subjects cannot be told apart and are listed.

Usage: python scripts/measure_answers.py [SCENARIO ...]
"""

from __future__ import annotations

import sys
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from bot.nlu.encoder import Encoder
from bot.nlu.prepared import PreparedLines, load_prepared, prepare_all
from bot.nlu.same_questions import APART, read_same_questions
from bot.peer.phrases import ASKED, subject_of
from bot.peer.scenario_file import load_scenarios
from bot.settings import load_settings

TOO_ALIKE = 0.97
"""Likeness from which two questions at lines of different subjects are the same question."""


@dataclass(frozen=True)
class Found:
    """What the questions of one scenario find when each is asked of the others.

    Attributes:
        questions: How many there are.
        line: Share that find their own line.
        subject: Share that find their own beat or topic.
        twins: Pairs of questions that stand at lines of different subjects.
    """

    questions: int
    line: float
    subject: float
    twins: tuple[tuple[str, str], ...]


def leave_one_out(prepared: PreparedLines) -> Found:
    """Ask each question of the other lines' questions, and of its own line's other ones."""
    asked = [n for n, p in enumerate(prepared.phrases) if p.kind == ASKED and not p.is_vague]
    vectors, forms = prepared.vectors[asked], prepared.forms[asked]
    likeness = vectors @ vectors.T - APART[forms][:, forms]
    np.fill_diagonal(likeness, -1.0)
    phrases = [prepared.phrases[number] for number in asked]
    best = likeness.argmax(axis=1)
    subjects = [subject_of(phrase.line) for phrase in phrases]
    same_line = [phrases[other].line == phrase.line for phrase, other in zip(phrases, best, strict=True)]
    same_subject = [subjects[other] == subject for subject, other in zip(subjects, best, strict=True)]
    twins = sorted(
        {
            tuple(sorted((f"{a.line}: {a.text}", f"{b.line}: {b.text}")))
            for n, a in enumerate(phrases)
            for m in np.flatnonzero(likeness[n] >= TOO_ALIKE)
            if subject_of((b := phrases[m]).line) != subject_of(a.line)
        }
    )
    return Found(len(phrases), float(np.mean(same_line)), float(np.mean(same_subject)), tuple(twins))


def main(names: Sequence[str]) -> None:
    """Print one row a scenario, then the questions that stand twice."""
    settings = load_settings()
    scenarios = load_scenarios(settings.data)
    known = load_prepared(settings.encoder)
    stale = [s for s in scenarios.values() if s.id not in known]
    prepared = known if not stale else prepare_all(
        Encoder(settings.encoder, 2), scenarios.values(), read_same_questions(settings.data), settings.encoder
    )  # fmt: skip
    twins: list[tuple[str, str]] = []
    for name in names or scenarios:
        found = leave_one_out(prepared[name])
        twins += found.twins
        print(f"{name:10} {found.questions:5} questions  line {found.line:.0%}  subject {found.subject:.0%}")
    for first, second in twins:
        print(f"the same question: {first}  |  {second}")


if __name__ == "__main__":
    main(sys.argv[1:])
