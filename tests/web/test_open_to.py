"""Whom a trainee may meet by themselves, and whom only with an instructor."""

from __future__ import annotations

from types import SimpleNamespace

import pytest

from bot.web.front import Front
from bot.web.problems import ProblemError
from tests.web import fakes

HARD = fakes.scenario("kris")
CRITICAL = SimpleNamespace(**{**vars(fakes.scenario("ruthann", 7)), "level": "safety-critical"})


def front() -> Front:
    parts = dict.fromkeys(Front.__dataclass_fields__)
    return Front(**{**parts, "scenarios": {"kris": HARD, "ruthann": CRITICAL}})


def somebody(role: str) -> SimpleNamespace:
    return SimpleNamespace(role=role)


@pytest.mark.parametrize("role", ["instructor", "admin"])
def test_instructors_see_everybody(role):
    assert list(front().open_to(somebody(role))) == ["kris", "ruthann"]
    assert front().scenario("ruthann", somebody(role)) is CRITICAL


def test_a_trainee_does_not_come_upon_a_talk_about_wanting_to_die():
    assert list(front().open_to(somebody("trainee"))) == ["kris"]
    assert front().scenario("kris", somebody("trainee")) is HARD
    with pytest.raises(ProblemError):
        front().scenario("ruthann", somebody("trainee"))


def test_a_trainee_does_not_meet_a_draft():
    draft = SimpleNamespace(**{**vars(fakes.scenario("dana", 9)), "is_draft": True})
    house = Front(**{**dict.fromkeys(Front.__dataclass_fields__), "scenarios": {"kris": HARD, "dana": draft}})
    assert list(house.open_to(somebody("trainee"))) == ["kris"]
    assert list(house.open_to(somebody("instructor"))) == ["kris", "dana"]
