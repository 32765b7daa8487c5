"""The preview in a real browser: talk, look at why, break the file and mend it; everybody can use it."""

from __future__ import annotations

import contextlib
import socket
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
import uvicorn
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, Page, expect

from bot.web.preview import create_preview
from tests.authoring.fakes import copy_data, desk_parts
from tests.web.chromium import WIDTHS, running_browser

pytestmark = pytest.mark.e2e


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with running_browser() as opened:
        yield opened


@pytest.fixture
def data(tmp_path: Path) -> Path:
    return copy_data(tmp_path, "marisol")


@contextlib.contextmanager
def running(app: object) -> Iterator[str]:
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        server = uvicorn.Server(uvicorn.Config(app, log_level="warning", ws="none"))
        thread = threading.Thread(target=server.run, kwargs={"sockets": [listener]}, daemon=True)
        thread.start()
        deadline = time.monotonic() + 20
        while not server.started:
            assert time.monotonic() < deadline, "the preview did not start"
            time.sleep(0.05)
        yield f"http://127.0.0.1:{listener.getsockname()[1]}"
        server.should_exit = True
        thread.join(timeout=10)


@pytest.fixture
def url(data: Path) -> Iterator[str]:
    with running(create_preview(*desk_parts(data, "marisol"))) as found:
        yield found


@pytest.fixture(params=WIDTHS)
def page(browser: Browser, url: str, request: pytest.FixtureRequest) -> Iterator[Page]:
    size = dict(zip(("width", "height"), WIDTHS[request.param], strict=True))
    context = browser.new_context(viewport=size, base_url=url)
    opened, complaints = context.new_page(), []
    opened.on("pageerror", lambda error: complaints.append(str(error)))
    opened.on("request", lambda sent: sent.url.startswith(url) or complaints.append(sent.url))
    opened.goto("/")
    expect(opened.locator(".bubble.peer")).to_have_count(1)
    yield opened
    assert opened.evaluate("() => document.documentElement.scrollWidth") <= size["width"]
    assert not complaints
    context.close()


def say(page: Page, text: str) -> None:
    page.locator("#say").fill(text)
    page.keyboard.press("Enter")
    expect(page.locator(".bubble.own:not(.waiting)").last).to_contain_text(text)
    expect(page.locator("#say")).to_have_value("")


def test_an_author_sees_why(page):
    say(page, "It sounds like a lot.")
    say(page, "How do you sleep?")
    look = page.get_by_role("tabpanel")
    for words in (
        "open_question",
        "sleep? 90 %",
        "topics.sleep",
        "Ownership",
        "dreams of the ticket machine",
    ):
        expect(look).to_contain_text(words)
    page.get_by_role("button", name="Why?").first.click()
    expect(look).to_contain_text("simple_reflection")
    page.get_by_role("tab", name="Beats").click()
    expect(look).to_contain_text("waits for openness 60")
    page.get_by_role("combobox", name="Begin with").select_option("high trust")
    page.get_by_label("Seed").fill("4")
    page.get_by_role("button", name="Restart").click()
    expect(page.locator(".bubble.own")).to_have_count(0)
    page.get_by_role("tab", name="This turn").click()
    expect(look).to_contain_text("seed 4, high band")


def test_a_broken_file_is_told_with_its_line_and_mended_without_a_reload(page, data):
    path = data / "scenarios" / "marisol.yml"
    good = path.read_text(encoding="utf-8")
    line = good[: good.index("tags: [amb]")].count("\n") + 1
    path.write_text(good.replace("tags: [amb]", "tags: [ambb]", 1), encoding="utf-8")
    notice = page.locator(".draft-notice")
    # The file is looked at again every few seconds and takes a moment to check; a busy machine takes longer.
    expect(notice).to_contain_text("marisol.yml has 1 problem", timeout=30_000)
    expect(notice).to_contain_text(f"line {line}")
    expect(notice).to_contain_text('unknown tag "ambb"; did you mean "amb"?')
    say(page, "How do you sleep?")
    path.write_text(good.replace("hey! they said", "hi! they said", 1), encoding="utf-8")
    expect(notice).to_be_empty(timeout=30_000)
    say(page, "It sounds like a lot.")
    expect(page.get_by_text("The draft was saved here")).to_be_visible()


@pytest.mark.parametrize("tab", ["This turn", "Beats", "File"])
def test_everybody_can_use_it(page, tab):
    say(page, "How do you sleep?")
    page.get_by_role("tab", name=tab).click()
    found = Axe().run(page)
    assert found.violations_count == 0, found.generate_report()
