"""The four classes of motivational interviewing that a whole reply falls into."""

from __future__ import annotations

import pytest

from actions.main_function import main_function
from bot.reading import Reading, Sentence


def reading(*parts: dict[str, float]) -> Reading:
    return Reading("x" * 10 * len(parts), tuple(Sentence(10 * n, 10 * n + 9, p) for n, p in enumerate(parts)))


@pytest.mark.parametrize(
    ("parts", "main"),
    [
        ([{"simple_reflection": 0.9}], "reflection"),
        ([{"simple_reflection": 0.9}, {"open_question": 0.8}], "question"),
        ([{"open_question": 0.8}, {"unsolicited_advice": 0.9}], "therapist_input"),
        # Members of a family count together; none of them is likely alone.
        ([{"open_question": 0.3, "evoke_own_reasons": 0.3}], "question"),
        ([{"direct_command": 0.3, "unsolicited_advice": 0.3}], "therapist_input"),
        ([{"direct_command": 0.2, "unsolicited_advice": 0.2}], "other"),
        # The scheme has no class for blaming or affirming: it is something about the other person.
        ([{"confront_blame": 0.7}], "reflection"),
        ([{"generic_praise": 0.9}], "other"),
        ([{}], "other"),
        ([], "other"),
    ],
)
def test_what_a_reply_mostly_does(parts, main):
    assert main_function(reading(*parts)) == main
