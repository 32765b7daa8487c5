"""Deleting somebody deletes Rasa's copy of their words, too."""

from __future__ import annotations

import sqlite3

from actions.records.engine_events import TRACKER_FILE, forget_conversations


def test_events_of_the_sessions_are_gone_from_the_file_and_others_stay(tmp_path):
    path = tmp_path / TRACKER_FILE
    with sqlite3.connect(path) as db:
        db.execute("CREATE TABLE events (id INTEGER PRIMARY KEY, sender_id TEXT, data TEXT)")
        rows = [("s1", "purple elephant " * 20), ("s1", "more"), ("s2", "somebody else's words")]
        db.executemany("INSERT INTO events (sender_id, data) VALUES (?, ?)", rows)
    db.close()
    assert forget_conversations("sqlite:///records.db", tmp_path, ["s1"]) == 2
    assert b"purple elephant" not in path.read_bytes()
    assert b"somebody else's words" in path.read_bytes()


def test_nothing_to_forget_is_no_failure(tmp_path):
    assert forget_conversations("sqlite:///records.db", tmp_path, ["s1"]) == 0
