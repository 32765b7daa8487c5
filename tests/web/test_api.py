from __future__ import annotations

import threading
import uuid
from typing import Any

import jsonschema
import pytest
from starlette.routing import Mount, Route

from bot.web.openapi import document
from bot.web.turns import MAX_CHARACTERS

DOCUMENT = document()


def check(answer: Any, path: str, method: str = "post") -> Any:
    """Hold an answer to the description of its address; return its JSON."""
    operation = DOCUMENT["paths"][path][method]
    described = operation["responses"].get(str(answer.status_code))
    assert described, f"{method} {path} may not answer {answer.status_code}: {answer.text}"
    (media_type, content), *_ = described["content"].items()
    assert answer.headers["content-type"] == media_type
    schema = {**content["schema"], "components": DOCUMENT["components"]}
    jsonschema.Draft202012Validator(schema).validate(answer.json())
    return answer.json()


def problem(answer: Any) -> str:
    return str(answer.json()["type"].removeprefix("urn:switchback:problem:"))


SAY, STATE = "/sessions/{session_id}/messages", "/sessions/{session_id}"


def test_document_is_valid_and_names_every_route_and_no_other(app, guest):
    served = guest.get("/api/v1/openapi.json").json()
    assert served == DOCUMENT and served["openapi"].startswith("3.1")
    mount = next(route for route in app.routes if isinstance(route, Mount) and route.path == "/api/v1")
    routed = {
        (route.path, method.lower())
        for route in mount.routes
        if isinstance(route, Route)
        for method in route.methods or ()
        if method != "HEAD"
    }
    described = {
        (path, method)
        for path, item in DOCUMENT["paths"].items()
        for method in item
        if method in ("get", "post", "put", "patch", "delete")
    }
    assert routed == described
    for schema in DOCUMENT["components"]["schemas"].values():
        jsonschema.Draft202012Validator.check_schema(schema)


def test_operation_ids_are_unique():
    ids = [
        item[m]["operationId"] for item in DOCUMENT["paths"].values() for m in item if m in ("get", "post")
    ]
    assert len(ids) == len(set(ids))


def test_a_whole_session_answers_as_described(guest, engine):
    people = check(guest.get("/api/v1/scenarios"), "/scenarios", "get")["scenarios"]
    assert [person["id"] for person in people] == ["kris", "marisol"]

    session_id = str(uuid.uuid4())
    state = check(guest.write("/sessions", {"scenario": "kris", "id": session_id, "seed": 7}), "/sessions")
    assert [message["speaker"] for message in state["messages"]] == ["peer", "peer"]
    again = check(guest.write("/sessions", {"scenario": "kris", "id": session_id}), "/sessions")
    assert again["messages"] == state["messages"]

    words = "Sounds like a lot 🙂. What happened? You should call."
    said = check(guest.say(session_id, words), SAY)
    assessment = said["assessment"]
    assert "".join(piece["text"] for piece in assessment["segments"]) == words
    assert [(mark["name"], mark["effect"]) for mark in assessment["marks"]] == [
        ("Heard what was underneath", "helped"),
        ("Asked an open question", "helped"),
        ("Told them what to do", "hindered"),
    ]
    assert words[assessment["marks"][2]["start"] : assessment["marks"][2]["end"]] == "You should call."

    state = check(guest.get(f"/api/v1/sessions/{session_id}"), STATE, "get")
    assert state["assessments"] == [assessment] and not state["is_waiting"]
    paused = check(guest.write(f"/sessions/{session_id}/pause"), STATE + "/pause")
    assert paused["session"]["is_paused"] and paused["neutral"] == ["Neutral voice: pause."]
    resumed = check(guest.write(f"/sessions/{session_id}/resume"), STATE + "/resume")
    assert not resumed["session"]["is_paused"]
    ended = check(guest.write(f"/sessions/{session_id}/end"), STATE + "/end")
    assert ended["session"]["ended"] == "stopped" and ended["session"]["is_scored"]
    check(guest.write(f"/sessions/{session_id}/pause"), STATE + "/pause")


def test_no_codes_of_the_rubric_and_no_inner_state_reach_a_trainee(guest):
    session_id = guest.begin()
    text = guest.say(session_id, "You should call. How are you?").text
    text += guest.get(f"/api/v1/sessions/{session_id}").text
    for code in (
        "direct_command",
        "open_question",
        "probability",
        "utter_peer",
        "B1",
        "trust",
        "guard",
        "seed",
    ):
        assert code not in text


def test_double_posts_over_http_make_one_turn(guest, engine, records):
    session_id, message_id = guest.begin(), str(uuid.uuid4())
    engine.takes_seconds = 0.1
    token, answers = guest.token(), []

    def post() -> None:
        body = {"id": message_id, "text": "How are you?"}
        path = f"/api/v1/sessions/{session_id}/messages"
        answers.append(guest.post(path, json=body, headers={"X-CSRF-Token": token}))

    threads = [threading.Thread(target=post) for _ in range(5)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert [answer.status_code for answer in answers] == [200] * 5
    assert len({answer.text for answer in answers}) == 1
    assert engine.done.count(message_id) == 1 and len(records.assessments(session_id)) == 1


def test_ids_are_the_same_however_they_are_typed(guest, engine):
    session_id, message_id = guest.begin(), str(uuid.uuid4())
    first = guest.say(session_id, "How are you?", message_id)
    assert guest.say(session_id, "How are you?", message_id.upper()).json() == first.json()


def test_engine_down_then_up(guest, engine, monkeypatch):
    session_id = guest.begin()
    monkeypatch.setattr(guest.app.state.front.turns, "_retry_seconds", 0.0)
    monkeypatch.setattr(guest.app.state.front.turns, "_catch_up_seconds", 0.0)
    engine.is_down = True
    message_id = str(uuid.uuid4())
    answer = guest.say(session_id, "How are you?", message_id)
    assert check(answer, SAY)["status"] == 503 and answer.headers["retry-after"] == "2"
    state = check(guest.get(f"/api/v1/sessions/{session_id}"), STATE, "get")
    assert state["is_waiting"] and not state["messages"][-1]["is_answered"]
    engine.is_down = False
    state = check(guest.get(f"/api/v1/sessions/{session_id}"), STATE, "get")
    assert not state["is_waiting"] and len(state["messages"]) == 5
    assert len(guest.say(session_id, "How are you?", message_id).json()["lines"]) == 2


def test_hidden_feedback_stays_on_the_server_until_the_end(guest):
    session_id = guest.begin(is_score_hidden=True)
    assert check(guest.say(session_id, "How are you?"), SAY)["assessment"] is None
    assert guest.get(f"/api/v1/sessions/{session_id}").json()["assessments"] == []
    path = f"/sessions/{session_id}/feedback"
    shown = check(guest.write(path, {"is_score_hidden": False}), STATE + "/feedback")
    assert len(shown["assessments"]) == 1
    guest.write(path, {"is_score_hidden": True})
    assert len(check(guest.write(f"/sessions/{session_id}/end"), STATE + "/end")["assessments"]) == 1


@pytest.mark.parametrize(
    "body, name, status",
    [
        ({}, "invalid", 422),
        ({"id": "no-uuid", "text": "Hi"}, "invalid", 422),
        ({"id": 7, "text": "Hi"}, "invalid", 422),
        ({"text": ["Hi"]}, "invalid", 422),
        ({"text": "  "}, "empty", 422),
        ({"text": "a" * (MAX_CHARACTERS + 1)}, "message-too-long", 422),
        ({"text": "a" * 300_000}, "too-large", 413),
        ([1, 2], "invalid", 422),
    ],
)
def test_bodies_that_cannot_be_used(guest, records, body, name, status):
    session_id = guest.begin()
    before = len(records.messages(session_id))
    if isinstance(body, dict) and "text" in body:
        body = {"id": str(uuid.uuid4()), **body}
    answer = guest.post(
        f"/api/v1/sessions/{session_id}/messages", json=body, headers={"X-CSRF-Token": guest.token()}
    )
    assert (answer.status_code, problem(answer)) == (status, name)
    check(answer, SAY)
    assert len(records.messages(session_id)) == before


def test_longest_message_in_four_byte_characters_fits(guest):
    session_id = guest.begin()
    assert guest.say(session_id, "🙂" * MAX_CHARACTERS).status_code == 200


def test_body_of_untold_size_is_cut_off(guest):
    session_id = guest.begin()
    headers = {"X-CSRF-Token": guest.token(), "Content-Type": "application/json"}
    body = (b"a" * 50_000 for _ in range(8))
    answer = guest.post(f"/api/v1/sessions/{session_id}/messages", content=body, headers=headers)
    assert (answer.status_code, problem(answer)) == (413, "too-large")


def test_large_form_is_refused_in_words(guest):
    answer = guest.post("/sign-out", data={"csrf_token": "a" * 300_000})
    assert answer.status_code == 413 and "too much to send at once" in answer.text
    assert answer.headers["x-frame-options"] == "DENY"


def test_broken_json_is_told_apart(guest):
    headers = {"X-CSRF-Token": guest.token(), "Content-Type": "application/json"}
    answer = guest.post("/api/v1/sessions", content=b'{"scenario": ', headers=headers)
    assert (answer.status_code, problem(answer)) == (422, "invalid")


@pytest.mark.parametrize(
    "body",
    [
        {"scenario": "nobody"},
        {"scenario": ["kris"]},
        {"scenario": "kris", "seed": -1},
        {"scenario": "kris", "seed": True},
        {"scenario": "kris", "id": "x"},
        {"scenario": "kris", "is_score_hidden": "yes"},
    ],
)
def test_sessions_that_cannot_be_begun(guest, body):
    answer = guest.write("/sessions", body)
    assert (answer.status_code, problem(answer)) == (422, "invalid")
    check(answer, "/sessions")


def test_id_of_another_scenario_is_not_taken_over(guest):
    session_id = guest.begin("kris")
    assert guest.write("/sessions", {"scenario": "marisol", "id": session_id}).status_code == 404


@pytest.mark.parametrize(
    "method, path, status",
    [
        ("GET", "/nope", 404),
        ("GET", "/sessions/nope", 404),
        ("DELETE", "/scenarios", 405),
        ("PUT", "/sessions", 405),
    ],
)
def test_errors_of_the_api_are_problems(guest, method, path, status):
    answer = guest.request(method, f"/api/v1{path}")
    assert answer.status_code == answer.json()["status"] == status
    assert answer.headers["content-type"] == "application/problem+json"


def test_crash_tells_nothing_of_its_cause(guest, monkeypatch):
    monkeypatch.setattr(guest.app.state.front.records, "sessions_of", lambda _: 1 / 0)
    page = guest.get("/scenarios")
    assert page.status_code == 500
    assert "Something went wrong on our side" in page.text
    assert page.headers["x-frame-options"] == "DENY" and page.headers["cache-control"] == "no-store"
    assert "ZeroDivisionError" not in page.text and "Traceback" not in page.text


def test_records_away_is_a_503_that_may_be_retried(guest, monkeypatch):
    from actions.records import RecordsUnavailable

    def away(*_: Any) -> None:
        raise RecordsUnavailable("busy")

    session_id, token = guest.begin(), guest.token()
    monkeypatch.setattr(guest.app.state.front.records, "session", away)
    answer = guest.get(f"/api/v1/sessions/{session_id}", headers={"X-CSRF-Token": token})
    assert check(answer, STATE, "get")["type"].endswith("records-away")
    assert answer.headers["retry-after"] == "2"
