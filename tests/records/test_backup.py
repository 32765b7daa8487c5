from __future__ import annotations

import json
import socket
import sqlite3
import stat
import threading
from contextlib import closing
from dataclasses import replace
from pathlib import Path

import pytest

from actions.records import Records, RecordsError, open_records, upgrade
from bot import backup
from bot.backup import BackupError
from bot.settings import Settings, load_settings
from tests.records.conftest import begin


def free_port() -> int:
    with socket.socket() as opened:
        opened.bind(("127.0.0.1", 0))
        return opened.getsockname()[1]


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    data = tmp_path / "data" / "scenarios"
    data.mkdir(parents=True)
    (data / "kris.yml").write_text("id: kris\n")
    ports = {f"SWITCHBACK_{name}PORT": str(free_port()) for name in ("", "RASA_", "ACTIONS_")}
    return load_settings(
        {"SWITCHBACK_HOME": str(tmp_path / "var"), "SWITCHBACK_DATA": str(tmp_path / "data"), **ports}
    )


@pytest.fixture
def live(settings: Settings) -> Records:
    """Records in use, with the session "before"."""
    upgrade(settings.database_url)
    records = open_records(settings.database_url)
    begin(records, "before")
    records.store_trainee_message("before", "m1", "Hi")
    yield records
    records.close()


def database(settings: Settings) -> Path:
    return settings.home / "switchback.db"


def test_a_backup_says_what_is_in_it(settings: Settings, live: Records) -> None:
    made = backup.create_backup(settings)
    assert made.file.parent == settings.home / "backups"
    manifest = json.loads((made.file.parent / f"{made.file.name}.json").read_text())
    assert manifest == made.manifest
    assert (manifest["rows"]["practice_sessions"], manifest["rows"]["messages"]) == (1, 1)
    assert manifest["versions"]["rubric_version"] == ["rubric-1"]
    assert list(manifest["content"]) == ["scenarios/kris.yml"]
    assert stat.S_IMODE(made.file.stat().st_mode) == 0o600


def test_a_backup_is_one_whole_file(settings: Settings, live: Records) -> None:
    made = backup.create_backup(settings)
    names = {file.name for file in made.file.parent.iterdir()}
    assert names == {made.file.name, f"{made.file.name}.json"}
    with closing(sqlite3.connect(made.file)) as connection:
        assert connection.execute("SELECT text FROM messages").fetchall() == [("Hi",)]


def test_a_backup_shows_one_moment_of_a_busy_database(settings: Settings, live: Records) -> None:
    stop = threading.Event()

    def write() -> None:
        number = 0
        while not stop.is_set():
            begin(live, f"s{number}")
            live.store_trainee_message(f"s{number}", "m1", "Hi " * 500)
            number += 1

    writer = threading.Thread(target=write)
    writer.start()
    try:
        made = [backup.create_backup(settings) for _ in range(3)]
    finally:
        stop.set()
        writer.join()
    for one in made:
        rows = one.manifest["rows"]
        assert 0 <= rows["practice_sessions"] - rows["messages"] <= 1
    assert len({one.file for one in made}) == 3


def test_a_backup_overwrites_nothing(settings: Settings, live: Records, tmp_path: Path) -> None:
    (tmp_path / "mine.db").write_text("precious")
    with pytest.raises(BackupError, match="nothing was overwritten"):
        backup.create_backup(settings, tmp_path / "mine.db")
    assert (tmp_path / "mine.db").read_text() == "precious"
    assert backup.create_backup(settings, tmp_path).file.parent == tmp_path


def test_nothing_to_back_up(settings: Settings) -> None:
    with pytest.raises(BackupError, match="no records yet"):
        backup.create_backup(settings)
    assert backup.list_backups(settings) == []


def test_a_damaged_database_is_not_backed_up(settings: Settings, live: Records) -> None:
    live.close()
    with closing(sqlite3.connect(database(settings), isolation_level=None)) as connection:
        connection.execute("PRAGMA journal_mode = DELETE")
        connection.execute("INSERT INTO sign_ins VALUES ('t', 'nobody', '2026', '2026', '2026')")
    with pytest.raises(RecordsError, match="damaged.*point to nothing"):
        backup.create_backup(settings)
    assert list((settings.home / "backups").iterdir()) == []


def test_backups_are_listed_newest_first(settings: Settings, live: Records) -> None:
    first, second = backup.create_backup(settings), backup.create_backup(settings)
    assert backup.list_backups(settings) == [second, first]


def test_restoring_brings_the_moment_back_and_keeps_the_present(settings: Settings, live: Records) -> None:
    made = backup.create_backup(settings)
    begin(live, "after")
    live.close()
    done = backup.restore_backup(settings, made.file)
    assert not done.needs_upgrade
    assert live.session("before")
    assert live.session("after") is None
    kept = open_records(f"sqlite:///{done.kept}")
    assert kept.session("after")
    kept.close()


def test_nothing_is_restored_while_a_process_has_the_records_open(settings: Settings, live: Records) -> None:
    made = backup.create_backup(settings)
    begin(live, "after")
    with pytest.raises(BackupError, match="is running. Stop it"):
        backup.restore_backup(settings, made.file)
    assert live.session("after")


def test_nothing_is_restored_while_a_process_listens(settings: Settings, live: Records) -> None:
    made = backup.create_backup(settings)
    live.close()
    with (
        socket.create_server(("127.0.0.1", settings.actions_port)),
        pytest.raises(BackupError, match="running"),
    ):
        backup.restore_backup(settings, made.file)
    assert backup.restore_backup(settings, made.file)


def test_a_damaged_database_can_be_replaced(settings: Settings, live: Records) -> None:
    made = backup.create_backup(settings)
    live.close()
    database(settings).write_text("ruined " * 1000)
    done = backup.restore_backup(settings, made.file)
    assert done.kept.read_text().startswith("ruined")
    assert live.session("before")


def test_records_that_were_lost_can_be_restored(settings: Settings, live: Records) -> None:
    made = backup.create_backup(settings)
    live.close()
    database(settings).unlink()
    assert backup.restore_backup(settings, made.file).kept is None
    assert live.session("before")


def test_a_backup_that_was_changed_is_refused(settings: Settings, live: Records) -> None:
    made = backup.create_backup(settings)
    live.close()
    with closing(sqlite3.connect(made.file)) as connection:
        connection.execute("UPDATE messages SET text = 'other'")
        connection.commit()
    with pytest.raises(BackupError, match="has changed since"):
        backup.restore_backup(settings, made.file)


def test_what_is_no_backup_is_refused(settings: Settings, live: Records, tmp_path: Path) -> None:
    live.close()
    other = tmp_path / "other.db"
    with closing(sqlite3.connect(other)) as connection:
        connection.execute("CREATE TABLE recipes (id INTEGER)")
    (tmp_path / "text.db").write_text("text " * 500)
    for file in (other, tmp_path / "text.db"):
        with pytest.raises(RecordsError, match="not a database of Switchback"):
            backup.restore_backup(settings, file)
    with pytest.raises(BackupError, match="There is no file"):
        backup.restore_backup(settings, tmp_path / "gone.db")
    assert live.session("before")


def test_a_backup_from_a_newer_version_is_refused(settings: Settings, live: Records, tmp_path: Path) -> None:
    made = backup.create_backup(settings, tmp_path / "new.db")
    (tmp_path / "new.db.json").unlink()
    with closing(sqlite3.connect(made.file)) as connection:
        connection.execute("UPDATE alembic_version SET version_num = 'future'")
        connection.commit()
    live.close()
    with pytest.raises(BackupError, match="newer Switchback"):
        backup.restore_backup(settings, made.file)


def test_a_restore_that_fails_puts_the_records_back(settings: Settings, live: Records, monkeypatch) -> None:
    made = backup.create_backup(settings)
    begin(live, "after")
    live.close()

    def fail(*_: object) -> None:
        raise OSError("no space left")

    monkeypatch.setattr(backup, "settle", fail)
    with pytest.raises(BackupError, match="no space left.*nothing was changed"):
        backup.restore_backup(settings, made.file)
    assert live.session("after")


def test_postgresql_has_its_own_tools(settings: Settings) -> None:
    away = replace(settings, database_url="postgresql+psycopg2://me:secret@db:5433/sb")
    with pytest.raises(BackupError) as refused:
        backup.create_backup(away)
    assert "pg_dump --format=custom --file=switchback.dump 'postgresql://me@db:5433/sb'" in str(refused.value)
    assert "pg_restore" in str(refused.value)
    assert "secret" not in str(refused.value)
