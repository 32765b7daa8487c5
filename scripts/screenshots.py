"""Take pictures of a running Switchback: practice, report and transcript on a phone and on a desktop.

    python scripts/screenshots.py --url http://127.0.0.1:8000 --out docs/screenshots
    python scripts/screenshots.py --invite http://127.0.0.1:8000/invite/... --out docs/screenshots

It comes in as a guest, talks with somebody, reads the report and, if it is given an instructor's name and
password (`--instructor NAME`, the password in SWITCHBACK_SCREENSHOT_PASSWORD) or an invite link for one, the
transcript. Only a site on this computer offers the guest door.
"""

from __future__ import annotations

import argparse
import os
import secrets
import shutil
import sys
from pathlib import Path

from playwright.sync_api import Browser, Page, expect, sync_playwright

ARGUMENTS = (
    "--headless=new --no-sandbox --disable-gpu --disable-quic --no-first-run --disable-background-networking "
    "--disable-component-update --disable-sync"
).split()

WIDTHS = {"phone": (360, 740), "desktop": (1280, 800)}

REPLIES = (
    "Thank you for telling me. Sounds like you've been carrying that alone. How was the weekend for you?",
    "So part of you is worn out, and part of you still came here and said it out loud.",
    "You need to call your sponsor today. Did you go to a meeting?",
    "I'm sorry, I jumped ahead there. It's your call what we talk about. What matters most to you right now?",
    "You kept going for a long time before this. What helped you back then?",
    "It makes sense that it's hard with all that going on.",
    "Would it be okay if I shared one idea? It's fine to say no.",
    "When I slipped I hid from everybody for a week. Telling one person changed that. How is it for you?",
    "Who is in your corner these days?",
    "So the quiet hours are the ones that get you.",
    "You noticed that yourself, and you said it plainly. That takes honesty.",
    "What would a small next step look like, in your own words?",
)


def picture(page: Page, folder: Path, name: str, *, is_whole: bool = False) -> None:
    """Save what is seen now, or with `is_whole` the page from top to bottom."""
    page.wait_for_timeout(250)
    page.screenshot(path=str(folder / f"{name}.png"), full_page=is_whole)
    print(folder / f"{name}.png")


def talk(page: Page, folder: Path, width: str, person: str) -> None:
    """Come in as a guest, talk with somebody, and read the report."""
    page.goto("/")
    picture(page, folder, f"welcome-{width}")
    page.get_by_role("button", name="Practice as a guest").click()
    page.wait_for_url("**/scenarios")
    picture(page, folder, f"people-{width}", is_whole=True)
    page.get_by_role("link", name=f"{person}:").first.click()
    picture(page, folder, f"start-{width}", is_whole=True)
    page.get_by_role("button", name="Start talking").click()
    page.wait_for_url("**/sessions/*")
    page.goto(f"{page.url}?delays=none")
    expect(page.locator(".bubble.peer").first).to_be_visible(timeout=30_000)
    box = page.locator("#say")
    for number, reply in enumerate(REPLIES, 1):
        if not box.is_visible():
            break  # the peer has ended the talk
        box.fill(reply)
        page.keyboard.press("Enter")
        own = page.locator(".bubble.own").nth(number - 1)
        expect(own).to_be_visible()
        expect(page.locator(".bubble.own.waiting")).to_have_count(0, timeout=40_000)
        expect(page.locator(".typing")).to_be_hidden(timeout=40_000)
        if number in (3, 4):
            picture(page, folder, f"practice-{number}-{width}")
    if width == "phone" and page.locator(".jump").is_visible():
        page.locator(".jump").click()
        picture(page, folder, f"feedback-{width}")
        page.evaluate("() => scrollTo(0, 0)")
    if page.get_by_role("button", name="Pause").is_visible():
        page.get_by_role("button", name="Pause").click()
        picture(page, folder, f"paused-{width}")
        page.get_by_role("button", name="End and look at how it went").click()
    else:
        page.get_by_role("link", name="See my report").click()
    page.wait_for_url("**/report")
    picture(page, folder, f"report-{width}", is_whole=True)


def come_in_as_instructor(browser: Browser, url: str, options: argparse.Namespace) -> dict | None:
    """Sign the instructor in and return the browser's cookies; None if nobody was named."""
    if not options.invite and not options.instructor:
        return None
    context = browser.new_context(base_url=url)
    page = context.new_page()
    if options.invite:
        password = secrets.token_urlsafe(16)
        page.goto(options.invite)
        page.get_by_label("What should we call you?").fill("Ina Torres")
        page.get_by_label("Name to sign in with").fill(f"ina-{secrets.token_hex(3)}")
        page.get_by_label("Password", exact=True).fill(password)
        page.get_by_label("Password, once more").fill(password)
        page.get_by_role("button", name="Create my account").click()
    else:
        page.goto("/sign-in")
        page.get_by_label("Name").fill(options.instructor)
        page.get_by_label("Password").fill(os.environ["SWITCHBACK_SCREENSHOT_PASSWORD"])
        page.get_by_role("button", name="Sign in").click()
    page.wait_for_url("**/instructor")
    state = context.storage_state()
    context.close()
    return dict(state)


def review(page: Page, folder: Path, width: str) -> None:
    """Look at the list of sessions and at the newest transcript."""
    page.goto("/instructor")
    picture(page, folder, f"sessions-{width}", is_whole=True)
    page.locator("table a").first.click()
    if page.locator("summary").count():
        page.locator("summary").nth(min(2, page.locator("summary").count() - 1)).click()
    picture(page, folder, f"transcript-{width}", is_whole=True)


def main() -> int:
    """Take all pictures; return the exit code."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--url", default="http://127.0.0.1:8000", help="address of the running site")
    parser.add_argument("--out", type=Path, required=True, help="folder for the pictures")
    parser.add_argument("--person", default="Kris", help="whom to talk with")
    parser.add_argument(
        "--instructor", help="name of an instructor; password in SWITCHBACK_SCREENSHOT_PASSWORD"
    )
    parser.add_argument("--invite", help="one-time link that makes an instructor")
    parser.add_argument("--scheme", choices=("light", "dark"), default="light", help="color scheme")
    options = parser.parse_args()
    chromium = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
    if chromium is None:
        print("No Chromium was found; install it (Debian: apt-get install chromium).", file=sys.stderr)
        return 1
    options.out.mkdir(parents=True, exist_ok=True)
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chromium, args=ARGUMENTS)
        instructor = come_in_as_instructor(browser, options.url, options)
        for width, (across, down) in WIDTHS.items():
            look = {
                "viewport": {"width": across, "height": down},
                "base_url": options.url,
                "color_scheme": options.scheme,
            }
            context = browser.new_context(**look)
            talk(context.new_page(), options.out, width, options.person)
            context.close()
            if instructor is not None:
                context = browser.new_context(**look, storage_state=instructor)
                review(context.new_page(), options.out, width)
                context.close()
        browser.close()
    return 0


if __name__ == "__main__":
    sys.exit(main())
