"""The preview page and its little API: one author, one talk, nothing kept, nobody else let in."""

from __future__ import annotations

from pathlib import Path

import pytest
from starlette.testclient import TestClient

from bot.commands.check import check_content
from bot.web.preview import create_preview
from tests.authoring.fakes import copy_data, desk_parts


@pytest.fixture
def data(tmp_path: Path) -> Path:
    return copy_data(tmp_path, "marisol")


@pytest.fixture
def page(data: Path) -> TestClient:
    app = create_preview(*desk_parts(data, "marisol"))
    return TestClient(app, base_url="http://127.0.0.1:8010", raise_server_exceptions=False)


def edit(data: Path, old: str, new: str) -> None:
    path = data / "scenarios" / "marisol.yml"
    text = path.read_text(encoding="utf-8")
    assert old in text
    path.write_text(text.replace(old, new, 1), encoding="utf-8")


def test_the_page_names_the_person_and_guards_its_headers(page):
    answer = page.get("/")
    assert answer.status_code == 200
    assert "Preview of Marisol" in answer.text
    assert "script-src 'self'" in answer.headers["content-security-policy"]
    assert answer.headers["cache-control"] == "no-store"
    for path in ("/static/preview.js", "/static/preview.css", "/static/chat-view.js"):
        assert path.endswith("chat-view.js") or path in answer.text
        assert page.get(path).status_code == 200


def test_a_talk_goes_on_and_begins_anew(page):
    opening = page.get("/api/talk").json()
    assert [turn["turn"] for turn in opening["turns"]] == [0]
    assert opening["draft"] == {**opening["draft"], "is_current": True, "problems": [], "person": "Marisol"}
    said = page.post("/api/say", json={"text": "It sounds like a lot."}).json()
    assert [turn["reply"] for turn in said["turns"]] == [None, "It sounds like a lot."]
    assert page.get("/api/talk").json() == said, "a reload shows the same talk"
    again = page.post("/api/restart", json={"seed": 5}).json()
    assert (again["seed"], len(again["turns"])) == (5, 1)
    assert again["turns"][0]["state"]["after"]["trust"] != opening["turns"][0]["state"]["after"]["trust"]


def test_a_band_can_be_heard_without_earning_it(page):
    for standing, band in (("low", "low"), ("mid", "mid"), ("high", "high")):
        shown = page.post("/api/restart", json={"seed": 0, "standing": standing}).json()
        assert (shown["standing"], shown["turns"][0]["state"]["band"]) == (standing, band)
        turn = page.post("/api/say", json={"text": "It sounds like a lot."}).json()["turns"][1]
        assert turn["said"][0]["line"].startswith(f"reactions.heard.{band}.")


def test_a_saved_draft_is_played_at_the_next_turn(page, data):
    page.get("/api/talk")
    edit(data, 'heard:\n    low:\n    - "yeah kinda"', 'heard:\n    low:\n    - "changed kinda"')
    turn = page.post("/api/say", json={"text": "How do you sleep?"}).json()
    assert turn["turns"][1]["scenario_version"] != turn["turns"][0]["scenario_version"]
    assert turn["draft"]["version"] == turn["turns"][1]["scenario_version"]


def test_a_broken_draft_shows_what_the_check_says_and_the_last_good_one_goes_on(page, data):
    good = page.get("/api/talk").json()["draft"]["version"]
    edit(data, "tags: [amb]", "tags: [ambb]")
    edit(data, "  openness: 45\n", "  opennes: 45\n")
    shown = page.post("/api/say", json={"text": "How do you sleep?"}).json()
    assert shown["draft"]["is_current"] is False
    assert shown["draft"]["version"] == good == shown["turns"][1]["scenario_version"]
    checked = [problem for problem in check_content(data, "marisol")[0] if problem.is_error]
    told = [(problem["line"], problem["place"], problem["text"]) for problem in shown["draft"]["problems"]]
    assert told == [(problem.line, problem.place, problem.text) for problem in checked]
    assert len(told) == 2 and all(line for line, _, _ in told)
    edit(data, "tags: [ambb]", "tags: [amb]")
    edit(data, "  opennes: 45\n", "  openness: 45\n")
    assert page.get("/api/talk").json()["draft"]["is_current"] is True


def test_a_draft_that_was_never_right_begins_when_it_is(data):
    edit(data, "level: warm-up", "level: warm")
    page = TestClient(create_preview(*desk_parts(data, "marisol")), base_url="http://127.0.0.1")
    assert page.get("/").status_code == 200
    shown = page.get("/api/talk").json()
    assert shown["turns"] == [] and "warm-up" in shown["draft"]["problems"][0]["text"]
    assert page.post("/api/say", json={"text": "Hi"}).status_code == 409
    edit(data, "level: warm", "level: warm-up")
    assert len(page.get("/api/talk").json()["turns"]) == 1


def test_other_sites_and_wrong_bodies_are_refused(page):
    assert page.get("/api/talk", headers={"host": "evil.example"}).status_code == 400
    form = page.post("/api/say", data={"text": "hi"})
    assert (form.status_code, form.headers["content-type"]) == (415, "application/problem+json")
    plain = page.post("/api/say", content='{"text": "hi"}', headers={"content-type": "text/plain"})
    assert plain.status_code == 415
    assert page.post("/api/say", json={"text": "  "}).status_code == 422
    assert page.post("/api/say", json={"text": "x" * 5000}).status_code == 422
    assert page.post("/api/say", json=["hi"]).status_code == 400
    assert page.post("/api/restart", json={"standing": "top"}).status_code == 422
    for seed in (-1, "7", True, 10**12):
        assert page.post("/api/restart", json={"seed": seed}).status_code == 422
    assert len(page.get("/api/talk").json()["turns"]) == 1


def test_nothing_is_stored(page, tmp_path, monkeypatch):
    monkeypatch.setenv("SWITCHBACK_HOME", str(tmp_path / "home"))
    before = sorted(path for path in tmp_path.rglob("*"))
    page.post("/api/say", json={"text": "How do you sleep?"})
    assert sorted(path for path in tmp_path.rglob("*")) == before
