"""Undoes typing slips and disguises in the few words on which somebody's safety may depend.

"i wnat to dei", "k i l l myself", "su1c1de" and "PUASE" must reach the rules about danger and pausing.
Only words that are no English words are touched, and only rules about safety look at the outcome; how a
reply is scored never depends on it.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Sequence
from functools import lru_cache

from bot.nlu.wording import INVISIBLE, SHORTHAND, whole

Word = tuple[str, int, int]
"""A word in lower case, with its first character and one past its last."""

GUARDED = frozenset(
    "want wanna gonna going need don't dont can't cant anymore myself yourself me die dying dead kill "
    "killing killed suicide suicidal overdose overdosed alive live hurt hurting harm end ending life "
    "pills pill breathe panic panicking safe help pause stop break roleplay role playing character "
    "resume method painless fentanyl heroin meth cocaine weed dose bitch fuck stupid idiot relapse "
    "relapsed used drank".split()
)
"""Words that are looked for behind slips and disguises."""

_SMALL = frozenset("to you how would do it i just where not get of the so and".split())
"""Small words that are read behind figures too ("t0"), so that the phrase around a guarded word holds."""

_TYPED = {
    "kil": "kill",
    "dei": "die",
    "wnat": "want",
    "jsut": "just",
    "wuold": "would",
    "wher": "where",
    "hte": "the",
}
"""Slips that are somebody's name or an English word too, or slips of small words."""

_LOOKS = str.maketrans(
    {"0": "o", "1": "i", "3": "e", "4": "a", "5": "s", "7": "t", "@": "a", "$": "s", "!": "i"}
)
_PIECE = re.compile(r"\S+")
_EDGES = re.compile(r"^[^\w@$*]+|[^\w@$*]+$")
_HIDDEN = re.compile(r"[*#.\-_+~]")
_LETTER = re.compile(r"[^\W\d_]")
_ROW_OF_LETTERS = 3


def undisguised(text: str, words: Sequence[Word], vocabulary: Collection[str]) -> list[Word] | None:
    """Return the words with guarded ones put right, or None where nothing is hidden.

    Args:
        text: The clause as typed.
        words: Its words, from `patterns.words_of`.
        vocabulary: Words that are English, lower case; they are never taken for slips.
    """
    found = _join_letters([_put_right(word, vocabulary) for word in words], whole(text).lower())
    pieces = [_unmask(match, vocabulary) for match in _PIECE.finditer(whole(text))]
    for word, start, end in (piece for piece in pieces if piece is not None):
        found = [old for old in found if old[2] <= start or old[1] >= end]
        found += [(part, start, end) for part in SHORTHAND.get(word, word).split()]
    found.sort(key=lambda item: (item[1], item[2]))
    return None if found == list(words) else found


def _put_right(word: Word, vocabulary: Collection[str]) -> Word:
    """Return the word, or the guarded word that it is a slip of."""
    text, start, end = word
    if text in _TYPED:
        return _TYPED[text], start, end
    if text in GUARDED or text in SHORTHAND or len(text) < 3 or text in vocabulary:
        return word
    short = re.sub(r"(.)\1+", r"\1", text)
    for candidate in (text, short):
        guarded = candidate if candidate in GUARDED else _slips().get(candidate)
        if guarded:
            return guarded, start, end
    return word


@lru_cache(maxsize=1)
def _slips() -> dict[str, str]:
    """Return every one-letter slip of a guarded word of four letters or more; of shorter ones only swaps."""
    slips: dict[str, str] = {}
    for word in sorted(GUARDED):
        places = range(len(word))
        swapped = {
            word[:at] + word[at + 1] + word[at] + word[at + 2 :] for at in places if at + 1 < len(word)
        }
        if len(word) >= 4:
            swapped |= {word[:at] + word[at + 1 :] for at in places if at}
            swapped |= {
                word[:at] + letter + word[at + (1 if is_other else 0) :]
                for at in range(1, len(word))
                for letter in "abcdefghijklmnopqrstuvwxyz"
                for is_other in (True, False)
            }
        for slip in swapped - GUARDED:
            slips.setdefault(slip, word)
    return slips


def _join_letters(words: list[Word], text: str) -> list[Word]:
    """Join letters typed one by one ("d i e", "k.m.s") where guarded words come out."""
    out: list[Word] = []
    at = 0
    while at < len(words):
        end = at
        while end < len(words) and _LETTER.fullmatch(text[words[end][1] : words[end][2]]):
            end += 1
        if end - at >= _ROW_OF_LETTERS:
            out += _spelled(words[at:end], "".join(text[start] for _, start, _ in words[at:end]))
            at = end
        else:
            out.append(words[at])
            at += 1
    return out


def _spelled(letters: list[Word], row: str) -> list[Word]:
    """Return a row of single letters with the guarded words in it put together."""
    out: list[Word] = []
    at = 0
    while at < len(row):
        hit = max(
            (word for word in (*GUARDED, *_SMALL, "kms") if row.startswith(word, at)), key=len, default=""
        )
        out.append((hit, letters[at][1], letters[at + len(hit) - 1][2]) if hit else letters[at])
        at += max(1, len(hit))
    return out


def _unmask(match: re.Match[str], vocabulary: Collection[str]) -> Word | None:
    """Return the guarded word behind figures and signs ("su1c1de", "k*ll", "d-i-e"), or None."""
    raw = INVISIBLE.sub("", match.group()).lower()
    piece = _EDGES.sub("", raw)
    if not _LETTER.search(piece) or piece.isalpha() or len(piece) < 2 or piece in vocabulary:
        return None
    bare = _HIDDEN.sub("", piece)
    for candidate in (piece.translate(_LOOKS), bare.translate(_LOOKS)):
        if candidate in GUARDED or candidate in _SMALL or candidate == "kms":
            return candidate, match.start(), match.end()
    if "*" in piece and sum(letter.isalpha() for letter in piece) >= 2:
        pattern = re.compile(".".join(re.escape(part) for part in piece.translate(_LOOKS).split("*")))
        hits = sorted(word for word in GUARDED if pattern.fullmatch(word))
        if hits:
            return hits[0], match.start(), match.end()
    return None
