"""What the form of a clause says about who is asked."""

from __future__ import annotations

import pytest

from bot.nlu.form import asks, asks_somebody
from bot.nlu.wording import readable


@pytest.mark.parametrize(
    "text",
    [
        "how was that for you?", "what happened next", "did I get that right?", "what can I do to help?",
        "can I ask you something?", "should we start with friday?", "with who", "tell me about your sister",
        "any kids", "and at night", "and your mom",
    ],
)  # fmt: skip
def test_the_other_is_asked(text):
    assert asks_somebody(readable(text))


@pytest.mark.parametrize(
    "text",
    [
        "Why am I like this?",
        "what did I do with my twenties?",
        "How could I ever go back in there?",
        "why do i bother?",
    ],
)
def test_a_question_of_a_story_of_ones_own_asks_nobody(text):
    assert asks(readable(text))
    assert not asks_somebody(readable(text))
