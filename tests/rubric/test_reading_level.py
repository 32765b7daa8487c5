"""Everything that feedback and report can say reads at about grade 8."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from bot.content import read_yaml
from tests.rubric.build import DATA, rubric
from tests.rubric.readability import grade, syllables

HIGHEST = 9.0
BLANKS = {
    "q": "“you called ahead”",
    "p": "“the bus stops at eleven”",
    "who": "their prescriber",
    "alternative": "a person who uses drugs",
    "name": "Kris",
}


def texts() -> Iterator[tuple[str, str]]:
    """Every sentence with where it stands."""
    feedback = rubric().feedback
    for part, entries in (("worked", feedback.worked), ("try", feedback.to_try)):
        for name, entry in entries.items():
            for text in (*entry.say, *entry.rephrase, entry.why):
                yield f"{part} {name}", text
    report = read_yaml(DATA / "report.yml")
    for part in ("indicators", "flags"):
        for name, entry in report[part].items():
            for text in (entry["say"], *entry["try"], *filter(None, [entry.get("practice")])):
                yield f"{part} {name}", text
    for name, text in report["why"].items():
        yield f"rule {name}", text
    for number, seed in report["seeds"].items():
        yield f"seed {number}", seed["says"]
    for name, levels in report["criteria"].items():
        for text in levels.values():
            yield f"level {name}", text
    for name, text in report["ratios"].items():
        yield f"ratio {name}", text


def test_every_sentence_is_easy_to_read():
    hard = {
        f"{where}: {text}": round(grade(text.format(**BLANKS)), 1)
        for where, text in texts()
        if grade(text.format(**BLANKS)) > HIGHEST
    }
    assert not hard


def test_there_is_enough_to_choose_from():
    feedback = rubric().feedback
    few = [name for name, entry in feedback.worked.items() if len(entry.say) < 3]
    few += [name for name, entry in feedback.to_try.items() if len(entry.say) < 3 or len(entry.rephrase) < 2]
    assert not few


@pytest.mark.parametrize(
    "word, count", [("a", 1), ("hope", 1), ("asked", 1), ("open", 2), ("decision", 3), ("recovery", 4)]
)
def test_syllables(word, count):
    assert syllables(word) == count


def test_the_measure_tells_hard_from_easy():
    hard = "Utilization of directive interventions frequently precipitates disengagement from care."
    assert grade(hard) > 15 > 4 > grade("You asked first. They could say no.")
