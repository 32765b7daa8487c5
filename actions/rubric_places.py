"""Reading a content file so that every mistake is named with its place and the nearest right answer.

A `Place` is one value in a file and knows how to say where it is. It never guesses: a wrong value raises
`RubricError`, whose message an instructor can act on, e.g.
`data/rubric.yml: flags.missed_empathy.effects: unknown criterion "humilty"; did you mean "humility"?`
"""

from __future__ import annotations

import difflib
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any, TypeVar

from bot.content import ContentError, Problem

T = TypeVar("T")


class RubricError(ContentError):
    """Something is wrong in moves.yml, rubric.yml or feedback.yml; the message says what and where."""

    def __init__(self, file: str, place: str, text: str) -> None:
        super().__init__([Problem(file, place, text)])


def nearest(name: str, allowed: Iterable[str]) -> str:
    """Return `; did you mean "x"?` for the allowed name most like this one, or what is allowed."""
    known = sorted(str(item) for item in allowed)
    close = difflib.get_close_matches(name, known, n=1, cutoff=0.6)
    if close:
        return f'; did you mean "{close[0]}"?'
    return f"; allowed: {', '.join(known[:12])}{' ...' if len(known) > 12 else ''}"


@dataclass(frozen=True)
class Place:
    """One value in a content file.

    Attributes:
        file: How the file is named to people, e.g. `data/rubric.yml`.
        path: Where in it, e.g. `flags.missed_empathy.effects`; empty for the whole file.
        value: What stands there.
    """

    file: str
    path: str
    value: Any

    def error(self, problem: str) -> RubricError:
        """Return the error that says what is wrong here."""
        return RubricError(self.file, self.path, problem)

    def at(self, key: str | int) -> Place:
        """Return the place one step down; the key must exist."""
        if key not in self.mapping():
            raise self.error(f'"{key}" is missing')
        return Place(self.file, f"{self.path}.{key}" if self.path else str(key), self.value[key])

    def has(self, key: str) -> bool:
        """Return whether a key is given here."""
        return key in self.mapping()

    def mapping(self) -> Mapping[Any, Any]:
        """Return the value as keys and values."""
        if not isinstance(self.value, Mapping):
            raise self.error(f"must hold keys and values, not {self.value!r}")
        return self.value

    def fields(self, required: Iterable[str], optional: Iterable[str] = ()) -> None:
        """Check that exactly the allowed keys are given."""
        needed, extra = list(required), list(optional)
        for key in self.mapping():
            if key not in needed and key not in extra:
                raise self.error(f'unknown key "{key}"{nearest(str(key), needed + extra)}')
        for key in needed:
            self.at(key)

    def items(self) -> Iterator[tuple[Any, Place]]:
        """Yield each key with its place."""
        for key in self.mapping():
            yield key, self.at(key)

    def entries(self) -> list[Place]:
        """Return the places of a list, numbered from 1; an entry with an id is named by it."""
        if not isinstance(self.value, list):
            raise self.error(f"must be a list, not {self.value!r}")
        places = []
        for number, item in enumerate(self.value, start=1):
            name = item["id"] if isinstance(item, Mapping) and "id" in item else number
            places.append(Place(self.file, f"{self.path}[{name}]", item))
        return places

    def text(self) -> str:
        """Return the value as text that is not empty."""
        if not isinstance(self.value, str) or not self.value.strip():
            raise self.error(f"must be text, not {self.value!r}")
        return self.value.strip()

    def number(self, least: float = float("-inf"), most: float = float("inf")) -> float:
        """Return the value as a number within limits."""
        if isinstance(self.value, bool) or not isinstance(self.value, (int, float)):
            raise self.error(f"must be a number, not {self.value!r}")
        if not least <= self.value <= most:
            raise self.error(f"must be from {least:g} to {most:g}, not {self.value:g}")
        return float(self.value)

    def whole(self, least: int = 0, most: int = 1000) -> int:
        """Return the value as a whole number within limits."""
        number = self.number(least, most)
        if number != int(number):
            raise self.error(f"must be a whole number, not {self.value!r}")
        return int(number)

    def truth(self) -> bool:
        """Return the value as yes or no."""
        if not isinstance(self.value, bool):
            raise self.error(f"must be true or false, not {self.value!r}")
        return self.value

    def name(self, noun: str, allowed: Iterable[str]) -> str:
        """Return the value as one of the allowed names."""
        known = list(allowed)
        if self.value not in known:
            raise self.error(f'unknown {noun} "{self.value}"{nearest(str(self.value), known)}')
        return str(self.value)

    def names(self, noun: str, allowed: Iterable[str]) -> tuple[str, ...]:
        """Return a list of allowed names."""
        known = list(allowed)
        return tuple(Place(entry.file, self.path, entry.value).name(noun, known) for entry in self.entries())

    def words(self) -> tuple[str, ...]:
        """Return a list of texts."""
        return tuple(entry.text() for entry in self.entries())

    def each(self, read: Callable[[Place], T]) -> tuple[T, ...]:
        """Return what `read` makes of each entry of a list."""
        return tuple(read(entry) for entry in self.entries())

    def effects(self, criteria: Iterable[str], least: float = -5, most: float = 5) -> dict[str, float]:
        """Return points by criterion."""
        known = list(criteria)
        points = {}
        for key, place in self.items():
            if key not in known:
                raise self.error(f'unknown criterion "{key}"{nearest(str(key), known)}')
            points[key] = place.number(least, most)
        return points
