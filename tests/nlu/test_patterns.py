"""Every rule finds its examples and leaves its counterexamples alone."""

from __future__ import annotations

import pytest

from bot.content import ContentError, read_yaml
from bot.nlu.form import asks
from bot.nlu.patterns import PatternReader, Rule, load_rules, parse_rules
from bot.nlu.peer_cues import TAGS, load_peer_cues, read_peer_tags
from bot.nlu.sentences import split_clauses
from bot.nlu.wording import readable
from bot.settings import load_settings

DATA = load_settings().data
MOVES = [str(move["id"]) for move in read_yaml(DATA / "moves.yml")["moves"]]
RULES = load_rules(DATA, MOVES)
READER = PatternReader(RULES)
CUES = load_peer_cues(DATA)


def found(reply: str) -> set[str]:
    clauses = split_clauses(reply)
    return {
        hit.rule.id
        for clause in clauses
        for hit in READER.find(clause.text, clause.start, asks(readable(clause.text)), len(clauses) == 1)
    }


def pairs(rules: list[Rule], kind: str) -> list[tuple[str, str]]:
    return [(rule.id, text) for rule in rules for text in getattr(rule, kind)]


@pytest.mark.parametrize(("rule", "reply"), pairs(RULES, "examples"))
def test_example_is_found(rule: str, reply: str) -> None:
    assert rule in found(reply)


@pytest.mark.parametrize(("rule", "reply"), pairs(RULES, "counterexamples"))
def test_counterexample_is_left_alone(rule: str, reply: str) -> None:
    assert rule not in found(reply)


@pytest.mark.parametrize(("tag", "line"), pairs(CUES, "examples"))
def test_peer_line_carries_its_tag(tag: str, line: str) -> None:
    assert tag in read_peer_tags(line, DATA)


@pytest.mark.parametrize(("tag", "line"), pairs(CUES, "counterexamples"))
def test_peer_line_without_the_tag(tag: str, line: str) -> None:
    assert tag not in read_peer_tags(line, DATA)


def test_every_tag_has_cues() -> None:
    assert {rule.id for rule in CUES} == TAGS


def test_offsets_point_at_the_words_as_typed() -> None:
    reply = "well, u gotta\u200b call your PO"
    (hit,) = [hit for hit in READER.find(reply) if hit.rule.id == "you_need_to"]
    assert reply[hit.start : hit.end] == "u gotta\u200b call"


@pytest.mark.parametrize(
    ("entry", "message"),
    [
        (
            {"id": "a", "move": "afirm_strength"},
            'unknown move "afirm_strength"; did you mean "affirm_strength"',
        ),
        ({"id": "a", "mention": "stigma"}, 'unknown mention "stigma"'),
        ({"id": "a", "move": "validate", "matches": []}, 'unknown key "matches"; did you mean "match"'),
        ({"id": "a", "move": "validate", "match": ["*"]}, "matches nothing in particular"),
        ({"id": "a", "move": "validate", "match": ["x"]}, "needs examples and counterexamples"),
    ],
)
def test_mistake_is_named_with_its_place(entry: dict[str, object], message: str) -> None:
    with pytest.raises(ContentError) as error:
        parse_rules({"patterns": [entry]}, MOVES)
    assert "patterns.yml: patterns.a" in str(error.value)
    assert message in str(error.value)
