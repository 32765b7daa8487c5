from __future__ import annotations

import pkgutil
import shutil
import sqlite3
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
import sqlalchemy as sa
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext

import actions
from actions.records import (
    Records,
    RecordsError,
    SchemaOutOfDate,
    current_revision,
    head_revision,
    open_records,
    upgrade,
)
from actions.records import migrate as migrate_module
from actions.records.store import create_engine
from actions.tables import metadata
from tests.records.conftest import begin

PROJECT = Path(__file__).resolve().parents[2]
NEXT = """
import sqlalchemy as sa
from alembic import op
revision, down_revision = "9999", "{head}"

def upgrade():
    with op.batch_alter_table("users") as table:
        table.add_column(sa.Column("pronouns", sa.String(20)))
    {then}
"""


@pytest.fixture
def next_version(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Callable[[str], None]:
    """Pretends to be a later Switchback, with one more migration that ends as told."""

    def make(then: str = "pass") -> None:
        folder = tmp_path / "migrations"
        shutil.copytree(migrate_module.MIGRATIONS, folder)
        text = NEXT.format(head=head_revision(), then=then)
        (folder / "versions" / "9999_next.py").write_text(text)
        monkeypatch.setattr(migrate_module, "MIGRATIONS", folder)

    return make


def outline(url: str) -> dict:
    """Return what Alembic does not compare."""
    engine = create_engine(url)
    found = sa.inspect(engine)
    result = {}
    for table in metadata.tables:
        result[table] = {
            "checks": sorted(
                (c["name"], "".join(c["sqltext"].split())) for c in found.get_check_constraints(table)
            ),
            "unique": sorted((u["name"], u["column_names"]) for u in found.get_unique_constraints(table)),
            "keys": sorted(
                (k["name"], k["constrained_columns"], k["referred_columns"], k["options"])
                for k in found.get_foreign_keys(table)
            ),
            "primary": found.get_pk_constraint(table)["constrained_columns"],
            "indexes": sorted((i["name"], i["column_names"]) for i in found.get_indexes(table)),
        }
    engine.dispose()
    return result


def test_migrations_make_the_tables_of_the_models(empty_url: Callable[[], str]) -> None:
    migrated, made = empty_url(), empty_url()
    upgrade(migrated)
    engine = create_engine(migrated)
    with engine.connect() as connection:
        context = MigrationContext.configure(connection, opts={"compare_type": True})
        assert compare_metadata(context, metadata) == []
    engine.dispose()
    engine = create_engine(made)
    with engine.connect() as connection, connection.begin():
        metadata.create_all(connection)
    engine.dispose()
    assert outline(migrated) == outline(made)


def test_a_new_database(empty_url: Callable[[], str]) -> None:
    url = empty_url()
    assert current_revision(url) is None
    done = upgrade(url)
    assert (done.before, done.after, done.backup, done.is_change) == (None, head_revision(), None, True)
    assert current_revision(url) == head_revision()
    assert not upgrade(url).is_change


def test_asking_for_the_revision_makes_no_file(tmp_path: Path) -> None:
    assert current_revision(f"sqlite:///{tmp_path}/new.db") is None
    assert list(tmp_path.iterdir()) == []


def test_records_without_tables_say_what_to_run(empty_url: Callable[[], str]) -> None:
    records = open_records(empty_url())
    with pytest.raises(SchemaOutOfDate, match="make run"):
        records.check_schema()
    with pytest.raises(RecordsError, match="make run"):
        records.users()
    records.close()


def test_records_with_their_tables_say_nothing(records: Records) -> None:
    records.check_schema()


def test_several_processes_start_at_once(empty_url: Callable[[], str]) -> None:
    url = empty_url()
    code = "import sys; from actions.records import upgrade; print(upgrade(sys.argv[1]).is_change)"
    processes = [
        subprocess.Popen([sys.executable, "-c", code, url], cwd=PROJECT, stdout=subprocess.PIPE, text=True)
        for _ in range(3)
    ]
    said = sorted(process.communicate(timeout=60)[0].strip() for process in processes)
    assert said == ["False", "False", "True"]


@pytest.fixture
def own_url(empty_url: Callable[[], str]) -> Iterator[str]:
    """A database at the present revision with a session in it, which a test may spoil."""
    url = empty_url()
    upgrade(url)
    records = open_records(url)
    begin(records, "s1")
    records.close()
    yield url


def test_an_upgrade_keeps_what_is_there_and_a_copy(own_url: str, next_version, backend: str) -> None:
    before = head_revision()
    next_version()
    records = open_records(own_url)
    with pytest.raises(SchemaOutOfDate, match=f"revision {before}.*make run"):
        records.check_schema()
    done = upgrade(own_url)
    assert (done.before, done.after) == (before, "9999")
    assert records.session("s1").scenario_id == "kris"
    records.close()
    assert (done.backup is not None) == (backend == "sqlite")
    if done.backup is not None:
        assert current_revision(f"sqlite:///{done.backup}") == before


def test_an_upgrade_that_fails_changes_nothing(own_url: str, next_version) -> None:
    before = head_revision()
    next_version("op.execute('SELECT broken FROM nowhere')")
    with pytest.raises(RecordsError):
        upgrade(own_url)
    assert current_revision(own_url) == before
    records = open_records(own_url)
    assert [column["name"] for column in sa.inspect(records.engine).get_columns("users")][-1] != "pronouns"
    assert records.session("s1")
    records.close()


def test_rows_that_point_to_nothing_stop_an_upgrade(tmp_path: Path, next_version) -> None:
    url = f"sqlite:///{tmp_path}/r.db"
    upgrade(url)
    connection = sqlite3.connect(tmp_path / "r.db")
    connection.execute(
        "INSERT INTO sign_ins VALUES ('t', 'nobody', '2026-01-01', '2026-01-01', '2026-01-01')"
    )
    connection.commit()
    connection.close()
    next_version()
    with pytest.raises(RecordsError, match="damaged|point to nothing"):
        upgrade(url)
    assert current_revision(url) != "9999"


def test_a_database_from_a_newer_version_is_left_alone(own_url: str) -> None:
    engine = create_engine(own_url)
    with engine.connect() as connection, connection.begin():
        connection.execute(sa.text("UPDATE alembic_version SET version_num = 'future'"))
    engine.dispose()
    with pytest.raises(SchemaOutOfDate, match="newer Switchback"):
        upgrade(own_url)
    records = open_records(own_url)
    with pytest.raises(SchemaOutOfDate, match="newer Switchback"):
        records.check_schema()
    records.close()


def test_somebody_elses_database_is_left_alone(empty_url: Callable[[], str]) -> None:
    url = empty_url()
    engine = create_engine(url)
    with engine.connect() as connection, connection.begin():
        connection.execute(sa.text("CREATE TABLE recipes (id INTEGER)"))
    engine.dispose()
    with pytest.raises(RecordsError, match="recipes.*database of its own"):
        upgrade(url)


def test_the_action_server_does_not_import_migrations() -> None:
    names = {name for _, name, _ in pkgutil.iter_modules(actions.__path__)}
    assert "migrations" not in names
    assert {"records", "tables"} <= names
