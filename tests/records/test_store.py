from __future__ import annotations

from datetime import datetime
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from actions.records import Records, RecordsError, RecordsUnavailable, open_records
from actions.records import store as store_module
from actions.records.sessions import locked_session
from actions.records.store import parse_url, storable
from tests.records.conftest import begin


@given(st.text(alphabet=st.characters(blacklist_categories=())))
def test_storable_text_is_as_long_as_before_and_can_be_stored(text: str) -> None:
    kept = storable(text)
    assert len(kept) == len(text)
    assert "\0" not in kept
    kept.encode()
    assert storable(kept) == kept


def test_sqlite_is_set_up_for_two_processes(tmp_path: Path) -> None:
    records = open_records(f"sqlite:///{tmp_path}/r.db")
    with records.engine.connect() as connection:
        names = ("journal_mode", "synchronous", "foreign_keys", "busy_timeout", "secure_delete")
        found = [connection.exec_driver_sql(f"PRAGMA {name}").scalar_one() for name in names]
    records.close()
    assert found == ["wal", 2, 1, 10_000, 1]


def test_a_session_that_another_process_holds_is_waited_for(url: str, monkeypatch) -> None:
    monkeypatch.setattr(store_module, "BUSY_TIMEOUT_S", 0.2)
    records, other = open_records(url), open_records(url)
    begin(records, "s1")

    def work(tx) -> None:
        locked_session(tx, "s1")
        assert records.session("s1")  # reading goes on
        with pytest.raises(RecordsUnavailable, match="try again"):
            records.store_trainee_message("s1", "m1", "hi")

    other._change(work)
    assert records.store_trainee_message("s1", "m1", "hi")
    records.close()
    other.close()


def test_a_server_that_is_away() -> None:
    records = open_records("postgresql://nobody@127.0.0.1:1/none")
    with pytest.raises(RecordsUnavailable, match="did not answer"):
        records.users()


def test_a_file_that_is_no_database(tmp_path: Path) -> None:
    (tmp_path / "r.db").write_text("not a database " * 100)
    with pytest.raises(RecordsError, match="not a database"):
        open_records(f"sqlite:///{tmp_path}/r.db").users()


@pytest.mark.parametrize(
    "url", ["", "nonsense", "mysql://me@host/db", "redis://host", "sqlite://", "sqlite:///:memory:"]
)
def test_an_address_that_is_no_use(url: str) -> None:
    with pytest.raises(RecordsError, match="DATABASE_URL"):
        open_records(url)


def test_the_short_form_of_hosting_services() -> None:
    assert parse_url("postgres://me@host/db").get_backend_name() == "postgresql"


def test_a_change_that_fails_leaves_nothing(records: Records) -> None:
    def work(tx) -> None:
        tx.exec_driver_sql("DELETE FROM users")
        raise RecordsError("no")

    records.create_user("ana", "Ana", "trainee", None)
    with pytest.raises(RecordsError, match="no"):
        records._change(work)
    assert len(records.users()) == 1


@pytest.mark.parametrize("bad", ["a\0b", "\ud83d"])
def test_an_id_that_cannot_exist_is_nobodys(records: Records, bad: str) -> None:
    assert records.session(bad) is None
    assert records.message("s1", bad) is None
    assert records.user(bad) is None
    assert records.assessment_of(bad, session_id="s1") is None


def test_times_are_those_of_the_world(url: str) -> None:
    records = open_records(url)
    begin(records, "s1")
    began = datetime.fromisoformat(records.session("s1").started_at)
    records.close()
    assert abs((datetime.now(began.tzinfo) - began).total_seconds()) < 60


def test_a_time_without_zone_is_refused(url: str) -> None:
    records = open_records(url, clock=datetime.now)
    with pytest.raises(RecordsError, match="no time zone"):
        begin(records, "s1")
    records.close()
