"""What the records give back: small frozen rows, no trace of the database.

All times are UTC in ISO 8601 with microseconds ("2026-03-01T09:30:00.000000+00:00"), so that they sort as
text and `datetime.fromisoformat` reads them.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True)
class UserRow:
    """Somebody with an account. The password's hash is not here: see `Records.password_hash`.

    Attributes:
        role: "trainee", "instructor" or "admin".
        is_guest: Came in without a name; always a trainee, and cannot sign in again.
        is_active: False once an instructor has disabled the account.
    """

    id: str
    username: str
    display_name: str
    role: str
    has_password: bool
    is_guest: bool
    is_active: bool
    created_at: str
    updated_at: str
    last_sign_in_at: str | None


@dataclass(frozen=True)
class InviteRow:
    """A one-time link; its secret part is known only to whoever holds the link."""

    id: str
    role: str
    note: str
    is_first_start: bool
    created_by: str | None
    used_by: str | None
    created_at: str
    expires_at: str
    used_at: str | None


@dataclass(frozen=True)
class SignInRow:
    """One browser that is signed in."""

    user: UserRow
    created_at: str
    last_seen_at: str
    expires_at: str


@dataclass(frozen=True)
class SessionRow:
    """One run of a scenario.

    Attributes:
        ending: "good", "okay", "stalled", "rupture", "safety_pause" or "stopped"; None while it goes on.
        updated_at: When something was last said or assessed in it.
    """

    id: str
    user_id: str | None
    scenario_id: str
    seed: int
    rubric_version: str
    model_version: str
    scenario_version: str
    is_score_hidden: bool
    is_paused: bool
    ending: str | None
    started_at: str
    updated_at: str
    ended_at: str | None


@dataclass(frozen=True)
class MessageRow:
    """One line of the conversation.

    Attributes:
        id: Unique in its session.
        seq: 1, 2, 3... in the order in which the lines were stored.
        speaker: "trainee" or "peer".
        turn: The turn it belongs to; None for a trainee's message that the peer has not answered yet.
        reply_to: For the peer: id of the message that this answers ("<session id>:begin" for the opening).
        position: For the peer: 0, 1, 2... within one answer.
    """

    session_id: str
    id: str
    seq: int
    speaker: str
    text: str
    turn: int | None
    reply_to: str | None
    position: int | None
    act: str | None
    beat: str | None
    rubric_version: str
    model_version: str
    scenario_version: str
    created_at: str


@dataclass(frozen=True)
class AssessmentRow:
    """What one reply was worth under one version of the rubric; never changed once written.

    Attributes:
        detail: `ReplyAssessment.to_dict()` with the reading.
        snapshot: What the next turn goes on from (peer state, history, tally).
        collaboration: 0 to 100, or None where there was nothing to judge; likewise the other three.
    """

    session_id: str
    message_id: str
    rubric_version: str
    model_version: str
    scenario_version: str
    turn: int
    collaboration: float | None
    strengths: float | None
    humility: float | None
    overall: float | None
    is_substantive: bool
    detail: Mapping[str, Any]
    snapshot: Mapping[str, Any]
    created_at: str


@dataclass(frozen=True)
class SessionScoreRow:
    """The score of a session, as `SessionScore.to_dict()` in `detail`.

    Attributes:
        seq: 1 for the first scoring of the session, higher for later ones; the highest counts.
    """

    session_id: str
    seq: int
    rubric_version: str
    model_version: str
    scenario_version: str
    detail: Mapping[str, Any]
    created_at: str


@dataclass(frozen=True)
class SessionSummary:
    """A line of an instructor's list.

    Attributes:
        trainee_name: Display name, or None for a session without account.
        replies: How many messages the trainee wrote.
        score: The newest session score, or None.
    """

    session: SessionRow
    trainee_name: str | None
    is_guest: bool
    replies: int
    score: SessionScoreRow | None


@dataclass(frozen=True)
class SessionsPage:
    """Some sessions, newest first.

    Attributes:
        next_before: Give it as `before` to get the next page; None on the last page.
    """

    sessions: tuple[SessionSummary, ...]
    next_before: str | None
