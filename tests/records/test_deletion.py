from __future__ import annotations

import json
from datetime import timedelta
from pathlib import Path

import pytest
import sqlalchemy as sa

from actions.records import Records, UnknownSession, UnknownUser, open_records, upgrade
from actions.tables import metadata
from tests.records.conftest import assess, begin, line

SECRET = "zanzibarsecret"


def fill(records: Records, session_id: str = "s1", user_id: str | None = None) -> None:
    """Put the secret wherever words can go."""
    begin(records, session_id, user_id=user_id)
    for number in range(1, 6):
        records.store_trainee_message(session_id, f"m{number}", f"{SECRET} " * 400)
        records.store_peer_lines(session_id, f"m{number}", number, [line(f"p{number}", SECRET)])
        assess(records, f"m{number}", session_id, number, detail={"text": SECRET * 300})
    records.store_session_score(session_id, "rubric-1", {"moment": SECRET})


def counts(records: Records) -> dict[str, int]:
    with records.engine.connect() as connection:
        return {
            name: connection.execute(sa.select(sa.func.count()).select_from(table)).scalar_one()
            for name, table in metadata.tables.items()
        }


def test_a_deleted_session_leaves_no_row(records: Records) -> None:
    before = counts(records)
    fill(records)
    assert records.delete_session("s1")
    assert counts(records) == before
    assert not records.delete_session("s1")


def test_a_deleted_session_leaves_the_others(records: Records) -> None:
    begin(records, "s2")
    records.store_trainee_message("s2", "m1", "stays")
    fill(records)
    records.delete_session("s1")
    assert [row.text for row in records.messages("s2")] == ["stays"]


def test_a_deleted_person_leaves_no_row(records: Records) -> None:
    before = counts(records)
    ana = records.create_user("ana", "Ana", "trainee", "hash")
    records.add_sign_in(ana.id, "token", timedelta(days=1))
    fill(records, user_id=ana.id)
    assert records.delete_user(ana.id)
    assert counts(records) == before


@pytest.mark.parametrize("is_reader_there", [False, True])
def test_deleted_words_are_gone_from_the_disk(tmp_path: Path, is_reader_there: bool) -> None:
    url = f"sqlite:///{tmp_path}/r.db"
    upgrade(url)
    records, other = open_records(url), open_records(url)
    ana = records.create_user("ana", f"Ana {SECRET}", "trainee", "hash")
    fill(records, user_id=ana.id)
    if is_reader_there:
        assert other.messages("s1")  # its connection stays open, as the web app's does
    assert SECRET.encode() in b"".join(file.read_bytes() for file in tmp_path.iterdir())
    records.delete_user(ana.id)
    assert SECRET.encode() not in b"".join(file.read_bytes() for file in tmp_path.iterdir())
    records.close()
    other.close()
    assert SECRET.encode() not in (tmp_path / "r.db").read_bytes()


def test_everything_about_a_session_as_json(records: Records) -> None:
    fill(records)
    found = json.loads(json.dumps(records.export_session("s1")))
    assert found["format"] == "switchback-session/1"
    assert found["session"]["id"] == "s1"
    assert [len(found[part]) for part in ("messages", "assessments", "session_scores")] == [10, 5, 1]
    assert found["assessments"][0]["snapshot"] == {"trust": 40}
    assert found["messages"][0]["created_at"] == "2026-03-01T09:30:00.000000+00:00"


def test_everything_about_a_person_as_json(records: Records) -> None:
    ana = records.create_user("ana", "Ana", "trainee", "the-hash")
    records.add_sign_in(ana.id, "the-token", timedelta(days=1))
    records.add_invite("the-link", "trainee", timedelta(days=1), created_by=ana.id)
    for session_id in ("s1", "s2"):
        fill(records, session_id, ana.id)
    begin(records, "not hers")
    text = json.dumps(records.export_user(ana.id))
    found = json.loads(text)
    assert [whole["session"]["id"] for whole in found["sessions"]] == ["s1", "s2"]
    assert [len(whole["messages"]) for whole in found["sessions"]] == [10, 10]
    assert (len(found["sign_ins"]), len(found["invites"])) == (1, 1)
    assert not [secret for secret in ("the-hash", "the-token", "the-link") if secret in text]


def test_a_long_history_is_exported_whole(records: Records) -> None:
    ana = records.create_user("ana", "Ana", "trainee", None)
    for number in range(103):
        begin(records, f"s{number:03}", user_id=ana.id)
    records.store_trainee_message("s102", "m1", "last")
    sessions = records.export_user(ana.id)["sessions"]
    assert len(sessions) == 103
    assert sessions[102]["messages"][0]["text"] == "last"


def test_nothing_to_export(records: Records) -> None:
    with pytest.raises(UnknownSession):
        records.export_session("gone")
    with pytest.raises(UnknownUser):
        records.export_user("gone")
