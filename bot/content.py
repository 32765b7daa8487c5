"""Reading the YAML that people edit, with errors that lead to the right line.

A `Checker` walks a document and collects every problem it meets, so that an author sees all of
them at once: file, place, what is wrong, and the nearest right answer.
"""

from __future__ import annotations

import difflib
import hashlib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from ruamel.yaml import YAML
from ruamel.yaml.error import MarkedYAMLError
from ruamel.yaml.nodes import MappingNode, SequenceNode


@dataclass(frozen=True)
class Problem:
    """One thing that is wrong in a content file.

    Attributes:
        file: Name of the file, as the author knows it.
        place: Where in it, e.g. `beats.B4.tags`.
        text: What is wrong and, where there is one, the nearest right answer.
        is_error: False for advice that does not stop a scenario from running.
        line: Line of the file, from 1, where the place is known to stand.
    """

    file: str
    place: str
    text: str
    is_error: bool = True
    line: int | None = None

    def __str__(self) -> str:
        """Return the problem as one line; `file:line` is what editors and terminals can jump to."""
        where = f"{self.file}:{self.line}" if self.line else self.file
        return f"{where}: {self.place}: {self.text}" if self.place else f"{where}: {self.text}"


class ContentError(ValueError):
    """Content files that cannot be used; carries every problem found in them."""

    def __init__(self, problems: Iterable[Problem]) -> None:
        self.problems = list(problems)
        super().__init__("\n".join(str(problem) for problem in self.problems))


def nearest(word: str, allowed: Iterable[str]) -> str:
    """Return `; did you mean "..."?` for the closest allowed word, or the allowed words if none is close."""
    choices = sorted(str(choice) for choice in allowed)
    close = difflib.get_close_matches(str(word), choices, n=1, cutoff=0.6)
    if close:
        return f'; did you mean "{close[0]}"?'
    shown = ", ".join(choices[:12]) + (", ..." if len(choices) > 12 else "")
    return f"; known: {shown}" if choices else ""


def read_yaml(path: Path) -> Any:
    """Return the document in a YAML file.

    Raises:
        ContentError: The file is missing or is not YAML; the problem names the line.
    """
    try:
        text = path.read_text(encoding="utf-8")
    except OSError as error:
        raise ContentError([Problem(path.name, "", f"cannot be read ({error.strerror})")]) from error
    try:
        return YAML(typ="safe").load(text)
    except MarkedYAMLError as error:
        mark = error.problem_mark
        place = f"line {mark.line + 1}" if mark else ""
        raise ContentError([Problem(path.name, place, f"not YAML: {error.problem}")]) from error


class Places:
    """Finds the line of a place such as `beats.B4.tags` or `reactions.heard.low.3` in a YAML file."""

    def __init__(self, text: str) -> None:
        """Keep the text; it is parsed at the first question."""
        self._text = text
        self._root: Any = None

    def line(self, place: str) -> int | None:
        """Return the line, from 1, of the deepest part of a place that is in the file; None if none is.

        Args:
            place: Keys, ids of list entries, or numbers of list entries from 1, joined by dots.
        """
        if self._root is None:
            self._root = YAML(typ="safe", pure=True).compose(self._text)
        node, line = self._root, None
        for part in place.split("."):
            found = _child(node, part)
            if found is None:
                break
            key, node = found
            line = key.start_mark.line + 1
        return line


def _child(node: Any, part: str) -> tuple[Any, Any] | None:
    """Return the node to point at and the node to go on from for one part of a place."""
    if isinstance(node, MappingNode):
        return next(((key, value) for key, value in node.value if key.value == part), None)
    if isinstance(node, SequenceNode):
        for entry in node.value:
            if isinstance(entry, MappingNode):
                named = _child(entry, "id")
                if named and named[1].value == part:
                    return named[0], entry
        if part.isdigit() and 0 < int(part) <= len(node.value):
            return (node.value[int(part) - 1],) * 2
    return None


def content_version(declared: str, *parts: bytes) -> str:
    """Return the declared version with eight hex digits of the content behind it."""
    digest = hashlib.sha256(b"\0".join(parts)).hexdigest()[:8]
    return f"{declared}+{digest}"


_KINDS = {
    "str": "text",
    "list": "a list",
    "NoneType": "nothing",
    "int": "a number",
    "float": "a number",
    "bool": "yes or no",
}


def _kind_of(value: Any) -> str:
    """Return what a value is, in words of people who write YAML rather than Python."""
    return _KINDS.get(type(value).__name__, type(value).__name__)


@dataclass
class Checker:
    """Collects the problems of one document while it is taken apart.

    Attributes:
        file: Name of the file, for messages.
        problems: What was found so far.
    """

    file: str
    problems: list[Problem] = field(default_factory=list)

    def error(self, place: str, text: str) -> None:
        """Note something that must be mended."""
        self.problems.append(Problem(self.file, place, text))

    def advise(self, place: str, text: str) -> None:
        """Note something that ought to be better."""
        self.problems.append(Problem(self.file, place, text, is_error=False))

    def keys(
        self, value: Any, place: str, required: Iterable[str], optional: Iterable[str] = ()
    ) -> dict[str, Any]:
        """Return a mapping, noting missing and unknown keys; an empty one if it is no mapping."""
        if not isinstance(value, Mapping):
            self.error(place, f"must be keys and values, not {_kind_of(value)}")
            return {}
        required, allowed = list(required), set(required) | set(optional)
        for key in required:
            if key not in value:
                self.error(place, f'"{key}" is missing')
        for key in value:
            if key not in allowed:
                self.error(place, f'unknown key "{key}"{nearest(key, allowed)}')
        return {str(key): entry for key, entry in value.items()}

    def mapping(self, value: Any, place: str) -> dict[str, Any]:
        """Return a mapping whose keys are free, noting it if it is none; nothing counts as empty."""
        if value is None:
            return {}
        if not isinstance(value, Mapping):
            self.error(place, f"must be keys and values, not {_kind_of(value)}")
            return {}
        return {str(key): entry for key, entry in value.items()}

    def one_of(self, value: Any, place: str, allowed: Iterable[str], what: str) -> str:
        """Return the value, noting it if it is not one of the allowed words."""
        allowed = list(allowed)
        if value not in allowed:
            self.error(place, f'unknown {what} "{value}"{nearest(value, allowed)}')
        return str(value)

    def words(self, value: Any, place: str) -> tuple[str, ...]:
        """Return a list of strings (one string counts as a list of one)."""
        if value is None:
            return ()
        entries = value if isinstance(value, list) else [value]
        if not all(isinstance(entry, (str, int)) for entry in entries):
            self.error(place, "must be a list of words")
            return ()
        return tuple(str(entry) for entry in entries)

    def number(self, value: Any, place: str, low: float, high: float, default: float = 0.0) -> float:
        """Return a number, noting it if it is none or lies outside `low` to `high`."""
        if isinstance(value, bool) or not isinstance(value, (int, float)):
            self.error(place, f"must be a number, not {value!r}")
            return default
        if not low <= value <= high:
            self.error(place, f"is {value}; it must lie between {low:g} and {high:g}")
        return float(value)

    def text(self, value: Any, place: str) -> str:
        """Return a string, noting it if it is none or empty."""
        if not isinstance(value, str) or not value.strip():
            self.error(place, "must be some words")
            return ""
        return value.strip()
