"""Clauses: where they are cut, and that their offsets can be trusted whatever is typed."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.nlu.sentences import READ_CHARACTERS, split_clauses


@pytest.mark.parametrize(
    ("reply", "clauses"),
    [
        ("so weekends are the roughest what do you usually do on a saturday",
         ["so weekends are the roughest", "what do you usually do on a saturday"]),
        ("i hear you but you need to call your sponsor tonight",
         ["i hear you", "but you need to call your sponsor tonight"]),
        ("part of you is done but it helps you sleep", ["part of you is done but it helps you sleep"]),
        ("you stayed home and you called your mom", ["you stayed home and you called your mom"]),
        ("that sounds rough... how are you holding up", ["that sounds rough...", "how are you holding up"]),
        ("Dr. Smith said 3.5 mg at 7 a.m. ok? What then?",
         ["Dr. Smith said 3.5 mg at 7 a.m. ok?", "What then?"]),
        ('you said "no. not tonight." and you meant it', ['you said "no. not tonight."', "and you meant it"]),
        ("that's huge \U0001f389 what helped", ["that's huge \U0001f389", "what helped"]),
        ("ok\nso what now", ["ok", "so what now"]),
        ("That took guts!What do you need?", ["That took guts!", "What do you need?"]),
        ("0 to 10 how ready are you? a 2 is fine", ["0 to 10 how ready are you?", "a 2 is fine"]),
        ("sorry to hear that are you ok", ["sorry to hear that", "are you ok"]),
        ("If it's ok with you, can I ask about it?", ["If it's ok with you, can I ask about it?"]),
        ("i dont know what you mean", ["i dont know what you mean"]),
        ("I'd get a planner if I were you.", ["I'd get a planner if I were you."]),
        ("its your call but you gotta do it today", ["its your call", "but you gotta do it today"]),
        ("", []),
        ("  \n ", []),
        ("\U0001f600", ["\U0001f600"]),
    ],
)  # fmt: skip
def test_clauses_end_where_the_function_changes(reply: str, clauses: list[str]) -> None:
    assert [clause.text for clause in split_clauses(reply)] == clauses


TYPED = st.text(
    st.one_of(
        st.characters(), st.sampled_from(list("abc .?!,;\n'\"-\u2026\u200b\U0001f600 you but so what do"))
    ),
    max_size=200,
)


@settings(max_examples=200, deadline=None)
@given(TYPED)
def test_offsets_are_exact(text: str) -> None:
    last = 0
    covered = set()
    for clause in split_clauses(text):
        assert last <= clause.start < clause.end <= len(text)
        assert text[clause.start : clause.end] == clause.text == clause.text.strip()
        covered.update(range(clause.start, clause.end))
        last = clause.end
    assert all(text[place].isspace() for place in range(len(text)) if place not in covered)


def test_a_pasted_article_is_split_only_so_far() -> None:
    clauses = split_clauses("What a day it was. " * 2000)
    assert clauses[-1].start >= READ_CHARACTERS - 20
    assert len(clauses) < READ_CHARACTERS // 10
