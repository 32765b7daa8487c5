"""Reading a message in its context: offsets, windows, and what the words around a part change."""

from __future__ import annotations

import numpy as np
import pytest

from bot.nlu.context import MOST_WORDS, ContextEncoder, InContext, windows_of
from bot.nlu.cuts import cut_clauses, cut_further
from bot.nlu.encoder import SIZE
from bot.nlu.sentences import split_clauses

PEER = "i dont know if group is for me"
IDEA = "you could ask bea to come along, take it or leave it"


def test_offsets_are_those_of_the_message(context: ContextEncoder) -> None:
    text = "so\U0001f600 weekends\n\nthen \u00e9t\u00e9?"
    (read,) = context.read([(PEER, text)])
    words = [text[start:end] for start, end in zip(read.starts, read.ends, strict=True)]
    assert "".join(words) == text.replace(" ", "").replace("\U0001f600", "")
    assert {"so", "weekends", "\n", "then", "?"} <= set(words)
    assert read.states.shape == (len(words), SIZE)
    assert ((read.begins >= 0) & (read.begins <= 1)).all()


def test_the_same_words_are_another_thing_in_other_company(context: ContextEncoder) -> None:
    alone, behind, answering = context.read(
        [("", "take it or leave it"), ("", IDEA), (PEER, "take it or leave it")]
    )
    start = IDEA.index("take")
    vectors = [alone.vector((0, 19)), behind.vector((start, start + 19)), answering.vector((0, 19))]
    assert np.allclose([np.linalg.norm(vector) for vector in vectors], 1, atol=1e-5)
    assert vectors[0] @ vectors[1] < 0.98
    assert vectors[0] @ vectors[2] < 0.999


def test_company_in_the_batch_does_not_matter(context: ContextEncoder) -> None:
    messages = [(PEER, "ok " * count) for count in (1, 50, 7, 200)]
    together = context.read(messages, batch=3)
    for message, read in zip(messages, together, strict=True):
        (alone,) = context.read([message])
        np.testing.assert_allclose(read.states, alone.states, atol=2e-4)


@pytest.mark.parametrize("length", [0, 1, MOST_WORDS, MOST_WORDS + 1, 3 * MOST_WORDS + 5])
def test_windows_cover_every_token_once(length: int) -> None:
    windows = windows_of([7] * length, frozenset())
    assert [place for first, last in windows for place in range(first, last)] == list(range(length))
    assert all(last - first <= MOST_WORDS for first, last in windows)


def test_windows_end_with_sentences() -> None:
    tokens = [7] * 100 + [1] + [7] * 100
    assert windows_of(tokens, frozenset({1})) == [(0, 101), (101, 201)]


def test_a_long_message_is_read_to_its_end(context: ContextEncoder) -> None:
    text = "that sounds hard. " * 120
    (read,) = context.read([(PEER, text)])
    assert read.ends[-1] == len(text.rstrip())
    assert np.linalg.norm(read.vector((len(text) - 12, len(text)))) == pytest.approx(1, abs=1e-5)


def test_nothing_is_read_of_nothing(context: ContextEncoder) -> None:
    (read,) = context.read([("", "")])
    assert read.states.shape == (0, SIZE)
    assert not read.vector((0, 0)).any()
    assert context.read([]) == []


def in_context(text: str, begins: dict[str, float]) -> InContext:
    """Return a message as the network would see it that has these ideas of where parts begin."""
    words = text.split(" ")
    starts = np.cumsum([0, *(len(word) + 1 for word in words[:-1])])
    chances = np.array([begins.get(word, 0.01) for word in words])
    ends = starts + [len(word) for word in words]
    return InContext(starts, ends, np.zeros((len(words), SIZE), np.float32), chances)


def test_cuts_come_from_rules_and_from_the_network() -> None:
    text = "that took guts im wondering what made you call. good luck"
    read = in_context(text, {"im": 0.8, "you": 0.15})
    assert [clause.text for clause in cut_clauses(text, read)] == [
        "that took guts",
        "im wondering what made you call.",
        "good luck",
    ]
    assert [text[clause.start : clause.end] for clause in cut_clauses(text, read)] == [
        clause.text for clause in cut_clauses(text, read)
    ]


def test_what_a_pattern_found_is_not_cut() -> None:
    text = "that took guts where can i buy some"
    read = in_context(text, {"where": 0.8, "can": 0.7})
    whole = [(text.index("where"), text.index(" some"))]
    assert [clause.text for clause in cut_further(text, split_clauses(text), read, whole)] == [
        "that took guts",
        "where can i buy some",
    ]
