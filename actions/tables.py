"""The tables of the records, as SQLAlchemy sees them.

SQLAlchemy 1.4 in 2.0 style; what differs between SQLite and PostgreSQL is settled here, so that the
queries in `actions/records/` need not know. `actions/migrations/` makes these tables; a test compares both.

Every row carries the time that made it and, where a program had a part in it, the rubric, model and scenario
version of that program.
"""

from __future__ import annotations

from datetime import timezone
from typing import Any

import sqlalchemy as sa

ROLES = ("trainee", "instructor", "admin")
"""What an account may be, least first."""

SPEAKERS = ("trainee", "peer")
"""Who can say a line in a practice session."""

THROTTLE_SCOPES = ("address", "name")
"""What wrong passwords are counted by."""

ID_LENGTH = 200
"""Longest id in characters; an index of PostgreSQL could not hold one of any length."""

metadata = sa.MetaData(
    naming_convention={
        "ix": "ix_%(table_name)s_%(column_0_N_name)s",
        "uq": "uq_%(table_name)s_%(column_0_N_name)s",
        "ck": "ck_%(table_name)s_%(constraint_name)s",
        "fk": "fk_%(table_name)s_%(column_0_N_name)s",
        "pk": "pk_%(table_name)s",
    }
)


class UtcTime(sa.types.TypeDecorator):
    """A moment in UTC, aware in Python on every database."""

    impl = sa.DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: Any, dialect: Any) -> Any:
        """Refuse a time without zone, and turn the others into UTC."""
        if value is None:
            return None
        if value.tzinfo is None:
            raise ValueError(f"{value!r} has no time zone; use datetime.now(timezone.utc)")
        in_utc = value.astimezone(timezone.utc)
        # SQLite keeps no zone; all its times are UTC by this line and the next method.
        return in_utc.replace(tzinfo=None) if dialect.name == "sqlite" else in_utc

    def process_result_value(self, value: Any, dialect: Any) -> Any:
        """Return the time with its zone."""
        if value is None:
            return None
        return value.replace(tzinfo=timezone.utc) if value.tzinfo is None else value.astimezone(timezone.utc)


def _one_of(column: str, values: tuple[str, ...]) -> str:
    """Return the SQL that lets a column hold these values only."""
    return f"{column} IN ({', '.join(repr(value) for value in values)})"


def _id(name: str, *args: Any, **options: Any) -> sa.Column:
    """Return a column for an id; PostgreSQL compares it byte by byte, as SQLite does.

    Pages of sessions go on after an id, so both databases must sort ids alike.
    """
    kind = sa.String(ID_LENGTH).with_variant(sa.String(ID_LENGTH, collation="C"), "postgresql")
    return sa.Column(name, kind, *args, **options)


def _versions(is_rubric_key: bool = False) -> list[sa.Column]:
    """Return the columns that say which program made a row."""
    return [
        sa.Column("rubric_version", sa.String(ID_LENGTH), nullable=False, primary_key=is_rubric_key),
        sa.Column("model_version", sa.String(ID_LENGTH), nullable=False),
        sa.Column("scenario_version", sa.String(ID_LENGTH), nullable=False),
    ]


users = sa.Table(
    "users",
    metadata,
    _id("id", primary_key=True),
    sa.Column("username", sa.String(ID_LENGTH), nullable=False, unique=True),
    sa.Column("display_name", sa.String(ID_LENGTH), nullable=False),
    sa.Column("role", sa.String(20), nullable=False),
    sa.Column("password_hash", sa.String(500)),
    sa.Column("is_guest", sa.Boolean, nullable=False),
    sa.Column("is_active", sa.Boolean, nullable=False),
    sa.Column("created_at", UtcTime, nullable=False),
    sa.Column("updated_at", UtcTime, nullable=False),
    sa.Column("last_sign_in_at", UtcTime),
    sa.CheckConstraint(_one_of("role", ROLES), name="role"),
    sa.CheckConstraint("role = 'trainee' OR NOT is_guest", name="guest_is_trainee"),
)

invites = sa.Table(
    "invites",
    metadata,
    _id("id", primary_key=True),
    sa.Column("token_hash", sa.String(64), nullable=False, unique=True),
    sa.Column("role", sa.String(20), nullable=False),
    sa.Column("note", sa.String(ID_LENGTH), nullable=False),
    sa.Column("is_first_start", sa.Boolean, nullable=False),
    _id("created_by", sa.ForeignKey("users.id", ondelete="SET NULL"), index=True),
    _id("used_by", sa.ForeignKey("users.id", ondelete="SET NULL"), index=True),
    sa.Column("created_at", UtcTime, nullable=False),
    sa.Column("expires_at", UtcTime, nullable=False),
    sa.Column("used_at", UtcTime),
    sa.CheckConstraint(_one_of("role", ROLES), name="role"),
)

sign_ins = sa.Table(
    "sign_ins",
    metadata,
    sa.Column("token_hash", sa.String(64), primary_key=True),
    _id("user_id", sa.ForeignKey("users.id", ondelete="CASCADE"), nullable=False, index=True),
    sa.Column("created_at", UtcTime, nullable=False),
    sa.Column("last_seen_at", UtcTime, nullable=False),
    sa.Column("expires_at", UtcTime, nullable=False, index=True),
)

sign_in_failures = sa.Table(
    "sign_in_failures",
    metadata,
    sa.Column("scope", sa.String(20), primary_key=True),
    # A hash, because people type passwords into the name field.
    sa.Column("key_hash", sa.String(64), primary_key=True),
    sa.Column("failures", sa.Integer, nullable=False),
    sa.Column("first_failed_at", UtcTime, nullable=False),
    sa.Column("last_failed_at", UtcTime, nullable=False, index=True),
    sa.Column("blocked_until", UtcTime),
    sa.CheckConstraint(_one_of("scope", THROTTLE_SCOPES), name="scope"),
    sa.CheckConstraint("failures >= 0", name="failures_count"),
)

practice_sessions = sa.Table(
    "practice_sessions",
    metadata,
    _id("id", primary_key=True),
    _id("user_id", sa.ForeignKey("users.id", ondelete="CASCADE")),
    sa.Column("scenario_id", sa.String(ID_LENGTH), nullable=False),
    sa.Column("seed", sa.BigInteger, nullable=False),
    *_versions(),
    sa.Column("is_score_hidden", sa.Boolean, nullable=False),
    sa.Column("is_paused", sa.Boolean, nullable=False),
    sa.Column("ending", sa.String(40)),
    sa.Column("started_at", UtcTime, nullable=False),
    sa.Column("updated_at", UtcTime, nullable=False),
    sa.Column("ended_at", UtcTime),
    sa.CheckConstraint("(ending IS NULL) = (ended_at IS NULL)", name="ending_has_time"),
    # One index for each way in which an instructor narrows the list; all end in the order of the pages.
    sa.Index("ix_practice_sessions_page", "started_at", "id"),
    sa.Index("ix_practice_sessions_user_page", "user_id", "started_at", "id"),
    sa.Index("ix_practice_sessions_scenario_page", "scenario_id", "started_at", "id"),
    sa.Index("ix_practice_sessions_ending_page", "ending", "started_at", "id"),
)

messages = sa.Table(
    "messages",
    metadata,
    _id(
        "session_id",
        sa.ForeignKey("practice_sessions.id", ondelete="CASCADE"),
        primary_key=True,
    ),
    # Unique in its session only: the widget makes the id, and nobody may reach into another session with it.
    _id("id", primary_key=True),
    sa.Column("seq", sa.Integer, nullable=False),
    sa.Column("speaker", sa.String(20), nullable=False),
    sa.Column("text", sa.Text, nullable=False),
    sa.Column("turn", sa.Integer),
    _id("reply_to"),
    sa.Column("position", sa.Integer),
    sa.Column("act", sa.String(ID_LENGTH)),
    sa.Column("beat", sa.String(ID_LENGTH)),
    *_versions(),
    sa.Column("created_at", UtcTime, nullable=False),
    sa.UniqueConstraint("session_id", "seq"),
    sa.UniqueConstraint("session_id", "reply_to", "position"),
    sa.CheckConstraint(_one_of("speaker", SPEAKERS), name="speaker"),
    sa.CheckConstraint(
        "(speaker = 'trainee' AND reply_to IS NULL AND position IS NULL)"
        " OR (speaker = 'peer' AND reply_to IS NOT NULL AND position IS NOT NULL AND turn IS NOT NULL)",
        name="peer_replies",
    ),
    sa.CheckConstraint("turn >= 0", name="turn"),
    sa.CheckConstraint("position >= 0", name="position"),
)


def _score(name: str) -> list[Any]:
    """Return a column for a score from 0 to 100, or null where there is nothing to judge."""
    return [
        sa.Column(name, sa.Float),
        sa.CheckConstraint(f"{name} >= 0 AND {name} <= 100", name=name),
    ]


assessments = sa.Table(
    "assessments",
    metadata,
    _id("session_id", primary_key=True),
    _id("message_id", primary_key=True),
    *_versions(is_rubric_key=True),
    sa.Column("turn", sa.Integer, nullable=False),
    *_score("collaboration"),
    *_score("strengths"),
    *_score("humility"),
    *_score("overall"),
    sa.Column("is_substantive", sa.Boolean, nullable=False),
    sa.Column("detail", sa.JSON, nullable=False),
    sa.Column("snapshot", sa.JSON, nullable=False),
    sa.Column("created_at", UtcTime, nullable=False),
    sa.ForeignKeyConstraint(
        ["session_id", "message_id"], ["messages.session_id", "messages.id"], ondelete="CASCADE"
    ),
    sa.CheckConstraint("turn >= 0", name="turn"),
    sa.Index("ix_assessments_session_id_turn", "session_id", "turn"),
    sa.Index("ix_assessments_message_id", "message_id"),
)

session_scores = sa.Table(
    "session_scores",
    metadata,
    _id(
        "session_id",
        sa.ForeignKey("practice_sessions.id", ondelete="CASCADE"),
        primary_key=True,
    ),
    # A session that goes on after it was scored is scored anew in a new row; the old one stays.
    sa.Column("seq", sa.Integer, primary_key=True, autoincrement=False),
    *_versions(),
    sa.Column("detail", sa.JSON, nullable=False),
    sa.Column("created_at", UtcTime, nullable=False),
)
