"""Bring a database to the tables of this version, safely, whoever else is starting at the same moment."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import sqlalchemy as sa
from sqlalchemy.engine import Connection, Engine

from actions.records.errors import RecordsError, SchemaOutOfDate
from actions.records.files import dated, snapshot
from actions.records.store import create_engine, plain_errors, sqlite_file, write_options

if TYPE_CHECKING:  # Alembic takes a tenth of a second to import, and most processes need it never
    from alembic.config import Config
    from alembic.script import ScriptDirectory

MIGRATIONS = Path(__file__).resolve().parent.parent / "migrations"
"""The folder of the migrations."""

_LOCK_KEY = 0x5357_4954_4348  # "SWITCH"; the number by which PostgreSQL knows our lock


@dataclass(frozen=True)
class Upgrade:
    """What `upgrade` did.

    Attributes:
        before: Revision that was found; None for a new database.
        after: Revision now.
        backup: Copy of the SQLite file from before, if there was something to copy.
    """

    before: str | None
    after: str
    backup: Path | None

    @property
    def is_change(self) -> bool:
        """Say whether anything was done."""
        return self.before != self.after


def head_revision() -> str:
    """Return the revision that this version of Switchback needs."""
    head = _scripts().get_current_head()
    assert head is not None, "the migrations have one newest revision"
    return head


def known_revisions() -> frozenset[str]:
    """Return the revisions that this version of Switchback can bring up to date."""
    return frozenset(script.revision for script in _scripts().walk_revisions())


def current_revision(url: str) -> str | None:
    """Return the revision of a database; None if it has no tables of ours."""
    file = sqlite_file(url)
    if file is not None and not file.exists():
        return None
    engine = create_engine(url)
    try:
        with plain_errors(), engine.connect() as connection:
            return _revision(connection)
    finally:
        engine.dispose()


def check_schema(engine: Engine) -> None:
    """Make sure that a database has this version's tables.

    Raises:
        SchemaOutOfDate: It has not; the message says what to run.
    """
    with plain_errors(), engine.connect() as connection:
        found = _revision(connection)
    needed = head_revision()
    if found == needed:
        return
    if found is None:
        raise SchemaOutOfDate(
            "The database is empty. Start Switchback with `make run`, which makes its tables."
        )
    _refuse_newer(found)
    raise SchemaOutOfDate(
        f"The database is at revision {found}, this version of Switchback needs {needed}."
        " Start it with `make run`, which makes a copy and brings the database up to date."
    )


def upgrade(url: str) -> Upgrade:
    """Bring a database to the newest revision; all of it happens or nothing.

    Several processes may call this at once: one does it, the others wait and find it done. An SQLite file
    that holds something is copied to `backups/` beside it first.

    Raises:
        SchemaOutOfDate: A newer version of Switchback made this database.
        RecordsError: The database holds tables that are not ours, or a migration left a broken reference.
        RecordsUnavailable: The database cannot be reached.
    """
    engine = create_engine(url, is_migrating=True)
    try:
        with plain_errors(), engine.connect() as connection:
            writer = connection.execution_options(**write_options())
            with writer.begin():
                return _upgrade(writer, sqlite_file(url))
    finally:
        engine.dispose()


def config(connection: Connection | None = None) -> Config:
    """Return Alembic's configuration; `alembic.ini` is for typing `alembic` by hand."""
    from alembic.config import Config

    made = Config()
    # Alembic interpolates %.
    made.set_main_option("script_location", str(MIGRATIONS).replace("%", "%%"))
    made.attributes["connection"] = connection
    return made


def _upgrade(connection: Connection, file: Path | None) -> Upgrade:
    """Do the work of `upgrade` in an open transaction."""
    from alembic import command

    is_sqlite = connection.dialect.name == "sqlite"
    if not is_sqlite:
        # SQLite's write lock is ours already; this is its like.
        connection.execute(sa.text("SELECT pg_advisory_xact_lock(:key)"), {"key": _LOCK_KEY})
    before, needed = _revision(connection), head_revision()
    if before == needed:
        return Upgrade(before, needed, None)
    if before is not None:
        _refuse_newer(before)
    elif tables := sa.inspect(connection).get_table_names():
        raise RecordsError(
            f"The database has tables that are not Switchback's ({', '.join(sorted(tables)[:3])});"
            " set DATABASE_URL to a database of its own."
        )
    backup = None
    if before is not None and file is not None:
        backup = dated(file.parent / "backups", file.stem, f"-before-{needed}")
        snapshot(file, backup)
    command.upgrade(config(connection), "head")
    if is_sqlite:
        broken = connection.exec_driver_sql("PRAGMA foreign_key_check").fetchall()
        if broken:
            raise RecordsError(
                f"The database has {len(broken)} rows that point to nothing, the first in {broken[0][0]};"
                " nothing was changed."
            )
    return Upgrade(before, needed, backup)


def _scripts() -> ScriptDirectory:
    from alembic.script import ScriptDirectory

    return ScriptDirectory.from_config(config())


def _revision(connection: Connection) -> str | None:
    """Return the revision that Alembic noted, or None."""
    if not sa.inspect(connection).has_table("alembic_version"):
        return None
    version: Any = sa.table("alembic_version", sa.column("version_num"))
    return connection.execute(sa.select(version.c.version_num)).scalar_one_or_none()


def _refuse_newer(found: str) -> None:
    """Raise if no migration of this version has this name."""
    if found not in known_revisions():
        raise SchemaOutOfDate(
            f"The database was made by a newer Switchback (revision {found});"
            " update the program, or restore a backup from before."
        )
