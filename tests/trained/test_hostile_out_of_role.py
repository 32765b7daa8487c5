"""Pausing and distress in every scenario, in the first and the last turn; and what is neither."""

from __future__ import annotations

from pathlib import Path

import pytest
import yaml

from actions.turn import Stage, load_stage
from bot.nlu.mentions import read_mentions
from bot.nlu.reader import ReplyReader, load_reader
from bot.nlu.sentences import split_clauses
from bot.reading import Reading
from tests.trained.hostile_talk import NEUTRAL, SETTINGS, Talk, scenarios

pytestmark = pytest.mark.trained
_LISTS = yaml.safe_load(Path(__file__).with_name("out_of_role.yml").read_text(encoding="utf-8"))
PAUSES, DISTRESS, UNSURE, ORDINARY = (
    tuple(_LISTS[name]) for name in ("pauses", "distress", "unsure", "ordinary")
)


@pytest.fixture(scope="module")
def reader() -> ReplyReader:
    return load_reader(None, SETTINGS)


@pytest.fixture(scope="module")
def stage() -> Stage:
    return load_stage(SETTINGS.data)


@pytest.fixture(scope="module")
def readings(reader: ReplyReader) -> dict[str, Reading]:
    texts = [*PAUSES, *DISTRESS, *UNSURE, *ORDINARY, "so what now", "resume", "lets continue"]
    return dict(zip(texts, reader.read_many([(text, "") for text in texts]), strict=True))


def places(stage: Stage, scenario: str, readings: dict[str, Reading]) -> list[Talk]:
    """Return the talk before the first reply and before the one with which it would end."""
    first = Talk(stage, scenario, readings)
    return [first, first.at_turn(int(stage.cast.dynamics.endings["wrap_up_turn"]) - 1)]


@pytest.mark.parametrize("scenario", scenarios())
@pytest.mark.parametrize(
    ("texts", "kinds"),
    [(PAUSES, {"pause"}), (DISTRESS, {"distress"}), (UNSURE, {"check"})],
    ids=["pause", "distress", "unsure"],
)
def test_they_step_out_unscored(
    stage: Stage, scenario: str, readings: dict[str, Reading], texts: tuple[str, ...], kinds: set[str]
) -> None:
    wrong = []
    for talk in places(stage, scenario, readings):
        for text in texts:
            asked = talk.copy()
            plan = asked.say(text)
            assert asked.last is not None
            kind = asked.last.view["step_out"]
            is_neutral = [said.text for said in plan.said] == [plan.said[0].text] and kind in NEUTRAL
            untouched = (asked.last.assessment, asked.progress.turn) == (None, talk.progress.turn)
            if kind not in kinds or not is_neutral or not untouched or plan.ended:
                wrong.append((talk.progress.turn, text, kind))
    assert wrong == []


@pytest.mark.parametrize("kind", ["distress", "check"])
def test_the_resources_come_with_it(kind: str) -> None:
    assert NEUTRAL[kind].is_resources_shown
    assert NEUTRAL[kind].is_pause


@pytest.mark.parametrize("scenario", scenarios())
def test_nothing_is_scored_until_it_is_resumed(
    stage: Stage, scenario: str, readings: dict[str, Reading]
) -> None:
    talk = Talk(stage, scenario, readings)
    talk.say("i need a break")
    kinds = []
    for text in ("so what now", "pause", "i want to die", "so what now", "resume"):
        talk.say(text)
        assert talk.last is not None
        assert talk.last.assessment is None
        kinds.append(talk.last.view["step_out"])
    assert kinds == ["paused", "paused", "distress", "paused", "resume"]
    assert talk.say("so what now").said[0].action != "utter_step_out"


@pytest.mark.parametrize("text", ORDINARY)
def test_an_ordinary_reply_is_no_alarm(readings: dict[str, Reading], text: str) -> None:
    alarms = {"distress", "panic", "pause_word", "asks_method", "asks_supply", "urges_dying"}
    assert alarms & {mention.kind for mention in readings[text].mentions} == set()


def test_alarms_among_all_our_example_replies_are_rare(reader: ReplyReader) -> None:
    """The sentences that teach the tagger are ordinary replies: at most one alarm in a thousand."""
    texts = [
        str(example["text"])
        for source in sorted((SETTINGS.data / "nlu").glob("*.yml"))
        for intent in yaml.safe_load(source.read_text(encoding="utf-8"))["nlu"]
        if isinstance(intent["examples"], list)
        for example in intent["examples"]
    ]
    vocabulary = reader.encoder.whole_words()
    alarms = {"distress", "panic", "pause_word", "asks_method", "asks_supply", "urges_dying", "asks_dose"}
    found = [
        text
        for text in texts
        if alarms
        & {
            mention.kind
            for mention in read_mentions(
                text, split_clauses(text), reader.parts.patterns, vocabulary
            ).mentions
        }
    ]
    assert len(texts) > 8000
    assert len(found) <= len(texts) / 1000, found
