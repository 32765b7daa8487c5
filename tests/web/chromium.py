"""The browser that the tests drive: the Chromium of this computer."""

from __future__ import annotations

import contextlib
import shutil
from collections.abc import Iterator

from playwright.sync_api import Browser, sync_playwright

ARGUMENTS = (
    "--headless=new --no-sandbox --disable-gpu --disable-quic --no-first-run --disable-background-networking "
    "--disable-component-update --disable-sync"
).split()

WIDTHS = {"phone": (360, 740), "desktop": (1280, 800)}


def chromium() -> str:
    """Return where Chromium is.

    Raises:
        FileNotFoundError: There is none; says how to get it.
    """
    for name in ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable"):
        found = shutil.which(name)
        if found:
            return found
    raise FileNotFoundError("no Chromium was found; install it (Debian: apt-get install chromium)")


@contextlib.contextmanager
def running_browser() -> Iterator[Browser]:
    """Start a headless Chromium and stop it when the block ends."""
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chromium(), args=ARGUMENTS)
        yield browser
        browser.close()
