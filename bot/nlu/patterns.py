"""Patterns that must never be missed, matched by spaCy and kept as data in `data/patterns.yml`.

A rule's `match` lines are written in a small notation that is turned into spaCy Matcher patterns:
words stand for themselves in any case; `a|b` is either; `word?` may be missing; `*` is up to three
words of any kind; `^` at the beginning ties the rule to the first word of its clause. Words are those
of `wording.readable`: "u", "dont" and "wanna" meet "you", "don't" and "want to".
"""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any

import spacy
from spacy.matcher import Matcher
from spacy.tokens import Doc

from bot.content import ContentError, Problem, nearest, read_yaml
from bot.nlu.disguise import Word, undisguised
from bot.nlu.wording import INVISIBLE, SHORTHAND, whole

PATTERNS_FILE = "patterns.yml"
MENTION_KINDS = frozenset(
    "stigma_term jargon pause_word resume_word distress panic to_scorer unreadable other_language insult "
    "greeting goodbye thanks apology backchannel asks_identity asks_out_of_character how_are_you joke "
    "about_trainee pronoun_he pronoun_she pronoun_they caps_shouting scope_medical scope_legal "
    "promise_secrecy promise_outcome asks_suicide asks_tonight offers_988 asks_method asks_dose asks_supply "
    "asks_legal asks_how urges_dying".split()
)
SAFETY_KINDS = frozenset(
    "distress panic pause_word insult urges_dying asks_method asks_how asks_dose asks_supply".split()
)
"""Mentions that are looked for behind slips and disguises too, and in messages that cannot be read."""
_KEYS = frozenset(
    "id move mention match unless in_question whole_message whole_clause examples counterexamples "
    "about".split()
)
_WORD = re.compile(r"[^\W_]+(?:['\u2019][^\W_]+)*|[?!]")
_LEAD = frozenset(
    "so and but ok okay well yeah yes right now oh then also like look listen honestly no please".split()
)


@dataclass(frozen=True)
class Rule:
    """One entry of `data/patterns.yml`.

    Attributes:
        id: Its name, kept with everything that it finds.
        move: The move that it sets, or "".
        mention: The kind of mention that it makes, or "".
        match: Lines in the notation above.
        unless: Lines that veto it within the same clause.
        in_question: False where it never holds in a question, True where only there, None for both.
        whole_message: Whether a match must be all that the message says.
        whole_clause: Whether a match must be all that its clause says.
        examples: Replies in which it must be found.
        counterexamples: Replies in which it must not.
    """

    id: str
    move: str
    mention: str
    match: tuple[str, ...]
    unless: tuple[str, ...] = ()
    in_question: bool | None = None
    whole_message: bool = False
    whole_clause: bool = False
    examples: tuple[str, ...] = ()
    counterexamples: tuple[str, ...] = ()


@dataclass(frozen=True)
class Found:
    """A place where a rule matched; offsets in code points of the message."""

    rule: Rule
    start: int
    end: int


@lru_cache(maxsize=1)
def _vocabulary() -> spacy.vocab.Vocab:
    return spacy.blank("en").vocab


def words_of(text: str) -> list[Word]:
    """Return the words of a text, written out and lower case, each with the place that it came from."""
    words: list[Word] = []
    for match in _WORD.finditer(whole(text)):
        word = INVISIBLE.sub("", match.group()).replace("\u2019", "'").lower()
        if word in "?!" and words and words[-1][0] == word:
            continue  # ten thousand question marks say what one says, and matching them takes seconds
        for part in SHORTHAND.get(word, word).split():
            words.append((part, match.start(), match.end()))
    return words


def compile_line(line: str) -> list[list[dict[str, Any]]]:
    """Turn one line of the notation into Matcher patterns.

    `*` becomes up to three optional tokens. A line that is nothing but options is refused.

    Raises:
        ValueError: The line is empty or could match no word at all.
    """
    tokens: list[dict[str, Any]] = []
    for part in line.removeprefix("^").split():
        if part == "*":
            tokens += [{"OP": "?"}] * 3
            continue
        is_optional = part.endswith("?") and len(part) > 1
        choices = part.removesuffix("?").split("|") if is_optional else part.split("|")
        token: dict[str, Any] = {"LOWER": {"IN": [choice.lower() for choice in choices]}}
        tokens.append({**token, "OP": "?"} if is_optional else token)
    if all("OP" in token for token in tokens):
        raise ValueError(f'"{line}" matches nothing in particular')
    return [tokens]


class PatternReader:
    """Finds what the rules describe.

    Args:
        rules: From `load_rules`.
    """

    def __init__(self, rules: Sequence[Rule]) -> None:
        self.rules = tuple(rules)
        self._matchers: list[Matcher] = []
        self._lines: dict[str, tuple[Rule, bool, bool]] = {}
        self._matcher = Matcher(_vocabulary())
        for number, rule in enumerate(self.rules):
            for kind, lines in (("match", rule.match), ("unless", rule.unless)):
                for place, line in enumerate(lines):
                    key = f"{number}/{kind}/{place}"
                    self._matcher.add(key, compile_line(line))
                    self._lines[key] = (rule, kind == "unless", line.startswith("^"))

    def find(
        self,
        text: str,
        start: int = 0,
        is_question: bool = False,
        is_whole: bool = False,
        vocabulary: Collection[str] | None = None,
    ) -> list[Found]:
        """Return the places where rules match in one clause, the longest match of each rule.

        Args:
            text: The clause, as typed.
            start: Where the clause begins in the message; added to the offsets.
            is_question: Whether the clause asks something.
            is_whole: Whether the clause is all that the message says.
            vocabulary: English words; given, the rules about safety see through slips and disguises too.
        """
        words = words_of(text)
        found = self._find(words, start, is_question, is_whole)
        hidden = undisguised(text, words, vocabulary) if vocabulary is not None else None
        if hidden:
            known = {item.rule.id for item in found}
            found += [
                item
                for item in self._find(hidden, start, is_question, is_whole)
                if item.rule.mention in SAFETY_KINDS and item.rule.id not in known
            ]
        return found

    def _find(self, words: Sequence[Word], start: int, is_question: bool, is_whole: bool) -> list[Found]:
        """Return the matches among these words."""
        if not words:
            return []
        doc = Doc(_vocabulary(), words=[word for word, _, _ in words])
        lead = 0
        while lead < len(words) - 1 and words[lead][0] in _LEAD:
            lead += 1
        plain_words = sum(word not in "?!" for word, _, _ in words)
        vetoed: set[str] = set()
        best: dict[str, tuple[int, int, Rule]] = {}
        for key, first, last in self._matcher(doc):
            rule, is_veto, is_tied = self._lines[_vocabulary().strings[key]]
            if is_tied and first not in (0, lead):
                continue
            if is_veto:
                vetoed.add(rule.id)
                continue
            if rule.in_question is not None and rule.in_question != is_question:
                continue
            must_be_all = rule.whole_clause or rule.whole_message
            if (rule.whole_message and not is_whole) or (must_be_all and last - first < plain_words - lead):
                continue
            old = best.get(rule.id)
            if old is None or (last - first, -first) > (old[1] - old[0], -old[0]):
                best[rule.id] = (first, last, rule)
        return [
            Found(rule, start + words[first][1], start + words[last - 1][2])
            for first, last, rule in best.values()
            if rule.id not in vetoed
        ]


def load_rules(data: Path, moves: Sequence[str]) -> list[Rule]:
    """Read `patterns.yml`.

    Args:
        data: The content folder.
        moves: The move ids that a rule may set.

    Raises:
        ContentError: Something in the file cannot be used; every problem is named with its place.
    """
    return parse_rules(read_yaml(data / PATTERNS_FILE), moves)


def parse_rules(document: Mapping[str, Any], moves: Sequence[str]) -> list[Rule]:
    """Turn the document of `patterns.yml` into rules, collecting what is wrong with it."""
    problems: list[Problem] = []
    rules: list[Rule] = []
    seen: set[str] = set()

    def wrong(place: str, text: str) -> None:
        problems.append(Problem(PATTERNS_FILE, place, text))

    for number, entry in enumerate(document.get("patterns", ())):
        place = f"patterns.{entry.get('id', number)}"
        for key in set(entry) - _KEYS:
            wrong(place, f'unknown key "{key}"{nearest(key, _KEYS)}')
        if not entry.get("id") or entry["id"] in seen:
            wrong(place, "every pattern needs an id of its own")
        seen.add(entry.get("id", ""))
        move, mention = entry.get("move", ""), entry.get("mention", "")
        if bool(move) == bool(mention):
            wrong(place, "a pattern sets either a move or a mention")
        if move and move not in moves:
            wrong(place, f'unknown move "{move}"{nearest(move, moves)}')
        if mention and mention not in MENTION_KINDS:
            wrong(place, f'unknown mention "{mention}"{nearest(mention, MENTION_KINDS)}')
        if not entry.get("match"):
            wrong(place, "needs at least one line under match")
        for line in [*entry.get("match", ()), *entry.get("unless", ())]:
            try:
                compile_line(str(line))
            except ValueError as error:
                wrong(place, str(error))
        if not entry.get("examples") or not entry.get("counterexamples"):
            wrong(place, "needs examples and counterexamples")
        rules.append(
            Rule(
                id=str(entry.get("id", "")),
                move=move,
                mention=mention,
                match=_lines(entry, "match"),
                unless=_lines(entry, "unless"),
                in_question=entry.get("in_question"),
                whole_message=bool(entry.get("whole_message", False)),
                whole_clause=bool(entry.get("whole_clause", False)),
                examples=_lines(entry, "examples"),
                counterexamples=_lines(entry, "counterexamples"),
            )
        )
    if problems:
        raise ContentError(problems)
    return rules


def _lines(entry: Mapping[str, Any], key: str) -> tuple[str, ...]:
    return tuple(str(line) for line in entry.get(key, ()))
