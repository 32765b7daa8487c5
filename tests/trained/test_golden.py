"""Whole talks that outsiders have judged: the replies still get the words that they found fitting.

`talks/*.json` hold a peer, a seed, the replies and the lines that came. Where content or reading was changed
on purpose and the new answers are as good, `python -m tests.trained.test_golden` writes them anew; read the
difference before you commit it.
"""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from bot.authoring.rehearsal import Rehearsal, Theater
from bot.engine.content import load_cast
from bot.nlu.prepared_reader import load_prepared_reader
from bot.settings import load_settings

TALKS = sorted((Path(__file__).parent / "talks").glob("*.json"))
pytestmark = pytest.mark.trained
MOST_OF = 0.75
"""Share of turns that must go as they went."""


def theater_and_cast():
    settings = load_settings({})
    return Theater(settings.data, load_prepared_reader(None, settings, threads=1)), load_cast(settings.data)


def played(theater, cast, talk: dict) -> list[dict]:
    scenario = cast.scenarios[talk["peer"]]
    rehearsal = Rehearsal(theater, scenario, talk["seed"])
    turns = []
    for turn in talk["turns"]:
        said = rehearsal.say(scenario, turn["reply"])["said"]
        turns.append({"reply": turn["reply"], "lines": [thing["line"] for thing in said]})
        turns[-1]["words"] = [thing["text"].replace("\n\n", " / ") for thing in said]
    return turns


@pytest.fixture(scope="module")
def stage():
    return theater_and_cast()


def test_every_peer_has_a_talk():
    assert {path.name.partition("-")[0] for path in TALKS} == set(load_cast(load_settings({}).data).scenarios)


@pytest.mark.parametrize("path", TALKS, ids=lambda path: path.stem)
def test_a_judged_talk_goes_as_it_went(stage, path):
    talk = json.loads(path.read_text(encoding="utf-8"))
    turns = played(*stage, talk)
    same = [now == then for now, then in zip(turns, talk["turns"], strict=True)]
    # Another machine trains to other last digits, and now and then a close choice falls the other way.
    assert sum(same) >= MOST_OF * len(same), [
        now for now, is_same in zip(turns, same, strict=True) if not is_same
    ]
    lines = [line for turn in turns for line in turn["lines"]]
    assert len(lines) == len(set(lines)), "nobody says the same thing twice"
    assert all(turn["words"] and all(turn["words"]) for turn in turns)


def write_anew() -> None:
    """Play all talks and write down what comes."""
    stage = theater_and_cast()
    for path in TALKS:
        talk = json.loads(path.read_text(encoding="utf-8"))
        talk["turns"] = played(*stage, talk)
        path.write_text(json.dumps(talk, ensure_ascii=False, indent=1) + "\n", encoding="utf-8")


if __name__ == "__main__":
    write_anew()
