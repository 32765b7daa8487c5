"""Small text helpers of the assessment: words, stems, phrases, quotes.

The assessment sees a reply through its `Reading`; only where a rule of the rubric speaks of words
(copied words, a phrase, a number of words) does it look at the text itself, and only with these.
"""

from __future__ import annotations

import re
import zlib
from collections.abc import Iterable
from functools import lru_cache

from bot.stems import stem

_WORD = re.compile(r"[^\W_]+(?:['’ʼ][^\W_]+)*")
_SENTENCE_END = re.compile(r"[.?!;\n]+|\s[-–—]\s|…")
_APOSTROPHES = str.maketrans("", "", "'’ʼ")

STOP_WORDS = frozenset(
    """a about after again all also am an and any anybody anyone anything are arent as at be because been
    before being but by can cant could couldnt did didnt do does doesnt doing dont down each even ever
    every few for from get gets getting go goes going gonna got had has hasnt have havent having he hed
    her here hes him his how i id if ill im in into is isnt it its itd itll ive just kind kinda know lets
    like lol lot made make makes many may maybe me mean might more most much my na nah no nope not now of
    off ok okay on one only or other our out over own part people pretty really right said same say saying
    says see she shed shes should so some somebody someone something sort sound sounds still stuff such
    sure take tell than that thats the their them then there theres these they theyre theyve thing things
    think this those though to too u ur um uh up us very wanna want wants was wasnt way we well went were
    weve what whatever whats when where which while who whos why will with wont would wouldnt yeah yep yes
    yet you youd youll your youre yours youve""".split()
)
"""Words that say nothing about what a sentence is about; apostrophes taken out."""


def words(text: str) -> list[str]:
    """Return the words of a text in lower case, without apostrophes: "Don't go" gives dont, go."""
    return [word for word, _, _ in _spots(text)]


@lru_cache(maxsize=4096)
def _spots(text: str) -> tuple[tuple[str, int, int], ...]:
    """Return each word with where it begins and ends; kept, since many rules ask about the same words."""
    return tuple(
        (found.group().translate(_APOSTROPHES).lower(), found.start(), found.end())
        for found in _WORD.finditer(text)
    )


@lru_cache(maxsize=512)
def _said(text: str) -> tuple[tuple[str, ...], frozenset[str]]:
    """Return the words of a text in order, and each once; some dozens of phrases are looked for in each."""
    said = tuple(word for word, _, _ in _spots(text))
    return said, frozenset(said)


@lru_cache(maxsize=4096)
def _phrase(phrase: str) -> tuple[str, ...]:
    """Return the words of a phrase of the rubric; there are some hundreds, each asked about every reply."""
    return tuple(words(phrase))


def content_words(text: str) -> frozenset[str]:
    """Return the stems of the words that carry a text's content."""
    return frozenset(stem(word) for word in words(text) if word not in STOP_WORDS and len(word) > 1)


def flat(text: str) -> str:
    """Return a text as its words with single spaces, one before and one after, for phrase search."""
    return f" {' '.join(words(text))} "


def has_phrase(text: str, phrases: Iterable[str]) -> bool:
    """Return whether any of the phrases stands in the text as whole words, whatever the punctuation."""
    return find_phrase(text, phrases) is not None


def find_phrase(text: str, phrases: Iterable[str]) -> tuple[int, int] | None:
    """Return where the first of the phrases begins and ends in the text, in code points, or None."""
    spots = _spots(text)
    said, present = _said(text)
    best: tuple[int, int] | None = None
    for phrase in phrases:
        wanted = _phrase(phrase)
        if not wanted or wanted[0] not in present:
            continue
        for at in range(len(said) - len(wanted) + 1):
            if said[at : at + len(wanted)] == wanted:
                found = spots[at][1], spots[at + len(wanted) - 1][2]
                best = found if best is None else min(best, found)
                break
    return best


def has_cue(text: str, cues: Iterable[str]) -> bool:
    """Return whether a word of the text begins with one of the cues ("racis" finds "racist")."""
    line = flat(text)
    return any(f" {' '.join(words(cue))}" in line for cue in cues)


def opens_with(text: str, phrases: Iterable[str], skip: frozenset[str] = frozenset()) -> bool:
    """Return whether the text begins with one of the phrases, passing over the words in `skip`."""
    said = tuple(words(text))
    while said and said[0] in skip:
        said = said[1:]
    return any(said[: len(wanted)] == wanted for wanted in map(_phrase, phrases) if wanted)


def sentences(text: str) -> list[str]:
    """Return the sentences of a text, roughly, for quoting and for looking at how a line opens."""
    return [piece.strip(" ,\t") for piece in _SENTENCE_END.split(text) if piece.strip(" ,\t")]


def quote(text: str, most: int) -> str:
    """Return the first words of a text in quotation marks, cut after `most` words.

    Args:
        text: What was said.
        most: Most words to keep; a longer text ends with an ellipsis.

    Returns:
        For example `“still said it out loud”` or `“and then?”`, or "" where the text holds no word.
    """
    spots = list(_WORD.finditer(text))
    if not spots:
        return ""
    last = spots[min(most, len(spots)) - 1].end()
    end = "…" if len(spots) > most else "?" if text.rstrip().endswith("?") else ""
    return f"“{text[spots[0].start() : last].strip()}{end}”"


def after_reaction(text: str) -> str:
    """Return what a peer said beyond their reaction to the reply before.

    The first of several things that a peer says answers the reply ("Huh. Close."), what follows is theirs.
    They are parted by one new line, bubbles of one thing by two.
    """
    return re.split(r"(?<!\n)\n(?!\n)", text, maxsplit=1)[-1]


def inside_quotes(text: str) -> str:
    """Return a text with periods and commas moved inside quotation marks, as people in the US write."""
    return text.replace("”.", ".”").replace("”,", ",”").replace("….”", "…”")


_TURNED = {
    "i": ("you",),
    "im": ("youre", "you", "are"),
    "ive": ("youve", "you", "have"),
    "id": ("youd", "you", "would"),
    "ill": ("youll", "you", "will"),
    "me": ("you",),
    "my": ("your",),
    "mine": ("yours",),
    "myself": ("yourself",),
    "am": ("are",),
    "was": ("were",),
    "we": ("you",),
    "us": ("you",),
    "our": ("your",),
}
"""How a word of the peer's sounds when it is said back to them."""


def frame(reply: str, peer: str) -> tuple[int, ...]:
    """Return the words of a reply that the peer did not just say, hashed: the frame around their words.

    What is theirs may come back turned around ("my sister", "your sister"). "It sounds like your sister left.
    It's your choice." after "My sister left." keeps it, sounds, like, its and choice; the same frame around
    other words keeps the same.
    """
    theirs = set(words(peer))
    theirs.update(turned for word in tuple(theirs) for turned in _TURNED.get(word, ()))
    stems = {stem(word) for word in theirs}
    return fingerprint(" ".join(word for word in words(reply) if stem(word) not in stems), most=40)


def overlap(ours: frozenset[str], theirs: frozenset[str]) -> float:
    """Return the share of `ours` that is also in `theirs`, 0 when `ours` is empty."""
    return len(ours & theirs) / len(ours) if ours else 0.0


def fingerprint(text: str, most: int = 80) -> tuple[int, ...]:
    """Return the words of a reply as sorted 24-bit hashes, at most `most`.

    All words are taken, not only content words: "What do you want?" and "What would you want?" differ in
    nothing else, and calling them the same would be unfair.
    """
    hashes = {zlib.crc32(word.encode()) & 0xFFFFFF for word in words(text)}
    return tuple(sorted(hashes)[:most])


def sameness(one: Iterable[int], other: Iterable[int]) -> float:
    """Return the share of words that two fingerprints have in common, 0 to 1 (Jaccard)."""
    first, second = set(one), set(other)
    return len(first & second) / len(first | second) if first and second else 0.0
