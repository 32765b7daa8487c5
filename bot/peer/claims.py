"""What is true of a person and what is not, so that a wrong guess is set right and a right one confirmed.

A scenario lists under `claims` what trainees are likely to say or ask about its person: phrases that
hold, phrases that do not, and numbers. A phrase is words in order, with up to two others between
them; `a|b` is either. "You have no kids" denies what "you have kids" says, so each phrase is needed once.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from bot.content import Checker
from bot.peer import keys
from bot.peer.remarks import clauses, is_negated

BETWEEN = 2
"""Words that may stand between two words of a phrase."""

_TO_TWENTY = (
    "zero one two three four five six seven eight nine ten eleven twelve thirteen fourteen fifteen "
    "sixteen seventeen eighteen nineteen twenty"
).split()
_TENS = {"thirty": 30, "forty": 40, "fifty": 50, "sixty": 60, "seventy": 70, "ninety": 90, "hundred": 100}
NEGATES_FROM = 2
"""How many words before a phrase a "not" may stand to deny it."""

NUMBERS = {word: number for number, word in enumerate(_TO_TWENTY)} | _TENS
_UNITS = {"day": "days", "week": "weeks", "month": "months", "year": "years", "yr": "years", "hour": "hours"}
_ABOUT_THEM = frozenset("you your youre youve yours youd ur u yourself".split())
_HAVING = frozenset({"had", "has", "having", "youve"})
_PRESUMES = frozenset({"your", "ur"})
_ASKS = re.compile(
    r"^(?:(?:so|and|but|oh|wait|ok) )*(?:do|does|did|are|is|was|were|have|has|had|can|could|dont|arent|isnt"
    r"|didnt|havent|u|you got|got|any)\b"
)


@dataclass(frozen=True)
class Claim:
    """One thing that can be said of the person.

    Attributes:
        topic: Topic whose answers tell how it really is.
        holds: Phrases that are true.
        fails: Phrases that are not.
        counted: Words that the number goes with, for claims with a number.
        numbers: The numbers that are right, as `5 months` or `9`.
    """

    topic: str
    holds: tuple[tuple[frozenset[str], ...], ...] = ()
    fails: tuple[tuple[frozenset[str], ...], ...] = ()
    counted: tuple[tuple[frozenset[str], ...], ...] = ()
    numbers: tuple[str, ...] = ()


@dataclass(frozen=True)
class Claimed:
    """A claim that a reply made or asked about.

    Attributes:
        topic: Topic of the claim.
        is_true: Whether it holds; of a question, whether the answer is yes.
        is_asked: Whether it was a question.
    """

    topic: str
    is_true: bool
    is_asked: bool = False


def read_claims(value: Any, check: Checker, topics: Collection[str]) -> tuple[Claim, ...]:
    """Return the claims of a scenario file, noting what is wrong with them."""
    found = []
    for topic, given in check.mapping(value, "claims").items():
        place = f"claims.{topic}"
        check.one_of(topic, place, topics, "topic")
        fields = check.keys(given, place, [], keys.optional(keys.CLAIM))
        if not fields:
            check.error(place, "needs holds:, fails:, or count: with is:")
        if bool(fields.get("count")) != bool(fields.get("is")):
            check.error(place, "count: and is: go together")
        found.append(
            Claim(
                topic=topic,
                holds=_phrases(check.words(fields.get("holds"), place)),
                fails=_phrases(check.words(fields.get("fails"), place)),
                counted=_phrases(check.words(fields.get("count"), place)),
                numbers=tuple(" ".join(entry.split()) for entry in check.words(fields.get("is"), place)),
            )
        )
    return tuple(found)


def _phrases(written: Sequence[str]) -> tuple[tuple[frozenset[str], ...], ...]:
    return tuple(tuple(_alternatives(word) for word in phrase.split()) for phrase in written)


def _alternatives(word: str) -> frozenset[str]:
    either = frozenset(word.lower().split("|"))
    return either | _HAVING if "have" in either else either


def claimed(text: str, claims: Sequence[Claim]) -> tuple[Claimed, ...]:
    """Return which claims a reply makes or asks about, each topic once, in the order of the reply."""
    found: dict[str, Claimed] = {}
    for clause, has_mark in clauses(text):
        words = clause.split()
        if not _ABOUT_THEM & set(words):
            continue
        is_asked = has_mark or bool(_ASKS.match(clause))
        for claim in claims:
            verdict = _verdict(claim, words, is_asked)
            if verdict is not None and claim.topic not in found:
                found[claim.topic] = Claimed(claim.topic, verdict, is_asked)
    return tuple(found.values())


def _verdict(claim: Claim, words: list[str], is_asked: bool) -> bool | None:
    """Return whether the words say what is true, or None if they do not touch the claim."""
    if any(_stands(phrase, words) for phrase in claim.counted):
        # "5 months" is compared with lengths of time only, "9" with bare numbers only.
        kinds = {" " in number for number in claim.numbers}
        said = [number for number in _numbers(words) if (" " in number) in kinds]
        if said:
            return any(number in claim.numbers for number in said)
    for phrases, holds in ((claim.fails, False), (claim.holds, True)):
        for phrase in phrases:
            found = _stands(phrase, words)
            if found is None or (holds and words[found[0]] in _PRESUMES):
                continue  # "how does your son take it" takes him for granted and asks something else
            # "You don't have kids" says no; "your husband doesn't know" still says that there is one.
            near = words[max(0, found[0] - NEGATES_FROM) : found[1] + 1]
            negated = not is_asked and is_negated(near)
            return holds != negated
    return None


def _stands(phrase: Sequence[frozenset[str]], words: Sequence[str]) -> tuple[int, int] | None:
    """Return the first and last place of a phrase in the words, with few others between; None if not."""
    for start, word in enumerate(words):
        if word not in phrase[0]:
            continue
        at = start
        for wanted in phrase[1:]:
            at = next((n for n in range(at + 1, min(at + 2 + BETWEEN, len(words))) if words[n] in wanted), -1)
            if at < 0:
                break
        else:
            return start, at
    return None


def _numbers(words: Sequence[str]) -> list[str]:
    """Return the numbers in a clause, with their unit where one follows: `5 months`, `9`."""
    found = []
    for place, word in enumerate(words):
        value = int(word) if word.isdigit() else NUMBERS.get(word)
        if value is None:
            continue
        after = words[place + 1] if place + 1 < len(words) else ""
        unit = _UNITS.get(after.rstrip("s"), "")
        found.append(f"{value} {unit}".strip())
        if unit == "years" and "old" in words[place + 2 : place + 3]:
            found[-1] = str(value)
    return found


def as_dicts(found: Sequence[Claimed]) -> list[Mapping[str, Any]]:
    """Return claims ready for JSON."""
    return [{"topic": c.topic, "is_true": c.is_true, "is_asked": c.is_asked} for c in found]
