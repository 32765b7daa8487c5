"""`switchback chat` with the trained model: the same bytes, trust that grows, a break that happens."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

PROJECT = Path(__file__).resolve().parents[2]
pytestmark = pytest.mark.trained

GOOD = """Thank you for telling me. You carried that alone and still said it out loud.
So part of you feels like all those months got erased, and part of you is still here talking about it.
that makes sense, anybody would be hurting. no rush, we can go at your speed
What do you want to do with our time today? it's your call where we start
You kept going even with that shoulder and that day. that took some grit
Sounds like Sunday is the part that scares you most.
when have you gotten through something like this before? what did you do then
It makes sense you'd be wary, with how people have treated you.
Who is in your corner right now, even one person?
What would a small step look like, in your own words?
"""
POOR = """So you threw away fourteen months?
You need to call your sponsor right now and go to a meeting tonight.
At least it was only two times, it's not that bad.
If you keep this up you're going to lose your wife and your job.
Why would you do that to yourself? You knew better.
Have you tried just staying busy on weekends?
As a certified specialist I can tell you that you are in denial.
You should stop taking that medication, it's just swapping one drug for another.
whatever
You have to get serious.
"""


def chat(replies: str) -> bytes:
    command = [sys.executable, "-m", "bot.cli", "chat", "--scenario", "kris", "--seed", "7", "--json"]
    done = subprocess.run(
        command, input=replies.encode(), capture_output=True, cwd=PROJECT, env=os.environ, timeout=180
    )
    assert done.returncode == 0, done.stderr.decode()
    return done.stdout


def turns(output: bytes) -> list[dict]:
    return [json.loads(line) for line in output.decode().splitlines()]


def test_good_practice_is_trusted_and_can_be_replayed_byte_for_byte():
    first = chat(GOOD)
    assert first == chat(GOOD)
    talk = turns(first)
    assert [turn["turn"] for turn in talk] == list(range(len(talk)))
    assert talk[-1]["state"]["trust"] > talk[0]["state"]["trust"] + 10
    assert all(turn["peer"] and all(line.strip() for line in turn["peer"]) for turn in talk)
    lines = [line for turn in talk for line in turn["peer"]]
    assert len(lines) == len(set(lines))
    for turn, reply in zip(talk[1:], GOOD.splitlines(), strict=False):
        assert all(0 <= start < end <= len(reply) for start, end, _, _ in turn["moves"])
        assert all(0 <= turn["scores"][name] <= 100 for name in ("collaboration", "strengths", "humility"))
        assert turn["before"].keys() == turn["state"].keys() - {"band"}
        assert any(candidate["won"] and candidate["why"] for candidate in turn["choice"])
    for earlier, later in zip(talk[1:], talk[2:], strict=False):
        assert later["before"] == {name: earlier["state"][name] for name in later["before"]}


def test_poor_practice_breaks_it_and_can_be_replayed_byte_for_byte():
    first = chat(POOR)
    assert first == chat(POOR)
    talk = turns(first)
    assert any("utter_rupture" in turn["acts"] for turn in talk)
    assert talk[-1]["ended"] == "rupture"
    assert talk[-1]["state"]["trust"] < talk[0]["state"]["trust"]
