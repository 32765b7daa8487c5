"""Plain names for what the rubric calls by code: the only words for moves that a trainee ever sees.

They come from `data/moves.yml` and `data/rubric.yml`, where people who are not programmers
can change them.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

EFFECTS = {"A": "helped", "N": "neutral", "X": "hindered"}
"""What a move's kind in the rubric (adherent, neutral, non-adherent) means to a reader."""


@dataclass(frozen=True)
class IndicatorWord:
    """An indicator in plain words.

    Attributes:
        name: E.g. "Shared steering".
        anchors: What a 1, a 3 and a 5 look like.
    """

    name: str
    anchors: Mapping[int, str] = field(default_factory=dict)

    def anchor(self, value: float) -> str:
        """Return the description nearest to a value from 1 to 5, or nothing if there is none."""
        if not self.anchors:
            return ""
        return self.anchors[min(self.anchors, key=lambda step: abs(step - value))]


@dataclass(frozen=True)
class RatioWord:
    """A ratio that is shown beside the score.

    Attributes:
        name: E.g. "Reflections for each question".
        aim: What the field aims for, in words.
        is_share: Whether it is a share of a whole, printed in percent.
    """

    name: str
    aim: str
    is_share: bool = False

    def print(self, value: float) -> str:
        """Return a value as text."""
        return f"{value:.0%}" if self.is_share else f"{value:.1f}"


def plainly(code: str) -> str:
    """Return a code name as words, for one that nobody has named: `give_hope` -> "Give hope"."""
    return code.replace("_", " ").strip().capitalize()


@dataclass(frozen=True)
class Words:
    """Looks up plain names of moves, flags, indicators and ratios."""

    moves: Mapping[str, str]
    flags: Mapping[str, str]
    indicators: Mapping[str, IndicatorWord]
    ratios: Mapping[str, RatioWord] = field(default_factory=dict)

    def move(self, move: str) -> str:
        """Return the plain name of a move."""
        return self.moves.get(move) or plainly(move)

    def flag(self, flag: str) -> str:
        """Return the plain name of a flag."""
        return self.flags.get(flag) or plainly(flag)

    def indicator(self, indicator: str) -> IndicatorWord:
        """Return an indicator such as C3 in plain words."""
        return self.indicators.get(indicator) or IndicatorWord(indicator)
