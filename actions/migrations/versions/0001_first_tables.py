"""Accounts, practice sessions, what was said and what it was worth."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None

# Written out, not imported from actions.tables: a migration must do tomorrow what it does today.
ID = sa.String(200).with_variant(sa.String(200, collation="C"), "postgresql")
TIME = sa.DateTime(timezone=True)


def upgrade() -> None:
    """Bring the tables forward."""
    op.create_table(
        "sign_in_failures",
        sa.Column("scope", sa.String(length=20), nullable=False),
        sa.Column("key_hash", sa.String(length=64), nullable=False),
        sa.Column("failures", sa.Integer(), nullable=False),
        sa.Column("first_failed_at", TIME, nullable=False),
        sa.Column("last_failed_at", TIME, nullable=False),
        sa.Column("blocked_until", TIME, nullable=True),
        sa.CheckConstraint("scope IN ('address', 'name')", name=op.f("ck_sign_in_failures_scope")),
        sa.CheckConstraint("failures >= 0", name=op.f("ck_sign_in_failures_failures_count")),
        sa.PrimaryKeyConstraint("scope", "key_hash", name="pk_sign_in_failures"),
    )
    op.create_index("ix_sign_in_failures_last_failed_at", "sign_in_failures", ["last_failed_at"])

    op.create_table(
        "users",
        sa.Column("id", ID, nullable=False),
        sa.Column("username", sa.String(length=200), nullable=False),
        sa.Column("display_name", sa.String(length=200), nullable=False),
        sa.Column("role", sa.String(length=20), nullable=False),
        sa.Column("password_hash", sa.String(length=500), nullable=True),
        sa.Column("is_guest", sa.Boolean(), nullable=False),
        sa.Column("is_active", sa.Boolean(), nullable=False),
        sa.Column("created_at", TIME, nullable=False),
        sa.Column("updated_at", TIME, nullable=False),
        sa.Column("last_sign_in_at", TIME, nullable=True),
        sa.CheckConstraint("role = 'trainee' OR NOT is_guest", name=op.f("ck_users_guest_is_trainee")),
        sa.CheckConstraint("role IN ('trainee', 'instructor', 'admin')", name=op.f("ck_users_role")),
        sa.PrimaryKeyConstraint("id", name="pk_users"),
        sa.UniqueConstraint("username", name="uq_users_username"),
    )
    op.create_table(
        "invites",
        sa.Column("id", ID, nullable=False),
        sa.Column("token_hash", sa.String(length=64), nullable=False),
        sa.Column("role", sa.String(length=20), nullable=False),
        sa.Column("note", sa.String(length=200), nullable=False),
        sa.Column("is_first_start", sa.Boolean(), nullable=False),
        sa.Column("created_by", ID, nullable=True),
        sa.Column("used_by", ID, nullable=True),
        sa.Column("created_at", TIME, nullable=False),
        sa.Column("expires_at", TIME, nullable=False),
        sa.Column("used_at", TIME, nullable=True),
        sa.CheckConstraint("role IN ('trainee', 'instructor', 'admin')", name=op.f("ck_invites_role")),
        sa.ForeignKeyConstraint(
            ["created_by"], ["users.id"], name="fk_invites_created_by", ondelete="SET NULL"
        ),
        sa.ForeignKeyConstraint(["used_by"], ["users.id"], name="fk_invites_used_by", ondelete="SET NULL"),
        sa.PrimaryKeyConstraint("id", name="pk_invites"),
        sa.UniqueConstraint("token_hash", name="uq_invites_token_hash"),
    )
    op.create_index("ix_invites_created_by", "invites", ["created_by"])
    op.create_index("ix_invites_used_by", "invites", ["used_by"])

    op.create_table(
        "practice_sessions",
        sa.Column("id", ID, nullable=False),
        sa.Column("user_id", ID, nullable=True),
        sa.Column("scenario_id", sa.String(length=200), nullable=False),
        sa.Column("seed", sa.BigInteger(), nullable=False),
        sa.Column("rubric_version", sa.String(length=200), nullable=False),
        sa.Column("model_version", sa.String(length=200), nullable=False),
        sa.Column("scenario_version", sa.String(length=200), nullable=False),
        sa.Column("is_score_hidden", sa.Boolean(), nullable=False),
        sa.Column("is_paused", sa.Boolean(), nullable=False),
        sa.Column("ending", sa.String(length=40), nullable=True),
        sa.Column("started_at", TIME, nullable=False),
        sa.Column("updated_at", TIME, nullable=False),
        sa.Column("ended_at", TIME, nullable=True),
        sa.CheckConstraint(
            "(ending IS NULL) = (ended_at IS NULL)", name=op.f("ck_practice_sessions_ending_has_time")
        ),
        sa.ForeignKeyConstraint(
            ["user_id"], ["users.id"], name="fk_practice_sessions_user_id", ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name="pk_practice_sessions"),
    )
    op.create_index("ix_practice_sessions_ending_page", "practice_sessions", ["ending", "started_at", "id"])
    op.create_index("ix_practice_sessions_page", "practice_sessions", ["started_at", "id"])
    op.create_index(
        "ix_practice_sessions_scenario_page", "practice_sessions", ["scenario_id", "started_at", "id"]
    )
    op.create_index("ix_practice_sessions_user_page", "practice_sessions", ["user_id", "started_at", "id"])

    op.create_table(
        "sign_ins",
        sa.Column("token_hash", sa.String(length=64), nullable=False),
        sa.Column("user_id", ID, nullable=False),
        sa.Column("created_at", TIME, nullable=False),
        sa.Column("last_seen_at", TIME, nullable=False),
        sa.Column("expires_at", TIME, nullable=False),
        sa.ForeignKeyConstraint(["user_id"], ["users.id"], name="fk_sign_ins_user_id", ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("token_hash", name="pk_sign_ins"),
    )
    op.create_index("ix_sign_ins_expires_at", "sign_ins", ["expires_at"])

    op.create_index("ix_sign_ins_user_id", "sign_ins", ["user_id"])

    op.create_table(
        "messages",
        sa.Column("session_id", ID, nullable=False),
        sa.Column("id", ID, nullable=False),
        sa.Column("seq", sa.Integer(), nullable=False),
        sa.Column("speaker", sa.String(length=20), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("turn", sa.Integer(), nullable=True),
        sa.Column("reply_to", ID, nullable=True),
        sa.Column("position", sa.Integer(), nullable=True),
        sa.Column("act", sa.String(length=200), nullable=True),
        sa.Column("beat", sa.String(length=200), nullable=True),
        sa.Column("rubric_version", sa.String(length=200), nullable=False),
        sa.Column("model_version", sa.String(length=200), nullable=False),
        sa.Column("scenario_version", sa.String(length=200), nullable=False),
        sa.Column("created_at", TIME, nullable=False),
        sa.CheckConstraint(
            "(speaker = 'trainee' AND reply_to IS NULL AND position IS NULL)"
            " OR (speaker = 'peer' AND reply_to IS NOT NULL AND position IS NOT NULL AND turn IS NOT NULL)",
            name=op.f("ck_messages_peer_replies"),
        ),
        sa.CheckConstraint("speaker IN ('trainee', 'peer')", name=op.f("ck_messages_speaker")),
        sa.CheckConstraint("position >= 0", name=op.f("ck_messages_position")),
        sa.CheckConstraint("turn >= 0", name=op.f("ck_messages_turn")),
        sa.ForeignKeyConstraint(
            ["session_id"], ["practice_sessions.id"], name="fk_messages_session_id", ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("session_id", "id", name="pk_messages"),
        sa.UniqueConstraint(
            "session_id", "reply_to", "position", name="uq_messages_session_id_reply_to_position"
        ),
        sa.UniqueConstraint("session_id", "seq", name="uq_messages_session_id_seq"),
    )
    op.create_table(
        "session_scores",
        sa.Column("session_id", ID, nullable=False),
        sa.Column("seq", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("rubric_version", sa.String(length=200), nullable=False),
        sa.Column("model_version", sa.String(length=200), nullable=False),
        sa.Column("scenario_version", sa.String(length=200), nullable=False),
        sa.Column("detail", sa.JSON(), nullable=False),
        sa.Column("created_at", TIME, nullable=False),
        sa.ForeignKeyConstraint(
            ["session_id"], ["practice_sessions.id"], name="fk_session_scores_session_id", ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("session_id", "seq", name="pk_session_scores"),
    )
    op.create_table(
        "assessments",
        sa.Column("session_id", ID, nullable=False),
        sa.Column("message_id", ID, nullable=False),
        sa.Column("rubric_version", sa.String(length=200), nullable=False),
        sa.Column("model_version", sa.String(length=200), nullable=False),
        sa.Column("scenario_version", sa.String(length=200), nullable=False),
        sa.Column("turn", sa.Integer(), nullable=False),
        sa.Column("collaboration", sa.Float(), nullable=True),
        sa.Column("strengths", sa.Float(), nullable=True),
        sa.Column("humility", sa.Float(), nullable=True),
        sa.Column("overall", sa.Float(), nullable=True),
        sa.Column("is_substantive", sa.Boolean(), nullable=False),
        sa.Column("detail", sa.JSON(), nullable=False),
        sa.Column("snapshot", sa.JSON(), nullable=False),
        sa.Column("created_at", TIME, nullable=False),
        sa.CheckConstraint(
            "collaboration >= 0 AND collaboration <= 100", name=op.f("ck_assessments_collaboration")
        ),
        sa.CheckConstraint("humility >= 0 AND humility <= 100", name=op.f("ck_assessments_humility")),
        sa.CheckConstraint("overall >= 0 AND overall <= 100", name=op.f("ck_assessments_overall")),
        sa.CheckConstraint("strengths >= 0 AND strengths <= 100", name=op.f("ck_assessments_strengths")),
        sa.CheckConstraint("turn >= 0", name=op.f("ck_assessments_turn")),
        sa.ForeignKeyConstraint(
            ["session_id", "message_id"],
            ["messages.session_id", "messages.id"],
            name="fk_assessments_session_id_message_id",
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("session_id", "message_id", "rubric_version", name="pk_assessments"),
    )
    op.create_index("ix_assessments_message_id", "assessments", ["message_id"])
    op.create_index("ix_assessments_session_id_turn", "assessments", ["session_id", "turn"])


def downgrade() -> None:
    """Drop everything."""
    for table in (
        "assessments",
        "session_scores",
        "messages",
        "sign_ins",
        "practice_sessions",
        "invites",
        "users",
        "sign_in_failures",
    ):
        op.drop_table(table)
