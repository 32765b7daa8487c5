"""Advice about the questions that lines answer: one at two subjects, and lines that answer none."""

from __future__ import annotations

import pytest

from bot.authoring.questions import question_problems
from bot.peer.scenario_file import read_scenario
from bot.peer.shape import load_vocabulary
from tests.authoring.fakes import copy_data

CAT = '- {say: "Cat.", asked: ["do you have any pets?"]}'
LIFE = '"what are your triggers?", "what triggers you"'


def advice(data, old: str = "", new: str = "") -> list[str]:
    path = data / "scenarios" / "kris.yml"
    text = path.read_text(encoding="utf-8")
    assert old in text
    path.write_text(text.replace(old, new, 1), encoding="utf-8")
    scenario, _ = read_scenario(path, load_vocabulary(data))
    return [str(problem) for problem in question_problems(scenario, "kris.yml")]


@pytest.fixture
def data(tmp_path):
    return copy_data(tmp_path, "kris")


def test_the_real_file_has_none(data):
    assert advice(data) == []


def test_a_question_at_two_subjects_is_told_whatever_its_case_and_marks(data):
    told = advice(data, LIFE, '"Do you have any pets", "what triggers you"')
    assert len(told) == 1
    assert "topics.triggers.low.1" in told[0] or "topics.pets.low.1" in told[0]
    assert "stands at" in told[0]


def test_a_remark_and_a_vague_follow_up_may_stand_anywhere(data):
    assert advice(data, LIFE, '"=do you have any pets", "~do you have any pets?"') == []


def test_a_beat_and_its_own_topic_answer_the_same_questions(data):
    assert advice(data, LIFE, '"what led up to the weekend?", "what triggers you"') == []


def test_lines_that_answer_nothing_are_counted(data):
    told = advice(data, CAT, '- "Cat."')
    why = "1 line answers no question (no asked:), so nobody can ask for it: topics.pets.low.1"
    assert told == [f"kris.yml: topics: {why}"]
