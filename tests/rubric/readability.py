"""How hard a text is to read, as a US school grade (Flesch and Kincaid, 1975)."""

from __future__ import annotations

import re

SILENT = re.compile(r"(?:[^laeiouy]es|ed|[^laeiouy]e)$")


def syllables(word: str) -> int:
    """Return about how many syllables an English word has, at least 1."""
    word = word.lower().strip("'’")
    if len(word) <= 3:
        return 1
    word = SILENT.sub("", word)
    return max(1, len(re.findall(r"[aeiouy]{1,2}", word)))


def grade(text: str) -> float:
    """Return 0.39 words per sentence + 11.8 syllables per word - 15.59."""
    words = re.findall(r"[A-Za-z][A-Za-z'’-]*", text)
    sentences = max(1, len(re.findall(r"[.?!:]+(?:\s|$|”|\")", text)))
    return 0.39 * len(words) / sentences + 11.8 * sum(map(syllables, words)) / len(words) - 15.59
