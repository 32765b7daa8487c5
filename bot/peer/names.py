"""The people and places of a scenario: a question that names one is not answered with another."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping

_CAPITAL = re.compile(r"(?<![.!?] )(?<!^)\b[A-Z][a-z]{2,}\b")
_WORD = re.compile(r"[a-z]+")
_MARKS = str.maketrans("", "", "'’ʼ")
_NO_NAMES = frozenset("mom dad the god friday".split())


class Names:
    """Knows the names of one scenario, and which of them a text mentions."""

    def __init__(
        self, facts: Mapping[str, str], texts: Iterable[str], own: frozenset[str] = frozenset()
    ) -> None:
        """Collect the names.

        Args:
            facts: The scenario's facts, which write names with a capital.
            texts: The person's lines; a name that stands in none of them is left out.
            own: The person's own names, by which they are spoken to.
        """
        named = {word.lower() for text in facts.values() for word in _CAPITAL.findall(f" {text}")}
        spoken = {word for text in texts for word in _words(text)}
        self.all = frozenset(name for name in named - _NO_NAMES - own if name in spoken)
        self._lines: dict[str, frozenset[str]] = {}

    def named_in(self, text: str) -> frozenset[str]:
        """Return the names in a text, also as "tashas" or "Tasha's"."""
        return frozenset(_words(text)) & self.all

    def of_line(self, line_id: str, text: str) -> frozenset[str]:
        """Return the names in a line, worked out once."""
        if line_id not in self._lines:
            self._lines[line_id] = self.named_in(text)
        return self._lines[line_id]


def _words(text: str) -> set[str]:
    words = set(_WORD.findall(text.translate(_MARKS).lower()))
    return words | {word[:-1] for word in words if word.endswith("s") and len(word) > 3}
