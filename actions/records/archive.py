"""The archive as a stream, for scoring it again: some sessions at a time, however many there are.

Pages go by the time at which sessions began and then by id, so that memory does not grow with the archive and
sessions that begin or are deleted meanwhile shift nothing. What is new is added a page at a time in one
transaction: a run that is killed leaves whole pages, and the next one goes on.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from actions.records.assessments import SCORES, score_row
from actions.records.rows import SessionRow, SessionScoreRow
from actions.records.sessions import session_row
from actions.records.store import Store
from actions.tables import assessments, messages, practice_sessions, session_scores

PAGE = 20
"""Sessions that are held in memory at a time."""

Scores = Mapping[str, "float | None"]


@dataclass(frozen=True)
class ArchivedReply:
    """One assessed reply of the archive.

    Attributes:
        message_id: The reply.
        turn: Its turn.
        before: Its scores as pages show them now, by name.
        after: Its scores under the rubric that was asked for, or None where it has not judged it yet.
        text: The trainee's words; "" unless something of the session is still to be judged or scored.
        detail: What was stored when the session was live; empty unless something is still to be judged.
        snapshot: Likewise.
        rubric_version: The rubric of `detail`.
        model_version: The model whose reading is in `detail`.
        scenario_version: The scenario that was practised.
    """

    message_id: str
    turn: int
    before: Scores
    after: Scores | None
    text: str
    detail: Mapping[str, Any]
    snapshot: Mapping[str, Any]
    rubric_version: str
    model_version: str
    scenario_version: str


@dataclass(frozen=True)
class ArchivedSession:
    """One session of the archive, as far as it was assessed.

    Attributes:
        session: Its row.
        replies: Its assessed replies by turn.
        before: Its newest score under any other rubric, or None.
        after: Its newest score under the rubric that was asked for, or None.
        newest: The score that pages show, or None where it was never scored.
    """

    session: SessionRow
    replies: tuple[ArchivedReply, ...]
    before: SessionScoreRow | None
    after: SessionScoreRow | None
    newest: SessionScoreRow | None

    @property
    def is_judged(self) -> bool:
        """Return whether the rubric that was asked for has judged every reply."""
        return all(reply.after is not None for reply in self.replies)


@dataclass(frozen=True)
class NewAssessment:
    """An assessment to be added."""

    reply: ArchivedReply
    scores: Scores
    is_substantive: bool
    detail: Mapping[str, Any]
    snapshot: Mapping[str, Any]


@dataclass(frozen=True)
class NewScores:
    """What is to be added to a session; either part may be missing.

    Attributes:
        archived: The session.
        replies: Assessments that it has not.
        score: `SessionScore.to_dict()`; None where the session was never scored, or shows this score already.
    """

    archived: ArchivedSession
    replies: tuple[NewAssessment, ...]
    score: Mapping[str, Any] | None


class ArchiveRecords(Store):
    """Reading the archive in order and adding to it."""

    def archive_size(self, since: datetime | None = None) -> int:
        """Return how many sessions have begun, or have since a moment."""
        query = sa.select(sa.func.count()).select_from(practice_sessions)
        if since is not None:
            query = query.where(practice_sessions.c.started_at >= since)
        with self._look() as tx:
            return int(tx.execute(query).scalar_one())

    def archive(
        self, rubric_version: str, since: datetime | None = None, page: int = PAGE
    ) -> Iterator[tuple[ArchivedSession, ...]]:
        """Give the archive some sessions at a time, oldest first; no transaction is open in between.

        Args:
            rubric_version: The rubric that is to judge them.
            since: Leave out sessions that began earlier.
            page: Sessions at a time.
        """
        last: tuple[datetime, str] | None = None
        while True:
            with self._look() as tx:
                rows = tx.execute(_page(since, last, page)).all()
                if not rows:
                    return
                found = tuple(_archived(tx, [session_row(row) for row in rows], rubric_version))
            last = rows[-1].started_at, rows[-1].id
            yield found

    def add_scores(self, additions: Sequence[NewScores], rubric_version: str) -> tuple[int, int]:
        """Add what is new, all or nothing; what is there already is left as it is.

        Sessions that were deleted meanwhile are left out.

        Returns:
            How many assessments and how many session scores were added.
        """

        def work(tx: Connection) -> tuple[int, int]:
            ids = [item.archived.session.id for item in additions]
            # Locked in one order, so that two of us cannot wait for each other.
            held = sa.select(practice_sessions.c.id).where(practice_sessions.c.id.in_(ids))
            here = set(tx.execute(held.order_by(practice_sessions.c.id).with_for_update()).scalars())
            known = sa.select(assessments.c.session_id, assessments.c.message_id).where(
                assessments.c.session_id.in_(ids), assessments.c.rubric_version == rubric_version
            )
            done = {(row.session_id, row.message_id) for row in tx.execute(known)}
            now = self.clock()
            rows = [
                _row(item.archived.session.id, new, rubric_version, now)
                for item in additions
                for new in item.replies
                if item.archived.session.id in here
                and (item.archived.session.id, new.reply.message_id) not in done
            ]
            if rows:
                tx.execute(assessments.insert(), rows)
            newest = _newest(tx, ids)
            scored = [
                {
                    "session_id": item.archived.session.id,
                    "seq": newest[item.archived.session.id].seq + 1,
                    "rubric_version": rubric_version,
                    "model_version": newest[item.archived.session.id].model_version,
                    "scenario_version": newest[item.archived.session.id].scenario_version,
                    "detail": dict(item.score),
                    "created_at": now,
                }
                for item in additions
                if item.score is not None
                and item.archived.session.id in here
                and item.archived.session.id in newest
                and newest[item.archived.session.id].rubric_version != rubric_version
            ]
            if scored:
                tx.execute(session_scores.insert(), scored)
            return len(rows), len(scored)

        return self._change(work)


def _page(since: datetime | None, last: tuple[datetime, str] | None, page: int) -> Any:
    table = practice_sessions.c
    query = sa.select(practice_sessions)
    if since is not None:
        query = query.where(table.started_at >= since)
    if last is not None:
        place = sa.tuple_(sa.literal(last[0], table.started_at.type), sa.literal(last[1], table.id.type))
        query = query.where(sa.tuple_(table.started_at, table.id) > place)
    return query.order_by(table.started_at, table.id).limit(page)


def _archived(
    tx: Connection, sessions: Sequence[SessionRow], rubric_version: str
) -> Iterator[ArchivedSession]:
    """Give the sessions of a page; the heavy columns are read only where something is to be judged."""
    ids = [session.id for session in sessions]
    light = sa.select(
        assessments.c.session_id,
        assessments.c.message_id,
        assessments.c.rubric_version,
        assessments.c.turn,
        assessments.c.created_at,
        *(assessments.c[name] for name in SCORES),
    ).where(assessments.c.session_id.in_(ids))
    by_session: dict[str, dict[str, list[Any]]] = {session: {} for session in ids}
    for row in tx.execute(light.order_by(assessments.c.turn, assessments.c.created_at)):
        by_session[row.session_id].setdefault(row.message_id, []).append(row)
    scores: dict[str, list[SessionScoreRow]] = {}
    query = sa.select(session_scores).where(session_scores.c.session_id.in_(ids))
    for row in tx.execute(query.order_by(session_scores.c.seq)):
        scores.setdefault(row.session_id, []).append(score_row(row))
    whole = _whole(
        tx, [id for id in ids if _is_undone(by_session[id].values(), scores.get(id, ()), rubric_version)]
    )
    for session in sessions:
        mine = scores.get(session.id, [])
        same = [score for score in mine if score.rubric_version == rubric_version]
        other = [score for score in mine if score.rubric_version != rubric_version]
        yield ArchivedSession(
            session=session,
            replies=tuple(
                _reply(rows, rubric_version, whole.get((session.id, message)))
                for message, rows in by_session[session.id].items()
            ),
            before=other[-1] if other else None,
            after=same[-1] if same else None,
            newest=mine[-1] if mine else None,
        )


def _is_undone(
    replies: Iterable[Sequence[Any]], scores: Sequence[SessionScoreRow], rubric_version: str
) -> bool:
    """Return whether a rubric has still to judge some reply, or the session of which others gave a score."""
    unscored = bool(scores) and all(score.rubric_version != rubric_version for score in scores)
    return unscored or any(all(row.rubric_version != rubric_version for row in rows) for rows in replies)


def _whole(tx: Connection, ids: Sequence[str]) -> dict[tuple[str, str], Any]:
    """Return each reply's words with its earliest assessment, which holds the reading of the live session."""
    if not ids:
        return {}
    query = (
        sa.select(assessments, messages.c.text)
        .join(
            messages,
            (messages.c.session_id == assessments.c.session_id) & (messages.c.id == assessments.c.message_id),
        )
        .where(assessments.c.session_id.in_(ids))
        .order_by(assessments.c.created_at)
    )
    found: dict[tuple[str, str], Any] = {}
    for row in tx.execute(query):
        found.setdefault((row.session_id, row.message_id), row)
    return found


def _reply(rows: Sequence[Any], rubric_version: str, whole: Any) -> ArchivedReply:
    """Return a reply from its rows, oldest first."""
    after = [row for row in rows if row.rubric_version == rubric_version]
    before = [row for row in rows if row.rubric_version != rubric_version] or after
    first = rows[0]
    return ArchivedReply(
        message_id=first.message_id,
        turn=first.turn,
        before={name: before[-1]._mapping[name] for name in SCORES},
        after={name: after[-1]._mapping[name] for name in SCORES} if after else None,
        text=whole.text if whole is not None else "",
        detail=whole.detail if whole is not None else {},
        snapshot=whole.snapshot if whole is not None else {},
        rubric_version=first.rubric_version,
        model_version=whole.model_version if whole is not None else "",
        scenario_version=whole.scenario_version if whole is not None else "",
    )


def _newest(tx: Connection, ids: Sequence[str]) -> dict[str, Any]:
    query = sa.select(
        session_scores.c.session_id,
        session_scores.c.seq,
        session_scores.c.rubric_version,
        session_scores.c.model_version,
        session_scores.c.scenario_version,
    ).where(session_scores.c.session_id.in_(ids))
    return {row.session_id: row for row in tx.execute(query.order_by(session_scores.c.seq))}


def _row(session_id: str, new: NewAssessment, rubric_version: str, now: datetime) -> dict[str, Any]:
    return {
        "session_id": session_id,
        "message_id": new.reply.message_id,
        "rubric_version": rubric_version,
        "model_version": new.reply.model_version,
        "scenario_version": new.reply.scenario_version,
        "turn": new.reply.turn,
        **dict(new.scores),
        "is_substantive": new.is_substantive,
        "detail": dict(new.detail),
        "snapshot": dict(new.snapshot),
        "created_at": now,
    }
