"""The engine beneath the records, and the two ways to use it: look, and change.

On SQLite two processes write to one file. A transaction that begins by reading and then writes may find that
the other process wrote in between; SQLite then fails at once with "database is locked", however long the
timeout. So everything that changes takes the write lock first (BEGIN IMMEDIATE) and waits in the queue.
See https://www.sqlite.org/lang_transaction.html#read_transactions_versus_write_transactions.
"""

from __future__ import annotations

import json
import sqlite3
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import datetime, timezone
from pathlib import Path
from typing import Any, TypeVar

import sqlalchemy as sa
from sqlalchemy.engine import URL, Connection, Engine, make_url
from sqlalchemy.exc import (
    ArgumentError,
    DBAPIError,
    IntegrityError,
    InterfaceError,
    OperationalError,
    StatementError,
)
from sqlalchemy.exc import TimeoutError as PoolTimeout
from sqlalchemy.pool import QueuePool

from actions.records.errors import RecordsError, RecordsUnavailable, SchemaOutOfDate

T = TypeVar("T")
Clock = Callable[[], datetime]

BUSY_TIMEOUT_S = 10.0
"""How long a writer waits for another one."""

MIGRATION_TIMEOUT_S = 60.0
"""How long a process waits for another one that is bringing the tables up to date."""

ATTEMPTS = 4
"""How often a change is tried when another process changes the same rows at the same moment."""

_IS_WRITE = "switchback_is_write"


def utc_now() -> datetime:
    """Return the time, in UTC."""
    return datetime.now(timezone.utc)


def iso(moment: datetime | None) -> str | None:
    """Return a moment as text that sorts in time, or None."""
    return None if moment is None else moment.astimezone(timezone.utc).isoformat(timespec="microseconds")


def parse_url(url: str) -> URL:
    """Read the address of a database.

    Raises:
        RecordsError: It is none, or of a kind that the records do not support.
    """
    # Hosting services still hand out the short form, which SQLAlchemy has dropped.
    if url.startswith("postgres://"):
        url = "postgresql://" + url.removeprefix("postgres://")
    try:
        parsed = make_url(url)
        backend = parsed.get_backend_name()
    except ArgumentError as error:
        raise RecordsError(
            "DATABASE_URL is no database address; write sqlite:////folder/file.db"
            " or postgresql://user:password@host/name"
        ) from error
    if backend == "sqlite" and parsed.database in (None, "", ":memory:"):
        raise RecordsError(
            "DATABASE_URL names no file, but several processes share the records; write sqlite:////folder/file.db"
        )
    if backend not in ("sqlite", "postgresql"):
        raise RecordsError(
            f"DATABASE_URL names {backend!r}; Switchback keeps its records in sqlite or postgresql"
        )
    return parsed


def sqlite_file(url: str) -> Path | None:
    """Return the file behind an SQLite address; None for PostgreSQL."""
    parsed = parse_url(url)
    if parsed.get_backend_name() != "sqlite":
        return None
    return Path(str(parsed.database))


def create_engine(url: str, *, is_migrating: bool = False) -> Engine:
    """Make the engine for an address; no connection is opened yet.

    Args:
        url: SQLAlchemy URL.
        is_migrating: Wait longer for others, and leave foreign keys unenforced on SQLite, which rebuilds a
            table to change it.
    """
    parsed = parse_url(url)
    options: dict[str, Any] = {
        "future": True,
        "json_serializer": to_json,
        "hide_parameters": True,  # what people wrote does not belong into logs
    }
    patience_ms = int(1000 * (MIGRATION_TIMEOUT_S if is_migrating else BUSY_TIMEOUT_S))
    file = sqlite_file(url)
    if file is None:
        return _postgresql_engine(parsed, patience_ms, options)
    file.parent.mkdir(parents=True, exist_ok=True)
    engine = sa.create_engine(
        parsed,
        poolclass=QueuePool,
        pool_size=5,
        max_overflow=5,
        connect_args={"check_same_thread": False, "timeout": BUSY_TIMEOUT_S},
        **options,
    )

    def prepare(connection: sqlite3.Connection, _record: Any) -> None:
        # The driver's own handling of transactions would begin them late; `begin` below does it.
        connection.isolation_level = None
        cursor = connection.cursor()
        cursor.execute(f"PRAGMA busy_timeout = {patience_ms}")
        cursor.execute(f"PRAGMA foreign_keys = {'OFF' if is_migrating else 'ON'}")
        _use_wal(cursor)
        cursor.execute("PRAGMA synchronous = FULL")
        cursor.execute("PRAGMA secure_delete = ON")
        cursor.close()

    def begin(connection: Connection) -> None:
        is_write = connection.get_execution_options().get(_IS_WRITE, False)
        connection.exec_driver_sql("BEGIN IMMEDIATE" if is_write else "BEGIN")

    sa.event.listen(engine, "connect", prepare)
    sa.event.listen(engine, "begin", begin)
    return engine


def _postgresql_engine(url: URL, patience_ms: int, options: dict[str, Any]) -> Engine:
    """Make the engine for PostgreSQL, which by itself would wait for a locked row for ever."""
    engine = sa.create_engine(
        url,
        pool_size=5,
        max_overflow=5,
        pool_pre_ping=True,
        connect_args={"connect_timeout": int(BUSY_TIMEOUT_S) or 1},
        **options,
    )

    def prepare(connection: Any, _record: Any) -> None:
        with connection.cursor() as cursor:
            cursor.execute(f"SET lock_timeout = {patience_ms}")
        connection.commit()

    sa.event.listen(engine, "connect", prepare)
    return engine


def write_options() -> dict[str, bool]:
    """Return the execution options that mark a connection as one that writes."""
    return {_IS_WRITE: True}


def _use_wal(cursor: sqlite3.Cursor) -> None:
    """Switch the file to WAL; the switch itself does not wait for others, so we do."""
    deadline = time.monotonic() + BUSY_TIMEOUT_S
    while True:
        try:
            cursor.execute("PRAGMA journal_mode = WAL")
            return
        except sqlite3.OperationalError as error:
            if "locked" not in str(error) or time.monotonic() > deadline:
                raise
            time.sleep(0.02)


def to_json(value: Any) -> str:
    """Write JSON that both databases take: no NaN, which PostgreSQL refuses."""
    return json.dumps(value, allow_nan=False, separators=(",", ":"))


def storable(text: str) -> str:
    """Return text that every database can hold, as long as before, so that offsets stay true.

    PostgreSQL holds no NUL character and neither database holds half a surrogate pair; both can be sent by a
    browser. They become U+FFFD, the mark for what cannot be shown.
    """
    return "".join("\ufffd" if char == "\0" or "\ud800" <= char <= "\udfff" else char for char in text)


def is_storable(*texts: str) -> bool:
    """Say whether the database can hold, and so be asked for, these texts."""
    return all(text == storable(text) for text in texts)


class Store:
    """An engine with a clock. The records are built upon it."""

    def __init__(self, engine: Engine, clock: Clock = utc_now) -> None:
        """Take an engine made by `create_engine`."""
        self.engine = engine
        self.clock = clock
        self.is_sqlite = engine.dialect.name == "sqlite"

    def close(self) -> None:
        """Close all connections; the records can be used again afterwards."""
        self.engine.dispose()

    @contextmanager
    def _look(self) -> Iterator[Connection]:
        """Open a transaction that reads; it sees one state of the database and blocks nobody."""
        with plain_errors(), self.engine.connect() as connection, connection.begin():
            yield connection

    def _change(self, work: Callable[[Connection], T]) -> T:
        """Run `work` in a transaction that writes, again from the start when another process was faster.

        Two processes that add the same row at once both find it missing; the database refuses the second.
        That one begins again and now finds the row. So `work` must look before it adds.

        Raises:
            RecordsUnavailable: The database is busy, full or away.
            RecordsError: As raised by `work`.
        """
        attempt = 1
        while True:
            try:
                with plain_errors(), self.engine.connect() as connection:
                    writer = connection.execution_options(**write_options())
                    with writer.begin():
                        return work(writer)
            except _LostRace:
                if attempt == ATTEMPTS:
                    raise
                time.sleep(0.01 * attempt)
                attempt += 1

    def _wipe(self) -> None:
        """Take deleted rows out of SQLite's write-ahead log as well.

        `secure_delete` overwrites them in the file; the log still holds the pages as they were. When another
        connection reads just now the log is emptied by a later checkpoint instead.
        """
        if not self.is_sqlite:
            return
        with plain_errors(), self.engine.connect() as connection:
            raw = connection.connection.dbapi_connection
            raw.execute("PRAGMA busy_timeout = 500")
            try:
                raw.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchall()
            finally:
                raw.execute(f"PRAGMA busy_timeout = {int(BUSY_TIMEOUT_S * 1000)}")


class _LostRace(RecordsError):
    """Another process changed the same rows at the same moment."""


def _plain(error: DBAPIError) -> RecordsError:
    """Return what a driver's error means to us."""
    reason = str(error.orig).strip()
    code = getattr(error.orig, "pgcode", None)
    if code in ("40001", "40P01"):  # PostgreSQL gave up one of two transactions that waited for each other
        return _LostRace(f"The records refused a change: {reason}")
    if code == "42P01" or "no such table" in reason:
        return SchemaOutOfDate("The database has no tables yet. Start Switchback with `make run`.")
    if isinstance(error, (OperationalError, InterfaceError)):
        return RecordsUnavailable(f"The database did not answer ({reason}); nothing was kept, try again.")
    return RecordsError(f"The database refused: {reason}")


@contextmanager
def plain_errors() -> Iterator[None]:
    """Turn the driver's errors into ours."""
    try:
        yield
    except IntegrityError as error:
        raise _LostRace(f"The records refused a change: {error.orig}") from error
    except PoolTimeout as error:
        raise RecordsUnavailable(
            "All connections to the database are in use; try again in a moment."
        ) from error
    except DBAPIError as error:
        raise _plain(error) from error
    except StatementError as error:  # NaN in JSON, for one
        raise RecordsError(f"A value cannot be kept: {error.orig}") from error
    except ValueError as error:  # psycopg2 on a NUL character, both drivers on half a surrogate pair
        raise RecordsError(f"A value cannot be kept: {error}") from error
