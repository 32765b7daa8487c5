"""What a question asks for by its form: why, who, when, whether.

Its first words tell that; the vectors of sentences tell well what a question is about, and badly this.
"""

from __future__ import annotations

import re

_LEAD = (
    r"^(?:(?:so|and|but|ok|okay|well|oh|then|now|wait|also|sorry|hey|and|lol|haha|hm|hmm"
    r"|can i ask|tell me|do you know|i wonder)[,.]* )*"
)
_FORMS: tuple[tuple[str, re.Pattern[str]], ...] = (
    ("why", re.compile(rf"{_LEAD}(?:why|whyd|how come|what (?:made|makes|(?:is|was) the reason|for))\b")),
    ("count", re.compile(rf"{_LEAD}how (?:long|many|much|old|often|far|big|bad)\b")),
    ("who", re.compile(rf"{_LEAD}(?:who|who's|whos|whose|whom)\b")),
    ("when", re.compile(
        rf"{_LEAD}(?:when (?:is|are|was|were|did|do|does|will|would|can|could|have|has|had)\b"
        r"|when's|whens|when\W*$|what time|what day)"
    )),
    ("where", re.compile(rf"{_LEAD}(?:where|where's|wheres)\b")),
    ("whether", re.compile(
        rf"{_LEAD}(?:do|does|did|is|are|was|were|have|has|had|can|could|would|will|don't|didn't|isn't|aren't"
        r"|haven't|wasn't|dont|didnt|isnt|arent|havent|wasnt|am|any|ever|got)\b"
    )),
    ("open", re.compile(rf"{_LEAD}(?:what|what's|whats|how|how's|hows|which|describe|tell)\b")),
)  # fmt: skip
"""What a question asks for, by how it begins; an open one may ask for anything but a yes or no."""
FORMS = tuple(name for name, _ in _FORMS)
FACTS = frozenset({"why", "count", "who", "when", "where"})
"""Forms of questions that want to know something, whatever else they may offer or suggest."""


def form_of(text: str) -> str:
    """Return what a question asks for: `why`, `who`, `whether` and so on; "" for anything.

    Args:
        text: The question, readable or as it was typed.
    """
    plain = text.lower().replace("\u2019", "'").lstrip()
    return next((name for name, pattern in _FORMS if pattern.search(plain)), "")


_SHORTEST = re.compile(
    r"^(?:(?:so|and|but|ok|okay|oh|hm|wait),? )*"
    r"(?:(?:with|since|for|about|to|from|by|at|of|like|in|on|than|until|till)"
    r" (?:who|whom|what|when|where|which|how (?:long|many|much|often|far))(?: (?:then|now|though))?"
    r"|any(?:one|body|thing)?(?: \w+){1,3})\W*$"
    r"|^and (?:at|in|on|after|before|your|the|what about|how about)(?: \w+){1,2}\W*$"
)


def is_shortest(text: str) -> bool:
    """Return whether a text is one of the shortest questions: "with who", "any kids", "and at night"."""
    return bool(_SHORTEST.match(text.lower()))
