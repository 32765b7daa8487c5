"""Rasa's own copy of the conversations, as far as deleting goes.

Rasa keeps the events of every conversation in a table of its own, beside our records (SQLite) or in
the same database (PostgreSQL). Whoever deletes a person's sessions deletes those events, too.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import sqlalchemy as sa
from sqlalchemy.engine import make_url

TRACKER_FILE = "rasa.db"
_EVENTS = sa.table("events", sa.column("sender_id"))


def forget_conversations(database_url: str, home: Path, session_ids: Sequence[str]) -> int:
    """Delete what Rasa kept of these sessions, overwriting it on disk where the database can.

    Args:
        database_url: Where the records are.
        home: The folder that holds Rasa's SQLite file.
        session_ids: The sessions, which are Rasa's conversations.

    Returns:
        How many events were deleted; 0 where Rasa has kept nothing yet.
    """
    is_sqlite = make_url(database_url).get_backend_name() == "sqlite"
    if is_sqlite and not (home / TRACKER_FILE).exists():
        return 0
    url = f"sqlite:///{home / TRACKER_FILE}" if is_sqlite else database_url
    engine = sa.create_engine(url, future=True)
    try:
        if not sa.inspect(engine).has_table("events"):
            return 0
        with engine.begin() as tx:
            if is_sqlite:
                tx.exec_driver_sql("PRAGMA secure_delete = ON")
            gone = _EVENTS.delete().where(_EVENTS.c.sender_id.in_(list(session_ids)))
            return int(tx.execute(gone).rowcount)
    finally:
        engine.dispose()
