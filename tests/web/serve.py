"""Runs the real app with the fake engine on a free port, for browsers."""

from __future__ import annotations

import contextlib
import shutil
import socket
import threading
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import uvicorn

from actions.records import Records, open_records
from bot.web.app import create_app
from tests.web import fakes


@dataclass(frozen=True)
class Site:
    """A running site.

    Attributes:
        url: Its address.
        records: What it writes to.
        engine: Who answers.
    """

    url: str
    records: Records
    engine: fakes.FakeEngine


@contextlib.contextmanager
def running_site(folder: Path, empty_database: Path) -> Iterator[Site]:
    """Run the app on a port of the system's choice until the block ends."""
    shutil.copy(empty_database, folder / "switchback.db")
    records = open_records(fakes.settings(folder).database_url)
    engine = fakes.FakeEngine(records)
    app = create_app(
        fakes.settings(folder),
        records=records,
        engine=engine,
        scenarios=fakes.SCENARIOS,
        supports=fakes.SUPPORTS,
        words=fakes.WORDS,
        rubric_version=fakes.RUBRIC,
        report_content=fakes.REPORT_CONTENT,
    )
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        server = uvicorn.Server(uvicorn.Config(app, log_level="warning", ws="none"))
        thread = threading.Thread(target=server.run, kwargs={"sockets": [listener]}, daemon=True)
        thread.start()
        deadline = time.monotonic() + 20
        while not server.started:
            assert time.monotonic() < deadline, "the site did not start"
            time.sleep(0.05)
        yield Site(f"http://127.0.0.1:{listener.getsockname()[1]}", records, engine)
        server.should_exit = True
        thread.join(timeout=10)
    records.close()
