"""From the first page to the instructor's transcript, in a real browser, with the real engine."""

from __future__ import annotations

import pytest
from playwright.sync_api import Page, expect

from tests.web.chromium import running_browser
from tests.whole.running import export, running_switchback

pytestmark = pytest.mark.e2e

TEN_TURNS = [
    "thanks for telling me. that took guts",
    "So all those months feel wiped out.",
    "it makes sense youd be hurting, anyone would be after a weekend like that",
    "What's on your mind most right now?",
    "You kept taking care of yourself in the middle of it. That counts.",
    "its your call where we go from here, no rush",
    "Part of you wants to hide, and part of you came here to say it.",
    "when were things this hard before and you got through, what helped?",
    "Who is in your corner these days?",
    "What would feel like a doable next step, in your own words?",
]
WAIT = 45_000


@pytest.fixture(scope="module")
def running(tmp_path_factory):
    with running_switchback(tmp_path_factory.mktemp("whole") / "home") as switchback:
        yield switchback


@pytest.fixture(scope="module")
def browser():
    with running_browser() as opened:
        yield opened


def begin(page: Page, url: str, person: str) -> str:
    """Come in as a guest, start a talk, and return the session's id."""
    page.goto(url)
    page.get_by_role("button", name="Practice as a guest").click()
    page.get_by_role("link", name=f"{person}:").first.click()
    page.get_by_role("button", name="Start talking").click()
    page.wait_for_url("**/sessions/*")
    session_id = page.url.rpartition("/")[2]
    page.goto(f"{page.url}?delays=none")
    expect(page.locator(".bubble.peer").first).to_be_visible(timeout=WAIT)
    return session_id


def say(page: Page, words: str) -> None:
    """Send a reply and wait until it is answered."""
    answers = page.locator(".bubble.peer").count()
    page.locator("#say").fill(words)
    page.keyboard.press("Enter")
    expect(page.locator(".bubble.own.waiting")).to_have_count(0, timeout=WAIT)
    expect(page.locator(".bubble.peer").nth(answers)).to_be_visible(timeout=WAIT)


def test_a_guest_talks_ten_turns_reads_the_report_and_an_instructor_the_transcript(running, browser):
    page = browser.new_context(viewport={"width": 1280, "height": 800}).new_page()
    session_id = begin(page, running.url, "Kris")
    for words in TEN_TURNS:
        say(page, words)
    expect(page.locator("mark").first).to_be_visible()
    if page.get_by_role("button", name="Pause").is_visible():
        page.get_by_role("button", name="Pause").click()
        page.get_by_role("button", name="End and look at how it went").click()
    else:
        page.get_by_role("link", name="See my report").click()
    page.wait_for_url("**/report")
    expect(page.get_by_role("heading", name="Your talk with Kris")).to_be_visible()
    expect(page.get_by_text("of 100").first).to_be_visible()

    kept = export(running, session_id)
    replies = [row for row in kept["messages"] if row["speaker"] == "trainee"]
    assert [row["text"] for row in replies] == TEN_TURNS
    assert [row["turn"] for row in replies] == list(range(1, 11))
    assert len(kept["assessments"]) == 10

    instructor = browser.new_context(viewport={"width": 1280, "height": 800}).new_page()
    instructor.goto(running.invite)
    instructor.get_by_label("What should we call you?").fill("Ina Torres")
    instructor.get_by_label("Name to sign in with").fill("ina")
    instructor.get_by_label("Password", exact=True).fill("a long walk uphill")
    instructor.get_by_label("Password, once more").fill("a long walk uphill")
    instructor.get_by_role("button", name="Create my account").click()
    instructor.wait_for_url("**/instructor")
    instructor.locator("table a").first.click()
    expect(instructor.get_by_text(TEN_TURNS[1]).first).to_be_visible()
    expect(instructor.get_by_text("Trust").first).to_be_visible()
    assert instructor.locator("mark").count() >= 5


@pytest.mark.parametrize("victim", ["rasa", "actions"])
def test_a_process_killed_in_mid_turn_costs_no_words_and_makes_no_second_turn(running, browser, victim):
    page = browser.new_context(viewport={"width": 1280, "height": 800}).new_page()
    session_id = begin(page, running.url, "Kris")
    say(page, TEN_TURNS[0])
    running.kill(victim)
    page.locator("#say").fill(TEN_TURNS[1])
    page.keyboard.press("Enter")
    expect(page.get_by_text("Reconnecting").first).to_be_visible(timeout=WAIT)
    running.wait_for(victim)
    expect(page.locator(".bubble.own.waiting")).to_have_count(0, timeout=WAIT)
    expect(page.get_by_text("Reconnecting").first).to_be_hidden(timeout=WAIT)
    say(page, TEN_TURNS[2])

    kept = export(running, session_id)
    replies = [row for row in kept["messages"] if row["speaker"] == "trainee"]
    assert [(row["text"], row["turn"]) for row in replies] == list(zip(TEN_TURNS[:3], (1, 2, 3), strict=True))
    assert sorted(row["turn"] for row in kept["assessments"]) == [1, 2, 3]
    answered = {row["reply_to"] for row in kept["messages"] if row["speaker"] == "peer"}
    assert {row["id"] for row in replies} <= answered
    texts = [row["text"] for row in kept["messages"] if row["speaker"] == "peer"]
    assert len(texts) == len(set(texts)), "the peer said a line twice"
