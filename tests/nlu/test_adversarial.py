"""Two hundred inputs that nobody should type: a valid reading, in bounds, bounded in size, to be scored."""

from __future__ import annotations

import json
import random
from pathlib import Path
from typing import Any

import pytest
import yaml

from actions.assessment import History, PeerTurn, assess_reply
from actions.rubric import CRITERIA, Rubric, load_rubric
from bot.nlu.reader import MOST_CLAUSES, ReplyReader
from bot.nlu.topics import MOST
from bot.reading import OTHER, Reading
from bot.settings import load_settings

INPUTS = yaml.safe_load(Path(__file__).with_name("adversarial.yml").read_text(encoding="utf-8"))["inputs"]
PEER = "used twice this weekend. wasnt gonna tell anyone."
NOT_READ = ("unreadable", "other_language")
MOST_MENTIONS = 2000
"""More places than a 6,000-character stretch can hold words that matter."""


def text_of(entry: dict[str, Any]) -> str:
    """Return an entry's message, building it where it is long."""
    if "text" in entry:
        return str(entry["text"])
    make, draw = entry["make"], random.Random(entry["id"])
    if "repeat" in make:
        return str(make["of"]) * int(make["repeat"])
    if "random" in make:
        return "".join(draw.choices(make["of"], k=make["random"]))
    first, last = make["points"]
    points = [draw.randint(first, last) for _ in range(make["count"])]
    return "".join(chr(point) for point in points if not 0xD800 <= point <= 0xDFFF)


TEXTS = {entry["id"]: text_of(entry) for entry in INPUTS}


@pytest.fixture(scope="module")
def rubric() -> Rubric:
    return load_rubric(load_settings().data)


@pytest.fixture(scope="module")
def readings(reader: ReplyReader) -> dict[str, Reading]:
    return {name: reader.read(text, PEER) for name, text in TEXTS.items()}


def test_there_are_two_hundred_each_with_its_name() -> None:
    assert len(INPUTS) == len(TEXTS) == 200
    assert sum(len(text) >= 6000 for text in TEXTS.values()) >= 15
    assert max(map(len, TEXTS.values())) >= 20000


@pytest.mark.parametrize("name", TEXTS)
def test_it_is_read_within_bounds(readings: dict[str, Reading], name: str) -> None:
    text, reading = TEXTS[name], readings[name]
    assert reading.text == text
    for item in [*reading.sentences, *reading.spans, *reading.topics, *reading.mentions]:
        assert 0 <= item.start <= item.end <= len(text)
    for mention in reading.mentions:
        assert mention.text == text[mention.start : mention.end]
    for one, other in zip(reading.spans, reading.spans[1:], strict=False):
        assert one.start < one.end <= other.start
    for first, second in zip(reading.sentences, reading.sentences[1:], strict=False):
        assert first.end <= second.start
    for sentence in reading.sentences:
        assert OTHER not in sentence.moves
        assert all(0 <= value <= 1 for value in sentence.moves.values())
        assert sum(sentence.moves.values()) <= 1.01
    assert all(0 <= item.probability <= 1 for item in [*reading.spans, *reading.topics])
    assert all(-1.001 <= value <= 1.001 for value in reading.similarity)


@pytest.mark.parametrize("name", TEXTS)
def test_its_size_does_not_grow_with_the_message(readings: dict[str, Reading], name: str) -> None:
    """How long reading takes is decided by the clauses that are read; they are bounded, so time is."""
    reading = readings[name]
    assert len(reading.sentences) <= MOST_CLAUSES
    assert len(reading.spans) <= MOST_CLAUSES
    assert len(reading.topics) <= MOST
    assert len(reading.mentions) <= MOST_MENTIONS


@pytest.mark.parametrize("name", TEXTS)
def test_it_travels_and_can_be_scored(readings: dict[str, Reading], rubric: Rubric, name: str) -> None:
    reading = readings[name]
    again = Reading.from_entities(reading.text, json.loads(json.dumps(reading.to_entities())))
    assert (again.spans, again.topics, again.mentions) == (reading.spans, reading.topics, reading.mentions)
    assessment, _ = assess_reply(rubric, again, PeerTurn(PEER, frozenset({"disc"})), History.empty())
    for key in CRITERIA:
        value = assessment.criteria[key].value
        assert value is None or 0 <= value <= 100
    assert assessment.overall is None or 0 <= assessment.overall <= 100
    json.dumps(assessment.to_dict())


@pytest.mark.parametrize("name", [entry["id"] for entry in INPUTS if entry.get("is")])
def test_what_cannot_be_read_is_known_for_it(readings: dict[str, Reading], name: str) -> None:
    wanted = next(entry["is"] for entry in INPUTS if entry["id"] == name)
    kinds = [mention.kind for mention in readings[name].mentions]
    assert kinds[:1] == [wanted]
    assert readings[name].moves == ()
    assert wanted in NOT_READ


def test_no_odd_input_is_taken_for_somebody_in_danger(readings: dict[str, Reading]) -> None:
    alarms = {"distress", "panic", "asks_method", "asks_supply", "urges_dying"}
    assert {
        name: kinds
        for name, reading in readings.items()
        if (kinds := alarms & {mention.kind for mention in reading.mentions})
    } == {}
