"""What the report says beyond the feedback of single replies, read from `data/report.yml`."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from bot.content import Checker, ContentError, read_yaml

CRITERIA = ("collaboration", "strengths", "humility")


@dataclass(frozen=True)
class Opening:
    """An opening that went by.

    Attributes:
        say: What it was, with `{name}`.
        tries: What could have been said.
        practice: What to practice next, or "".
    """

    say: str
    tries: tuple[str, ...]
    practice: str = ""

    def told(self, name: str) -> str:
        """Return what the opening was, with the peer's name."""
        return self.say.format(name=name)

    def try_at(self, turn: int) -> str:
        """Return one of the wordings; they take turns."""
        return self.tries[turn % len(self.tries)]


@dataclass(frozen=True)
class Seed:
    """One of the training texts that the rubric comes from: its subject and its principle."""

    title: str
    says: str


@dataclass(frozen=True)
class ReportWords:
    """The report's sentences.

    Attributes:
        seeds: Number of a training text to what it is about.
        indicators: Indicator to its opening.
        flags: Flag to its opening.
        ratios: Ratio to what it counts.
        levels: Criterion to what each level, 1 to 5, looks like.
        rules: Move or flag to the rule that "why?" opens.
    """

    seeds: Mapping[str, Seed] = field(default_factory=dict)
    indicators: Mapping[str, Opening] = field(default_factory=dict)
    flags: Mapping[str, Opening] = field(default_factory=dict)
    ratios: Mapping[str, str] = field(default_factory=dict)
    levels: Mapping[str, Mapping[int, str]] = field(default_factory=dict)
    rules: Mapping[str, str] = field(default_factory=dict)

    def level(self, criterion: str, step: int) -> str:
        """Return what a level of a criterion looks like, or ""."""
        return self.levels.get(criterion, {}).get(step, "")

    def sources(self, numbers: Iterable[str]) -> tuple[Seed, ...]:
        """Return the training texts behind a rule; numbers that nobody has described are left out."""
        return tuple(self.seeds[number] for number in numbers if number in self.seeds)

    def principle(self, numbers: Sequence[str]) -> str:
        """Return the first principle behind a rule as one line, or ""."""
        found = self.sources(numbers)
        return f"From the training text “{found[0].title}”: {found[0].says}" if found else ""


def read_report_words(
    data: Path,
    indicators: Iterable[str],
    flags: Iterable[str],
    ratios: Iterable[str],
    said_of: Iterable[str],
) -> ReportWords:
    """Read and check `report.yml`.

    Args:
        data: The content folder.
        indicators: Indicators of the rubric; each must have an entry.
        flags: Flags of the rubric.
        ratios: Ratios of the rubric.
        said_of: Moves and flags that feedback can be about; each must have its rule, and no others.

    Raises:
        ContentError: The file cannot be used; every problem in it is named.
    """
    checker = Checker("report.yml")
    parts = ["version", "seeds", "criteria", "indicators", "flags", "ratios", "why"]
    top = checker.keys(read_yaml(data / "report.yml"), "", parts)
    seeds = {}
    for number, entry in checker.keys(top.get("seeds"), "seeds", (), top.get("seeds") or ()).items():
        place = f"seeds.{number}"
        told = checker.keys(entry, place, ["title", "says"])
        seeds[number] = Seed(
            checker.text(told.get("title"), f"{place}.title"), checker.text(told.get("says"), f"{place}.says")
        )
    levels = {}
    for name, entry in checker.keys(top.get("criteria"), "criteria", CRITERIA).items():
        named = {str(key): text for key, text in entry.items()} if isinstance(entry, Mapping) else entry
        steps = checker.keys(named, f"criteria.{name}", "12345")
        levels[name] = {
            int(step): checker.text(text, f"criteria.{name}.{step}") for step, text in steps.items()
        }
    known = list(indicators)
    openings = {
        name: _opening(checker, entry, f"indicators.{name}", has_practice=True)
        for name, entry in checker.keys(top.get("indicators"), "indicators", known).items()
        if name in known
    }
    flagged = {
        name: _opening(checker, entry, f"flags.{name}", has_practice=False)
        for name, entry in checker.keys(top.get("flags"), "flags", (), flags).items()
    }
    counted = {
        name: checker.text(text, f"ratios.{name}")
        for name, text in checker.keys(top.get("ratios"), "ratios", ratios).items()
    }
    rules = {
        name: checker.text(text, f"why.{name}")
        for name, text in checker.keys(top.get("why"), "why", said_of).items()
    }
    if checker.problems:
        raise ContentError(checker.problems)
    return ReportWords(seeds, openings, flagged, counted, levels, rules)


def _opening(checker: Checker, entry: object, place: str, *, has_practice: bool) -> Opening:
    parts = checker.keys(entry, place, ["say", "try", *(["practice"] if has_practice else [])])
    tries = checker.words(parts.get("try"), f"{place}.try")
    if not tries:
        checker.error(f"{place}.try", "needs at least one wording")
    opening = Opening(
        checker.text(parts.get("say"), f"{place}.say"),
        tries,
        checker.text(parts.get("practice"), f"{place}.practice") if has_practice else "",
    )
    try:
        opening.say.format(name="")
    except (KeyError, ValueError, IndexError):
        checker.error(f"{place}.say", f"a blank in {opening.say!r} is not {{name}}")
    return opening
