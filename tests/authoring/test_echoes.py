"""A line that two people say is told; short ones and one's own are not."""

from __future__ import annotations

from bot.authoring.echoes import unstated_facts
from bot.commands.check import check_content
from bot.peer.scenario_file import read_scenario
from bot.peer.shape import load_vocabulary
from tests.authoring.fakes import copy_data


def told(data, name: str) -> list[str]:
    return [str(problem) for problem in check_content(data, name)[0] if "another person" in problem.text]


def test_a_line_of_somebody_else_is_told_with_its_line(tmp_path):
    data = copy_data(tmp_path, "marisol", "kris")
    assert told(data, "marisol") == []
    theirs = (data / "scenarios" / "kris.yml").read_text(encoding="utf-8")
    assert "Used twice over the weekend" in theirs
    path = data / "scenarios" / "marisol.yml"
    text = path.read_text(encoding="utf-8")
    taken = "so, I SCREWED up! used twice over the weekend, wasn't gonna tell anybody. go ahead"
    path.write_text(text.replace('- "yeah kinda"', f'- "{taken}"', 1), encoding="utf-8")
    line = text[: text.index('- "yeah kinda"')].count("\n") + 1
    assert told(data, "marisol") == [
        f"data/scenarios/marisol.yml:{line}: reactions.heard.low.1: is what another person says too "
        f'(kris, opening.1): "{taken[:50]}"'
    ]
    assert told(data, "kris") != [], "the other file is told as well"


def test_a_broken_neighbor_does_not_keep_a_file_from_being_checked(tmp_path):
    data = copy_data(tmp_path, "marisol", "kris")
    (data / "scenarios" / "kris.yml").write_text("id: kris\n", encoding="utf-8")
    assert [problem for problem in check_content(data, "marisol")[0] if problem.is_error] == []


def test_a_name_that_the_patterns_do_not_know_is_told(tmp_path):
    data = copy_data(tmp_path, "marisol")
    path = data / "scenarios" / "marisol.yml"
    text = path.read_text(encoding="utf-8")
    path.write_text(text.replace("short_name: Marisol", "short_name: Zelda Mae", 1), encoding="utf-8")
    advice = [str(problem) for problem in check_content(data, "marisol")[0]]
    line = text[: text.index("short_name: Marisol")].count("\n") + 1
    assert len(advice) == 1
    assert advice[0].startswith(f"data/scenarios/marisol.yml:{line}: persona.short_name: ")
    assert 'does not know "zelda"' in advice[0]


def test_facts_that_no_line_states_are_found(tmp_path):
    data = copy_data(tmp_path, "ravi")
    path = data / "scenarios" / "ravi.yml"
    text = path.read_text(encoding="utf-8")
    assert "b_flat" not in unstated_facts(read_scenario(path, load_vocabulary(data))[0])
    text = text.replace("facts:\n  origin:", "facts:\n  boat: owns a boat\n  origin:", 1)
    path.write_text(
        text.replace("    facts: [b_flat]\n", "").replace("  facts: [b_flat]\n", ""), encoding="utf-8"
    )
    assert {"boat", "b_flat"} <= set(unstated_facts(read_scenario(path, load_vocabulary(data))[0]))
