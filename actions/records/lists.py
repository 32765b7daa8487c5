"""Lists of sessions for instructors, and everything about a session or a person as JSON."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from actions.records.assessments import assessment_row, score_row
from actions.records.errors import RecordsError, UnknownSession, UnknownUser
from actions.records.people import user_row
from actions.records.rows import SessionRow, SessionScoreRow, SessionsPage, SessionSummary
from actions.records.sessions import message_row, session_row
from actions.records.store import Store, iso
from actions.tables import assessments, invites, messages, practice_sessions, session_scores, sign_ins, users

STILL_GOING = "open"
"""Give it to `sessions_page` as `ending` for sessions without one."""

MAX_PAGE = 500
"""Most sessions on one page."""


class ListRecords(Store):
    """Pages of sessions and exports."""

    def sessions_page(
        self,
        *,
        scenario_id: str | None = None,
        user_id: str | None = None,
        ending: str | None = None,
        before: str | None = None,
        limit: int = 50,
    ) -> SessionsPage:
        """Return some sessions, newest first, in three queries however many there are.

        Args:
            ending: One ending, or "open" for sessions that go on.
            before: `next_before` of the page before this one.
            limit: 1 to 500.

        Raises:
            RecordsError: `before` or `limit` is not usable.
        """
        if not 1 <= limit <= MAX_PAGE:
            raise RecordsError(f"limit is {limit}; use 1 to {MAX_PAGE}")
        table = practice_sessions.c
        query = sa.select(practice_sessions, users.c.display_name, users.c.is_guest).select_from(
            practice_sessions.outerjoin(users, users.c.id == table.user_id)
        )
        if scenario_id is not None:
            query = query.where(table.scenario_id == scenario_id)
        if user_id is not None:
            query = query.where(table.user_id == user_id)
        if ending is not None:
            query = query.where(table.ending.is_(None) if ending == STILL_GOING else table.ending == ending)
        if before is not None:
            started_at, last_id = _read_cursor(before)
            place = sa.tuple_(
                sa.literal(started_at, table.started_at.type), sa.literal(last_id, table.id.type)
            )
            query = query.where(sa.tuple_(table.started_at, table.id) < place)
        query = query.order_by(table.started_at.desc(), table.id.desc()).limit(limit + 1)

        with self._look() as tx:
            found = tx.execute(query).all()
            shown = [session_row(row) for row in found[:limit]]
            ids = [session.id for session in shown]
            replies = _count_replies(tx, ids)
            scores = _newest_scores(tx, ids)
        summaries = tuple(
            SessionSummary(
                session=session,
                trainee_name=row.display_name,
                is_guest=bool(row.is_guest),
                replies=replies.get(session.id, 0),
                score=scores.get(session.id),
            )
            for session, row in zip(shown, found, strict=False)
        )
        is_last = len(found) <= limit
        return SessionsPage(summaries, None if is_last else f"{shown[-1].started_at}~{shown[-1].id}")

    def export_session(self, session_id: str) -> dict[str, Any]:
        """Return everything that is kept about a session, ready for JSON.

        Raises:
            UnknownSession: There is no such session.
        """
        with self._look() as tx:
            query = sa.select(practice_sessions).where(practice_sessions.c.id == session_id)
            row = tx.execute(query).one_or_none()
            if row is None:
                raise UnknownSession(f"There is no practice session {session_id!r}.")
            return {
                "format": "switchback-session/1",
                "exported_at": iso(self.clock()),
                **_whole_sessions(tx, [session_row(row)])[0],
            }

    def export_user(self, user_id: str) -> dict[str, Any]:
        """Return everything that is kept about a person, ready for JSON; no password, no secret of a link.

        Raises:
            UnknownUser: There is no such user.
        """
        with self._look() as tx:
            row = tx.execute(sa.select(users).where(users.c.id == user_id)).one_or_none()
            if row is None:
                raise UnknownUser("There is no such account.")
            query = sa.select(practice_sessions).where(practice_sessions.c.user_id == user_id)
            sessions = [
                session_row(found) for found in tx.execute(query.order_by(practice_sessions.c.started_at))
            ]
            visits = sa.select(sign_ins.c.created_at, sign_ins.c.last_seen_at, sign_ins.c.expires_at)
            links = sa.select(
                invites.c.id,
                invites.c.role,
                invites.c.note,
                invites.c.is_first_start,
                invites.c.created_by,
                invites.c.used_by,
                invites.c.created_at,
                invites.c.expires_at,
                invites.c.used_at,
            ).where(sa.or_(invites.c.created_by == user_id, invites.c.used_by == user_id))
            return {
                "format": "switchback-user/1",
                "exported_at": iso(self.clock()),
                "user": asdict(user_row(row)),
                "sign_ins": [
                    _plain(found) for found in tx.execute(visits.where(sign_ins.c.user_id == user_id))
                ],
                "invites": [_plain(found) for found in tx.execute(links)],
                "sessions": _whole_sessions(tx, sessions),
            }


def _read_cursor(before: str) -> tuple[datetime, str]:
    moment, _, last_id = before.partition("~")
    try:
        started_at = datetime.fromisoformat(moment)
        if started_at.tzinfo is None or not last_id:
            raise ValueError("incomplete")
    except ValueError as error:
        raise RecordsError("The address of this page is damaged; begin with the first page again.") from error
    return started_at, last_id


def _plain(row: Any) -> dict[str, Any]:
    """Return a row as JSON-ready values."""
    return {key: iso(value) if isinstance(value, datetime) else value for key, value in row._mapping.items()}


def _count_replies(tx: Connection, ids: Sequence[str]) -> dict[str, int]:
    query = (
        sa.select(messages.c.session_id, sa.func.count().label("replies"))
        .where(messages.c.session_id.in_(ids), messages.c.speaker == "trainee")
        .group_by(messages.c.session_id)
    )
    return {row.session_id: row.replies for row in tx.execute(query)}


def _newest_scores(tx: Connection, ids: Sequence[str]) -> dict[str, SessionScoreRow]:
    newest = (
        sa.select(session_scores.c.session_id, sa.func.max(session_scores.c.seq).label("seq"))
        .where(session_scores.c.session_id.in_(ids))
        .group_by(session_scores.c.session_id)
        .subquery()
    )
    query = sa.select(session_scores).join(
        newest,
        (session_scores.c.session_id == newest.c.session_id) & (session_scores.c.seq == newest.c.seq),
    )
    return {row.session_id: score_row(row) for row in tx.execute(query)}


def _whole_sessions(tx: Connection, sessions: Sequence[SessionRow]) -> list[dict[str, Any]]:
    """Return sessions with all that hangs on them, in three queries a hundred sessions."""
    wholes = {
        session.id: {"session": asdict(session), "messages": [], "assessments": [], "session_scores": []}
        for session in sessions
    }
    parts: tuple[tuple[str, sa.Table, Any, tuple[Any, ...]], ...] = (
        ("messages", messages, message_row, (messages.c.seq,)),
        ("assessments", assessments, assessment_row, (assessments.c.turn, assessments.c.created_at)),
        ("session_scores", session_scores, score_row, (session_scores.c.seq,)),
    )
    ids = list(wholes)
    for start in range(0, len(ids), 100):  # SQLite takes a limited number of values in one query
        for name, table, to_row, order in parts:
            query = sa.select(table).where(table.c.session_id.in_(ids[start : start + 100]))
            for row in tx.execute(query.order_by(table.c.session_id, *order)):
                wholes[row.session_id][name].append(asdict(to_row(row)))  # type: ignore[attr-defined]
    return list(wholes.values())
