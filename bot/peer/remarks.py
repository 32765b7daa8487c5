"""What the peer catches in the words themselves, beside the moves: a silence, a "you said", a wrong "ma'am".

Plain word lists, few and strict, because a wrong guess here would be answered out loud. Everything
returned is a kind of mention, so that it travels, and can be tested, like the mentions of the reader.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

from bot.peer.forms import asks_tersely

_CLAUSE_END = re.compile(r"[.?!;\n]+|,\s+(?:but|and|so)\s+|…")
_WORD = re.compile(r"[a-z0-9]+")
_APOSTROPHES = str.maketrans("", "", "'’ʼ")

APOLOGY = re.compile(
    r"\b(?:sorry|apologi[sz]e|apologies|my bad|my fault|i messed up|i came (?:in|on|across|off)"
    r"|i (?:was|got) (?:being |too |so |a bit |kind of |way )*(?:pushy|bossy|rude|wrong|harsh|out of line)"
    r"|(?<!you )(?<!he )(?<!she )(?<!they )didnt mean (?:it|that|to)|(?:that|it) came out wrong"
    r"|i shouldnt have|i should not have|ill (?:stop|quit|back off|ease up)|i (?:pushed|rushed) you)\b"
)
"""Words that own something, a formal "I apologize" or not."""

PLAIN = re.compile(
    r"^(?:(?:oh|well|honestly|hm) )*(?:yes|yeah|yep|yup|no|nope|nah|never|sure|of course|not at all"
    r"|not yet|maybe|sometimes|kind of|i (?:do|dont|did|didnt|am|will|wont|would|have|havent|can|cant))\b"
)
PLAIN_WORDS = 6
"""Words up to which a yes or no is an answer and nothing more."""

_LAST = r"(?:that|it|this|those|all that)"
GO_ON = re.compile(
    r"^(?:(?:and|so|oh|wow|ok|okay|yeah|hm+|mm+|well|but|please) )*(?:(?:can|could|would|will) you )?"
    r"(?:tell me (?:a (?:little|bit) )?more|say more|go on|keep going|go ahead|like what|how so|how come"
    rf"|im listening|why not|why(?: (?:is|was) {_LAST})?|in what way|what do you mean(?: by that)?"
    rf"|what (?:was|is|were|did|does|would|s) {_LAST} (?:like|feel like|look like|mean|about)"
    rf"|whats {_LAST} (?:like|feel like|about)|what (?:made|makes) {_LAST}|then what|what then"
    r"|what happened(?: (?:then|next|after(?: that)?))?|what else(?: (?:was|is) there)?"
    rf"|how (?:was|is|did|does) {_LAST}(?: (?:feel|go|sit|land|go over))?"
    rf"|how (?:did|do) you (?:feel about|handle|do|do with) {_LAST}"
    rf"|what about {_LAST}|where did {_LAST} (?:go|leave you))"
    rf"(?: (?:for|to|with|on|about) (?:you|me|{_LAST}))?(?: (?:then|now|though|back then|at the time))*$"
)
"""Questions that name nothing of their own and so are about the last thing said."""

FLOOR = re.compile(
    r"\b(?:whats? (?:is |has |have )?(?:been )?(?:on your mind|going on|happening|new with you|brings you)"
    r"|where (?:should|do|would|shall) (?:we|you) (?:want to |wanna |like to )?(?:start|begin)"
    r"|what (?:would|do) you (?:like|want) to (?:talk about|start with)|how can i (?:help|support|be)"
    r"|whats up with you|what should we talk about)\b"
)
"""Questions that leave it to them what to talk about."""

QUOTES = re.compile(
    r"\b(?:but |wait |didnt |hadnt )*you (?:just |already |also )?(?:said|told me|mentioned|wrote)\b"
    r"(?!(?: (?:it|so|that|this|all that|something))?(?: (?:anyway|out loud|at all|though|again|here))*$)"
)
"""A trainee who holds the peer's own words up to them."""

GLAD = frozenset(
    "happy glad excited thrilled great wonderful proud relieved peaceful joyful content delighted".split()
)
"""Feelings that nobody has who just told of a loss or a setback."""
_FEELING = re.compile(
    r"\b(?:you(?: must| do| really| sound| seem| look| feel| are|re)+|sounds like you(?: are|re| feel)?"
    r"|feeling)(?: (?:be|so|really|pretty|very|just|feel|feeling|quite|about|all))* (?P<feeling>[a-z]+)\b"
)
_ABOUT_PEER = re.compile(r"\b(?:you|youre|youve|your|youd)\b(?! (?:can|could|should|need|have to)\b)")
"""A clause that says something about the person spoken with."""
_NOT = frozenset(
    "not no never dont doesnt didnt isnt arent wasnt werent cant wont aint nothing hardly without".split()
)

_CALLED = r"^(?:(?:hey|hi|hello|ok|okay|yes|no|sure|thanks|thank you|listen|well) )*"
FORMS: dict[str, re.Pattern[str]] = {
    "she": re.compile(
        rf"\bmaam\b|{_CALLED}(?:girl|sis|miss|ladies|lady|young lady)\b(?! you)|\b(?:young lady|girl|sis)$"
        r"|\bas an? (?:woman|girl|lady)\b|\bwoman like you\b|\byoure an? (?:\w+ )?(?:woman|girl|lady)\b"
    ),
    "he": re.compile(
        rf"\bsir\b|{_CALLED}(?:mister|mr|young man|bro|gentlemen)\b|\b(?:young man|mister|bro)$"
        r"|\bas an? (?:man|guy|dude)\b|\bman like you\b|\byoure an? (?:\w+ )?(?:man|guy|dude)\b"
    ),
}
"""Forms of address that say she, or he, to the person spoken with."""
MEDICAL = re.compile(
    r"\b(?:dose|dosage|doses|mg|milligrams?|taper|tapering|side effects?|withdrawals?|blood levels?"
    r"|diagnos\w+|symptoms?|half life|safe to (?:mix|take|stop|skip)|how many pills)\b"
)
"""Words of questions that only a clinic can answer."""
_ALLOWED = {"she/her": "she", "he/him": "he"}


_TELL = re.compile(
    r"\b(?:tell me|say more|walk me through|help me understand|wonder|wondering|curious)"
    r"\b"
)
_BEGINS = re.compile(
    r"^(?!i\b|im\b|ill\b|ive\b)(?:[a-z]+ ){0,2}?"
    r"(?:what|whats|whatd|why|whyd|how|hows|howd|who|whos|where|wheres|when|which)\b"
)


_RELATIVE = re.compile(
    r"^(?:(?:so|and|but|ok|okay|well|yeah|yes|no) )*(?:what|whatever|how|where|when) "
    r"(?:you|i|we|they|he|she) "
    r"(?:\w+ ){1,3}(?:is|are|stays?|was|will|wont|matters?|counts?|makes?|doesnt|goes)\b"
)


def begins_as_question(text: str) -> bool:
    """Return whether a clause without a mark begins as questions do: "what happened", "tell me"."""
    plain = " ".join(_WORD.findall(text.translate(_APOSTROPHES).lower()))
    if _RELATIVE.match(plain):
        return False  # "what you say stays between us"
    return bool(_BEGINS.match(plain) or _CLOSED.match(plain) or _TELL.search(plain) or asks_tersely(plain))


_WHY = re.compile(r"^(?:(?:so|and|but|oh|ok) )*(?:why|how come|why not)(?: (?:is|was) (?:that|it))?$")
_OPENLY = re.compile(r"^(?:[a-z]+ ){0,3}?(?:what|whats|why|how|hows|who|whos|where|wheres|when|which)\b")
_CLOSED = re.compile(
    r"^(?:(?:so|and|but|ok|okay|well|oh) )*(?:do|does|did|is|are|was|were|have|has|had|can|could)\b"
)


def asks_openly(text: str) -> bool:
    """Return whether a question begins with what, why, how and the like, so that yes is no answer to it."""
    plain = " ".join(_WORD.findall(text.translate(_APOSTROPHES).lower()))
    return bool(_OPENLY.match(plain)) and not _CLOSED.match(plain)


_POINTS = re.compile(
    r"\b(?:that|thats|it|its|this|he|hes|she|shes|they|theyre|them|him|her|there|those|these|one|ones)\b"
)
POINTING_WORDS, FEW_WORDS = 9, 4
"""Words up to which a question with a that or a them, or with nothing named, is about the last subject."""


def points_back(text: str) -> bool:
    """Return whether a question needs the last words to be understood: "is that hard?", "why'd you stop?"."""
    plain = " ".join(_WORD.findall(text.translate(_APOSTROPHES).lower()))
    count = len(plain.split())
    return 0 < count <= FEW_WORDS or (count <= POINTING_WORDS and bool(_POINTS.search(plain)))


def clauses(text: str) -> list[tuple[str, bool]]:
    """Return the clauses of a text as plain words, each with whether it ends in a question mark."""
    found, start = [], 0
    for end in [*_CLAUSE_END.finditer(text), None]:
        piece = text[start : end.start()] if end else text[start:]
        plain = " ".join(_WORD.findall(piece.translate(_APOSTROPHES).lower()))
        if plain:
            found.append((plain, bool(end) and "?" in end.group()))  # type: ignore[union-attr]
        start = end.end() if end else start
    return found


def is_negated(words: Sequence[str]) -> bool:
    """Return whether a word of denial stands among the words."""
    return any(word in _NOT for word in words)


def remarks(text: str, pronouns: str, short_name: str) -> tuple[str, ...]:
    """Return what stands out in the words of a reply.

    Args:
        text: The reply.
        pronouns: The peer's, e.g. `they/them`.
        short_name: What the peer is called.

    Returns:
        Any of `silence` (no word at all), `plain_answer` (a yes or no and little else),
        `go_on` (asks for more of the last thing), `asks_why` (asks
        nothing but why), `opens_floor` (leaves the subject to them), `owns_it` (owns something),
        `quotes_peer` ("you said ..."), `asks_medical` (asks what only a clinic knows), `about_peer` (says
        something about them), `glad_guess` (takes them to be glad), `misgendered`.
    """
    found = []
    said = clauses(text)
    if not said:
        return ("silence",) if not any(char.isalnum() for char in text) else ()
    if PLAIN.match(said[0][0]) and len(text.split()) <= PLAIN_WORDS and not said[0][1]:
        found.append("plain_answer")
    if any(GO_ON.match(clause) for clause, _ in said):
        found.append("go_on")
    if any(_WHY.match(clause) for clause, _ in said):
        found.append("asks_why")
    if any(FLOOR.search(clause) for clause, _ in said):
        found.append("opens_floor")
    if any(APOLOGY.search(clause) for clause, _ in said):
        found.append("owns_it")
    if any(QUOTES.search(clause) for clause, _ in said):
        found.append("quotes_peer")
    if any(has_mark and MEDICAL.search(clause) for clause, has_mark in said):
        found.append("asks_medical")
    if any(_ABOUT_PEER.search(clause) and not has_mark for clause, has_mark in said):
        found.append("about_peer")
    for clause, _ in said:
        guess = _FEELING.search(clause)
        if guess and guess.group("feeling") in GLAD and not is_negated(clause.split()):
            found.append("glad_guess")
            break
    if any(_misgenders(clause, pronouns, short_name.lower()) for clause, _ in said):
        found.append("misgendered")
    return tuple(found)


def _misgenders(clause: str, pronouns: str, name: str) -> bool:
    """Return whether a clause speaks to or about the peer as somebody they are not."""
    own = _ALLOWED.get(pronouns, "")
    if any(form != own and pattern.search(clause) for form, pattern in FORMS.items()):
        return True
    wrong = {"she": "he|him|his", "he": "she|her|hers"}.get(own, "she|her|hers|he|him|his")
    return bool(re.search(rf"\b{re.escape(name)} (?:said |says |thinks |feels )?(?:{wrong})\b", clause))
