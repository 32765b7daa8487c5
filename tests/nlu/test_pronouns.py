"""A pronoun is taken for the person named just before, and for nobody else."""

from __future__ import annotations

import pytest

from bot.nlu.pronouns import resolved

NAMES = {"mateo", "tasha", "renny"}


@pytest.mark.parametrize(
    ("asks", "before", "meant"),
    [
        ("does he like school?", "mateo is nine", "does mateo like school?"),
        ("what does she say?", "my wife? tasha works nights", "what does tasha say?"),
        ("what's her name?", "my daughter's eleven", "what's your daughter's name?"),
        ("did you tell them?", "my crew is fine", "did you tell your crew?"),
        ("he's nine?", "mateo draws all day", "mateo is nine?"),
        ("does she know him?", "my sister came", "does your sister know him?"),
        ("does he live close?", "my brother and his wife", "does your brother live close?"),
        ("is it hard?", "mateo is nine", ""),
        ("does renny know her?", "my sister came", ""),
        ("what did he say?", "my sister came", ""),
        ("who is she?", "", ""),
    ],
)
def test_who_is_meant(asks, before, meant):
    assert resolved(asks, before, NAMES) == meant
