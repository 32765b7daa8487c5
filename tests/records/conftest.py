from __future__ import annotations

import itertools
import os
import shutil
from collections.abc import Callable, Iterator
from datetime import datetime, timedelta, timezone
from pathlib import Path

import pytest
import sqlalchemy as sa
from argon2 import PasswordHasher

from actions.records import Records, open_records, upgrade
from actions.tables import metadata
from tests.records.cluster import binaries, running_cluster

OWN_SERVER = os.environ.get("TEST_DATABASE_URL")
HAS_POSTGRES = bool(OWN_SERVER or binaries())
BACKENDS = ["sqlite", "postgresql"] if HAS_POSTGRES else ["sqlite"]


def pytest_report_header() -> str:
    if HAS_POSTGRES:
        return "records: tested on SQLite and PostgreSQL"
    return "records: tested on SQLite only; install postgresql or set TEST_DATABASE_URL for the other half"


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    if "backend" in metafunc.fixturenames:
        metafunc.parametrize("backend", BACKENDS, scope="session")


class Hands:
    """A clock that is set by hand."""

    def __init__(self) -> None:
        self.now = datetime(2026, 3, 1, 9, 30, tzinfo=timezone.utc)

    def __call__(self) -> datetime:
        return self.now

    def wait(self, **duration: float) -> None:
        self.now += timedelta(**duration)


@pytest.fixture(scope="session")
def server() -> Iterator[str]:
    """Address of a database on a server where databases may be made."""
    if OWN_SERVER:
        yield OWN_SERVER
        return
    folder = binaries()
    assert folder is not None
    with running_cluster(folder) as url:
        yield url


@pytest.fixture(scope="session")
def made_once(request: pytest.FixtureRequest) -> Iterator[dict[str, str]]:
    """By backend, the migrated database: a file to copy, or the address of one to use and empty."""
    made: dict[str, str] = {}
    yield made
    if "postgresql" in made and OWN_SERVER:
        _admin(OWN_SERVER, f"DROP DATABASE t{os.getpid()}_model WITH (FORCE)")


_numbers = itertools.count(1)


def _admin(server: str, *statements: str) -> None:
    engine = sa.create_engine(server, future=True, isolation_level="AUTOCOMMIT")
    with engine.connect() as connection:
        for statement in statements:
            connection.execute(sa.text(statement))
    engine.dispose()


@pytest.fixture
def empty_url(backend: str, request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Callable[[], str]]:
    """Makes addresses of new databases without tables."""
    names: list[str] = []

    def make() -> str:
        name = f"t{os.getpid()}_{next(_numbers)}"
        if backend == "sqlite":
            return f"sqlite:///{tmp_path / name}.db"
        _admin(request.getfixturevalue("server"), f"CREATE DATABASE {name}")
        names.append(name)
        return str(
            sa.engine.make_url(request.getfixturevalue("server"))
            .set(database=name)
            .render_as_string(hide_password=False)
        )

    yield make
    if names:
        _admin(request.getfixturevalue("server"), *(f"DROP DATABASE {name} WITH (FORCE)" for name in names))


@pytest.fixture
def url(
    backend: str,
    request: pytest.FixtureRequest,
    made_once: dict[str, str],
    tmp_path: Path,
    tmp_path_factory: pytest.TempPathFactory,
) -> Iterator[str]:
    """Address of a database with its tables and nothing in them."""
    if backend == "sqlite":
        if backend not in made_once:
            model = tmp_path_factory.mktemp("model") / "model.db"
            upgrade(f"sqlite:///{model}")
            made_once[backend] = str(model)
        shutil.copy(made_once[backend], tmp_path / "records.db")
        yield f"sqlite:///{tmp_path / 'records.db'}"
        return
    if backend not in made_once:
        server = request.getfixturevalue("server")
        model = f"t{os.getpid()}_model"
        _admin(server, f"CREATE DATABASE {model}")
        made_once[backend] = (
            sa.engine.make_url(server).set(database=model).render_as_string(hide_password=False)
        )
        upgrade(made_once[backend])
    yield made_once[backend]
    # Emptying takes a tenth of the time that a new database takes.
    names = ", ".join(table.name for table in metadata.sorted_tables)
    _admin(made_once[backend], f"TRUNCATE {names}")


@pytest.fixture
def clock() -> Hands:
    return Hands()


@pytest.fixture
def records(url: str, clock: Hands) -> Iterator[Records]:
    opened = open_records(url, clock=clock)
    yield opened
    opened.close()


@pytest.fixture
def hasher() -> PasswordHasher:
    """Hashes as the real one does, only cheaply."""
    return PasswordHasher(time_cost=1, memory_cost=8, parallelism=1)


@pytest.fixture
def quick_hash(monkeypatch: pytest.MonkeyPatch, hasher: PasswordHasher) -> None:
    """Makes `bot.accounts` hash cheaply where no hasher is given."""
    from bot import accounts

    for name in ("sign_in", "add_user", "change_password", "redeem_invite"):
        monkeypatch.setitem(getattr(accounts, name).__kwdefaults__, "hasher", hasher)


@pytest.fixture
def begun(records: Records) -> Records:
    """Records with one session, "s1", that goes on."""
    begin(records, "s1")
    return records


def begin(records: Records, session_id: str, scenario: str = "kris", user_id: str | None = None) -> None:
    records.start_session(
        session_id,
        scenario,
        7,
        user_id=user_id,
        scenario_version="kris-1",
        rubric_version="rubric-1",
        model_version="model-1",
    )


def assess(records: Records, message_id: str, session_id: str = "s1", turn: int = 1, **other: object):
    values: dict = {
        "detail": {"moves": []},
        "snapshot": {"trust": 40},
        "scores": {"collaboration": 60.0, "strengths": None, "humility": 55, "overall": 58.5},
        "is_substantive": True,
        "rubric_version": "rubric-1",
        "model_version": "model-1",
        "scenario_version": "kris-1",
        **other,
    }
    return records.store_assessment(message_id, session_id, turn, **values)


def line(line_id: str, text: str = "Hey.", act: str | None = "answer") -> dict[str, str | None]:
    return {"id": line_id, "text": text, "act": act, "beat": None}
