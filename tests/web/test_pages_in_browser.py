"""The pages in a real browser: what the widget does, and whether everybody can use them."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, Page, expect

from bot import accounts
from tests.web.chromium import WIDTHS, running_browser
from tests.web.conftest import PASSWORD, QUICK
from tests.web.serve import Site, running_site

pytestmark = pytest.mark.e2e

OpenPage = Callable[..., Page]


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with running_browser() as opened:
        yield opened


@pytest.fixture
def site(tmp_path: Path, empty_database: Path) -> Iterator[Site]:
    with running_site(tmp_path, empty_database) as running:
        yield running


@pytest.fixture
def open_page(browser: Browser, site: Site) -> Iterator[OpenPage]:
    """Open pages that may fetch from our site only and may not complain; each in a browser of its own."""
    contexts, complaints = [], []

    def open_one(width: str = "desktop", **options: Any) -> Page:
        size = dict(zip(("width", "height"), WIDTHS[width], strict=True))
        context = browser.new_context(viewport=size, base_url=site.url, **options)
        contexts.append(context)
        page = context.new_page()
        page.set_default_timeout(15_000)
        page.on("pageerror", lambda error: complaints.append(str(error)))
        page.on("request", lambda request: request.url.startswith(site.url) or complaints.append(request.url))
        page.on(
            "console",
            lambda message: (
                complaints.append(message.text)
                if message.type == "error" and "Failed to load resource" not in message.text
                else None
            ),
        )
        return page

    yield open_one
    for context in contexts:
        context.close()
    assert not complaints


def enter_as_guest(page: Page) -> None:
    page.goto("/")
    page.get_by_role("button", name="Practice as a guest").click()
    page.wait_for_url("**/scenarios")


def begin(page: Page, *, has_delays: bool = False) -> str:
    """Start talking with Kris and return the session's id."""
    enter_as_guest(page)
    page.get_by_role("link", name="Kris: The weekend").click()
    page.get_by_role("button", name="Start talking with Kris").click()
    page.wait_for_url("**/sessions/*")
    session_id = page.url.rsplit("/", 1)[1]
    if not has_delays:
        page.goto(f"/sessions/{session_id}?delays=none")
    expect(page.locator(".bubble.peer")).to_have_count(2)
    return session_id


def say(page: Page, text: str) -> None:
    page.get_by_label("Your message to Kris").fill(text)
    page.keyboard.press("Enter")


def trainee_rows(site: Site, session_id: str) -> list[str]:
    return [row.text for row in site.records.messages(session_id) if row.speaker == "trainee"]


def check_access(page: Page, place: str) -> None:
    """Hold a page to WCAG 2.2 A and AA as far as axe can tell, and to its own width."""
    tags = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]
    page.evaluate("() => scrollTo(0, 0)")  # nothing half hidden below the bar that stays
    results = Axe().run(page, options={"runOnly": {"type": "tag", "values": tags}})
    assert results.violations_count == 0, f"{place}: {results.generate_report()}"
    room = page.evaluate("() => [document.documentElement.scrollWidth, document.documentElement.clientWidth]")
    assert room[0] <= room[1], f"{place} is {room[0]} px wide in a window of {room[1]} px"


@pytest.mark.parametrize("width", list(WIDTHS))
@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_everybody_can_use_every_page(open_page, site, width, scheme):
    accounts.add_user(site.records, "ina", "Ina", "instructor", PASSWORD, hasher=QUICK)
    _, invite = accounts.invite(site.records, "trainee")
    page = open_page(width, color_scheme=scheme)
    for place in ("/", f"/invite/{invite}", "/supports", "/nope"):
        page.goto(place)
        check_access(page, place)
    begin(page)
    session = page.url
    check_access(page, "practice, empty")
    say(page, "Sounds like a lot. Did you call? You should call.")
    expect(page.locator(".bubble.peer")).to_have_count(4)
    page.locator(".feedback summary").first.click()
    check_access(page, "practice, with feedback")
    page.get_by_role("button", name="Pause").click()
    expect(page.get_by_text("Practice is paused")).to_be_visible()
    check_access(page, "practice, paused")
    page.goto("/scenarios")
    check_access(page, "/scenarios")
    page.goto("/scenarios/kris")
    check_access(page, "start")
    page.goto(session)
    page.get_by_role("button", name="Go on with the talk").click()
    for number in range(5):
        say(page, f"What happened {number}?")
        expect(page.locator(".bubble.own.waiting")).to_have_count(0)
    page.get_by_role("button", name="End", exact=True).click()
    check_access(page, "end?")
    page.get_by_role("button", name="End and see my report").click()
    page.wait_for_url("**/report")
    check_access(page, "report")
    page.evaluate("() => document.querySelectorAll('details').forEach((item) => { item.open = true; })")
    check_access(page, "report, everything opened")
    page.goto("/evidence")
    check_access(page, "/evidence")
    page.goto(session)
    expect(page.get_by_text("You ended this talk")).to_be_visible()
    check_access(page, "practice, ended")
    page = open_page(width, color_scheme=scheme)
    page.goto("/sign-in")
    page.get_by_label("Name").fill("ina")
    page.get_by_label("Password").fill(PASSWORD)
    page.get_by_role("button", name="Sign in").click()
    page.wait_for_url("**/instructor")
    check_access(page, "/instructor")
    page.locator("table a").first.click()
    page.locator("summary").first.click()
    check_access(page, "transcript")
    page.get_by_role("link", name="Evidence of practice").click()
    check_access(page, "evidence of a trainee")


def test_enter_sends_and_shift_enter_breaks_the_line(open_page, site):
    page = open_page()
    session_id = begin(page)
    box = page.get_by_label("Your message to Kris")
    box.click()
    page.keyboard.type("First line")
    page.keyboard.press("Shift+Enter")
    page.keyboard.type("What happened?")
    page.keyboard.press("Enter")
    expect(page.locator(".bubble.peer")).to_have_count(4)
    assert trainee_rows(site, session_id) == ["First line\nWhat happened?"]
    expect(box).to_have_value("")
    expect(box).to_be_focused()
    page.keyboard.press("Enter")
    page.keyboard.type("   ")
    page.keyboard.press("Enter")
    assert len(trainee_rows(site, session_id)) == 1


def test_messages_typed_quickly_are_each_answered_once_in_order(open_page, site):
    page = open_page()
    session_id = begin(page)
    site.engine.takes_seconds = 0.15
    for number in range(4):
        say(page, f"Message {number}?")
    expect(page.locator(".bubble.peer")).to_have_count(10)
    assert trainee_rows(site, session_id) == [f"Message {number}?" for number in range(4)]
    assert site.engine.most_running == 1
    assert len(site.engine.done) == 5


def test_outage_is_said_and_the_message_answered_once_after_it(open_page, site):
    page = open_page()
    session_id = begin(page)
    page.route("**/messages", lambda route: route.abort())
    say(page, "Are you there?")
    expect(page.get_by_role("status")).to_contain_text("Reconnecting… your message is kept.")
    expect(page.locator(".bubble.own.waiting")).to_contain_text("Not sent yet. Your message is kept.")
    page.unroute("**/messages")
    page.get_by_role("button", name="Try now").click()
    expect(page.locator(".bubble.peer")).to_have_count(4)
    expect(page.get_by_role("status")).to_have_text("")
    assert trainee_rows(site, session_id) == ["Are you there?"]


def test_answer_lost_on_the_way_is_fetched_again_not_made_again(open_page, site):
    page = open_page()
    session_id = begin(page)
    lost = []

    def lose_the_first(route: Any) -> None:
        if lost:
            route.continue_()
        else:
            lost.append(route.fetch())
            route.abort()

    page.route("**/messages", lose_the_first)
    say(page, "How are you?")
    expect(page.locator(".bubble.peer")).to_have_count(4)
    assert lost[0].status == 200
    assert trainee_rows(site, session_id) == ["How are you?"]
    assert len(site.records.assessments(session_id)) == 1


def test_reload_in_an_outage_keeps_message_and_draft(open_page, site):
    page = open_page()
    session_id = begin(page)
    page.route("**/messages", lambda route: route.abort())
    say(page, "Are you there?")
    expect(page.get_by_role("status")).to_contain_text("Reconnecting")
    page.get_by_label("Your message to Kris").fill("A draft")
    page.reload()
    expect(page.get_by_label("Your message to Kris")).to_have_value("A draft")
    expect(page.locator(".bubble.own")).to_contain_text("Are you there?")
    page.unroute("**/messages")
    expect(page.locator(".bubble.peer")).to_have_count(4)
    assert trainee_rows(site, session_id) == ["Are you there?"]


def test_peer_down_while_the_page_loads_comes_when_it_is_up(open_page, site):
    page = open_page()
    enter_as_guest(page)
    site.engine.is_down = True
    page.goto("/scenarios/kris")
    page.get_by_role("button", name="Start talking with Kris").click()
    page.wait_for_url("**/sessions/*")
    expect(page.get_by_role("status")).to_contain_text("Kris is on the way")
    site.engine.is_down = False
    expect(page.locator(".bubble.peer")).to_have_count(2)


def test_stored_but_unanswered_message_is_answered_in_another_tab(open_page, site):
    page = open_page()
    session_id = begin(page)
    site.records.store_trainee_message(session_id, "4d9a2a3e-7d52-4a55-9c0e-5a2c6a7b8c9d", "From before?")
    page.reload()
    expect(page.locator(".bubble.peer")).to_have_count(4)
    assert len(site.records.assessments(session_id)) == 1


def test_pause_is_at_once_and_holds_back_the_peer(open_page, site):
    page = open_page()
    session_id = begin(page)
    site.engine.takes_seconds = 0.6
    say(page, "How are you?")
    page.get_by_role("button", name="Pause").click()
    expect(page.get_by_role("heading", name="Practice is paused")).to_be_visible()
    expect(page.get_by_label("Your message to Kris")).to_be_hidden()
    page.wait_for_timeout(1200)
    assert len(site.records.messages(session_id)) == 5
    expect(page.locator(".bubble.peer")).to_have_count(2)
    page.reload()
    expect(page.get_by_role("heading", name="Practice is paused")).to_be_visible()
    page.get_by_role("button", name="Go on with the talk").click()
    expect(page.locator(".bubble.peer")).to_have_count(4)
    expect(page.get_by_label("Your message to Kris")).to_be_focused()


def test_pause_word_brings_the_neutral_voice(open_page):
    page = open_page()
    begin(page)
    say(page, "pause")
    expect(page.locator(".neutral-voice")).to_contain_text("We are out of the roleplay.")
    expect(page.get_by_role("heading", name="Practice is paused")).to_be_visible()
    page.get_by_role("button", name="End and look at how it went").click()
    page.wait_for_url("**/report")


def test_feedback_can_be_hidden_and_stays_hidden(open_page):
    page = open_page()
    begin(page)
    say(page, "What happened?")
    panel = page.get_by_label("Feedback", exact=True)
    expect(panel).to_contain_text("Asked an open question")
    panel.get_by_role("button", name="Hide until the end").click()
    expect(panel).not_to_contain_text("Asked an open question")
    page.reload()
    expect(panel).to_contain_text("Feedback is hidden until the end")
    panel.get_by_role("button", name="Show feedback").click()
    expect(panel).to_contain_text("Asked an open question")


def test_earlier_reply_shows_its_own_feedback(open_page):
    page = open_page()
    begin(page)
    say(page, "You should call.")
    expect(page.locator(".bubble.peer")).to_have_count(4)
    say(page, "What happened?")
    panel = page.get_by_label("Feedback", exact=True)
    expect(panel.locator("mark")).to_have_text("What happened?1")
    page.locator(".bubble.own").first.get_by_role("button", name="Feedback").click()
    expect(panel.locator("mark.hindered")).to_have_text("You should call.1")
    expect(panel).to_contain_text("got in the way")
    panel.get_by_role("button", name="Back to the latest").click()
    expect(panel.locator("mark")).to_have_text("What happened?1")


def test_marks_stand_right_behind_an_emoji(open_page):
    page = open_page()
    begin(page)
    say(page, "ok 🙂👍. What happened?")
    expect(page.get_by_label("Feedback", exact=True).locator("mark")).to_have_text("What happened?1")


def test_too_long_a_message_goes_back_into_the_box(open_page, site):
    page = open_page()
    session_id = begin(page)
    words = "a" * 20_001
    say(page, words)
    expect(page.get_by_role("alert")).to_contain_text("Your message is too long")
    expect(page.get_by_label("Your message to Kris")).to_have_value(words)
    expect(page.locator(".bubble.own")).to_have_count(0)
    assert trainee_rows(site, session_id) == []


def test_signed_out_in_between_keeps_the_words(open_page, site):
    page = open_page()
    session_id = begin(page)
    user_id = site.records.session(session_id).user_id
    accounts.sign_out_everywhere(site.records, user_id)
    say(page, "Still here?")
    expect(page.get_by_role("heading", name="You are signed out")).to_be_visible()
    expect(page.locator(".bubble.own")).to_contain_text("Your message is kept.")
    token = accounts.secrets.token_urlsafe(32)
    site.records.add_sign_in(user_id, accounts._digest(token), accounts.LIFETIME)
    page.context.add_cookies([{"name": "switchback", "value": token, "url": site.url}])
    page.get_by_role("button", name="Try again").click()
    expect(page.locator(".bubble.peer")).to_have_count(4)
    assert trainee_rows(site, session_id) == ["Still here?"]


def test_peer_that_leaves_ends_the_talk_after_the_last_words(open_page, site):
    page = open_page()
    begin(page)
    site.engine.next_ending = "rupture"
    say(page, "You should stop.")
    expect(page.locator(".bubble.peer")).to_have_count(4)
    expect(page.get_by_role("heading", name="This talk is over")).to_be_visible()
    expect(page.get_by_label("Your message to Kris")).to_be_hidden()
    page.get_by_role("link", name="See my report").click()
    expect(page.get_by_text("Kris broke off the talk.")).to_be_visible()


def test_peer_types_before_speaking(open_page):
    page = open_page()
    begin(page, has_delays=True)
    say(page, "What happened?")
    expect(page.locator(".typing")).to_be_visible()
    expect(page.locator(".bubble.peer")).to_have_count(3)
    expect(page.locator(".bubble.peer")).to_have_count(4)
    expect(page.locator(".typing")).to_be_hidden()


def test_the_whole_way_by_keyboard(open_page):
    page = open_page()
    begin(page)
    page.get_by_label("Your message to Kris").focus()
    page.keyboard.type("What happened?")
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    expect(page.locator(".bubble.peer")).to_have_count(4)
    page.get_by_role("button", name="End", exact=True).focus()
    page.keyboard.press("Enter")
    expect(page.get_by_role("dialog")).to_be_visible()
    page.keyboard.press("Escape")
    expect(page.get_by_role("dialog")).to_be_hidden()
    expect(page.get_by_role("button", name="End", exact=True)).to_be_focused()
