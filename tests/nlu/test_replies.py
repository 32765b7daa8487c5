"""Whole replies with their parts, and what is calibrated on them."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from bot.content import ContentError
from bot.nlu.calibration import calibrate, cut_replies, read_replies
from bot.nlu.context import ContextEncoder
from bot.nlu.features import ContextParts
from bot.nlu.replies import ExampleReply, Part, load_replies
from bot.reading import OTHER
from bot.settings import load_settings
from tests.nlu.conftest import MOVES

MOVES_HERE = ("open_question", "validate")


def write(folder: Path, text: str) -> Path:
    (folder / "replies").mkdir()
    (folder / "replies" / "some.yml").write_text(text, encoding="utf-8")
    return folder


def test_parts_keep_their_offsets(tmp_path: Path) -> None:
    data = write(
        tmp_path,
        """
replies:
- peer: rough week
  reply:
  - other: hey
  - validate: that sounds like a lot
  - other: "\\n😀"
  - open_question: "what was the worst of it"
  - other: "?"
""",
    )
    reply = load_replies(data, MOVES_HERE)[0]
    assert reply.text == "hey that sounds like a lot\n😀 what was the worst of it?"
    assert [(reply.text[part.start : part.end], part.move) for part in reply.parts] == [
        ("hey", OTHER),
        ("that sounds like a lot", "validate"),
        ("😀", OTHER),
        ("what was the worst of it", "open_question"),
        ("?", OTHER),
    ]
    assert reply.move_of(0, len("hey that sounds like a lot")) == "validate"


@pytest.mark.parametrize(
    ("part", "wanted"),
    [
        ("open_questoin: what was it", 'did you mean "open_question"'),
        ("validate:", "part 1 has no text"),
        ("{validate: a, open_question: b}", "one `move: text`"),
    ],
)
def test_a_wrong_part_is_named(tmp_path: Path, part: str, wanted: str) -> None:
    data = write(tmp_path, f"replies:\n- peer: hi\n  reply:\n  - {part}\n")
    with pytest.raises(ContentError, match=wanted) as caught:
        load_replies(data, MOVES_HERE)
    assert "replies/some.yml" in str(caught.value)


def test_ours_cover_every_move() -> None:
    replies = load_replies(load_settings().data, MOVES)
    seen = [part.move for reply in replies for part in reply.parts]
    assert not [move for move in MOVES if seen.count(move) < 20]
    assert len({(reply.peer, reply.text) for reply in replies}) == len(replies)


REPLIES = [
    ExampleReply(
        "rough week",
        f"that is hard {number}. what helps?",
        (Part(0, 15, "validate"), Part(17, 28, "open_question")),
    )
    for number in range(10, 60)
]


def test_calibration_cools_a_tagger_that_is_too_sure(context: ContextEncoder) -> None:
    cut = cut_replies(ContextParts(context), REPLIES[:6])
    moves = ("open_question", OTHER, "validate")
    column = {move: number for number, move in enumerate(moves)}
    sure = np.zeros((len(cut.labels), 3))
    for row, label in enumerate(cut.labels):
        # One move for the other in one of three, and certain in all.
        said = {"validate": "open_question", "open_question": "validate"}.get(label, label)
        sure[row, column[label if row % 3 else said]] = 9
    temperature, threshold = calibrate(cut, sure, moves)
    assert temperature > 2
    assert 0.15 <= threshold <= 0.6


def test_what_is_calibrated_on_is_not_learned_from(context: ContextEncoder) -> None:
    replies = read_replies(ContextParts(context), REPLIES)
    assert replies is not None
    learned, apart = (
        {text.rstrip(".") for text in parts.features.texts} for parts in (replies.learned, replies.kept_apart)
    )
    shared = {"what helps?"}
    assert learned & apart == shared
    assert (learned | apart) - shared == {f"that is hard {number}" for number in range(10, 60)}
    assert {text.rstrip(".") for text in replies.cut.features.texts} == apart | shared
    assert 0.05 < len(apart) / len(learned | apart) < 0.45


def test_without_replies_apart_nothing_is_calibrated(context: ContextEncoder) -> None:
    assert (
        read_replies(ContextParts(context), [reply for reply in REPLIES if not reply.is_kept_apart]) is None
    )
