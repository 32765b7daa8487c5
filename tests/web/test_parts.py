"""The small parts: the client of Rasa's channel, levels, marked words, versions."""

from __future__ import annotations

import json
from pathlib import Path

import httpx
import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.web.engine import EngineAnswer, EngineFault, EngineUnavailable, RasaEngine, TurnRequest
from bot.web.library import model_version
from bot.web.report import points_of
from bot.web.sums import _caps, _steps
from bot.web.supports import read_supports
from bot.web.view_models import Level, effect_of, segments_of, when

REQUEST = TurnRequest("s", "m", "say", "kris", 7, "How are you?")
ANSWER = {
    "message_id": "m",
    "turn": 3,
    "lines": [{"id": "l", "text": "Yeah.", "act": "utter_peer", "beat": None}],
    "ended": None,
    "is_paused": False,
    "state": {"trust": 31},
    "band": "low",
}


def rasa(handler) -> RasaEngine:
    return RasaEngine("http://127.0.0.1:5005", transport=httpx.MockTransport(handler))


async def test_channel_gets_the_contract_and_its_answer_is_read():
    seen = []

    def handle(request: httpx.Request) -> httpx.Response:
        seen.append((request.method, request.url.path, json.loads(request.content)))
        return httpx.Response(200, json={**ANSWER, "choice": []})

    answer = await rasa(handle).turn(REQUEST)
    assert seen == [
        (
            "POST",
            "/webhooks/peer/turn",
            {
                "session_id": "s",
                "message_id": "m",
                "kind": "say",
                "text": "How are you?",
                "scenario": "kris",
                "seed": 7,
            },
        )
    ]
    assert answer == EngineAnswer("m", 3, tuple(ANSWER["lines"]), None, False, {"trust": 31}, "low")


@pytest.mark.parametrize("status", [500, 502, 503, 504, 429])
async def test_server_errors_may_be_tried_again(status):
    with pytest.raises(EngineUnavailable):
        await rasa(lambda _: httpx.Response(status, json={"title": "no"})).turn(REQUEST)


@pytest.mark.parametrize(
    "error", [httpx.ConnectError, httpx.ReadTimeout, httpx.RemoteProtocolError, httpx.ReadError]
)
async def test_lost_connections_may_be_tried_again(error):
    def handle(request: httpx.Request) -> httpx.Response:
        raise error("lost")

    with pytest.raises(EngineUnavailable):
        await rasa(handle).turn(REQUEST)


@pytest.mark.parametrize(
    "response",
    [
        httpx.Response(400, json={}),
        httpx.Response(200, text="not json"),
        httpx.Response(200, json=[]),
        httpx.Response(200, json={**ANSWER, "lines": [{"text": "no id"}]}),
        httpx.Response(200, json={**ANSWER, "message_id": "another"}),
        httpx.Response(200, json={key: value for key, value in ANSWER.items() if key != "turn"}),
    ],
)
async def test_what_is_no_turn_is_a_fault(response):
    with pytest.raises(EngineFault):
        await rasa(lambda _: response).turn(REQUEST)


@pytest.mark.parametrize(
    "score, step, word",
    [
        (0, 1, "working against"),
        (12.3, 1, "working against"),
        (12.5, 2, "beginning"),
        (50, 3, "mixed"),
        (73, 4, "solid"),
        (87.5, 5, "strong"),
        (100, 5, "strong"),
        (130, 5, "strong"),
    ],
)
def test_levels_follow_the_rubric(score, step, word):
    level = Level.of(score)
    assert level and (level.step, level.word) == (step, word)


def test_no_score_no_level():
    assert Level.of(None) is None


@given(st.text(max_size=60), st.lists(st.tuples(st.integers(-5, 70), st.integers(-5, 70)), max_size=8))
def test_pieces_of_a_reply_are_the_reply(text, spans):
    marks = [{"number": n, "start": a, "end": b} for n, (a, b) in enumerate(sorted(spans), 1)]
    pieces = segments_of(text, marks)
    assert "".join(piece["text"] for piece in pieces) == text
    assert all(piece["text"] for piece in pieces)


@pytest.mark.parametrize(
    "move, effect",
    [
        ({"kind": "A", "credit": {"humility": 0.5}}, "helped"),
        ({"kind": "A", "credit": {"humility": 0.0}}, "neutral"),
        ({"kind": "X", "harm": {"humility": 1.0}}, "hindered"),
        ({"kind": "X", "harm": {}}, "neutral"),
        ({"kind": "N"}, "neutral"),
    ],
)
def test_effect_is_what_the_move_did_here(move, effect):
    assert effect_of(move) == effect


def test_points_come_from_the_best_and_the_weakest_replies_once():
    def line(number: int, value: int, *points: tuple[str, str]) -> dict:
        feedback = [{"kind": kind, "text": text, "quote": None, "rewording": None} for kind, text in points]
        row = type("Row", (), {"text": "x"})()
        return {
            "number": number,
            "row": row,
            "assessment": {"overall": {"value": value}, "feedback": feedback},
        }

    lines = [
        line(1, 80, ("worked", "good")),
        line(2, 95, ("worked", "best"), ("try", "late")),
        line(3, 20, ("try", "first")),
        line(4, 85, ("worked", "good")),
        {"number": 5, "row": None, "assessment": None},
    ]
    assert [(p["text"], p["number"]) for p in points_of(lines, "worked", 3)] == [("best", 2), ("good", 4)]
    assert [p["text"] for p in points_of(lines, "try", 1)] == ["first"]
    assert [p["text"] for p in points_of(lines, "worked", 3, "best")] == ["good"]
    for number in (0, 1, 3):
        lines[number]["assessment"]["feedback"][0]["why"] = "the same lesson"
    assert [p["text"] for p in points_of(lines, "worked", 3)] == ["best"]


def test_times_read_well():
    assert when("2026-03-03T14:05:00.000000+00:00") == "Mar 3, 2026, 14:05 UTC"
    assert when(None) == ""


def test_newest_model_names_the_version(tmp_path: Path):
    assert model_version(tmp_path) == "none"
    (tmp_path / "20260301-peer.tar.gz").touch()
    assert model_version(tmp_path) == "20260301-peer"


def test_supports_must_offer_something(tmp_path: Path):
    (tmp_path / "safety.yml").write_text("resources: []\n")
    with pytest.raises(ValueError, match="at least one"):
        read_supports(tmp_path / "safety.yml")
    (tmp_path / "safety.yml").write_text("resources:\n- name: Somebody\n")
    with pytest.raises(ValueError, match="entry 1 needs a name and how"):
        read_supports(tmp_path / "safety.yml")


def test_the_resources_that_we_ship_can_be_shown():
    supports = read_supports(Path(__file__).parents[2] / "data" / "safety.yml")
    assert supports.resources and supports.notice and supports.pause
    assert any("988" in resource.how for resource in supports.resources)


def test_a_score_that_nothing_moved_is_told_in_one_line():
    assert _steps({"value": 50, "u": 50, "P": 0, "N": 0, "A": 0, "B": 0}, None) == [
        "Every reply starts at 50, and nothing moved it."
    ]


def test_a_limit_is_told_once():
    caps = [{"limit": 35.0, "reason": "Told them what to do: no more than 35."}]
    assert _caps({"u": 38, "caps": caps}) == ["Held at 35: told them what to do."]
    assert _caps({"u": 30, "caps": caps}) == []
