"""A new scenario file passes the check, says what is left to do, and can be talked to at once."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest
from click.testing import CliRunner
from jsonschema import Draft202012Validator

from bot.authoring.rehearsal import Rehearsal
from bot.authoring.schema import MODELINE, schema_text
from bot.cli import main
from bot.commands.check import check_content
from bot.commands.new_scenario import create_scenario
from bot.content import read_yaml
from bot.peer.keys import REACTION_HELP, TALK_HELP
from bot.peer.shape import NO_SUBJECTS
from tests.authoring.fakes import copy_data, desk_parts


@pytest.fixture
def data(tmp_path: Path) -> Path:
    return copy_data(tmp_path, "kris", "marisol")


def run(data: Path, *words: str):
    return CliRunner().invoke(main, list(words), env={"SWITCHBACK_DATA": str(data)})


def test_it_passes_the_check_and_the_schema_and_says_what_is_next(data):
    done = run(data, "new-scenario", "dana", "--title", 'Back on "the" bike')
    assert done.exit_code == 0, done.output
    for hint in ("switchback preview dana", "switchback check dana", "docs/writing-a-scenario.md"):
        assert hint in done.output
    checked = run(data, "check", "dana")
    assert checked.exit_code == 0, checked.output
    path = data / "scenarios" / "dana.yml"
    document = read_yaml(path)
    assert not list(Draft202012Validator(json.loads(schema_text(data))).iter_errors(document))
    assert path.read_text(encoding="utf-8").startswith(MODELINE)
    assert document["title"] == 'Back on "the" bike'
    assert document["is_draft"] is True, "trainees must not come upon it"
    assert document["order"] == 1 + max(
        read_yaml(data / "scenarios" / f"{n}.yml")["order"] for n in ("kris", "marisol")
    )
    assert "@" not in re.sub(r"\S+@\S+", "", path.read_text(encoding="utf-8"))


def test_every_part_is_explained_in_the_file(data):
    text = create_scenario(data, "dana", "A talk").read_text(encoding="utf-8")
    for name, help in {**REACTION_HELP, **TALK_HELP}.items():
        assert f"  {name}:  # {help}" in text
    for topic in read_yaml(data / "topics.yml")["topics"]:
        assert f"  {topic['id']}:" in text or topic["id"] in NO_SUBJECTS


def test_the_check_counts_what_is_still_from_the_template(data):
    path = create_scenario(data, "dana", "A talk")
    told = [str(problem) for problem in check_content(data, "dana")[0]]
    assert any(text.endswith("endings: 10 lines are still the template's") for text in told), told
    text = path.read_text(encoding="utf-8")
    path.write_text(text.replace("Saturday, the lake, and", "Sunday, the pier, and"), encoding="utf-8")
    told = [str(problem) for problem in check_content(data, "dana")[0]]
    assert any("endings: 9 lines are still" in text for text in told)
    assert not [text for text in map(str, check_content(data, "kris")[0]) if "template" in text]


def test_nobody_is_overwritten(data):
    before = (data / "scenarios" / "kris.yml").read_bytes()
    done = run(data, "new-scenario", "kris")
    assert done.exit_code == 1
    assert "there is a kris already" in done.output
    assert (data / "scenarios" / "kris.yml").read_bytes() == before


@pytest.mark.parametrize(
    ("name", "hint"),
    [
        ("Dana", "how about dana?"),
        ("dana-lee", "how about dana_lee?"),
        ("../dana", "how about dana?"),
        ("2nd", "how about nd?"),
        ("d", "two or more"),
        ("con", "will not do"),
        ("", "two or more"),
        ("x" * 60, "how about"),
    ],
)
def test_a_name_that_will_not_do_is_refused_with_one_that_will(data, name, hint):
    done = run(data, "new-scenario", name)
    assert done.exit_code == 2
    assert hint in " ".join(done.output.split())
    assert sorted(path.stem for path in (data / "scenarios").iterdir()) == ["kris", "marisol"]


def test_the_draft_talks_for_twelve_turns_and_answers_what_it_is_asked(data):
    create_scenario(data, "dana", "A talk")
    draft, theater = desk_parts(data, "dana")
    scenario = draft.state().scenario
    talk = Rehearsal(theater, scenario)
    replies = ["It sounds like that was a lot.", "That makes sense. It's your call.", "How do you sleep?"] * 4
    turns = [talk.say(scenario, f"{reply} ({n})") for n, reply in enumerate(replies)]
    assert all(said["text"].strip() for turn in turns for said in turn["said"])
    assert turns[2]["said"][-1]["topic"] == "sleep"
    assert turns[-1]["state"]["after"]["trust"] > turns[0]["state"]["before"]["trust"] + 10
    told = {beat["beat"] for beat in turns[-1]["beats"] if beat["told"] is not None}
    assert {"B1", "B2", "B3"} <= told
