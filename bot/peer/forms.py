"""What a question asks for by its form: why, who, when, whether.

Its first words tell that; the vectors of sentences tell well what a question is about, and badly this.
"""

from __future__ import annotations

import re

_LEAD = (
    r"^(?:(?:so|and|but|ok|okay|well|oh|then|now|wait|also|sorry|hey|and|lol|haha|hm|hmm"
    r"|(?:can|could|may) i ask(?: you)?|(?:do you |would you )?mind (?:if i ask|me asking)"
    r"|(?:(?:is it|would it be|it's) )?(?:ok|okay|all right|cool|fine) if i ask(?:ed)?(?: you)?"
    r"|i was wondering|wondering|just curious|curious"
    r"|tell me|do you know|i wonder)[,.]* )*"
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
    # "Can I ask who that is" asks who, though it begins as a question of yes or no does.
    asked = re.sub(_LEAD, "", plain)
    return next(
        (name for words in (asked, plain) for name, pattern in _FORMS if pattern.search(words)),
        "",
    )


_ANY = r"any(?:one|body|thing)?(?! (?:would|could|can|is|who|that|will|you|of|i|goes|but)\b)"
_SHORTEST = re.compile(
    r"^(?:(?:so|and|but|ok|okay|oh|hm|wait),? )*"
    r"(?:(?:with|since|for|about|to|from|by|at|of|like|in|on|than|until|till)"
    r" (?:who|whom|what|when|where|which|how (?:long|many|much|often|far))(?: (?:then|now|though))?"
    rf"|{_ANY}(?: \w+){{1,3}})\W*$"
    r"|^and (?:at|in|on|after|before|your|the|an?|what about|how about)(?: \w+){1,2}\W*$"
)
MOST_WORDS = 9
"""Words up to which a question may do without its verb, its mark, or both."""
_VERBS = (
    "ask bother bring call care come cook do drink eat get go happen have help hurt know like listen live "
    "make mind miss say scare see sleep stay take talk text think use visit want work write"
).replace(" ", "|")
_STATES = "any good|ok|okay|all right|mad|around|there|here|home|nice|old|young|sick|close|still \\w+"
_NO_NAMES = (
    "a the not just so what why like been always never still also really very too more all how where when who"
).replace(" ", "|")
_TERSE = tuple(
    re.compile(_LEAD + pattern)
    for pattern in (
        # "nervous about what", but not "i know about what"
        r"(?!(?:i|no|you) )\w+ (?:about|with|for|to|from|like|of|by) (?:what|who|whom|where)\W*$",
        # "she know you're here": no statement has this verb without an s
        rf"(?:he|she) (?:(?:ever|even|still|really|always) )?(?:{_VERBS})\b",
        r"it (?:ever |still |even )?(?:hurt|help|work|bother you|scare you|stop)\W*$",
        rf"(?:he|she|they) (?:{_STATES})\W*$",
        r"(?:you|they) (?:guys |two |all )?ever\b",
        # "you got any kids", "you want to do anything about it"
        r"(?:you|they) (?:want to |wanna )?(?:got|have|know|see|do|had|told|tell|tried|need|talk to|live with"
        r"|say|eat|get|meet) any(?!thing but\b| number\b)",
        r"you (?:two|guys) (?:still |ever )?(?:close|talk|together|good|ok|okay|get along|fight|friends"
        r"|married|speak)\b",
        r"got any",
        r"you (?:sleep|sleeping|eat|eating|feel|feeling|doing|holding up|been)(?: any)? "
        r"(?:ok|okay|all right|well|better)\W*$",
        r"you been (?:to|there|sleeping|eating|out|back|in)\b",
        # "tired how", but not "know why"
        r"(?!(?:know|knows|see|guess|show|explain|no|any|some|every|that's|is|remember|understand|ask|tell)\b)"
        r"\w+ "
        r"(?:how|why|where)\W*$",
        r"ever (?!since\b|so\b)\w+",
        rf"{_ANY}(?: \w+){{1,5}}\W*$",
        # "does bea know", "is bea there"
        r"(?:does|did) (?!not\b|your best\b|what\b|it\W*$|so\b)\w+",
        rf"(?:is|was|has) (?!(?:{_NO_NAMES}|\w+ing)\b)\w+ \w+",
        r"(?:want|mind|care) (?:to|if|some|me|anything|help|company)\b",
        r"(?!more or less|sooner or later|one or two|two or three)\w+ or \w+\W*$",
    )
)
"""Questions as people type them in a hurry, without a mark."""
_AND_THEN = re.compile(r"^(?:ok |okay )?and (?:then|after that|after|later|now)\W*$")


def asks_tersely(text: str) -> bool:
    """Return whether a few words ask by how they are put: "she know you're here", "older or younger"."""
    plain = text.lower().replace("\u2019", "'").strip()
    if not plain or len(plain.split()) > MOST_WORDS or plain.endswith("!"):
        return False
    return bool(_SHORTEST.match(plain) or _AND_THEN.match(plain)) or any(
        pattern.search(plain) for pattern in _TERSE
    )
