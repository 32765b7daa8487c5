"""Tells keyboard noise and other languages from English, so that they are answered and never scored."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable

from bot.nlu.wording import INVISIBLE, SHORTHAND

UNREADABLE = "unreadable"
OTHER_LANGUAGE = "other_language"

_WORD = re.compile(r"[^\W\d_]+(?:['\u2019][^\W\d_]+)*")
_READ = 2000

ENGLISH = frozenset(
    "the a an i you he she it we they me my your is are was were be been do does did have has had can "
    "could will would "
    "should not no and or but so if of to in on at for with from by about that this what how when "
    "where why who there "
    "im i'm youre you're its it's thats that's dont don't ive just like all up out get got go know "
    "want think feel yes "
    "yeah ok okay hi hey hello thanks sorry u ur r".split()
)
FOREIGN = frozenset(
    # Spanish and Portuguese
    "el la los las una unos que qu\u00e9 como c\u00f3mo estoy est\u00e1s est\u00e1 estas muy pero por "
    "para con usted t\u00fa mi tu su es son "
    "hola gracias bien quiero puedo puede siento sientes necesito ayuda hoy ma\u00f1ana porque cuando "
    "donde tengo tienes "
    "eu voc\u00ea n\u00e3o sim muito obrigado obrigada est\u00e3o uma com ele ela isso lo le te se "
    "del al y de en nada todo tus dime eres soy cu\u00e1ntas cu\u00e1ntos cuantas cuantos d\u00f3nde "
    "tomaste comprar hacer quieres "
    # French
    "je tu il elle nous vous ils les des une est suis es\u0302t avec pour dans pas ne que qui quoi "
    "bonjour merci comment "
    "moi sans combien peux veux "
    "\u00e7a va tr\u00e8s mais aussi sur votre ton ta mon ma ce cette bien aujourd'hui c'est j'ai "
    # German and Dutch
    "ich du er wir ihr sie ist bin bist sind nicht und oder aber wie was warum wenn mit f\u00fcr auf "
    "ein eine der das den dem "
    "hallo danke heute gut geht mir dir mich dich ik jij het een niet wat hoe goed "
    # Italian
    "io noi voi sono sei siamo non che come perch\u00e9 grazie ciao bene oggi molto anche della nel gli "
    # Polish, Tagalog, Haitian, Vietnamese without marks
    "nie jest wiem jak dzi\u0119kuj\u0119 tak ang ng mga ako ikaw hindi ka po salamat mwen ou pa se kijan "
    "mw\u00e8n toi khong cam".split()
)
"""Function words; those that English has too ("was", "is", "on") do not count as foreign."""
_FOREIGN = (
    FOREIGN
    - ENGLISH
    - frozenset("an me no so do he die war in am also hat bin den dem sei come sono toi pa se".split())
)


def unreadable_kind(text: str, vocabulary: Iterable[str]) -> str | None:
    """Return `unreadable`, `other_language` or None where the text is English enough to be read.

    Args:
        text: The trainee's message.
        vocabulary: Whole words that the encoder knows, lower case; a set.
    """
    known = vocabulary if isinstance(vocabulary, (set, frozenset)) else frozenset(vocabulary)
    head = INVISIBLE.sub("", text[:_READ])
    words = [
        word.replace("\u2019", "'").lower() for word in _WORD.findall(unicodedata.normalize("NFKC", head))
    ]
    if not words:
        # A lone number can be an answer ("7"); emoji, symbols and emptiness cannot.
        return None if any(character.isdigit() for character in head) else UNREADABLE
    latin = sum(word.isascii() or _is_latin(word) for word in words)
    if latin * 2 < len(words):
        return OTHER_LANGUAGE
    english = sum(word in ENGLISH or (word in SHORTHAND and word != "y") for word in words)
    foreign = sum(word in _FOREIGN for word in words)
    if foreign >= 2 and foreign > 2 * english and foreign * 5 >= len(words):
        return OTHER_LANGUAGE
    if len(words) > 1 and not english and any(not word.isascii() and word not in known for word in words):
        return OTHER_LANGUAGE
    if english:
        return None
    sensible = sum(_is_sensible(word, known) for word in words)
    return None if sensible * 2 >= len(words) else UNREADABLE


def _is_latin(word: str) -> bool:
    return all("LATIN" in unicodedata.name(character, "") or character == "'" for character in word)


def _is_sensible(word: str, known: frozenset[str] | set[str]) -> bool:
    """Return whether a word is one, or could be a name or a typing slip of one."""
    if word in SHORTHAND or (len(word) > 2 and (word in known or word.removesuffix("s") in known)):
        return word not in _NOISE
    if len(word) <= 2:
        return word in {
            "ok",
            "no",
            "hm",
            "mm",
            "oh",
            "ah",
            "hi",
            "yo",
            "a",
            "i",
            "ya",
            "um",
            "uh",
            "er",
            "ty",
            "so",
            "go",
        }
    if re.fullmatch(
        r"(?:m+h?m*|h+m+|u+h+(?:u+h+)?|a+h+|o+h+|lo+l|(?:ha|he)+h?|a+w+|o+o+f|u+g+h+|y+e+s+|n+o+)", word
    ):
        return True
    if re.fullmatch(r"(\w{2,5})\1{2,}", word):
        return False
    # Real words, slips and names have a vowel in every few letters and rarely five consonants in a row.
    return bool(re.search(r"[aeiouy]", word)) and not re.search(r"[^aeiouy']{4,}", word) and not _is_row(word)


_NOISE = frozenset("asdf qwerty qwer zxcv hjkl sdf dfg fgh jkl xyz abc".split())
_ROWS = ("qwertyuiop", "asdfghjkl", "zxcvbnm", "poiuytrewq", "lkjhgfdsa", "mnbvcxz")


def _is_row(word: str) -> bool:
    """Return whether a word runs along a row of the keyboard or repeats one syllable of noise."""
    if any(
        word[place : place + 4] in row
        for row in _ROWS
        for place in range(max(1, len(word) - 3))
        if len(word) >= 4
    ):
        return True
    return len(word) >= 4 and len(set(word)) <= 2
