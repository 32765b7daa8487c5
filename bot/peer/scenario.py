"""One simulated person: what `data/scenarios/<id>.yml` holds, ready to be played.

`scenario_file.py` reads and checks the file.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

from bot.peer.claims import Claim
from bot.peer.lines import Line, Pool
from bot.peer.names import Names
from bot.peer.phrases import Place, answering_pools

ASKING_TAGS = frozenset({"ask", "do", "path", "scope"})


@dataclass(frozen=True)
class Beat:
    """Something the peer brings into the talk once, when the moment is right.

    Attributes:
        id: `B2` and so on; `B1` is the opening.
        tags: What it is to the scorer: disclosure, win, ... (see `shape.TAGS`).
        topics: Asked about one of these, the peer gives this beat first.
        openness: Openness from which it may be told.
        after: Beats that must have been told before.
        from_turn: Earliest turn.
        if_ownership: Ownership from which it may be told.
        at_latest: Turn from which it is told whatever the openness; 0 for never.
        if_state: Bounds of the inner state between which it may be told, e.g. `guard_above`.
        asks: What it asks of the trainee, or None.
        is_next_step: Whether the peer voices their own next step in it.
        lines: Its variants.
        surface: Said instead while it is locked.
        follow_up: Said when the trainee asks further.
        if_missed: Said in the next turn when it was passed over.
        facts: Facts that its lines state.
    """

    id: str
    tags: frozenset[str]
    topics: tuple[str, ...] = ()
    openness: float = 0.0
    after: tuple[str, ...] = ()
    from_turn: int = 1
    if_ownership: float = 0.0
    at_latest: int = 0
    if_state: Mapping[str, float] = field(default_factory=dict)
    asks: str | None = None
    is_next_step: bool = False
    lines: Pool = ()
    surface: Pool = ()
    follow_up: Pool = ()
    if_missed: Pool = ()
    facts: tuple[str, ...] = ()

    @property
    def is_asking(self) -> bool:
        """Return whether it asks the trainee for something."""
        return bool(self.asks or self.tags & ASKING_TAGS)


@dataclass(frozen=True)
class TopicAnswers:
    """What the peer says about one topic, by band, and when asked again."""

    by_band: Mapping[str, Pool]
    again: Pool = ()
    ask_back: Pool = ()
    facts: tuple[str, ...] = ()


@dataclass(frozen=True)
class Persona:
    """Who the peer is, as shown to trainees (`name` to `place`) and to instructors."""

    name: str
    short_name: str
    age: int
    pronouns: str
    place: str
    about: str
    notes: Mapping[str, Any]


@dataclass(frozen=True)
class Scenario:
    """One person and everything they can say. Attributes follow the file."""

    id: str
    version: str
    order: int
    title: str
    level: str
    pathway: str
    seeds: tuple[str, ...]
    content_notice: tuple[str, ...]
    card: str
    before_you_start: str
    persona: Persona
    facts: Mapping[str, str]
    objectives: tuple[str, ...]
    targets: tuple[str, ...]
    start: Mapping[str, float]
    sensitivity: Mapping[str, float]
    rupture: str
    masking_above: float | None
    opening: Line
    opening_topics: tuple[str, ...]
    beats: tuple[Beat, ...]
    reactions: Mapping[str, Mapping[str, Pool]]
    topics: Mapping[str, TopicAnswers]
    talk: Mapping[str, Mapping[str, Pool]]
    suicide_answer: Pool
    confirm: Mapping[str, Pool]
    deny: Mapping[str, Pool]
    step_forward: Pool
    ruptures: Mapping[str, Pool]
    endings: Mapping[str, Pool]
    traps: tuple[Mapping[str, Any], ...]
    debrief: tuple[str, ...]
    is_draft: bool = False
    claims: tuple[Claim, ...] = ()
    corrects: Pool = ()
    opening_again: Mapping[str, Pool] = field(default_factory=dict)
    no_answer: Mapping[str, Pool] = field(default_factory=dict)

    def beat(self, beat_id: str) -> Beat:
        """Return a beat by id; raises `KeyError` if there is none."""
        for beat in self.beats:
            if beat.id == beat_id:
                return beat
        raise KeyError(beat_id)

    @cached_property
    def places(self) -> Mapping[str, tuple[Line, Place]]:
        """Return the lines that can answer something, by id, each with its place."""
        return {line.id: (line, place) for place, pool in answering_pools(self) for line in pool}

    def facts_in(self, line_ids: Iterable[str]) -> frozenset[str]:
        """Return the facts that answers stated; a line that names none states those of its topic."""
        stated: set[str] = set()
        for line_id in line_ids:
            line, place = self.places.get(line_id, (None, None))
            if line is not None and place is not None and place.kind in ("answer", "again"):
                stated.update(line.facts or self.topics[place.name].facts)
        return frozenset(stated)

    def subject(self, line_id: str) -> str:
        """Return the beat or topic of a line that can answer something; "" for any other."""
        known = self.places.get(line_id)
        return known[1].name if known else ""

    @cached_property
    def beat_topics(self) -> Mapping[str, tuple[str, ...]]:
        """Return the topics of each beat."""
        return {beat.id: beat.topics for beat in self.beats}

    @cached_property
    def names(self) -> Names:
        """Return the people and places that the facts name, themselves apart."""
        own = frozenset(self.persona.name.lower().split()) | {self.persona.short_name.lower()}
        return Names(self.facts, (line.text for line in self.lines()), own)

    def names_of(self, line: Line) -> frozenset[str]:
        """Return the names that a line, or a question that it answers, mentions."""
        return self.names.of_line(line.id, f"{line.text} {' '.join(line.asked)}")

    def lines(self) -> Iterator[Line]:
        """Give every line that this person can say."""
        yield self.opening
        for beat in self.beats:
            for pool in (beat.lines, beat.surface, beat.follow_up, beat.if_missed):
                yield from pool
        for banded in (*self.reactions.values(), *self.talk.values(), self.confirm, self.deny):
            for pool in banded.values():
                yield from pool
        for answers in self.topics.values():
            for pool in (*answers.by_band.values(), answers.again, answers.ask_back):
                yield from pool
        for pool in (self.suicide_answer, self.step_forward, *self.ruptures.values(), *self.endings.values()):
            yield from pool
        for pool in (self.corrects, *self.opening_again.values(), *self.no_answer.values()):
            yield from pool
