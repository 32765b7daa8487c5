"""Judging an archived session again under another rubric, and what that changed.

Nothing is read anew: the readings, the peer's lines and their tags are those that were stored when the
session was live, so that what changes is the rubric's doing and nobody else's. The peer's inner state is left
as it was.
"""

from __future__ import annotations

import heapq
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from actions.assessment import History, PeerTurn, ReplyAssessment, assess_reply
from actions.records.archive import ArchivedReply, ArchivedSession, NewAssessment, NewScores
from actions.rubric import CRITERIA, Rubric
from actions.session_score import SessionScore, score_session
from actions.session_tally import SessionTally
from actions.turn import openings
from bot.peer.memory import Memory
from bot.peer.scenario import Scenario
from bot.reading import Reading

LARGEST = 10
"""Largest changes of a reply that are reported."""

MOVED = 0.05
"""Points from which a score counts as changed; below it is rounding."""


class StoredAssessmentError(ValueError):
    """A stored assessment that lacks what it was made of."""


def judge_again(rubric: Rubric, archived: ArchivedSession, scenario: Scenario | None) -> NewScores:
    """Return what a session lacks under a rubric.

    Args:
        rubric: The rubric.
        archived: The session, with what was stored of it.
        scenario: The person as they are today, or None if the content has them no more. Another version than
            the one that was practised is not used: aims and openings are then those of the stored score.

    Raises:
        StoredAssessmentError: A reply was stored without its reading or the peer's line.
    """
    history, tally = History.empty(), SessionTally.empty()
    added = []
    is_shown = archived.newest is not None and archived.newest.rubric_version == rubric.version
    if archived.is_judged and (is_shown or archived.newest is None):
        return NewScores(archived, (), None)
    if archived.is_judged and archived.after is not None:
        # This rubric has judged it before and another one since: what it said then is shown again.
        return NewScores(archived, (), archived.after.detail)
    for reply in archived.replies:
        peer_turn = _peer_turn(archived, reply)
        reading = Reading.from_entities(reply.text, reply.detail["entities"])
        assessment, history = assess_reply(rubric, reading, peer_turn, history)
        tally = tally.add(assessment, peer_turn)
        if reply.after is None:
            added.append(_new(reply, assessment, history, tally))
    score = None
    if archived.newest is not None and not is_shown:
        score = _session_score(rubric, archived, tally, scenario).to_dict()
    return NewScores(archived, tuple(added), score)


def _peer_turn(archived: ArchivedSession, reply: ArchivedReply) -> PeerTurn:
    """Return what the peer had said before a reply."""
    if "entities" not in reply.detail or "memory" not in reply.snapshot:
        raise StoredAssessmentError(
            f"session {archived.session.id}, reply {reply.message_id}: stored without its reading"
        )
    memory = Memory.from_dict(reply.snapshot["memory"])
    return PeerTurn(memory.last_text, memory.last_tags)


def _new(
    reply: ArchivedReply, assessment: ReplyAssessment, history: History, tally: SessionTally
) -> NewAssessment:
    scores = {name: score.value for name, score in assessment.criteria.items()}
    return NewAssessment(
        reply=reply,
        scores={**scores, "overall": assessment.overall},
        is_substantive=assessment.is_substantive,
        detail={**reply.detail, **assessment.to_dict(), "first_judged_by": reply.rubric_version},
        snapshot={**reply.snapshot, "history": history.to_dict(), "tally": tally.to_dict()},
    )


def _session_score(
    rubric: Rubric, archived: ArchivedSession, tally: SessionTally, scenario: Scenario | None
) -> SessionScore:
    if scenario is not None and scenario.version == archived.session.scenario_version:
        return score_session(rubric, tally, scenario.targets, openings(rubric, scenario))
    stored = archived.newest.detail if archived.newest is not None else {}
    evidence: Mapping[str, Any] = stored.get("evidence") or {}
    known = {name: int(sums["O"]) for name, sums in evidence.items() if name in rubric.indicators}
    aims = [name for name in stored.get("targets") or () if name in rubric.indicators]
    return score_session(rubric, tally, aims, known or None)


def session_change(new: NewScores) -> dict[str, Any] | None:
    """Return how a session's score changed, ready for JSON, or None where there is nothing to compare.

    Returns:
        `session_id`, `before` and `after` by criterion, `crossed`: criterion to its two levels in words.
    """
    archived = new.archived
    after = new.score if new.score is not None else archived.after.detail if archived.after else None
    if archived.before is None or after is None:
        return None
    before = archived.before.detail
    names = before.get("level_names") or {}, after.get("level_names") or {}
    return {
        "session_id": archived.session.id,
        "before": {key: (before.get("criteria") or {}).get(key) for key in CRITERIA},
        "after": {key: (after.get("criteria") or {}).get(key) for key in CRITERIA},
        "crossed": {
            key: [names[0].get(key), names[1].get(key)]
            for key in CRITERIA
            if names[0].get(key) != names[1].get(key)
        },
    }


@dataclass
class Changes:
    """What scoring again changed over the archive; small whatever the archive's size.

    Attributes:
        sessions: Sessions looked at.
        left_out: Sessions that could not be judged, besides these.
        replies: Replies with an assessment.
        added: Assessments that were, or in a dry run would be, added.
        added_scores: Session scores likewise.
        changed: Replies of which some score moved.
        compared: Sessions with a score both before and after.
        crossed: Of these, how many reached another level on some criterion.
        largest: The replies that moved most: (points, session, message, criterion, before, after).
    """

    sessions: int = 0
    left_out: int = 0
    replies: int = 0
    added: int = 0
    added_scores: int = 0
    changed: int = 0
    compared: int = 0
    crossed: int = 0
    largest: list[tuple[float, str, str, str, float, float]] = field(default_factory=list)
    _sums: dict[str, list[float]] = field(default_factory=dict)

    def add(self, new: NewScores) -> dict[str, Any] | None:
        """Take a session in.

        Returns:
            Its change (`session_change`) if a score moved or a level was crossed, else None.
        """
        archived = new.archived
        fresh = {item.reply.message_id: item.scores for item in new.replies}
        self.sessions += 1
        self.replies += len(archived.replies)
        self.added += len(new.replies)
        self.added_scores += new.score is not None
        for reply in archived.replies:
            after = fresh.get(reply.message_id) or reply.after or {}
            moved = 0.0
            for key in CRITERIA:
                one, other = reply.before.get(key), after.get(key)
                if one is not None and other is not None:
                    self._note(f"reply:{key}", other - one)
                    moved = max(moved, abs(other - one))
                    self._largest((abs(other - one), archived.session.id, reply.message_id, key, one, other))
            self.changed += moved >= MOVED
        change = session_change(new)
        if change is None:
            return None
        self.compared += 1
        self.crossed += bool(change["crossed"])
        is_moved = False
        for key in CRITERIA:
            one, other = change["before"][key], change["after"][key]
            if one is not None and other is not None:
                self._note(f"session:{key}", other - one)
                is_moved = is_moved or abs(other - one) >= MOVED
        return change if is_moved or change["crossed"] else None

    def _note(self, key: str, difference: float) -> None:
        sums = self._sums.setdefault(key, [0, 0.0])
        sums[0] += 1
        sums[1] += difference

    def _largest(self, entry: tuple[float, str, str, str, float, float]) -> None:
        if entry[0] < MOVED:
            return
        if len(self.largest) < LARGEST:
            heapq.heappush(self.largest, entry)
        else:
            heapq.heappushpop(self.largest, entry)

    def mean_change(self, of: str, criterion: str) -> float | None:
        """Return the mean change of a criterion over all replies (`of="reply"`) or sessions, or None."""
        count, total = self._sums.get(f"{of}:{criterion}", (0, 0.0))
        return round(total / count, 3) if count else None

    def to_dict(self) -> dict[str, Any]:
        """Return it ready for JSON."""
        return {
            "sessions": self.sessions,
            "sessions_left_out": self.left_out,
            "replies": self.replies,
            "assessments_added": self.added,
            "session_scores_added": self.added_scores,
            "replies_changed": self.changed,
            "sessions_compared": self.compared,
            "sessions_that_crossed_a_level": self.crossed,
            "mean_change": {
                of: {key: self.mean_change(of, key) for key in CRITERIA} for of in ("reply", "session")
            },
            "largest": [
                {"session_id": s, "message_id": m, "criterion": key, "before": one, "after": other}
                for _, s, m, key, one, other in sorted(self.largest, reverse=True)
            ],
        }
