"""Transcripts in, judgements out: in order, in bounds, and the same as live."""

from __future__ import annotations

import pytest

from actions.assessment import History, PeerTurn, assess_reply
from actions.batch import BATCH, RowError, ScoredReply, ScoredSession, checked_row, score_rows
from actions.rubric import load_rubric
from bot.settings import load_settings
from tests.turns.test_turn import reading

RUBRIC = load_rubric(load_settings({}).data)


class Reader:
    """Reads every reply as an open question and notes what it was given."""

    def __init__(self):
        self.pairs, self.most = [], 0

    def read_many(self, pairs):
        self.pairs.extend(pairs)
        self.most = max(self.most, len(pairs))
        return [reading(text, "open_question", is_question=True) for text, _ in pairs]


def rows(*turns):
    return [
        checked_row(n, {"session_id": session, "turn": turn, "speaker": speaker, "text": text, "more": 1})
        for n, (session, turn, speaker, text) in enumerate(turns, 1)
    ]


def score(given, reader=None):
    return list(score_rows(given, RUBRIC, reader or Reader(), lambda text: frozenset()))


def test_every_trainee_row_is_judged_once_with_the_peers_words_before_it():
    reader = Reader()
    found = score(
        rows(
            ("a", 0, "trainee", "hi there, how is it going"), ("a", 1, "peer", "not great"),
            ("a", 2, "peer", "used again"), ("a", 3, "trainee", "what happened"),
            ("a", 4, "trainee", "go on"),
            ("b", 0, "trainee", "who are you today"),
        ),
        reader,
    )  # fmt: skip
    judged = [item for item in found if isinstance(item, ScoredReply)]
    assert [(item.row.session_id, item.row.turn) for item in judged] == [
        ("a", 0),
        ("a", 3),
        ("a", 4),
        ("b", 0),
    ]
    assert [said for _, said in reader.pairs] == ["", "not great used again", "not great used again", ""]
    assert [item.session_id for item in found if isinstance(item, ScoredSession)] == ["a", "b"]


def test_the_output_is_as_the_contract_has_it():
    one = score(rows(("a", 0, "trainee", "what matters to you here")))[0].to_dict()
    assert set(one) == {"session_id", "turn", "moves", "scores", "spans", "flags", "main"}
    assert set(one["scores"]) == {"collaboration", "strengths", "humility"}
    assert all(0 <= value <= 100 for value in one["scores"].values())
    assert one["spans"] == [[0, 24, "open_question"]]


def test_batch_and_live_agree():
    texts = ["what happened then", "how was that for you", "what would help", "who knows about it"]
    given = rows(*((("a", n, "trainee", text)) for n, text in enumerate(texts)))
    live, history = [], History.empty()
    for text in texts:
        peer_turn = PeerTurn("", frozenset())
        assessment, history = assess_reply(
            RUBRIC, reading(text, "open_question", is_question=True), peer_turn, history
        )
        live.append(assessment.to_dict())
    assert [item.assessment.to_dict() for item in score(given) if isinstance(item, ScoredReply)] == live


def test_a_long_file_is_read_in_batches():
    reader = Reader()
    score(rows(*(("a", n, "trainee", f"what about {n}") for n in range(3 * BATCH))), reader)
    assert reader.most == BATCH


@pytest.mark.parametrize(
    ("value", "complaint"),
    [
        ([], "must be a JSON object"),
        ({"session_id": "a", "turn": 0, "speaker": "trainee"}, '"text" must be text'),
        (
            {"session_id": "a", "turn": "0", "speaker": "trainee", "text": "x"},
            '"turn" must be a whole number',
        ),
        (
            {"session_id": "a", "turn": True, "speaker": "trainee", "text": "x"},
            '"turn" must be a whole number',
        ),
        ({"session_id": "a", "turn": 0, "speaker": "bot", "text": "x"}, '"speaker" is'),
    ],
)
def test_a_bad_row_is_told_with_its_line(value, complaint):
    with pytest.raises(RowError, match="line 7: .*") as caught:
        checked_row(7, value)
    assert complaint in str(caught.value)


@pytest.mark.parametrize(
    ("turns", "complaint"),
    [
        ([("a", 1, "peer", "x"), ("a", 1, "trainee", "y")], "line 2: turn 1 comes after turn 1"),
        (
            [("a", 0, "peer", "x"), ("b", 0, "peer", "y"), ("a", 1, "trainee", "z")],
            "line 3: session 'a' goes on",
        ),
    ],
)
def test_rows_out_of_order_are_told(turns, complaint):
    with pytest.raises(RowError, match=complaint):
        score(rows(*turns))
