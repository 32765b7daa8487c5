"""Questions typed in a hurry are questions; statements that merely look like them are none."""

from __future__ import annotations

import pytest

from bot.nlu.wording import readable
from bot.peer.forms import asks_tersely

ASKED = """
nervous about what
she know youre here
so does bea know
you ever see anyone
you wanna do anything about the drinking
anyone on the way
and after that
they ever stop
he bring you food
he any good
you two close
older or younger
is bea there
want to talk about it
ever think about it
she mad
and then
any kids
with who
got anyone to talk to
and a good one
u sleep ok
u been to a dr
tired how
nervous how
""".strip().splitlines()
STATED = """
you want to be there for her
no matter what
you know better than anyone
you can do anything
anyone would be tired
any of that is fine
anything is possible
he likes school
ever since june
do your best
is not easy
more or less
sooner or later
you both matter
it makes sense
and now you know
did what you could
you have any number of strengths
you never told anyone
i know why
was thinking about you
you feel better now
""".strip().splitlines()


@pytest.mark.parametrize("text", ASKED)
def test_it_asks(text: str) -> None:
    assert asks_tersely(readable(text))


@pytest.mark.parametrize("text", STATED)
def test_it_states(text: str) -> None:
    assert not asks_tersely(readable(text))
