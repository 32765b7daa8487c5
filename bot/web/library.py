"""Reads the content that the pages show: scenarios, plain names, versions."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

from bot.content import read_yaml
from bot.peer.scenario_file import load_scenarios
from bot.web.evidence import Competencies, read_competencies
from bot.web.report_words import ReportWords, read_report_words
from bot.web.words import IndicatorWord, RatioWord, Words

if TYPE_CHECKING:
    from actions.rubric import Rubric


def read_scenarios(data: Path) -> dict[str, Any]:
    """Return the scenarios by id, in the order of the list.

    Raises:
        ContentError: A scenario file cannot be used.
    """
    return dict(load_scenarios(data))


def read_words(data: Path) -> tuple[Words, str]:
    """Return the plain names of moves, flags and indicators, and the version of the rubric.

    Raises:
        ContentError: The rubric's files cannot be used.
    """
    from actions.rubric import load_rubric

    moves = read_yaml(data / "moves.yml")
    rubric = read_yaml(data / "rubric.yml")
    words = Words(
        moves={move["id"]: move["plain"] for move in moves["moves"]},
        flags={name: flag["plain"] for name, flag in rubric["flags"].items()},
        indicators={
            entry["id"]: IndicatorWord(entry["name"], entry.get("anchors") or {})
            for entry in rubric["indicators"]
        },
        ratios={name: _ratio(name, entry) for name, entry in rubric["ratios"].items()},
    )
    return words, load_rubric(data).version


@dataclass(frozen=True)
class ReportContent:
    """What reports are explained with.

    Attributes:
        rubric: The rubric of today, for the constants of its sums; None explains without them.
        words: The report's own sentences.
        bands: Trust from which the peer's tone is warmer, and warmest.
        competencies: How indicators map to what certification bodies ask for.
    """

    rubric: Rubric | None = None
    words: ReportWords = field(default_factory=ReportWords)
    bands: tuple[float, float] = (35.0, 65.0)
    competencies: Competencies | None = None


def read_report_content(data: Path) -> ReportContent:
    """Return what reports are explained with.

    Raises:
        ContentError: One of the files cannot be used.
    """
    from actions.rubric import load_rubric
    from bot.peer.dynamics import load_dynamics

    rubric, bands = load_rubric(data), load_dynamics(data).bands
    said_of = {*rubric.moves, *(name.partition(":")[0] for name in rubric.feedback.to_try)}
    words = read_report_words(data, rubric.indicators, rubric.flags, rubric.ratios, said_of)
    competencies = read_competencies(data, rubric.indicators)
    return ReportContent(rubric, words, (float(bands["mid"]), float(bands["high"])), competencies)


def _ratio(name: str, entry: Mapping[str, Any]) -> RatioWord:
    """Return a ratio with what the field aims for as words: "1.0 is fair, 2.0 is good"."""
    is_share = name.endswith("share")

    def number(value: float) -> str:
        return f"{value:.0%}" if is_share else f"{value:g}"

    good = number(entry["good"])
    if entry.get("lower_is_better"):
        aim = f"aim for {good} or less"
    elif "fair" in entry:
        aim = f"{number(entry['fair'])} is fair, {good} is good"
    else:
        aim = f"aim for {good} or more"
    return RatioWord(entry["plain"], f"{aim} ({entry['source']})", is_share)


def model_version(models: Path) -> str:
    """Return the name of the newest trained model, or "none" before the first training."""
    archives = sorted(models.glob("*.tar.gz"), key=lambda path: path.stat().st_mtime)
    return archives[-1].name.removesuffix(".tar.gz") if archives else "none"
