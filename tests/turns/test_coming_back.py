"""A second session of the same trainee with the same peer begins where the first one left them."""

from __future__ import annotations

import json
from types import SimpleNamespace

import pytest

from actions import actions
from actions.records import open_records, upgrade
from actions.turn import Earlier, Progress, first_progress, load_stage, opening_view, take_turn
from bot.peer.situation import plan_of
from bot.settings import load_settings
from tests.turns.test_turn import HEARD

PEERS = ["marisol", "terrence", "rowan", "yusuf", "ravi", "kris", "nico", "ruthann"]


@pytest.fixture(scope="module")
def stage():
    return load_stage(load_settings({}).data)


@pytest.fixture
def records(tmp_path, monkeypatch, stage):
    url = f"sqlite:///{tmp_path / 'records.db'}"
    upgrade(url)
    opened = open_records(url)
    monkeypatch.setattr(actions, "records", lambda: opened)
    monkeypatch.setattr(actions, "stage", lambda: stage)
    yield opened
    opened.close()


def begin(records, session_id, user_id, scenario="kris", seed=5):
    return records.start_session(
        session_id,
        scenario,
        seed,
        user_id=user_id,
        rubric_version="r",
        model_version="m",
        scenario_version="s",
    )


def play(records, stage, session, replies):
    person = stage.cast.scenarios[session.scenario_id]
    progress = first_progress(person, stage.cast.dynamics, session.seed)
    for number in range(replies):
        records.store_trainee_message(session.id, f"m{number}", HEARD.text)
        result = take_turn(stage, person, progress, HEARD, seed=session.seed, message_id=f"m{number}")
        progress = result.progress
        records.store_assessment(
            f"m{number}", session.id, progress.turn, detail=result.assessment.to_dict(),
            snapshot=progress.to_dict(), scores={}, is_substantive=True, rubric_version="r",
            model_version="m", scenario_version="s",
        )  # fmt: skip
    return progress


def opening_of(session_id):
    """Return the view with which `action_begin` begins a session."""
    tracker = SimpleNamespace(
        sender_id=session_id,
        latest_message={"intent": {"name": "begin"}, "entities": []},
        events=[{"event": "user", "message_id": f"{session_id}:begin", "text": "/begin", "metadata": {}}],
    )
    slots = actions.ActionBegin().run(None, tracker, {})
    return next(slot["value"] for slot in slots if slot["name"] == "peer")


def test_trust_and_hope_carry_over_and_the_rest_begins_anew(records, stage):
    ana = records.create_user("ana", "Ana", "trainee", None)
    first = begin(records, "s1", ana.id)
    end = play(records, stage, first, 4)
    records.end_session("s1", "good")
    fresh = first_progress(stage.cast.scenarios["kris"], stage.cast.dynamics, 5).state
    begin(records, "s2", ana.id)
    view = opening_of("s2")
    assert end.state.trust > fresh.trust + 5
    assert view["state"]["trust"] == pytest.approx(
        fresh.trust + 0.9 * (end.state.trust - fresh.trust), abs=0.06
    )
    assert view["state"]["guard"] == fresh.guard and view["state"]["ownership"] == fresh.ownership
    said = plan_of(view, stage.cast.scenarios["kris"], stage.cast.dynamics, {}).said[0]
    assert said.line.startswith("kris:opening_again.after_good") and said.pool == "beats.B1"
    assert said.tags == ("disc", "setb")
    assert view == opening_of("s2"), "asked again, the same"


def test_the_first_reply_goes_on_from_there(records, stage):
    ana = records.create_user("ana", "Ana", "trainee", None)
    play(records, stage, begin(records, "s1", ana.id), 4)
    records.end_session("s1", "rupture")
    view = opening_of(begin(records, "s2", ana.id).id)
    progress = actions._progress(records.session("s2"))
    assert progress.state.to_dict() == view["state"]
    assert progress.answered[0].line.startswith("kris:opening_again.after_break")
    assert Progress.from_dict(json.loads(json.dumps(progress.to_dict()))) == progress


@pytest.mark.parametrize("case", ["stranger", "other peer", "going on", "hardly begun", "nobody"])
def test_a_first_meeting_is_a_first_meeting(records, stage, case):
    ana = records.create_user("ana", "Ana", "trainee", None)
    ben = records.create_user("ben", "Ben", "trainee", None)
    first = begin(records, "s1", None if case == "nobody" else ana.id)
    play(records, stage, first, 2 if case == "hardly begun" else 4)
    if case != "going on":
        records.end_session("s1", "okay")
    who = {"stranger": ben.id, "nobody": None}.get(case, ana.id)
    begin(records, "s2", who, "marisol" if case == "other peer" else "kris")
    view = opening_of("s2")
    assert view["earlier"] is None
    fresh = first_progress(stage.cast.scenarios[view["scenario"]], stage.cast.dynamics, 5).state
    assert view["state"] == fresh.to_dict()


@pytest.mark.parametrize("peer", PEERS)
@pytest.mark.parametrize("ending", ["good", "okay", "stalled", "rupture", "stopped", "safety_pause"])
def test_everybody_has_first_words_for_somebody_who_comes_back(stage, peer, ending):
    person = stage.cast.scenarios[peer]
    earlier = Earlier(first_progress(person, stage.cast.dynamics, 1).state, ending)
    view = opening_view(person, stage.cast.dynamics, 1, "m0", earlier)
    text = plan_of(view, person, stage.cast.dynamics, {}).said[0].text
    assert text and text != person.opening.text
    assert first_progress(person, stage.cast.dynamics, 1, earlier).answered[0].text == text
