"""The schema that editors use and the check that the program does: the same keys, the same verdicts."""

from __future__ import annotations

import copy
import json
import re
import shutil
from pathlib import Path
from typing import Any

import pytest
from jsonschema import Draft202012Validator
from ruamel.yaml import YAML

from bot.authoring.schema import MODELINE, SCHEMA_FILE, schema_text
from bot.commands.check import check_content
from bot.content import ContentError, read_yaml
from bot.peer import keys, scenario_file
from bot.peer.scenario_file import read_scenario
from bot.peer.shape import REACTIONS, TALK, load_vocabulary
from bot.settings import load_settings

DATA = load_settings({}).data
SCENARIOS = sorted((DATA / "scenarios").glob("*.yml"))
TABLES = {name: table for name, table in vars(keys).items() if name.isupper() and isinstance(table, dict)}


@pytest.fixture(scope="module")
def schema() -> dict[str, Any]:
    return json.loads((DATA / SCHEMA_FILE).read_text(encoding="utf-8"))


@pytest.fixture(scope="module")
def validator(schema: dict[str, Any]) -> Draft202012Validator:
    Draft202012Validator.check_schema(schema)
    return Draft202012Validator(schema)


@pytest.fixture(scope="module")
def vocabulary():
    return load_vocabulary(DATA)


@pytest.fixture(scope="module")
def marisol() -> dict[str, Any]:
    return read_yaml(DATA / "scenarios" / "marisol.yml")


def test_the_file_is_what_the_tables_say():
    stored = (DATA / SCHEMA_FILE).read_text(encoding="utf-8")
    assert stored == schema_text(DATA), "run `switchback check --schema`"


def test_a_key_that_is_added_to_the_check_is_missing_from_the_stored_schema(monkeypatch):
    more = {**keys.BEAT, "mood": keys.Key("text", "How they feel.", False)}
    monkeypatch.setattr(keys, "BEAT", more)
    assert (DATA / SCHEMA_FILE).read_text(encoding="utf-8") != schema_text(DATA)


def test_the_check_knows_no_key_but_those_of_the_tables():
    """Every key that the reader takes out of a mapping is in a table; a stray one would be refused anyway."""
    source = Path(scenario_file.__file__).read_text(encoding="utf-8")
    taken = set(re.findall(r'(?:raw|fields|trap|persona|opening|entry|value)(?:\.get\(|\[)"(\w+)"', source))
    known = {key for table in TABLES.values() for key in table}
    assert len(taken) > 30
    assert taken <= known


def test_every_key_is_explained(schema):
    unexplained = []

    def walk(node: Any, place: str) -> None:
        if isinstance(node, dict):
            for name, value in (node.get("properties") or {}).items():
                is_condition = place.endswith("contains")
                is_number_by_name = place.endswith(("sensitivity", "if_state"))
                if not (value.get("description") or is_condition or is_number_by_name):
                    unexplained.append(f"{place}.{name}")
            for name, value in node.items():
                walk(value, f"{place}.{name}")
        elif isinstance(node, list):
            for value in node:
                walk(value, place)

    walk(schema, "")
    assert not unexplained


def test_every_kind_of_reaction_and_talk_has_words_and_no_other_has():
    assert set(keys.REACTION_HELP) == set(REACTIONS)
    assert set(keys.TALK_HELP) == set(TALK)


@pytest.mark.parametrize("path", SCENARIOS, ids=lambda path: path.stem)
def test_a_scenario_is_valid_and_names_its_schema(path, validator):
    assert path.read_text(encoding="utf-8").splitlines()[0] == MODELINE
    assert [error.message for error in validator.iter_errors(read_yaml(path))] == []


def set_in(document: Any, *path: Any) -> Any:
    """Set what stands at a path (all but the last entry) to the last entry; `DROP` takes it out."""
    *way, last, value = path
    for step in way:
        document = document[step]
    if value is DROP:
        del document[last]
    else:
        document[last] = value
    return document


DROP = object()
BROKEN: dict[str, tuple[tuple[Any, ...], str]] = {
    "a key is missing": (("debrief", DROP), '"debrief" is missing'),
    "a key is misspelled": (("topcs", {}), 'unknown key "topcs"; did you mean "topics"?'),
    "the level is unknown": (("level", "midium"), 'level: unknown level "midium"; did you mean "medium"?'),
    "the place in the list is text": (("order", "first"), "order: must be a number, not 'first'"),
    "a start value is too high": (("start", "trust", 140), "start.trust: is 140; it must lie between 0"),
    "a child": (("persona", "age", 12), "persona.age: is 12; it must lie between 18 and 110"),
    "the persona has no name": (("persona", "name", DROP), 'persona: "name" is missing'),
    "an unknown indicator": (("targets", ["C1", "C11"]), 'targets: unknown indicator "C11"'),
    "an unknown tag": (("beats", 0, "tags", ["strong"]), 'beats.B2.tags: unknown tag "strong"'),
    "an unknown topic of a beat": (("beats", 0, "topics", ["slep"]), 'topic "slep"; did you mean "sleep"?'),
    "a beat without lines": (("beats", 0, "lines", []), "beats.B2.lines: needs at least one line"),
    "a beat with a strange key": (("beats", 0, "opennes", 3), 'key "opennes"; did you mean "openness"?'),
    "a beat with a strange name": (("beats", 3, "id", "two"), 'is "two"; beats are called B2, B3'),
    "a next step that is text": (("beats", 9, "is_next_step", "yes"), "is_next_step: must be true or false"),
    "beats that are a mapping": (("beats", {"B2": {}}), "beats: must be a list of beats"),
    "four bubbles": (("reactions", "heard", "low", 0, ["a", "b", "c", "d"]), "has 4 bubbles; 3 are the most"),
    "an empty line": (("reactions", "heard", "mid", 0, "  "), "reactions.heard.mid.1: must be words"),
    "a line with a strange condition": (
        ("talk", "thanks", 0, {"say": "sure", "when": "x"}),
        'talk.thanks.1: unknown key "when"',
    ),
    "a kind of reaction is missing": (("reactions", "heard", DROP), 'reactions: "heard" is missing'),
    "a kind of reaction too many": (("reactions", "cheered", {}), 'unknown kind of reaction "cheered"'),
    "a band is missing": (("reactions", "heard", "high", DROP), 'reactions.heard: "high" is missing'),
    "reactions are a list": (("reactions", ["ok"]), "reactions: must be keys and values, not a list"),
    "an unknown topic": (("topics", "slep", {"low": [], "mid": [], "high": []}), 'unknown topic "slep"'),
    "a topic is a list": (("topics", "sleep", ["ok"]), "topics.sleep: must be keys and values, not a list"),
    "no last words": (("endings", "good", []), "endings.good: needs at least one line"),
    "nothing to say about suicide": (("suicide_answer", None), "suicide_answer: needs at least one line"),
    "an unknown sensitivity": (("sensitivity", {"JUGDE": 1.5}), '"JUGDE"; did you mean "JUDGE"?'),
    "a trap with an unknown move": (("traps", 0, "moves", ["adviced"]), 'just_take_it.moves: unknown move'),
    "facts are a list": (("facts", ["one son"]), "facts: must be keys and values, not a list"),
}  # fmt: skip


@pytest.mark.parametrize("name", BROKEN)
def test_a_broken_file_fails_in_both(name, marisol, validator, vocabulary, tmp_path):
    change, message = BROKEN[name]
    document = copy.deepcopy(marisol)
    set_in(document, *change)
    assert list(validator.iter_errors(document)), "the schema lets it pass"
    path = tmp_path / "marisol.yml"
    with path.open("w", encoding="utf-8") as stream:
        YAML(typ="safe").dump(document, stream)
    with pytest.raises(ContentError) as caught:
        read_scenario(path, vocabulary)
    told = [str(problem) for problem in caught.value.problems if problem.is_error]
    assert any(message in text for text in told), told
    assert len(told) <= 2, "one mistake must not be told many times"


BY_LINE = [
    ("tags: [str]", "tags: [strr]", 'beats.B2.tags: unknown tag "strr"; did you mean "str"?'),
    ("  openness: 45\n", "  opennes: 45\n", 'beats.B7: unknown key "opennes"; did you mean "openness"?'),
    ("after: [B7]", "after: [B77]", 'beats.B9.after: unknown beat "B77"; did you mean "B7"?'),
    ("facts: [station, jobs]", "facts: [station, job]", 'beats.B2.facts: unknown fact "job"'),
    ('- "yeah kinda"', '- {say: "yeah kinda", told: [B99]}', 'reactions.heard.low.1: unknown beat "B99"'),
]


@pytest.mark.parametrize(("good", "bad", "message"), BY_LINE)
def test_a_problem_is_told_with_its_line(good, bad, message, vocabulary, tmp_path):
    text = (DATA / "scenarios" / "marisol.yml").read_text(encoding="utf-8")
    line = text[: text.index(good)].count("\n") + 1
    path = tmp_path / "marisol.yml"
    path.write_text(text.replace(good, bad, 1), encoding="utf-8")
    with pytest.raises(ContentError) as caught:
        read_scenario(path, vocabulary)
    assert f"data/scenarios/marisol.yml:{line}: {message}" in str(caught.value)


def test_the_check_says_when_the_schema_is_old(tmp_path):
    data = tmp_path / "data"
    shutil.copytree(DATA, data, ignore=shutil.ignore_patterns("nlu"))
    assert not [problem for problem in check_content(data, "marisol")[0] if "schema" in problem.file]
    topics = data / "topics.yml"
    topics.write_text(topics.read_text() + "\n- id: weather\n  label: Weather\n  about: Rain and sun.\n")
    told = [str(problem) for problem in check_content(data, "marisol")[0]]
    assert any("`switchback check --schema` makes it anew" in text for text in told)
