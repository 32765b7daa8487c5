"""The rubric as data: moves, numbers, rules, indicators and feedback, checked while loading.

`load_rubric` reads `moves.yml`, `rubric.yml` and `feedback.yml` and gives one frozen `Rubric`. Nothing that
scores a reply holds a number of its own; what is not here is not scored.
"""

from __future__ import annotations

import hashlib
from pathlib import Path

from ruamel.yaml import YAML
from ruamel.yaml.error import MarkedYAMLError

from actions.rubric_parts import (
    CRITERIA,
    TAGS,
    Cap,
    Criterion,
    FeedbackEntry,
    FeedbackText,
    Indicator,
    Move,
    Rubric,
    Rule,
    Source,
)
from actions.rubric_places import Place, RubricError
from actions.rubric_reading import read_rubric

__all__ = [
    "CRITERIA",
    "TAGS",
    "Cap",
    "Criterion",
    "FeedbackEntry",
    "FeedbackText",
    "Indicator",
    "Move",
    "Rubric",
    "RubricError",
    "Rule",
    "Source",
    "load_rubric",
]


def load_rubric(data: Path, rubric_file: Path | None = None) -> Rubric:
    """Read and check the three files of the rubric.

    Args:
        data: The folder that holds them.
        rubric_file: Another file in the place of `rubric.yml`, to try its numbers.

    Raises:
        RubricError: A file is missing or wrong; the message names file, place, problem and what to write.
    """
    digest = hashlib.sha256()
    roots = []
    for name in ("moves.yml", "rubric.yml", "feedback.yml"):
        path = data / name if name != "rubric.yml" or rubric_file is None else rubric_file
        label = f"{path.parent.name}/{path.name}"
        try:
            raw = path.read_bytes()
        except OSError as error:
            raise RubricError(label, "", f"cannot be read ({error.strerror})") from error
        digest.update(raw.replace(b"\r\n", b"\n"))
        try:
            loaded = YAML(typ="safe", pure=True).load(raw.decode("utf-8"))
        except MarkedYAMLError as error:
            mark = error.problem_mark or error.context_mark
            where = f"line {mark.line + 1}" if mark is not None else ""
            raise RubricError(label, where, str(error.problem or error.context)) from error
        except UnicodeDecodeError as error:
            raise RubricError(label, "", f"is not UTF-8 text (byte {error.start})") from error
        roots.append(Place(label, "", loaded))
    return read_rubric(roots[0], roots[1], roots[2], digest.hexdigest()[:8])
