"""Every peer has stories for `rasa test`: the good path, the stalled one, a break mended, and each trap."""

from __future__ import annotations

from pathlib import Path

import pytest
import yaml

from bot.engine.content import load_cast
from bot.peer.safety import load_step_outs
from bot.peer.situation import plan_of
from bot.settings import load_settings

CAST = load_cast(load_settings({}).data)
STORIES = Path(__file__).resolve().parents[1] / "stories"


def stories_of(peer: str) -> dict[str, list[str]]:
    """Return the stories of a peer by name, each as its list of actions."""
    document = yaml.safe_load((STORIES / f"test_{peer}.yml").read_text(encoding="utf-8"))
    return {
        story["story"]: [step["action"] for step in story["steps"] if "action" in step]
        for story in document["stories"]
    }


@pytest.mark.parametrize("peer", list(CAST.scenarios))
def test_the_paths_are_there_and_end_as_they_should(peer):
    stories = stories_of(peer)
    name = CAST.scenarios[peer].persona.short_name
    assert stories[f"{name}, the good path"][-1] == "utter_end"
    assert stories[f"{name}, the stalled path (replies with nothing in them)"][-1] == "utter_end"
    won_back = stories[f"{name} breaks off and is won back"]
    assert won_back.index("utter_rupture") < won_back.index("utter_repair")
    assert stories[f"{name} breaks off and is not won back"][-1] == "utter_end"


@pytest.mark.parametrize("peer", list(CAST.scenarios))
def test_each_trap_is_walked_into_and_around(peer):
    stories, scenario = stories_of(peer), CAST.scenarios[peer]
    name = scenario.persona.short_name
    assert scenario.traps
    for trap in scenario.traps:
        assert f"{name}, trap {trap['id']} (walked into)" in stories
        around = stories[f"{name}, trap {trap['id']} (walked around)"]
        assert not {"utter_push_back", "utter_rupture"} & set(around)


@pytest.mark.parametrize("peer", list(CAST.scenarios))
def test_every_story_goes_as_it_is_written(peer):
    """`rasa test` leaves out stories that look alike to it, as it does not see the view; here each counts."""
    document = yaml.safe_load((STORIES / f"test_{peer}.yml").read_text(encoding="utf-8"))
    neutral_voice = load_step_outs(load_settings({}).data)
    checked = 0
    for story in document["stories"]:
        expected: list[str] = []
        for step in story["steps"]:
            given = next((slot["peer"] for slot in step.get("slot_was_set", ()) if "peer" in slot), None)
            if given is not None:
                assert expected == [], f"{story['story']}: {expected} left over"
                plan = plan_of(given, CAST.scenarios[peer], CAST.dynamics, neutral_voice)
                expected = [said.action for said in plan.said]
            elif step.get("action", "").startswith("utter_"):
                assert expected, f"{story['story']}: {step['action']} is one too many"
                assert step["action"] == expected.pop(0), story["story"]
                checked += 1
        assert expected == [], f"{story['story']}: {expected} left over"
    assert checked >= 60
