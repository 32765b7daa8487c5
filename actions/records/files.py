"""SQLite files as files: copies while others write, and what is in a copy."""

from __future__ import annotations

import hashlib
import itertools
import os
import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass
from datetime import datetime, timezone
from pathlib import Path

from actions.records.errors import RecordsError

_VERSIONS = ("rubric_version", "model_version", "scenario_version")


@dataclass(frozen=True)
class FileContent:
    """What is in an SQLite file of ours.

    Attributes:
        revision: Of its tables.
        rows: Number of rows by table.
        versions: For "rubric_version" and the like, which ones its sessions were made by.
    """

    revision: str
    rows: dict[str, int]
    versions: dict[str, list[str]]


def dated(folder: Path, stem: str, why: str = "") -> Path:
    """Return a free file name that begins with a stem and the time in UTC, so that names sort in time."""
    base = f"{stem}-{datetime.now(timezone.utc):%Y%m%d-%H%M%SZ}{why}"
    ends = itertools.chain([""], (f"-{count}" for count in itertools.count(2)))
    return next(file for file in (folder / f"{base}{end}.db" for end in ends) if not file.exists())


def snapshot(source: Path, target: Path) -> None:
    """Copy an SQLite file as of one moment, while others write to it, and check the copy.

    The copy can be read by its owner only; it holds what people said in confidence.

    Raises:
        RecordsError: The copy is damaged, hence the source is, or it cannot be written; none is left.
    """
    partial = target.with_name(target.name + ".partial")
    try:
        target.parent.mkdir(parents=True, exist_ok=True)
        partial.unlink(missing_ok=True)
        partial.touch(mode=0o600)
        with _opened(source, is_read_only=False) as origin, closing(sqlite3.connect(partial)) as copy:
            origin.backup(copy)
            # So that the copy is one file: in WAL mode it would want two more beside it.
            copy.execute("PRAGMA journal_mode = DELETE")
        problem = integrity_problem(partial)
        if problem:
            raise RecordsError(f"{source.name} is damaged ({problem}); restore a backup from before.")
        settle(partial, target)
    except (sqlite3.Error, OSError) as error:
        raise RecordsError(f"{source.name} could not be copied to {target} ({error}).") from error
    finally:
        partial.unlink(missing_ok=True)


def settle(partial: Path, target: Path) -> None:
    """Give a finished file its name, so that a power cut leaves it whole or not at all."""
    with partial.open("rb") as written:
        os.fsync(written.fileno())
    partial.replace(target)
    if os.name == "posix":
        folder = os.open(target.parent, os.O_RDONLY)
        try:
            os.fsync(folder)
        finally:
            os.close(folder)


def integrity_problem(file: Path) -> str | None:
    """Return what is wrong with an SQLite file, or None."""
    try:
        with _opened(file) as connection:
            found = [row[0] for row in connection.execute("PRAGMA integrity_check")]
            if found == ["ok"]:
                broken = connection.execute("PRAGMA foreign_key_check").fetchall()
                found = [f"{len(broken)} rows point to nothing"] if broken else []
    except sqlite3.Error as error:
        return str(error)
    return "; ".join(found[:3]) or None


def content_of(file: Path) -> FileContent:
    """Return what is in a file.

    Raises:
        RecordsError: It is not a database of Switchback.
    """
    try:
        with _opened(file) as connection:
            revision = connection.execute("SELECT version_num FROM alembic_version").fetchone()
            names = "SELECT name FROM sqlite_master WHERE type = 'table' ORDER BY name"
            tables = [
                row[0]
                for row in connection.execute(names)
                if row[0] != "alembic_version" and not row[0].startswith("sqlite_")
            ]
            rows = {
                name: int(connection.execute(f'SELECT count(*) FROM "{name}"').fetchone()[0])
                for name in tables
            }
            versions = {
                column: [
                    row[0]
                    for row in connection.execute(
                        f"SELECT DISTINCT {column} FROM practice_sessions ORDER BY {column}"
                    )
                ]
                for column in _VERSIONS
            }
    except sqlite3.Error as error:
        raise RecordsError(f"{file.name} is not a database of Switchback ({error}).") from error
    if revision is None:
        raise RecordsError(f"{file.name} is not a database of Switchback (it has no revision).")
    return FileContent(revision[0], rows, versions)


def is_in_use(file: Path) -> bool:
    """Say whether another process has a database open; if none has, fold its log into the file.

    Leaving WAL needs the file for oneself, so it fails as long as anybody else has it open.
    """
    if not file.exists():
        return False
    try:
        with closing(sqlite3.connect(file, timeout=0.5, isolation_level=None)) as connection:
            connection.execute("PRAGMA journal_mode = DELETE")
            connection.execute("BEGIN EXCLUSIVE")
            connection.execute("ROLLBACK")
    except sqlite3.OperationalError as error:
        return "locked" in str(error) or "busy" in str(error)
    except sqlite3.DatabaseError:
        return False  # too damaged to be in use; whoever asks is about to replace it
    return False


def sha256_of(file: Path) -> str:
    """Return the SHA-256 of a file in hexadecimal."""
    digest = hashlib.sha256()
    with file.open("rb") as opened:
        while block := opened.read(1 << 20):
            digest.update(block)
    return digest.hexdigest()


@contextmanager
def _opened(file: Path, *, is_read_only: bool = True) -> Iterator[sqlite3.Connection]:
    """Open a file that exists; a plain open would make an empty one out of a wrong name."""
    mode = "ro" if is_read_only else "rw"
    uri = f"{file.resolve().as_uri()}?mode={mode}"
    with closing(sqlite3.connect(uri, uri=True, timeout=10)) as connection:
        yield connection
