"""Puts the person meant in the place of a pronoun: "does he like school?" after words about Mateo.

Prepared questions name whom they are about, and vectors of sentences make little of a bare "he". Only the
words just before are looked at, the nearest mention first; whoever is named further back is not meant.
"""

from __future__ import annotations

import re
from collections.abc import Collection

_HER, _HIM = "she", "he"
_KIN: dict[str, str] = {
    **dict.fromkeys(
        "mom mother sister wife daughter aunt grandma grandmother abuela niece girlfriend".split(), _HER
    ),
    **dict.fromkeys(
        "dad father brother husband son uncle grandpa grandfather nephew boyfriend".split(), _HIM
    ),
    **dict.fromkeys(
        (
            "boss supervisor sponsor friend roommate roommates cat dog therapist counselor officer ex "
            "cousin neighbor manager partner kid kids baby parents family crew band students sub nurse "
            "doctor pastor imam landlord coworker teacher"
        ).split(),
        "",
    ),
}
"""People that are called by what they are to somebody, and which pronoun they rule out all others by."""

_PRONOUN = re.compile(
    r"\b(?P<is>he's|she's|they're)|\b(?P<one>he|she|they|him|them)\b|\b(?P<has>his|her|hers|their)\b"
)
_GENDER = {"he": _HIM, "he's": _HIM, "him": _HIM, "his": _HIM, "she": _HER, "she's": _HER, "her": _HER,
           "hers": _HER}  # fmt: skip
_WORD = re.compile(r"[a-z]+(?:'s)?")


def resolved(question: str, before: str, names: Collection[str]) -> str:
    """Return a question with the person meant in the place of its pronouns; "" where there is nothing to do.

    Args:
        question: Readable words that ask something.
        before: Readable words that stood before them.
        names: People whom the speaker may mean, in lower case.
    """
    found = [match.group() for match in _PRONOUN.finditer(question)]
    if not found or any(word.removesuffix("'s") in names for word in _WORD.findall(question)):
        return ""
    gender = next((_GENDER[word] for word in found if word in _GENDER), "")
    person = _last_person(before, gender, names)
    if not person:
        return ""
    return _PRONOUN.sub(lambda match: _in_place_of(match, person, gender), question)


def has_pronoun(text: str) -> bool:
    """Return whether somebody is meant by a he, a she or a they."""
    return bool(_PRONOUN.search(text.lower()))


def _last_person(before: str, gender: str, names: Collection[str]) -> str:
    """Return the person mentioned last whom a pronoun can mean, as the other would call them."""
    for word in reversed(_WORD.findall(before)):
        plain = word.removesuffix("'s")
        if plain in names:
            return plain
        if plain in _KIN and (not gender or _KIN[plain] in ("", gender)):
            return f"your {plain}"
    return ""


def _in_place_of(match: re.Match[str], person: str, gender: str) -> str:
    word = match.group()
    if gender and _GENDER.get(word) != gender:
        return word  # "does she know about them?" means one person by each
    if match.group("is"):
        return f"{person} is"
    is_whose = match.group("has") and word != "hers"
    return f"{person}'s" if is_whose else person
