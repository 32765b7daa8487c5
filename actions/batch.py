"""Scoring whole transcripts: the same judgement as live, for many rows, in bounded memory.

Rows come in order, the rows of a session together. What the trainee says is read in batches (the
encoder is faster that way), judged one reply at a time with the peer's words before it, and given
out as soon as it is judged.
"""

from __future__ import annotations

import itertools
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Protocol

from actions.assessment import History, PeerTurn, ReplyAssessment, assess_reply
from actions.main_function import main_function
from actions.rubric import Rubric
from actions.session_score import SessionScore, score_session
from actions.session_tally import SessionTally
from bot.reading import Reading

BATCH = 256
"""Rows that are read at a time; of them the trainee's are encoded together."""
SPEAKERS = ("trainee", "peer")


class Reader(Protocol):
    """Reads replies, each with the peer's words before it."""

    def read_many(self, pairs: Sequence[tuple[str, str]]) -> list[Reading]:
        """Return one reading a pair of reply and peer's words."""
        ...


class RowError(ValueError):
    """A row of the input that cannot be scored.

    Attributes:
        line: Its number, from 1.
    """

    def __init__(self, line: int, text: str) -> None:
        self.line = line
        super().__init__(f"line {line}: {text}")


@dataclass(frozen=True)
class TranscriptRow:
    """One row of a transcript."""

    line: int
    session_id: str
    turn: int
    speaker: str
    text: str


def checked_row(line: int, value: Any) -> TranscriptRow:
    """Return a row of the input.

    Raises:
        RowError: Something is missing or of the wrong kind; unknown keys are ignored.
    """
    if not isinstance(value, Mapping):
        raise RowError(line, "must be a JSON object")
    for name, kind, words in (("session_id", str, "text"), ("speaker", str, "text"), ("text", str, "text")):
        if not isinstance(value.get(name), kind):
            raise RowError(line, f'"{name}" must be {words}, not {value.get(name)!r:.60}')
    turn = value.get("turn")
    if isinstance(turn, bool) or not isinstance(turn, int):
        raise RowError(line, f'"turn" must be a whole number, not {turn!r:.60}')
    if value["speaker"] not in SPEAKERS:
        raise RowError(line, f'"speaker" is {value["speaker"]!r:.60}; it must be "trainee" or "peer"')
    return TranscriptRow(line, value["session_id"], turn, value["speaker"], value["text"])


@dataclass(frozen=True)
class ScoredReply:
    """One trainee row, judged."""

    row: TranscriptRow
    reading: Reading
    assessment: ReplyAssessment

    def to_dict(self) -> dict[str, Any]:
        """Return it in the form of the batch contract."""
        return {
            "session_id": self.row.session_id,
            "turn": self.row.turn,
            "moves": {
                move: round(p, 4)
                for move, p in sorted(self.reading.move_probabilities.items())
                if move != "other"
            },
            "scores": {name: round(score.value, 2) for name, score in self.assessment.criteria.items()},
            "spans": [[judged.start, judged.end, judged.move] for judged in self.assessment.moves],
            "flags": [flag.name for flag in self.assessment.flags],
            "main": main_function(self.reading),
        }


@dataclass(frozen=True)
class ScoredSession:
    """One session, judged as a whole."""

    session_id: str
    score: SessionScore

    def to_dict(self) -> dict[str, Any]:
        """Return it in the form of the batch contract."""
        whole = self.score.to_dict()
        return {
            "session_id": self.session_id,
            "scores": whole["criteria"],
            "indicators": whole["indicators"],
            "safety_gate": whole["safety_gate"],
            "substantive_replies": whole["substantive_replies"],
            "levels": whole["levels"],
            "ratios": whole["ratios"],
        }


class _Session:
    """The session whose rows are being read."""

    def __init__(self, session_id: str) -> None:
        self.id = session_id
        self.history, self.tally = History.empty(), SessionTally.empty()


def score_rows(
    rows: Iterable[TranscriptRow],
    rubric: Rubric,
    reader: Reader,
    peer_tags: Callable[[str], frozenset[str]],
    targets: Sequence[str] | None = None,
) -> Iterator[ScoredReply | ScoredSession]:
    """Give every trainee row judged, and after each session's last row the session judged.

    Args:
        rows: The rows in order.
        rubric: The rubric.
        reader: Reads replies in batches.
        peer_tags: What a line of the peer is to the scorer; scenarios carry their own, transcripts don't.
        targets: Indicators that count fully; all of them if None.

    Raises:
        RowError: A session's rows are not together, or its turns do not rise.
    """
    aims = tuple(targets) if targets is not None else tuple(rubric.indicators)
    current: _Session | None = None
    waiting = _with_peer_words(rows)
    while batch := list(itertools.islice(waiting, BATCH)):
        readings = iter(
            reader.read_many([(row.text, said) for row, said in batch if row.speaker == "trainee"])
        )
        for row, said in batch:
            if current is None or current.id != row.session_id:
                if current is not None:
                    yield ScoredSession(current.id, score_session(rubric, current.tally, aims, None))
                current = _Session(row.session_id)
            if row.speaker != "trainee":
                continue
            reading = next(readings)
            peer_turn = PeerTurn(said, peer_tags(said))
            assessment, current.history = assess_reply(rubric, reading, peer_turn, current.history)
            current.tally = current.tally.add(assessment, peer_turn)
            yield ScoredReply(row, reading, assessment)
    if current is not None:
        yield ScoredSession(current.id, score_session(rubric, current.tally, aims, None))


def _with_peer_words(rows: Iterable[TranscriptRow]) -> Iterator[tuple[TranscriptRow, str]]:
    """Give each row with what the peer had said just before, checking the order on the way."""
    finished: set[int] = set()
    session, turn, said, answered = None, 0, "", False
    for row in rows:
        if row.session_id != session:
            if session is not None:
                finished.add(hash(session))  # a hash each: the ids themselves would grow with the file
            if hash(row.session_id) in finished:
                raise RowError(
                    row.line, f"session {row.session_id!r} goes on after another one; keep its rows together"
                )
            session, said, answered = row.session_id, "", False
        elif row.turn <= turn:
            raise RowError(row.line, f"turn {row.turn} comes after turn {turn} in session {row.session_id!r}")
        turn = row.turn
        if row.speaker == "peer":
            said = row.text if answered or not said else f"{said} {row.text}"
            answered = False
        else:
            answered = True
        yield row, said
