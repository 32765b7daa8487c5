"""Words that matter besides the moves: stigma terms, pause words, danger, noise, other languages."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from bot.nlu.form import asks
from bot.nlu.patterns import SAFETY_KINDS, Found, PatternReader
from bot.nlu.sentences import READ_CHARACTERS, Clause
from bot.nlu.unreadable import unreadable_kind
from bot.nlu.wording import readable
from bot.reading import Mention

_MARK_INSIDE = re.compile(r"\w[!?]\w")

SHOUTED_WORDS = 3
"""So many words in capitals, and more than half of all, are shouting; "OK" or "AA" is not."""


@dataclass(frozen=True)
class Mentions:
    """What the rules found in one message.

    Attributes:
        kind: `unreadable` or `other_language` where the message cannot be read, else "".
        mentions: All mentions in order.
        by_clause: For each clause the rules that set a move there.
    """

    kind: str
    mentions: tuple[Mention, ...]
    by_clause: tuple[tuple[Found, ...], ...]


def read_mentions(
    text: str, clauses: Sequence[Clause], patterns: PatternReader, vocabulary: frozenset[str]
) -> Mentions:
    """Look for everything that the rules describe.

    Args:
        text: The message.
        clauses: Its clauses.
        patterns: The rules.
        vocabulary: Whole words that the encoder knows.
    """
    kind = unreadable_kind(text, vocabulary)
    mentions: list[Mention] = []
    by_clause: list[tuple[Found, ...]] = []
    for clause in clauses:
        if clause.start >= READ_CHARACTERS:
            break
        is_question = asks(readable(clause.text))
        found = patterns.find(clause.text, clause.start, is_question, len(clauses) == 1, vocabulary)
        by_clause.append(tuple(item for item in found if item.rule.move))
        for item in found:
            if item.rule.mention and (kind is None or item.rule.mention in SAFETY_KINDS):
                words = text[item.start : item.end]
                mentions.append(Mention(item.rule.mention, item.rule.id, item.start, item.end, words))
    mentions += _across_clauses(text, patterns, vocabulary, mentions)
    if kind is not None:
        # It can't be scored, but danger and a wish to pause are heard in any language and through any noise.
        return Mentions(kind, (Mention(kind, kind, 0, len(text), text), *mentions), ())
    mentions += _shouting(text)
    if any(mention.kind == "asks_suicide" for mention in mentions):
        # "I want to stop on that. Are you thinking of suicide?" is no wish to leave, of all moments.
        mentions = [mention for mention in mentions if mention.kind != "pause_word"]
    mentions.sort(key=lambda mention: (mention.start, mention.end, mention.kind, mention.rule))
    return Mentions("", tuple(mentions), tuple(by_clause))


def _across_clauses(
    text: str, patterns: PatternReader, vocabulary: frozenset[str], known: Sequence[Mention]
) -> list[Mention]:
    """Return what matters for safety where a mark inside a word ("k!ll") has cut the clause in two."""
    head = text[:READ_CHARACTERS]
    if not _MARK_INSIDE.search(head):
        return []
    kinds = {mention.kind for mention in known}
    return [
        Mention(item.rule.mention, item.rule.id, item.start, item.end, text[item.start : item.end])
        for item in patterns.find(head, vocabulary=vocabulary)
        if item.rule.mention in SAFETY_KINDS - kinds
    ]


def _shouting(text: str) -> list[Mention]:
    words = [
        word for word in text[:READ_CHARACTERS].split() if any(character.isalpha() for character in word)
    ]
    loud = [word for word in words if word.isupper() and sum(map(str.isalpha, word)) > 1]
    if len(loud) < SHOUTED_WORDS or len(loud) * 2 <= len(words):
        return []
    return [Mention("caps_shouting", "caps_shouting", 0, len(text), text)]
