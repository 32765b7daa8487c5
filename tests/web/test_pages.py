from __future__ import annotations

import html
import re
import uuid

import pytest

from tests.web.conftest import Browser

KIND = "Sounds like it was a lot. What happened?"


def words_of(page: str) -> str:
    """What a reader reads of a page."""
    return " ".join(html.unescape(re.sub(r"<[^>]+>", " ", page)).split())


def talk(browser: Browser, replies: int, scenario: str = "kris") -> str:
    session_id = browser.begin(scenario)
    for number in range(replies):
        browser.say(session_id, f"{KIND} Part {number}?")
    return session_id


def test_cards_show_who_how_hard_and_what_comes_up(guest):
    words = words_of(guest.get("/scenarios").text)
    for shown in ("Kris: The weekend", "41, she/her", "hard", "Comes up: return to use, grief"):
        assert shown in words


def test_start_page_says_what_to_know_first(guest):
    words = words_of(guest.get("/scenarios/kris").text)
    for shown in (
        "You will talk with a computer character.",
        "This talk touches on return to use, grief.",
        "Have a supervisor or a peer contact at hand.",
        "Show me feedback only at the end",
    ):
        assert shown in words


def test_starting_twice_with_one_form_starts_one_session(guest, records):
    session_id = re.search(
        r'name="session_id"[^>]*value="([\w-]+)"', guest.get("/scenarios/kris").text
    ).group(1)
    fields = {"session_id": session_id, "feedback": "end"}
    answers = [guest.submit("/scenarios/kris", **fields) for _ in range(2)]
    assert [answer.headers["location"] for answer in answers] == [f"/sessions/{session_id}"] * 2
    session = records.session(session_id)
    assert session.is_score_hidden and session.rubric_version == "1.0+test"


@pytest.mark.parametrize(
    "fields", [{"session_id": "x", "feedback": "end"}, {"session_id": str(uuid.uuid4()), "feedback": "never"}]
)
def test_start_form_that_makes_no_sense_starts_nothing(guest, records, fields):
    assert guest.submit("/scenarios/kris", **fields).status_code == 422
    assert not records.sessions_page().sessions


def test_sessions_that_go_on_can_be_resumed_and_others_read(guest):
    going, over = talk(guest, 1), talk(guest, 1)
    guest.write(f"/sessions/{over}/end")
    page = guest.get("/scenarios").text
    assert f'href="/sessions/{going}"' in page and f'href="/sessions/{over}/report"' in page


def test_practice_page_hands_the_widget_what_it_needs(guest):
    session_id = talk(guest, 0)
    page = guest.get(f"/sessions/{session_id}").text
    assert f'api="/api/v1/sessions/{session_id}"' in page and "no-delays" not in page
    assert "We are out of the roleplay now." in page
    assert "no-delays" in guest.get(f"/sessions/{session_id}?delays=none").text


def test_report_waits_for_the_end(guest):
    session_id = talk(guest, 1)
    assert guest.get(f"/sessions/{session_id}/report").headers["location"] == f"/sessions/{session_id}"


def test_report_of_a_full_talk(guest):
    session_id = talk(guest, 6)
    guest.say(session_id, "You should call her.")
    guest.write(f"/sessions/{session_id}/end")
    words = words_of(guest.get(f"/sessions/{session_id}/report").text)
    for shown in (
        "You ended the talk.",
        "Collaboration Working with, not on solid 71 of 100",
        "Held here: one order that was not taken back.",
        "Your strongest moment",
        "Orders turn a partner into a boss and rarely last.",
        "What was your first sentence, and what did it do?",
        "Shared steering aim of this talk On the way to: their answers turned the talk solid 3.7 of 5",
        "Reflections for each question One part is every time you gave back what you heard, the other every "
        "question. 1.5 1 is fair, 2 is good",
        "neither certifies anybody",
        "You, reply 7",
        "Try again with Kris",
    ):
        assert shown in words, shown
    assert "direct_command" not in words and "H7" not in words


def test_report_of_a_short_talk_says_how_many_replies_are_needed(guest):
    session_id = talk(guest, 2)
    guest.write(f"/sessions/{session_id}/end")
    words = words_of(guest.get(f"/sessions/{session_id}/report").text)
    assert "Not enough replies to score: 6 replies" in words and "this talk had 2" in words


def test_report_while_the_score_cannot_be_made(guest, engine, monkeypatch):
    session_id = talk(guest, 2)
    monkeypatch.setattr(guest.app.state.front.turns, "_catch_up_seconds", 0.0)
    engine.is_down = True
    guest.write(f"/sessions/{session_id}/end")
    assert "The score is not ready yet" in guest.get(f"/sessions/{session_id}/report").text
    engine.is_down = False
    assert "Not enough replies" in guest.get(f"/sessions/{session_id}/report").text


def test_report_of_a_talk_without_a_word(guest):
    session_id = talk(guest, 0)
    guest.write(f"/sessions/{session_id}/end")
    assert guest.get(f"/sessions/{session_id}/report").status_code == 200


def test_words_of_a_trainee_are_never_markup(guest, open_browser):
    session_id = guest.begin()
    guest.say(session_id, '<script>alert("x")</script> You should <b>go</b>.')
    guest.write(f"/sessions/{session_id}/end")
    ina = open_browser("ina", "instructor")
    for page in (guest.get(f"/sessions/{session_id}/report"), ina.get(f"/instructor/sessions/{session_id}")):
        assert "<script>alert" not in page.text and "<b>go" not in page.text
        assert "alert" in words_of(page.text)


def test_supports_are_open_to_everybody(browser):
    words = words_of(browser.get("/supports").text)
    assert "988 Suicide & Crisis Lifeline Call or text 988." in words and "These are people" in words


@pytest.mark.parametrize(
    "path", ["/nope", "/scenarios/nobody", "/sessions/nope", "/static/nope.css", "/invite/nope"]
)
def test_missing_pages_say_what_to_do(guest, path):
    answer = guest.get(path)
    words = words_of(answer.text)
    assert answer.status_code == 404
    assert "Nothing was" in words and "Go to your start page" in words


def test_instructor_lists_filters_and_pages(open_browser, monkeypatch):
    from bot.web import instructor_pages

    monkeypatch.setattr(instructor_pages, "PER_PAGE", 2)
    ana, ben, ina = (
        open_browser(*who) for who in (("ana", "trainee"), ("ben", "trainee"), ("ina", "instructor"))
    )
    first, second, third = talk(ana, 1), talk(ben, 1, "marisol"), talk(ana, 6)
    ana.write(f"/sessions/{third}/end")

    def listed(address: str) -> list[str]:
        return re.findall(r'/instructor/sessions/([\w-]+)"', ina.get(address).text)

    assert listed("/instructor") == [third, second]
    older = html.unescape(
        re.search(r'href="(/instructor\?[^"]+)">Older', ina.get("/instructor").text).group(1)
    )
    assert listed(older) == [first]
    assert listed("/instructor?scenario_id=marisol&user_id=&ending=") == [second]
    assert listed("/instructor?ending=stopped") == [third]
    assert listed("/instructor?ending=open") == [second, first]
    user_id = re.search(r'<option value="([\w-]+)">Ben', ina.get("/instructor").text).group(1)
    assert listed(f"/instructor?user_id={user_id}") == [second]
    assert listed("/instructor?scenario_id=nobody") == []
    assert ina.get("/instructor?before=damaged").headers["location"] == "/instructor"
    assert "solid" in ina.get("/instructor").text


def test_transcript_shows_the_evidence(open_browser):
    ana, ina = open_browser("ana", "trainee"), open_browser("ina", "instructor")
    session_id = talk(ana, 1)
    page = ina.get(f"/instructor/sessions/{session_id}").text
    words = words_of(page)
    for shown in ("Ana with Kris", "complex_reflection", "87%", "C +1.00, H +2.00", "Trust 31 +1",
                  "What helped 1 Heard what was underneath",
                  "The whole reply:", "model test-model", "utter_peer · B1", "still going on",
                  "Why Kris answered like this", "react it felt: heard 60 reactions.heard yes",
                  "ask next on their mind 55.0 beats.B2"):  # fmt: skip
        assert shown in words, shown
    assert '<mark class="helped">' in page
