"""Practice sessions and what was said in them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.engine import Connection, Row

from actions.records.errors import (
    MessageConflict,
    RecordsError,
    SessionConflict,
    UnknownSession,
    UnknownUser,
)
from actions.records.rows import MessageRow, SessionRow
from actions.records.store import Store, is_storable, iso, storable
from actions.tables import ID_LENGTH, messages, practice_sessions, users

_SEED_LIMIT = 2**63


def checked_id(what: str, value: str) -> str:
    """Return an id that the database can hold and find again.

    Raises:
        RecordsError: It is empty, too long, or has characters that cannot be stored.
    """
    if not value or len(value) > ID_LENGTH or not is_storable(value):
        raise RecordsError(f"{what} {value[:40]!r} is no id; use 1 to {ID_LENGTH} ordinary characters")
    return value


def session_row(row: Row) -> SessionRow:
    """Return a row of `practice_sessions` as a plain value."""
    return SessionRow(
        id=row.id,
        user_id=row.user_id,
        scenario_id=row.scenario_id,
        seed=row.seed,
        rubric_version=row.rubric_version,
        model_version=row.model_version,
        scenario_version=row.scenario_version,
        is_score_hidden=row.is_score_hidden,
        is_paused=row.is_paused,
        ending=row.ending,
        started_at=iso(row.started_at) or "",
        updated_at=iso(row.updated_at) or "",
        ended_at=iso(row.ended_at),
    )


def message_row(row: Row) -> MessageRow:
    """Return a row of `messages` as a plain value."""
    values = dict(row._mapping)
    return MessageRow(**{**values, "created_at": iso(row.created_at) or ""})


def find_session(tx: Connection, session_id: str, *, is_locked: bool = False) -> SessionRow | None:
    """Look a session up.

    Args:
        is_locked: Let no other process write to this session until the transaction ends. PostgreSQL locks the
            row; SQLite has locked the whole file already.
    """
    if not is_storable(session_id):
        return None
    query = sa.select(practice_sessions).where(practice_sessions.c.id == session_id)
    row = tx.execute(query.with_for_update() if is_locked else query).one_or_none()
    return None if row is None else session_row(row)


def locked_session(tx: Connection, session_id: str) -> SessionRow:
    """Lock a session for writing.

    Raises:
        UnknownSession: There is none.
    """
    session = find_session(tx, session_id, is_locked=True)
    if session is None:
        raise UnknownSession(
            f"There is no practice session {session_id!r}; it may have been deleted. Start a new one."
        )
    return session


class SessionRecords(Store):
    """Sessions and messages."""

    def start_session(
        self,
        session_id: str,
        scenario_id: str,
        seed: int,
        *,
        user_id: str | None = None,
        scenario_version: str,
        rubric_version: str,
        model_version: str,
        is_score_hidden: bool = False,
    ) -> SessionRow:
        """Begin a session, or return it unchanged if it has begun already.

        Raises:
            SessionConflict: The id belongs to another scenario or another trainee.
            UnknownUser: There is no such user.
        """
        checked_id("session", session_id)
        if not -_SEED_LIMIT <= seed < _SEED_LIMIT:
            raise RecordsError(f"seed {seed} is too large; use a whole number below 2 to the 63rd")

        def work(tx: Connection) -> SessionRow:
            found = find_session(tx, session_id)
            if found is not None:
                is_other_user = None not in (user_id, found.user_id) and user_id != found.user_id
                if found.scenario_id != scenario_id or is_other_user:
                    raise SessionConflict(f"The session id {session_id!r} is in use; start with a new id.")
                return found
            if user_id is not None:
                # Held until the end, so that the account cannot be deleted in between.
                held = sa.select(users.c.id).where(users.c.id == user_id).with_for_update(read=True)
                if tx.execute(held).one_or_none() is None:
                    raise UnknownUser("The account is gone; sign in again.")
            now = self.clock()
            tx.execute(
                practice_sessions.insert().values(
                    id=session_id,
                    user_id=user_id,
                    scenario_id=scenario_id,
                    seed=seed,
                    rubric_version=rubric_version,
                    model_version=model_version,
                    scenario_version=scenario_version,
                    is_score_hidden=is_score_hidden,
                    is_paused=False,
                    started_at=now,
                    updated_at=now,
                )
            )
            return locked_session(tx, session_id)

        return self._change(work)

    def session(self, session_id: str) -> SessionRow | None:
        """Return a session, or None."""
        with self._look() as tx:
            return find_session(tx, session_id)

    def sessions_of(self, user_id: str) -> tuple[SessionRow, ...]:
        """Return a trainee's sessions, newest first."""
        query = (
            sa.select(practice_sessions)
            .where(practice_sessions.c.user_id == user_id)
            .order_by(practice_sessions.c.started_at.desc(), practice_sessions.c.id.desc())
        )
        with self._look() as tx:
            return tuple(session_row(row) for row in tx.execute(query))

    def earlier_session(self, session: SessionRow) -> SessionRow | None:
        """Return the same trainee's last session with the same peer that had ended when this one began.

        Sessions of nobody (`rasa shell`, `switchback chat`) have none.
        """
        if session.user_id is None:
            return None
        known = practice_sessions.c
        query = (
            sa.select(practice_sessions)
            .where(
                known.user_id == session.user_id,
                known.scenario_id == session.scenario_id,
                known.id != session.id,
                known.ended_at <= datetime.fromisoformat(session.started_at),
            )
            .order_by(known.ended_at.desc(), known.id)
            .limit(1)
        )
        with self._look() as tx:
            row = tx.execute(query).one_or_none()
            return None if row is None else session_row(row)

    def end_session(self, session_id: str, ending: str) -> SessionRow:
        """End a session; the first ending stays.

        Raises:
            UnknownSession: There is no such session.
        """
        if not ending or len(ending) > 40:
            raise RecordsError(
                f"ending {ending!r} is no ending; use a short word such as 'good' or 'stopped'"
            )

        def work(tx: Connection) -> SessionRow:
            session = locked_session(tx, session_id)
            if session.ending is not None:
                return session
            now = self.clock()
            return _updated(tx, session_id, ending=ending, ended_at=now, updated_at=now, is_paused=False)

        return self._change(work)

    def set_paused(self, session_id: str, is_paused: bool) -> SessionRow:
        """Pause a session or go on with it; one that has ended stays as it is.

        Raises:
            UnknownSession: There is no such session.
        """

        def work(tx: Connection) -> SessionRow:
            session = locked_session(tx, session_id)
            if session.ending is not None or session.is_paused == is_paused:
                return session
            return _updated(tx, session_id, is_paused=is_paused, updated_at=self.clock())

        return self._change(work)

    def set_score_hidden(self, session_id: str, is_score_hidden: bool) -> SessionRow:
        """Show or hide the scores while the session goes on.

        Raises:
            UnknownSession: There is no such session.
        """

        def work(tx: Connection) -> SessionRow:
            locked_session(tx, session_id)
            return _updated(tx, session_id, is_score_hidden=is_score_hidden)

        return self._change(work)

    def delete_session(self, session_id: str) -> bool:
        """Delete a session with all that was said and assessed in it; it cannot be brought back.

        Returns:
            False if there was none.
        """

        def work(tx: Connection) -> bool:
            gone = tx.execute(practice_sessions.delete().where(practice_sessions.c.id == session_id))
            return bool(gone.rowcount)

        is_deleted = self._change(work)
        if is_deleted:
            self._wipe()
        return is_deleted

    def store_trainee_message(self, session_id: str, message_id: str, text: str) -> MessageRow:
        """Store what the trainee wrote, or return it if it is stored already.

        Go on with `.text` of the row: characters that no database can hold are replaced, one for one.

        Raises:
            MessageConflict: The id belongs to other words.
            UnknownSession: There is no such session.
        """
        checked_id("message", message_id)
        kept = storable(text)

        def work(tx: Connection) -> MessageRow:
            session = locked_session(tx, session_id)
            found = _find_message(tx, session_id, message_id)
            if found is not None:
                if found.speaker != "trainee" or found.text != kept:
                    raise MessageConflict(
                        "This message id was used for other words in this session; send it with a new id."
                    )
                return found
            _add(tx, session, {"id": message_id, "speaker": "trainee", "text": kept}, self.clock())
            return _message(tx, session_id, message_id)

        return self._change(work)

    def store_peer_lines(
        self,
        session_id: str,
        reply_to: str,
        turn: int,
        lines: Sequence[Mapping[str, Any]],
        *,
        scenario_version: str | None = None,
        model_version: str | None = None,
    ) -> tuple[MessageRow, ...]:
        """Store the peer's answer to a message, or return the answer that is stored already.

        The message answered gets its turn, so that a trainee's message without turn is one without answer.

        Args:
            reply_to: Id of the message answered; "<session id>:begin" for the opening.
            lines: In order, each with "id" and "text", and "act" and "beat" or None.
            scenario_version: If another than the session began with; likewise `model_version`.

        Raises:
            MessageConflict: The id of a line is taken in this session.
            UnknownSession: There is no such session.
        """
        checked_id("message", reply_to)
        for line in lines:
            checked_id("line", line["id"])

        def work(tx: Connection) -> tuple[MessageRow, ...]:
            session = locked_session(tx, session_id)
            answered = _find_message(tx, session_id, reply_to)
            found = _answers(tx, session_id, reply_to)
            # An answer may have no lines; then the turn of the message says that it was given.
            if found or (answered is not None and answered.turn is not None):
                return found
            for position, line in enumerate(lines):
                if _find_message(tx, session_id, line["id"]) is not None:
                    raise MessageConflict(f"The peer's line {line['id']!r} is in this session already.")
                values = {
                    "id": line["id"],
                    "speaker": "peer",
                    "text": storable(line["text"]),
                    "turn": turn,
                    "reply_to": reply_to,
                    "position": position,
                    "act": line.get("act"),
                    "beat": line.get("beat"),
                }
                if scenario_version is not None:
                    values["scenario_version"] = scenario_version
                if model_version is not None:
                    values["model_version"] = model_version
                _add(tx, session, values, self.clock())
            if answered is not None:
                of_message = (messages.c.session_id == session_id) & (messages.c.id == reply_to)
                tx.execute(messages.update().where(of_message).values(turn=turn))
            return _answers(tx, session_id, reply_to)

        return self._change(work)

    def message(self, session_id: str, message_id: str) -> MessageRow | None:
        """Return one message, or None."""
        with self._look() as tx:
            return _find_message(tx, session_id, message_id)

    def messages(self, session_id: str) -> tuple[MessageRow, ...]:
        """Return all lines of a session in the order in which they were stored."""
        query = sa.select(messages).where(messages.c.session_id == session_id).order_by(messages.c.seq)
        with self._look() as tx:
            return tuple(message_row(row) for row in tx.execute(query))

    def unanswered_messages(self, session_id: str) -> tuple[MessageRow, ...]:
        """Return what the trainee wrote and the peer has not answered, oldest first."""
        query = (
            sa.select(messages)
            .where(
                messages.c.session_id == session_id,
                messages.c.speaker == "trainee",
                messages.c.turn.is_(None),
            )
            .order_by(messages.c.seq)
        )
        with self._look() as tx:
            return tuple(message_row(row) for row in tx.execute(query))


def _updated(tx: Connection, session_id: str, **values: Any) -> SessionRow:
    tx.execute(practice_sessions.update().where(practice_sessions.c.id == session_id).values(**values))
    return locked_session(tx, session_id)


def _find_message(tx: Connection, session_id: str, message_id: str) -> MessageRow | None:
    if not is_storable(session_id, message_id):
        return None
    query = sa.select(messages).where(messages.c.session_id == session_id, messages.c.id == message_id)
    row = tx.execute(query).one_or_none()
    return None if row is None else message_row(row)


def _message(tx: Connection, session_id: str, message_id: str) -> MessageRow:
    query = sa.select(messages).where(messages.c.session_id == session_id, messages.c.id == message_id)
    return message_row(tx.execute(query).one())


def _answers(tx: Connection, session_id: str, reply_to: str) -> tuple[MessageRow, ...]:
    query = (
        sa.select(messages)
        .where(messages.c.session_id == session_id, messages.c.reply_to == reply_to)
        .order_by(messages.c.position)
    )
    return tuple(message_row(row) for row in tx.execute(query))


def _add(tx: Connection, session: SessionRow, values: Mapping[str, Any], now: Any) -> None:
    """Append a line to a locked session."""
    last = sa.select(sa.func.max(messages.c.seq)).where(messages.c.session_id == session.id)
    row = {
        "rubric_version": session.rubric_version,
        "model_version": session.model_version,
        "scenario_version": session.scenario_version,
        **values,
    }
    seq = (tx.execute(last).scalar_one() or 0) + 1
    tx.execute(messages.insert().values(session_id=session.id, seq=seq, created_at=now, **row))
    tx.execute(practice_sessions.update().where(practice_sessions.c.id == session.id).values(updated_at=now))
