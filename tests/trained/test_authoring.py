"""A new scenario with the trained model: the real engine plays it, and the preview says the same words."""

from __future__ import annotations

import shutil
import tarfile
from pathlib import Path
from types import SimpleNamespace

import pytest

from actions import actions
from actions.records import open_records, upgrade
from bot.authoring.rehearsal import Rehearsal, Theater
from bot.commands.new_scenario import create_scenario
from bot.engine.channel import TurnRequest
from bot.engine.content import copy_content, load_cast
from bot.engine.local import LocalEngine
from bot.freshness import newest_archive
from bot.nlu.encoder import Encoder
from bot.nlu.prepared import prepare_all, save_prepared
from bot.nlu.prepared_reader import load_prepared_reader
from bot.nlu.same_questions import read_same_questions
from bot.peer.scenario_file import load_scenarios
from bot.settings import load_settings
from tests.authoring.fakes import copy_data

pytestmark = pytest.mark.trained

REPLIES = """Hi, good to meet you. What do you want to talk about today?
It sounds like a lot changed at once, and you've been alone with it.
It makes sense that it's quiet after a day like that.
How do you sleep?
You should join a club.
Sorry, I jumped ahead there. It's your call what we talk about.
You went out even though everything in you said stay. What helped?
Who is in your corner these days?
What matters most to you in all this?
So part of you would like to be known by somebody.
ok
What would a small next step look like, in your own words?
""".splitlines()


def with_content(archive: Path, data: Path, into: Path) -> Path:
    """Return a copy of a trained model that carries other scenarios and the vectors of what they answer."""
    folder, model = into / "model", into / "model.tar.gz"
    with tarfile.open(archive) as packed:
        packed.extractall(folder)
    content = folder / "components" / "train_bot.engine.policy.PeerPolicy0"
    shutil.rmtree(content)
    content.mkdir()
    copy_content(data, content)
    tagger = folder / "components" / "train_bot.nlu.components.MoveTagger0"
    settings = load_settings({})
    people = load_scenarios(data).values()
    save_prepared(prepare_all(Encoder(settings.encoder), people, read_same_questions(settings.data)), tagger)
    with tarfile.open(model, "w:gz") as packed:
        packed.add(folder, arcname="")
    return model


@pytest.fixture(scope="module")
def world(tmp_path_factory):
    """The engine and the preview's theater, both with a new scenario and with Kris."""
    folder = tmp_path_factory.mktemp("authoring")
    data = copy_data(folder, "kris")
    create_scenario(data, "dana", "A talk")
    settings = load_settings({})
    patch = pytest.MonkeyPatch()
    patch.setenv("SWITCHBACK_DATA", str(data))
    patch.setenv("SWITCHBACK_HOME", str(folder / "home"))
    patch.setenv("DATABASE_URL", f"sqlite:///{folder / 'talk.db'}")
    for cached in (actions.stage, actions.records):
        cached.cache_clear()
    upgrade(f"sqlite:///{folder / 'talk.db'}")
    records = open_records(f"sqlite:///{folder / 'talk.db'}")
    engine = LocalEngine(with_content(newest_archive(settings.models), data, folder))
    theater = Theater(data, load_prepared_reader(None, settings))
    yield SimpleNamespace(engine=engine, theater=theater, cast=load_cast(data), records=records)
    engine.close()
    records.close()
    for cached in (actions.stage, actions.records):
        cached.cache_clear()
    patch.undo()


def lines(answer: dict) -> list[tuple[str, str]]:
    return [(line["id"].partition(":")[2] or line["id"], line["text"]) for line in answer["lines"]]


@pytest.mark.parametrize(("name", "seed"), [("dana", 0), ("dana", 3), ("kris", 7)])
def test_the_engine_plays_it_and_the_preview_says_the_same(world, name, seed):
    session = f"{name}-{seed}"
    scenario = world.cast.scenarios[name]
    answer = world.engine.turn(TurnRequest(session, f"{session}:begin", "begin", "", name, seed))
    talk = Rehearsal(world.theater, scenario, seed)
    assert lines(answer) == [(said["line"], said["text"]) for said in talk.turns[0]["said"]]
    played = 0
    for number, reply in enumerate(REPLIES, 1):
        answer = world.engine.turn(TurnRequest(session, f"{session}:{number}", "say", reply, name, seed))
        turn = talk.say(scenario, reply)
        assert lines(answer) == [(said["line"], said["text"]) for said in turn["said"]], reply
        assert answer["state"] == turn["state"]["after"]
        assert answer["ended"] == turn["ended"]
        assert answer["choice"] == turn["candidates"]
        played = number
        if answer["ended"]:
            break
    assert played == len(REPLIES)
