"""Every rule finds its examples and leaves its counterexamples alone."""

from __future__ import annotations

from collections import Counter
from pathlib import Path

import pytest

from bot.content import ContentError, read_yaml
from bot.nlu.encoder import Encoder
from bot.nlu.form import asks
from bot.nlu.patterns import SAFETY_KINDS, PatternReader, Rule, load_rules, parse_rules
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


LINES = read_yaml(Path(__file__).parent / "safety_cues.yml")


@pytest.mark.parametrize("line", LINES["true"])
def test_a_line_that_could_be_about_dying_is_a_safety_cue(line: str) -> None:
    assert "safety" in read_peer_tags(line, DATA)


@pytest.mark.parametrize("line", LINES["harmless"])
def test_a_line_that_only_sounds_like_dying_is_none(line: str) -> None:
    assert "safety" not in read_peer_tags(line, DATA)


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


@pytest.mark.parametrize("rule", RULES, ids=[rule.id for rule in RULES])
def test_every_rule_has_eight_counterexamples_of_its_own(rule: Rule) -> None:
    assert len(set(rule.counterexamples)) >= 8


def example_replies() -> list[tuple[str, str]]:
    """Return the sentences that teach the tagger, each with its move."""
    return [
        (str(intent["intent"]), str(example["text"]))
        for source in sorted((DATA / "nlu").glob("*.yml"))
        for intent in read_yaml(source)["nlu"]
        if isinstance(intent["examples"], list)
        for example in intent["examples"]
    ]


def test_rules_that_set_a_move_are_precise_on_our_own_sentences() -> None:
    """Of the sentences in which a rule sets its move, at least nine in ten carry that label.

    A rule found in a handful of sentences may be wrong once; its counterexamples hold it.
    """
    right: Counter[str] = Counter()
    wrong: dict[str, list[str]] = {}
    move_of = {rule.id: rule.move for rule in RULES if rule.move}
    for label, text in example_replies():
        for rule in found(text) & set(move_of):
            if label == move_of[rule]:
                right[rule] += 1
            else:
                wrong.setdefault(rule, []).append(f"{label}: {text}")
    assert sum(right.values()) > 100
    assert {
        rule: texts for rule, texts in wrong.items() if len(texts) > max(1, (right[rule] + len(texts)) / 10)
    } == {}


@pytest.mark.parametrize(
    "reply",
    [
        "i wnat to dei",
        "i want to k i l l myself",
        "i want to k1ll mys3lf",
        "im siucidal",
        "i want to unalive myself",
    ],
)
def test_danger_is_seen_through_slips_and_disguises(encoder: Encoder, reply: str) -> None:
    hits = READER.find(reply, vocabulary=encoder.whole_words())
    (danger,) = [hit for hit in hits if hit.rule.mention == "distress"]
    assert 0 <= danger.start < danger.end <= len(reply)


@pytest.mark.parametrize(
    "reply",
    ["I wanted to dye my hair", "kill it at the interview, Dei", "the pose was hard", "you want a dime"],
)
def test_ordinary_words_are_no_slips_of_danger(encoder: Encoder, reply: str) -> None:
    hits = READER.find(reply, vocabulary=encoder.whole_words())
    assert [hit.rule.id for hit in hits if hit.rule.mention in SAFETY_KINDS] == []


def test_only_rules_about_safety_look_behind_slips(encoder: Encoder) -> None:
    assert READER.find("you sohuld raelly do it", vocabulary=encoder.whole_words()) == []
