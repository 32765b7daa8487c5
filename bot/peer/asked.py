"""What a question asks about in its own words, and which of a person's lines speak of just that.

Topics are coarse: "whos mateo" and "renewal of what" are about words that the peer used. The index knows
for each word of a scenario in which lines it stands, so that rare words lead to the lines that hold them.
"""

from __future__ import annotations

import math
import re
from collections import Counter
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from itertools import pairwise

from bot.peer.lines import Line
from bot.peer.remarks import clauses
from bot.stems import stem

_WORD = re.compile(r"[a-z0-9]+")
_MARKS = str.maketrans("", "", "'’ʼ")
_STOP = frozenset(
    """answer answered last first keep keeps kept come comes coming bring brings leave left put
    a about abt actually again ah all also always am an and another any anyone anything anyway
    are arent as at aw back bad be because been before being big bit but by came can cant come
    could curious day days did didnt different do does doesnt doing done dont down each either
    else even ever every everyone everything feel feeling feels felt few for from fun gave get
    gets getting give go goes going gone gonna good got gotta great guess had haha happen
    happened has have havent having he hear her here hers hey hi him his hm hold how hows i id
    idk if ill im in inside instead into is isnt it its itd itll ive just kind kinda knew know
    let lets life like liked little lol look looking looks lot lots love made make makes making
    many matter may maybe me mean means might mind mine more most much must my na nah need never
    nice no nope normal not nothing now of off oh ok okay on one ones only ooh or other our out
    over own part parts people picture place places please pretty question r really right said
    same say saying says see seem seems she shes should so some somebody someone something
    sometimes sorry sort sound sounds start started still stuff such sure take talk talking tell
    than thank thanks that thats the their them then there theres these they theyre thing things
    think this those though thought through time times to today told tonight too took tough
    trying u uh um until up ur us use used very wait wanna want wanted wants was way we week
    well went were weve what whatever whats whatre when whens where wheres which while who whom
    whos whose why whyd will with won wonder wont word words worth would wouldnt wow wud y ya
    yeah yep yes yet you youd youll your youre yours yourself youve""".split()
)
"""Words by which nobody can tell what is asked about; apostrophes taken out."""

_CLOSED = frozenset(
    """a an and any are at be been but by can could did do does for from had has have he her him his how
    i if im in is it its just me my not of on or our she so that thats the them then there they this to
    u ur us was we were what whats when where which who why will with would you your youre dont didnt
    going like about really tell more much some now one know think feel get got go said say""".split()
)
"""Words that two lines share without quoting each other."""

_LEAD = (
    r"(?:(?:so|and|but|ok|okay|well|yeah|yes|right|now|oh|all right|alright|wait|sorry|hm+|mm+|lol|haha|hey"
    r"|anyway|also|like|then|no|wow|aw|ooh|hi|cool) )*"
)
_ASKS = re.compile(
    r"\b(?:whats|what is|whos|who is|wheres|where is) (?!up\b)"
    rf"|^{_LEAD}(?:what|whats|who|whos|whom|whose|where|wheres|when|whens|why|whys|whyd|how|hows|howd|which"
    r"|(?:do|does|did|is|are|was|were|have|has|had|can|could|would|will) \w+)\b"
    r"|\b(?:do|did|are|have|can|could) (?:you|u)\b|\bi (?:asked|meant)\b|\bwhy$"
    r"|\b(?:tell me (?:\w+ ){0,2}about|curious about|wondering about|say more about|hear (?:more )?about)\b"
    r"|\b(?:of|by|to|for|from|with) (?:what|who|whom)$|^\w+ (?:what|who)$"
)
_WHO = re.compile(rf"^{_LEAD}(?:who|whos|whose)\b(?: (?:is|are|was|were|s))?|\bremind me who\b")
_POINTS = re.compile(
    r"\b(?:that|thats|it|its|this|he|hes|she|shes|they|theyre|them|him|her|his|hers|their|there|those|these)\b"
)
SHORT = 5
"""Most words of a question that may point at the last thing said rather than stand for itself."""
RARE_SHARE = 0.02
"""Share of a person's lines up to which a word leads to the lines that hold it."""
TELLING = 2.3
"""Weight from which a word tells lines of one subject apart: it stands in less than a tenth of all lines."""
ENOUGH = 0.34
"""Share of a question's weight that a line must hold to answer it; half where nothing else speaks for it."""


_STOP_STEMS = frozenset(stem(word) for word in _STOP)


def stems(text: str) -> tuple[str, ...]:
    """Return the stems of the telling words of a text, in order, each once."""
    plain = _WORD.findall(text.translate(_MARKS).lower())
    cut = (stem(word) for word in plain if word not in _STOP and len(word) > 1)
    return tuple(dict.fromkeys(word for word in cut if word not in _STOP_STEMS))


@dataclass(frozen=True)
class Asked:
    """What a reply asks in its own words.

    Attributes:
        words: Stems of the telling words of the clauses that ask.
        questions: How many clauses ask; a question mark is not needed.
        is_who: Whether it asks who somebody is.
        is_short: Whether all that it asks is a few words, as in "renewal of what".
        points_back: Whether it asks about a that, a there or a them.
    """

    words: tuple[str, ...]
    questions: int
    is_who: bool
    is_short: bool
    points_back: bool


def asked_in(text: str, questions: Iterable[str] = ()) -> Asked:
    """Return what a reply asks about.

    Args:
        text: The reply.
        questions: Its parts that the reader took for questions.
    """
    pieces = [clause for clause, has_mark in clauses(text) if has_mark or _ASKS.search(clause)]
    known = " ".join(pieces)
    for part in questions:
        pieces += [clause for clause, _ in clauses(part) if clause not in known]
    return Asked(
        words=stems(" ".join(pieces)),
        questions=len(pieces),
        is_who=any(_WHO.search(piece) for piece in pieces),
        points_back=any(_POINTS.search(piece) for piece in pieces),
        is_short=0 < sum(len(piece.split()) for piece in pieces) <= SHORT,
    )


def quoted(text: str, said: Mapping[str, str]) -> tuple[str, ...]:
    """Return the ids of the lines of which a question takes up two words in a row, like "the after part".

    Args:
        text: The reply.
        said: Lines that the peer has said, by id.
    """
    pairs: set[tuple[str, str]] = set()
    for clause, has_mark in clauses(text):
        if has_mark or _ASKS.search(clause):
            words = clause.split()
            pairs.update(pair for pair in pairwise(words) if not {*pair} & _CLOSED)
    if not pairs:
        return ()
    found = []
    for line_id, line in said.items():
        words = _WORD.findall(line.translate(_MARKS).lower())
        if any(pair in pairs for pair in pairwise(words)):
            found.append(line_id)
    return tuple(found)


@dataclass(frozen=True)
class Place:
    """Where a line stands: `kind` is beat, surface, follow_up, answer or again; `name` the beat or topic."""

    kind: str
    name: str
    band: str = ""


@dataclass(frozen=True)
class Match:
    """A line that holds what was asked; `weight` orders them, `is_good` is enough to answer with it."""

    line: Line
    place: Place
    weight: float
    is_good: bool


class WordIndex:
    """The lines of one scenario by their words."""

    def __init__(self, entries: Iterable[tuple[Line, Place]], facts: Mapping[str, str]) -> None:
        """Count the words.

        Args:
            entries: Lines that can answer, with their places.
            facts: The scenario's facts, whose names and capitalized words are people and places.
        """
        self.entries = [(line, place, frozenset(stems(line.text))) for line, place in entries]
        self._lines = Counter(word for _, _, words in self.entries for word in words)
        self._most_rare = max(3, round(RARE_SHARE * len(self.entries)))
        named = {word for text in facts.values() for word in re.findall(r"\b[A-Z][a-z]+", text)}
        self.names = frozenset(stem(word.lower()) for word in {*named, *facts}) & frozenset(self._lines)
        self._spread: Counter[tuple[str, str]] = Counter()
        self._size: Counter[str] = Counter()
        for _, place, words in self.entries:
            self._size[place.name] += 1
            self._spread.update((place.name, word) for word in words)

    def weight(self, word: str) -> float:
        """Return how telling a word is: the rarer, the more."""
        return math.log((len(self.entries) + 1) / (self._lines[word] or 2))

    def is_telling(self, word: str) -> bool:
        """Return whether a word stands in the lines, and not in too many."""
        return self._lines[word] > 0 and self.weight(word) >= TELLING

    def is_rare(self, word: str) -> bool:
        """Return whether few lines hold a word."""
        return 0 < self._lines[word] <= self._most_rare

    def knows(self, words: Collection[str]) -> bool:
        """Return whether any of the words is rare in this scenario or a name in it."""
        return any(self.is_rare(word) or word in self.names for word in words)

    def matches(
        self,
        words: Collection[str],
        topics: Mapping[str, float],
        *,
        is_who: bool = False,
        near: Collection[str] = (),
        taken_up: Collection[str] = (),
    ) -> list[Match]:
        """Return the lines that hold what was asked, best first.

        Args:
            words: Stems asked about.
            topics: How much the reply asks about a place, by its name: 1 for what it asks first.
            is_who: Whether it asks who somebody is: then lines that introduce the name come first.
            near: Names of the places that the last words came from.
            taken_up: Stems that the peer has used: asked about those, it is a follow-up whatever the topic.
        """
        whole = sum(self.weight(word) for word in words) or 1.0
        found = []
        for line, place, held in self.entries:
            shared = [word for word in words if word in held]
            if not shared:
                continue
            own = sum(self.weight(word) for word in shared)
            named = [word for word in shared if word in self.names]
            on_topic = topics.get(place.name, 0.0)
            is_here = on_topic > 0 or place.name in near
            rare = [word for word in shared if self.is_rare(word)]
            # One word alone leads to another subject only when it is a name or the peer's own word.
            telling = bool(rare) and (is_here or len(shared) >= 2 or rare[0] in taken_up or bool(named))
            telling = telling or (is_who and bool(named)) or (on_topic > 0 and own >= TELLING)
            telling = telling or (len(shared) >= 2 and (is_here or bool(named)))
            bonus = 1.5 * on_topic + (2.0 if place.name in near else 0.0)
            if is_who:
                bonus += sum(self._introduces(word, line, place) for word in named)
            is_asked_for = is_who and bool(named)
            least = ENOUGH if is_here else 0.5
            found.append(Match(line, place, own + bonus, telling and (is_asked_for or own / whole >= least)))
        return sorted(found, key=lambda match: (-match.is_good, -match.weight, match.line.id))

    def _introduces(self, name: str, line: Line, place: Place) -> float:
        """Return how much a line says who somebody is."""
        text = line.text.translate(_MARKS).lower()
        tells = re.search(
            rf"\b{name}\b,? (?:thats |is |was |, )?(?:my|our|the|a|an|hes|shes)\b"
            rf"|\b{name}\b[.,] (?:s?hes|s?he)\b|\b(?:my|our)(?: \w+){{1,2}},? {name}\b"
            rf"|\b{name},? (?:head|from|thats)\b"
            rf"|\ba \w+ named {name}\b",
            text,
        )
        share = self._spread[(place.name, name)] / self._size[place.name]
        return (2.0 if tells else 0.0) + 2.0 * share + (0.5 if name in text[:20] else 0.0)
