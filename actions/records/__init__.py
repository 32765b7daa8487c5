"""The records: who practised, what was said, what it was worth. The only home of SQLAlchemy.

`open_records(url)` gives a `Records`. Its methods take and return plain values; a write that is repeated, by
a retry or by another process, has happened once. Open the records after forking, not before.
"""

from __future__ import annotations

from actions.records.archive import ArchiveRecords
from actions.records.assessments import AssessmentRecords
from actions.records.errors import (
    InviteRefused,
    MessageConflict,
    NameTaken,
    RecordsError,
    RecordsUnavailable,
    SchemaOutOfDate,
    SessionConflict,
    UnknownMessage,
    UnknownSession,
    UnknownUser,
)
from actions.records.invites import InviteRecords
from actions.records.lists import STILL_GOING, ListRecords
from actions.records.migrate import check_schema, current_revision, head_revision, known_revisions, upgrade
from actions.records.people import SignInRecords, UserRecords, normal_username
from actions.records.rows import (
    AssessmentRow,
    InviteRow,
    MessageRow,
    SessionRow,
    SessionScoreRow,
    SessionsPage,
    SessionSummary,
    SignInRow,
    UserRow,
)
from actions.records.sessions import SessionRecords
from actions.records.store import Clock, create_engine, utc_now
from actions.records.throttle import ThrottleRecords, ThrottleRule

__all__ = [
    "STILL_GOING",
    "AssessmentRow",
    "Clock",
    "InviteRefused",
    "InviteRow",
    "MessageConflict",
    "MessageRow",
    "NameTaken",
    "Records",
    "RecordsError",
    "RecordsUnavailable",
    "SchemaOutOfDate",
    "SessionConflict",
    "SessionRow",
    "SessionScoreRow",
    "SessionSummary",
    "SessionsPage",
    "SignInRow",
    "ThrottleRule",
    "UnknownMessage",
    "UnknownSession",
    "UnknownUser",
    "UserRow",
    "current_revision",
    "head_revision",
    "known_revisions",
    "normal_username",
    "open_records",
    "upgrade",
]


class Records(
    SessionRecords,
    AssessmentRecords,
    UserRecords,
    SignInRecords,
    InviteRecords,
    ThrottleRecords,
    ListRecords,
    ArchiveRecords,
):
    """All that is kept, method by method in the modules beside this one."""

    def check_schema(self) -> None:
        """Make sure that the database has this version's tables.

        Raises:
            SchemaOutOfDate: It has not; the message says what to run.
        """
        check_schema(self.engine)


def open_records(url: str, *, clock: Clock = utc_now) -> Records:
    """Open the records at an address such as `settings.database_url`; `upgrade(url)` makes their tables.

    Args:
        url: "sqlite:////folder/file.db" or "postgresql://user:password@host/name".
        clock: Where the time comes from, for tests.

    Raises:
        RecordsError: The address is of no use.
    """
    return Records(create_engine(url), clock)
