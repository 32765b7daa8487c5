"""Splits a reply into clauses, each of which can carry one move (RUBRIC section 1.1).

spaCy's tokenizer gives the words; the rules below say where one clause ends. They know real
typing: several messages in one, no punctuation, emoji as full stops, ellipses, quotations.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

import spacy
from spacy.tokens import Token
from spacy.util import compile_infix_regex

from bot.nlu.wording import whole

READ_CHARACTERS = 6000
"""Only so much of a message is split; what follows (a pasted article) is one last clause, left unread."""

LONGEST = 60
"""Words after which a clause without any punctuation is cut at the next joining word."""

QUESTION_WORDS = frozenset(
    "what whats what's how hows how's why where wheres who whos when which wat wut".split()
)
AUXILIARIES = frozenset(
    "do does did are is was were am have has had can could would will should may might don't dont "
    "doesn't didn't "
    "didnt aren't arent isn't isnt wasn't wasnt can't cant couldn't couldnt wouldn't wouldnt won't "
    "wont haven't "
    "havent hasn't hasnt shouldn't shouldnt would've".split()
)
SUBJECTS = frozenset(
    "i you u ya we they he she it that this there these those anyone anybody someone".split()
)
JOINERS = frozenset("but so and then because cuz bc though tho anyway".split())
SUBORDINATORS = frozenset(
    "if when since after before because while as once until till til whenever although".split()
)
COMPLEMENT = frozenset(
    "know knew wonder wondering tell told ask asked asking see saw about of is was on in for to with "
    "at from by into "
    "remember understand figure figured guess matter matters exactly that than like no idea sure out "
    "hear heard say said "
    "says think thought decide show learn notice choose and or but not just even the a an my your "
    "thats that's it's its "
    "depending regardless whatever share talk explain describe find found even only".split()
)
_CLOSERS = "\"')]}\u2019\u201d\u00bb"
_SPLIT_WORD = re.compile(r"[\w]")


@dataclass(frozen=True)
class Clause:
    """One stretch of the message.

    Attributes:
        start: First character in the message, in code points; never white space.
        end: One past the last character; never white space before it.
        text: The characters between.
    """

    start: int
    end: int
    text: str


@lru_cache(maxsize=1)
def _pipeline() -> spacy.language.Language:
    """Return the tokenizer, taught that "guts!What" is typed without its space."""
    language = spacy.blank("en")
    infixes = [*(language.Defaults.infixes or []), r"(?<=\w)[?!]+(?=\w)", r"(?<=[a-z])\.{2,}(?=\w)"]
    tokenizer: Any = language.tokenizer
    tokenizer.infix_finditer = compile_infix_regex(infixes).finditer
    return language


def split_clauses(text: str) -> list[Clause]:
    """Return the clauses of a message in order, covering everything but white space between them.

    Args:
        text: The message as typed; offsets are code points in it.
    """
    head, tail = text[:READ_CHARACTERS], text[READ_CHARACTERS:]
    cuts: set[int] = {0, len(head)}
    for match in re.finditer(r"[\r\n\u2028\u2029\x0b\x0c\x85]+", head):
        cuts.add(match.end())
    ordered = sorted(cuts)
    for first, last in zip(ordered, ordered[1:], strict=False):
        cuts.update(first + cut for cut in _cuts_of_line(whole(head[first:last])))
    clauses: list[tuple[int, int]] = []
    ordered = sorted(cuts)
    clauses += zip(ordered, ordered[1:], strict=False)
    if tail.strip():
        clauses.append((len(head), len(text)))
    return _attach_wordless([_trim(text, first, last) for first, last in clauses], text)


def _trim(text: str, first: int, last: int) -> Clause:
    """Return the stretch without white space at its ends."""
    piece = text[first:last]
    first += len(piece) - len(piece.lstrip())
    piece = piece.strip()
    return Clause(first, first + len(piece), piece)


def _attach_wordless(clauses: Sequence[Clause], text: str) -> list[Clause]:
    """Give stretches without a letter or digit (emoji, dashes) to the clause before them, if there is one."""
    kept: list[Clause] = []
    for clause in clauses:
        if not clause.text:
            continue
        if kept and not _SPLIT_WORD.search(clause.text):
            start = kept[-1].start
            kept[-1] = Clause(start, clause.end, text[start : clause.end])
        else:
            kept.append(clause)
    return kept


def _cuts_of_line(line: str) -> list[int]:
    """Return the places in one line where a new clause begins."""
    tokens = [token for token in _pipeline()(line) if not token.is_space]
    if not tokens:
        return []
    quoted = _quoted(tokens)
    cuts: list[int] = []
    clause_start = 0
    for place in range(1, len(tokens)):
        if place in quoted:
            continue
        is_too_long = place - clause_start >= LONGEST and tokens[place].lower_ in JOINERS
        if is_too_long or _ends_clause(tokens, place) or _changes_function(tokens, clause_start, place):
            cuts.append(tokens[place].idx)
            clause_start = place
    return cuts


def _quoted(tokens: Sequence[Token]) -> frozenset[int]:
    """Return the places inside double quotation marks that close again soon; they are not clauses of ours."""
    inside: set[int] = set()
    opened: int | None = None
    for place, token in enumerate(tokens):
        if token.text in ('"', "\u201c", "\u201d"):
            if opened is None and token.text != "\u201d":
                opened = place
            elif opened is not None:
                if place - opened <= 40:
                    inside.update(range(opened + 1, place + 1))
                opened = None
    return frozenset(inside)


def _is_emoji(token: Token) -> bool:
    return not any(character.isalnum() for character in token.text) and any(
        ord(character) >= 0x2600 for character in token.text
    )


def _ends_clause(tokens: Sequence[Token], place: int) -> bool:
    """Return whether punctuation or an emoji before `place` ends a clause."""
    before, here = tokens[place - 1], tokens[place]
    if here.text[0] in _CLOSERS or here.text in {".", "?", "!", ";", ",", "..", "..."}:
        return False
    mark = before
    back = place - 1
    while mark.text and mark.text[0] in _CLOSERS and len(mark.text) == 1 and back > 0:
        back -= 1
        mark = tokens[back]
    if _is_emoji(mark):
        return not _is_emoji(here)
    last = mark.text[-1]
    if last in "?!;" and not mark.text[0].isalnum():
        return True
    if (
        mark.text in {"?", "!", ";", "\uff1f", "\uff01", "\u3002", "\u037e", "\u061f"}
        or mark.text.strip("?!") == ""
    ):
        return True
    if set(mark.text) <= {".", "\u2026"}:
        if len(mark.text) > 1 or "\u2026" in mark.text:
            # Three dots are often a pause within a thought: only what could stand alone is cut off.
            return len(tokens) - place >= 2 and back >= 2
        return here.idx > mark.idx + 1 or here.text[0].isupper()
    # "week.what" and "week?what": typed without the space, kept together by the tokenizer.
    return False


def _changes_function(tokens: Sequence[Token], start: int, place: int) -> bool:
    """Return whether a new clause with another function begins at `place`, mark or no mark."""
    words = [token.lower_ for token in tokens[start:place] if not token.is_punct]
    after = [token.lower_ for token in tokens[place : place + 8]]
    if not words or len(tokens) - place < 2:
        return False
    before = tokens[place - 1]
    is_subordinate = words[0] in SUBORDINATORS
    if before.text in {",", "-", "--", "\u2013", "\u2014", ":"}:
        joined = after[1:] if after[0] in JOINERS else after
        if len(words) < 2:
            return False
        if opens_question(joined):
            return not is_subordinate
        return not is_subordinate and len(words) >= 3 and _differs(words, joined, after[0] in {"but", "so"})
    if after[0] in JOINERS and after[0] not in {"because", "cuz", "bc", "though", "tho"}:
        if len(words) < 2 or is_subordinate and after[0] in {"and", "so", "then"}:
            return False
        if after[0] == "and" and after[1] not in SUBJECTS | QUESTION_WORDS | AUXILIARIES:
            # "i would call him and look for a room": the second verb belongs to the first.
            return False
        return opens_question(after[1:]) or (
            len(words) >= 3 and _differs(words, after[1:], after[0] != "and")
        )
    if before.lower_ in JOINERS:
        return False
    return len(words) >= 3 and not is_subordinate and _begins_unmarked_question(words, after)


def _begins_unmarked_question(words: Sequence[str], after: Sequence[str]) -> bool:
    """Return whether a question begins in the middle of a line typed without marks.

    Args:
        words: The clause so far.
        after: The words that follow.
    """
    if set(words[-5:]) & QUESTION_WORDS:
        # "how ready are you": the question has begun already.
        return False
    if after[0] in QUESTION_WORDS:
        held = COMPLEMENT | AUXILIARIES | SUBORDINATORS | (SUBJECTS - {"that", "it", "this"})
        return words[-1] not in held - {"that", "it", "now"} and _opens_inverted(after)
    held = SUBORDINATORS | JOINERS | AUXILIARIES | (SUBJECTS - {"that", "it", "this", "you", "u"})
    return words[-1] not in held and _opens_inverted(after)


def opens_question(words: Sequence[str]) -> bool:
    """Return whether these words begin a question: "what did", "do you", "how about"."""
    if len(words) < 2:
        return False
    if words[0] in QUESTION_WORDS:
        return True
    return words[0] in AUXILIARIES and words[1] in SUBJECTS | {"n't", "not", "your", "any", "the"}


def _opens_inverted(words: Sequence[str]) -> bool:
    """Return whether these words can only begin a question: "what do you", "are you", "how was it"."""
    if len(words) < 2:
        return False
    if words[0] in QUESTION_WORDS:
        rest = words[1:]
        if rest and rest[0] in {"'s", "s", "'d"}:
            return True
        if words[0] in {"whats", "hows", "wheres", "whos"}:
            return True
        return len(rest) >= 2 and rest[0] in AUXILIARIES and rest[1] in SUBJECTS | {"n't", "your", "the"}
    if words[1] in {"you", "u"}:
        return words[0] in {"do", "did", "are", "have", "can", "could", "would", "were"}
    return words[0] in {"does", "is", "did"} and words[1] in {"that", "it", "there"}


def _differs(left: Sequence[str], right: Sequence[str], is_contrast: bool) -> bool:
    """Return whether two clauses do different things: "i hear you" and "you need to call".

    Args:
        left: Lower-case words of the clause so far.
        right: Those that follow.
        is_contrast: Whether "but" or "so" stands between; after a comma or "and" only a question or an order
            is surely something else.
    """
    one, other = clause_form(left), clause_form(right)
    if other in {"question", "order"}:
        return one != other
    quiet = {"you", "it", ""}
    return is_contrast and other != "" and one != other and not (one in quiet and other in quiet)


_ORDER = frozenset("should need must got gotta ought oughta better hafta".split())
_FIRST_VERBS = frozenset(
    "call go stop try get take make tell talk ask stay keep write put look think let's lets remember "
    "start quit "
    "leave give find do don't dont never just please come text delete block read join trust listen be".split()
)


def clause_form(words: Sequence[str]) -> str:
    """Return what a clause's first words do: question, order, i, we, you, it, or "" when they do not say.

    Args:
        words: Lower-case words, as spaCy splits them.
    """
    words = [
        word for word in words if word not in JOINERS and word not in {"ok", "okay", "well", "yeah", "oh"}
    ]
    if len(words) < 2:
        return ""
    if opens_question(words):
        return "question"
    if words[0] in {"you", "u", "ya"}:
        head = set(words[1:4])
        return "order" if head & _ORDER or words[1:3] in (["have", "to"], ["ca", "n't"]) else "you"
    if words[0] in _FIRST_VERBS:
        return "order"
    if words[0] in {"i", "im", "ive", "id", "ill", "i'm", "i've", "my"}:
        return "i"
    if words[0] == "we":
        return "we"
    if words[0] in {"youre", "youve", "you're", "you've", "your", "ur"}:
        return "you"
    if words[0] in {"it", "its", "that", "thats", "this", "there", "they", "he", "she", "it's", "that's"}:
        return "it"
    return ""
