"""Assessments of replies and scores of sessions. Rows are added, never changed."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

import sqlalchemy as sa
from sqlalchemy.engine import Connection, Row

from actions.records.errors import RecordsError, UnknownMessage
from actions.records.rows import AssessmentRow, SessionScoreRow
from actions.records.sessions import locked_session
from actions.records.store import Store, is_storable, iso, to_json
from actions.tables import assessments, messages, practice_sessions, session_scores

SCORES = ("collaboration", "strengths", "humility", "overall")
"""What `store_assessment` takes as `scores`."""


def assessment_row(row: Row) -> AssessmentRow:
    """Return a row of `assessments` as a plain value."""
    return AssessmentRow(**{**row._mapping, "created_at": iso(row.created_at) or ""})


def score_row(row: Row) -> SessionScoreRow:
    """Return a row of `session_scores` as a plain value."""
    return SessionScoreRow(**{**row._mapping, "created_at": iso(row.created_at) or ""})


class AssessmentRecords(Store):
    """Assessments and session scores."""

    def store_assessment(
        self,
        message_id: str,
        session_id: str,
        turn: int,
        *,
        detail: Mapping[str, Any],
        snapshot: Mapping[str, Any],
        scores: Mapping[str, float | None],
        is_substantive: bool,
        rubric_version: str,
        model_version: str,
        scenario_version: str,
    ) -> AssessmentRow:
        """Keep the assessment of a reply; if this rubric has assessed it already, return that, unchanged.

        Args:
            detail: `ReplyAssessment.to_dict()` and the reading; JSON-ready, no NaN.
            snapshot: What the next turn goes on from; JSON-ready, no NaN.
            scores: "collaboration", "strengths", "humility", "overall", each 0 to 100 or None.

        Raises:
            UnknownMessage: The session has no such message; store it first.
            UnknownSession: There is no such session.
            RecordsError: A score has an unknown name or is out of bounds.
        """
        values = {name: _score(name, scores.get(name)) for name in SCORES}
        if unknown := sorted(set(scores) - set(SCORES)):
            raise RecordsError(f"unknown score {unknown[0]!r}; the scores are {', '.join(SCORES)}")

        def work(tx: Connection) -> AssessmentRow:
            locked_session(tx, session_id)
            found = _find(tx, session_id, message_id, rubric_version)
            if found is not None:
                return found
            owner = sa.select(messages.c.speaker).where(
                messages.c.session_id == session_id, messages.c.id == message_id
            )
            if tx.execute(owner).scalar_one_or_none() != "trainee":
                raise UnknownMessage(
                    f"Session {session_id!r} has no reply {message_id!r}; store the reply first."
                )
            now = self.clock()
            tx.execute(
                assessments.insert().values(
                    session_id=session_id,
                    message_id=message_id,
                    rubric_version=rubric_version,
                    model_version=model_version,
                    scenario_version=scenario_version,
                    turn=turn,
                    is_substantive=is_substantive,
                    detail=dict(detail),
                    snapshot=dict(snapshot),
                    created_at=now,
                    **values,
                )
            )
            of_session = practice_sessions.c.id == session_id
            tx.execute(practice_sessions.update().where(of_session).values(updated_at=now))
            stored = _find(tx, session_id, message_id, rubric_version)
            assert stored is not None, "a row that was just added is there"
            return stored

        return self._change(work)

    def last_assessment(self, session_id: str, rubric_version: str | None = None) -> AssessmentRow | None:
        """Return the assessment of the latest turn, from which the next turn goes on, or None.

        When the session was scored again under other rubrics, the one made while it was live is returned,
        unless a rubric version is named.
        """
        query = sa.select(assessments).where(assessments.c.session_id == session_id)
        if rubric_version is not None:
            query = query.where(assessments.c.rubric_version == rubric_version)
        query = query.order_by(assessments.c.turn.desc(), assessments.c.created_at).limit(1)
        with self._look() as tx:
            row = tx.execute(query).one_or_none()
            return None if row is None else assessment_row(row)

    def assessment_of(
        self, message_id: str, rubric_version: str | None = None, *, session_id: str | None = None
    ) -> AssessmentRow | None:
        """Return the assessment of a reply, or None.

        Args:
            rubric_version: One rubric's; without it, the first, which was made while the session was live.
            session_id: Always give it where the id came from a browser: ids are unique in a session only.

        Raises:
            RecordsError: No session is named and several have a reply with this id.
        """
        if not is_storable(message_id, session_id or ""):
            return None
        query = sa.select(assessments).where(assessments.c.message_id == message_id)
        if session_id is not None:
            query = query.where(assessments.c.session_id == session_id)
        if rubric_version is not None:
            query = query.where(assessments.c.rubric_version == rubric_version)
        with self._look() as tx:
            rows = [assessment_row(row) for row in tx.execute(query.order_by(assessments.c.created_at))]
        if len({row.session_id for row in rows}) > 1:
            raise RecordsError(f"several sessions have a reply {message_id!r}; say which session")
        return rows[0] if rows else None

    def assessments(self, session_id: str, rubric_version: str | None = None) -> tuple[AssessmentRow, ...]:
        """Return all assessments of a session by turn; of one rubric version if it is named."""
        query = sa.select(assessments).where(assessments.c.session_id == session_id)
        if rubric_version is not None:
            query = query.where(assessments.c.rubric_version == rubric_version)
        query = query.order_by(assessments.c.turn, assessments.c.created_at, assessments.c.message_id)
        with self._look() as tx:
            return tuple(assessment_row(row) for row in tx.execute(query))

    def shown_assessments(self, session_id: str) -> tuple[AssessmentRow, ...]:
        """Return the assessment of each reply that pages show, by turn.

        It is the one of the rubric that gave the session its newest score, so that the replies on a page
        add up to the score above them; where that rubric has not judged a reply, the reply's newest.
        """
        with self._look() as tx:
            newest = _newest_score(tx, session_id)
            query = sa.select(assessments).where(assessments.c.session_id == session_id)
            query = query.order_by(assessments.c.turn, assessments.c.created_at)
            chosen: dict[str, AssessmentRow] = {}
            for row in tx.execute(query):
                known = chosen.get(row.message_id)
                if known is None or newest is None or known.rubric_version != newest.rubric_version:
                    chosen[row.message_id] = assessment_row(row)
            return tuple(chosen.values())

    def store_session_score(
        self,
        session_id: str,
        rubric_version: str,
        detail: Mapping[str, Any],
        *,
        model_version: str | None = None,
        scenario_version: str | None = None,
    ) -> SessionScoreRow:
        """Keep the score of a session; the same score again changes nothing, another is added as newest.

        Args:
            detail: `SessionScore.to_dict()`; JSON-ready, no NaN.
            model_version: If another than the session began with; likewise `scenario_version`.

        Raises:
            UnknownSession: There is no such session.
        """

        def work(tx: Connection) -> SessionScoreRow:
            session = locked_session(tx, session_id)
            newest = _newest_score(tx, session_id)
            is_same = (
                newest is not None
                and newest.rubric_version == rubric_version
                and _same_json(newest.detail, detail)
            )
            if newest is not None and is_same:
                return newest
            tx.execute(
                session_scores.insert().values(
                    session_id=session_id,
                    seq=1 if newest is None else newest.seq + 1,
                    rubric_version=rubric_version,
                    model_version=model_version or session.model_version,
                    scenario_version=scenario_version or session.scenario_version,
                    detail=dict(detail),
                    created_at=self.clock(),
                )
            )
            stored = _newest_score(tx, session_id)
            assert stored is not None, "a row that was just added is there"
            return stored

        return self._change(work)

    def session_score(self, session_id: str, rubric_version: str | None = None) -> SessionScoreRow | None:
        """Return the newest score of a session, or the newest under one rubric, or None."""
        with self._look() as tx:
            return _newest_score(tx, session_id, rubric_version)

    def session_scores(self, session_id: str) -> tuple[SessionScoreRow, ...]:
        """Return all scores that a session was given, oldest first."""
        query = (
            sa.select(session_scores)
            .where(session_scores.c.session_id == session_id)
            .order_by(session_scores.c.seq)
        )
        with self._look() as tx:
            return tuple(score_row(row) for row in tx.execute(query))


def _score(name: str, value: float | None) -> float | None:
    """Return a score as a float within its bounds, forgiving the last bit of a sum."""
    if value is None:
        return None
    if not -1e-6 <= value <= 100 + 1e-6:
        raise RecordsError(f"{name} is {value}; a score lies between 0 and 100")
    return min(100.0, max(0.0, float(value)))


def _same_json(stored: Mapping[str, Any], given: Mapping[str, Any]) -> bool:
    """Compare what was read back with what would be written: tuples come back as lists, keys as text."""
    return bool(stored == json.loads(to_json(given)))


def _find(tx: Connection, session_id: str, message_id: str, rubric_version: str) -> AssessmentRow | None:
    query = sa.select(assessments).where(
        assessments.c.session_id == session_id,
        assessments.c.message_id == message_id,
        assessments.c.rubric_version == rubric_version,
    )
    row = tx.execute(query).one_or_none()
    return None if row is None else assessment_row(row)


def _newest_score(
    tx: Connection, session_id: str, rubric_version: str | None = None
) -> SessionScoreRow | None:
    query = sa.select(session_scores).where(session_scores.c.session_id == session_id)
    if rubric_version is not None:
        query = query.where(session_scores.c.rubric_version == rubric_version)
    row = tx.execute(query.order_by(session_scores.c.seq.desc()).limit(1)).one_or_none()
    return None if row is None else score_row(row)
