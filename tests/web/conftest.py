from __future__ import annotations

import re
import shutil
import uuid
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from argon2 import PasswordHasher
from starlette.applications import Starlette
from starlette.testclient import TestClient

from actions.records import Records, open_records, upgrade
from bot import accounts
from bot.web.app import create_app
from tests.web import fakes

PASSWORD = "three tall green trees"
QUICK = PasswordHasher(time_cost=1, memory_cost=8, parallelism=1)


@pytest.fixture(scope="session")
def empty_database(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A migrated database, made once, to copy."""
    folder = tmp_path_factory.mktemp("web")
    upgrade(f"sqlite:///{folder / 'switchback.db'}")
    return folder / "switchback.db"


@pytest.fixture
def records(tmp_path: Path, empty_database: Path) -> Iterator[Records]:
    shutil.copy(empty_database, tmp_path / "switchback.db")
    opened = open_records(fakes.settings(tmp_path).database_url)
    yield opened
    opened.close()


@pytest.fixture
def engine(records: Records) -> fakes.FakeEngine:
    return fakes.FakeEngine(records)


@pytest.fixture
def app(tmp_path: Path, records: Records, engine: fakes.FakeEngine) -> Starlette:
    return make_app(tmp_path, records, engine)


def make_app(
    folder: Path, records: Records, engine: Any, host: str = "127.0.0.1", **settings: Any
) -> Starlette:
    return create_app(
        fakes.settings(folder, host),
        records=records,
        engine=engine,
        scenarios=fakes.SCENARIOS,
        supports=fakes.SUPPORTS,
        words=fakes.WORDS,
        rubric_version=fakes.RUBRIC,
        report_content=fakes.REPORT_CONTENT,
        **settings,
    )


class Browser(TestClient):
    """A browser at this computer, with the little that ours does for a page."""

    def __init__(
        self, app: Starlette, client: str = "127.0.0.1", base_url: str = "http://127.0.0.1:8000"
    ) -> None:
        super().__init__(
            app,
            base_url=base_url,
            client=(client, 50000),
            follow_redirects=False,
            raise_server_exceptions=False,
        )

    def token(self, path: str = "/supports") -> str:
        """The CSRF token of a page."""
        found = re.search(r'<meta name="csrf-token" content="(\w+)">', self.get(path).text)
        assert found
        return found.group(1)

    def submit(self, path: str, **fields: str) -> Any:
        return self.post(path, data={"csrf_token": self.token(), **fields})

    def write(self, path: str, body: Any = None) -> Any:
        return self.post(f"/api/v1{path}", json=body or {}, headers={"X-CSRF-Token": self.token()})

    def as_guest(self) -> Browser:
        assert self.submit("/guest").status_code == 303
        return self

    def begin(self, scenario: str = "kris", **more: Any) -> str:
        answer = self.write("/sessions", {"scenario": scenario, "id": str(uuid.uuid4()), **more})
        assert answer.status_code == 201, answer.text
        return str(answer.json()["session"]["id"])

    def say(self, session_id: str, text: str, message_id: str | None = None) -> Any:
        return self.write(
            f"/sessions/{session_id}/messages", {"id": message_id or str(uuid.uuid4()), "text": text}
        )


@pytest.fixture
def browser(app: Starlette) -> Iterator[Browser]:
    with Browser(app) as opened:
        yield opened


@pytest.fixture
def guest(browser: Browser) -> Browser:
    return browser.as_guest()


@pytest.fixture
def open_browser(app: Starlette, records: Records) -> Callable[[str, str], Browser]:
    """Sign somebody new in, in a browser of their own."""

    def sign_in(name: str, role: str) -> Browser:
        accounts.add_user(records, name, name.title(), role, PASSWORD, hasher=QUICK)
        browser = Browser(app)
        assert browser.submit("/sign-in", username=name, password=PASSWORD).status_code == 303
        return browser

    return sign_in
