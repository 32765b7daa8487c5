"""One simulated person, read from `data/scenarios/<id>.yml`.

The file is written by people who know the person, not by programmers; `read_scenario` collects
everything that is wrong with it and says where. The format is described in
`docs/writing-a-scenario.md`.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from bot.content import Checker, ContentError, Problem, content_version, read_yaml
from bot.peer.dynamics import VARIABLES
from bot.peer.lines import Line, Pool, read_pool
from bot.peer.shape import (
    ASKS,
    BANDED_TALK,
    BANDS,
    LEVELS,
    OPTIONAL_KEYS,
    REACTIONS,
    REQUIRED_KEYS,
    TAGS,
    TALK,
    Vocabulary,
)


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
    asks: str | None = None
    is_next_step: bool = False
    lines: Pool = ()
    surface: Pool = ()
    follow_up: Pool = ()
    if_missed: Pool = ()
    facts: tuple[str, ...] = ()


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

    def beat(self, beat_id: str) -> Beat:
        """Return a beat by id; raises `KeyError` if there is none."""
        for beat in self.beats:
            if beat.id == beat_id:
                return beat
        raise KeyError(beat_id)

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


_BEAT_OPTIONS = (
    "topics openness after from_turn surface facts asks if_ownership at_latest is_next_step "
    "follow_up if_missed"
).split()


class _Reader:
    """Takes one scenario document apart, collecting its problems."""

    def __init__(self, path: Path, vocabulary: Vocabulary) -> None:
        self.path = path
        self.known = vocabulary
        self.check = Checker(f"data/scenarios/{path.name}")
        self.scenario_id = path.stem
        self.facts: Mapping[str, str] = {}
        self.beat_ids: set[str] = set()

    def pool(self, value: Any, place: str, least: int = 0) -> Pool:
        pool = read_pool(value, f"{self.scenario_id}:{place}", self.check, self.facts, self.beat_ids)
        for line in pool:
            for topic in line.topics:
                self.check.one_of(topic, place, self.known.topics, "topic")
        if len(pool) < least:
            self.check.advise(place, f"has {len(pool)} lines; {least} or more keep the talk from repeating")
        return pool

    def banded(self, value: Any, place: str, least: int = 0) -> dict[str, Pool]:
        bands = self.check.keys(value, place, BANDS)
        return {band: self.pool(bands.get(band), f"{place}.{band}", least) for band in BANDS}

    def beat(self, value: Any, number: int) -> Beat:
        check = self.check
        fields = check.keys(
            value,
            f"beats.{value.get('id', number) if isinstance(value, Mapping) else number}",
            ["id", "tags", "lines"],
            _BEAT_OPTIONS,
        )
        beat_id = str(fields.get("id"))
        place = f"beats.{beat_id}"
        for tag in check.words(fields.get("tags"), f"{place}.tags"):
            check.one_of(tag, f"{place}.tags", TAGS, "tag")
        for topic in check.words(fields.get("topics"), f"{place}.topics"):
            check.one_of(topic, f"{place}.topics", self.known.topics, "topic")
        for other in check.words(fields.get("after"), f"{place}.after"):
            check.one_of(other, f"{place}.after", self.beat_ids, "beat")
        for fact in check.words(fields.get("facts"), f"{place}.facts"):
            check.one_of(fact, f"{place}.facts", self.facts, "fact")
        if fields.get("asks") is not None:
            check.one_of(fields["asks"], f"{place}.asks", ASKS, "kind of asking")
        openness = check.number(fields.get("openness", 0), f"{place}.openness", 0, 100)
        return Beat(
            id=beat_id,
            tags=frozenset(check.words(fields.get("tags"), place)),
            topics=check.words(fields.get("topics"), place),
            openness=openness,
            after=check.words(fields.get("after"), place),
            from_turn=int(check.number(fields.get("from_turn", 1), f"{place}.from_turn", 0, 30, 1)),
            if_ownership=check.number(fields.get("if_ownership", 0), f"{place}.if_ownership", 0, 100),
            at_latest=int(check.number(fields.get("at_latest", 0), f"{place}.at_latest", 0, 30)),
            asks=fields.get("asks"),
            is_next_step=bool(fields.get("is_next_step")),
            lines=self.pool(fields.get("lines"), f"{place}.lines", least=3),
            surface=self.pool(fields.get("surface"), f"{place}.surface", least=2 if openness else 0),
            follow_up=self.pool(fields.get("follow_up"), f"{place}.follow_up"),
            if_missed=self.pool(fields.get("if_missed"), f"{place}.if_missed"),
            facts=check.words(fields.get("facts"), place),
        )

    def topic(self, value: Any, name: str) -> TopicAnswers:
        place = f"topics.{name}"
        self.check.one_of(name, "topics", self.known.topics, "topic")
        fields = self.check.keys(value, place, BANDS, ["again", "facts", "ask_back"])
        for fact in self.check.words(fields.get("facts"), place):
            self.check.one_of(fact, f"{place}.facts", self.facts, "fact")
        return TopicAnswers(
            by_band={band: self.pool(fields.get(band), f"{place}.{band}", least=2) for band in BANDS},
            again=self.pool(fields.get("again"), f"{place}.again", least=2),
            ask_back=self.pool(fields.get("ask_back"), f"{place}.ask_back"),
            facts=self.check.words(fields.get("facts"), place),
        )

    def talk(self, value: Any, name: str) -> dict[str, Pool]:
        place = f"talk.{name}"
        if isinstance(value, Mapping) and "say" not in value:
            return self.banded(value, place, least=3)
        if name in BANDED_TALK:
            self.check.advise(place, "has no bands; low, mid and high would sound more like this person")
        pool = self.pool(value, place, least=4)
        return {band: pool for band in BANDS}

    def read(self) -> Scenario:
        check = self.check
        raw = check.keys(read_yaml(self.path), "", REQUIRED_KEYS, OPTIONAL_KEYS)
        if any(problem.is_error for problem in check.problems):
            raise ContentError(check.problems)
        if raw["id"] != self.scenario_id:
            check.error("id", f'is "{raw["id"]}"; the file is named {self.path.name}')
        self.facts = {str(key): str(fact) for key, fact in (raw["facts"] or {}).items()}
        listed = raw["beats"] if isinstance(raw["beats"], list) else []
        self.beat_ids = {"B1"} | {str(entry.get("id")) for entry in listed if isinstance(entry, Mapping)}
        for target in check.words(raw["targets"], "targets"):
            check.one_of(target, "targets", self.known.indicators, "indicator")
        start = check.keys(raw["start"], "start", VARIABLES)
        for name in VARIABLES:
            check.number(start.get(name, 0), f"start.{name}", 0, 100)
        sensitivity = raw.get("sensitivity") or {}
        for name, factor in sensitivity.items():
            check.one_of(name, "sensitivity", self.known.sensitivities, "move or class")
            check.number(factor, f"sensitivity.{name}", 0, 5)
        check.one_of(raw["rupture"], "rupture", ("confrontation", "withdrawal"), "kind of rupture")
        check.one_of(raw["level"], "level", LEVELS, "level")
        persona = check.keys(
            raw["persona"],
            "persona",
            "name short_name age pronouns place about voice".split(),
            "stage goals strengths past_wins triggers supports barriers".split(),
        )
        opening = check.keys(raw["opening"], "opening", ["lines", "tags"], ["topics", "facts"])
        first = Beat(
            id="B1",
            tags=frozenset(check.words(opening.get("tags"), "opening.tags")),
            topics=check.words(opening.get("topics"), "opening.topics"),
            lines=self.pool([opening.get("lines")], "opening"),
            facts=check.words(opening.get("facts"), "opening.facts"),
        )
        for tag in first.tags:
            check.one_of(tag, "opening.tags", TAGS, "tag")
        beats = (first, *(self.beat(entry, n) for n, entry in enumerate(listed, 2) if _is_later_beat(entry)))
        if len({beat.id for beat in beats}) != len(beats):
            check.error("beats", "two beats have the same id")
        if not any(beat.is_next_step for beat in beats):
            check.error("beats", "no beat has is_next_step: true, so no conversation could end well")
        reactions = {}
        for kind, least in REACTIONS.items():
            if kind not in (raw["reactions"] or {}):
                check.error("reactions", f'"{kind}" is missing')
                continue
            reactions[kind] = self.banded(raw["reactions"][kind], f"reactions.{kind}", least)
        for kind in raw["reactions"] or {}:
            check.one_of(kind, "reactions", REACTIONS, "kind of reaction")
        for name in raw["talk"] or {}:
            check.one_of(name, "talk", TALK, "kind of talk")
        for name in TALK:
            if name not in (raw["talk"] or {}):
                check.error("talk", f'"{name}" is missing')
        topics = {str(name): self.topic(value, str(name)) for name, value in (raw["topics"] or {}).items()}
        if len(topics) < 45:
            check.advise(
                "topics", f"has {len(topics)} topics; 45 or more let this person answer most questions"
            )
        ruptures = check.keys(raw["ruptures"], "ruptures", ["onset", "during", "repaired"])
        endings = check.keys(raw["endings"], "endings", ["good", "okay", "stalled", "rupture"])
        scenario = Scenario(
            id=self.scenario_id,
            version=content_version(str(raw["version"]), self.path.read_bytes()),
            order=int(check.number(raw["order"], "order", 1, 999, 1)),
            title=check.text(raw["title"], "title"),
            level=str(raw["level"]),
            pathway=check.text(raw["pathway"], "pathway"),
            seeds=check.words(raw["seeds"], "seeds"),
            content_notice=check.words(raw["content_notice"], "content_notice"),
            card=check.text(raw["card"], "card"),
            before_you_start=str(raw.get("before_you_start") or "").strip(),
            persona=Persona(
                **{
                    key: str(persona.get(key, ""))
                    for key in ("name", "short_name", "pronouns", "place", "about")
                },
                age=int(check.number(persona.get("age"), "persona.age", 18, 110)),
                notes={
                    key: value for key, value in persona.items() if key not in Persona.__dataclass_fields__
                },
            ),
            facts=self.facts,
            objectives=check.words(raw["objectives"], "objectives"),
            targets=check.words(raw["targets"], "targets"),
            start={name: float(start.get(name, 0)) for name in VARIABLES},
            sensitivity={str(name): float(factor) for name, factor in sensitivity.items()},
            rupture=str(raw["rupture"]),
            masking_above=self._masking(raw.get("masking")),
            opening=first.lines[0] if first.lines else Line(f"{self.scenario_id}:opening.1", ("",)),
            opening_topics=first.topics,
            beats=beats,
            reactions=reactions,
            topics=topics,
            talk={
                name: self.talk(value, name) for name, value in (raw["talk"] or {}).items() if name in TALK
            },
            suicide_answer=self.pool(raw["suicide_answer"], "suicide_answer"),
            confirm=self.banded(raw["confirm"], "confirm", least=4),
            deny=self.banded(raw["deny"], "deny", least=4),
            step_forward=self.pool(raw["step_forward"], "step_forward", least=5),
            ruptures={name: self.pool(ruptures.get(name), f"ruptures.{name}", least=3) for name in ruptures},
            endings={name: self.pool(endings.get(name), f"endings.{name}", least=3) for name in endings},
            traps=tuple(raw.get("traps") or ()),
            debrief=check.words(raw["debrief"], "debrief"),
        )
        self._note_repeated_lines(scenario)
        return scenario

    def _masking(self, value: Any) -> float | None:
        """Return the guard above which this person says yes and means no, or None for an open face."""
        if value is None:
            return None
        fields = self.check.keys(value, "masking", ["guard_above"])
        return self.check.number(fields.get("guard_above"), "masking.guard_above", 0, 100)

    def _note_repeated_lines(self, scenario: Scenario) -> None:
        """Note lines that stand twice: nobody says the same thing twice in a session."""
        seen: dict[str, str] = {}
        for line in scenario.lines():
            key = " ".join(line.bubbles).casefold()
            place = line.id.partition(":")[2]
            if key in seen and seen[key] != place:
                self.check.error(place, f'is the same as {seen[key]}: "{key[:50]}"')
            seen.setdefault(key, place)


def _is_later_beat(entry: Any) -> bool:
    """Return whether an entry under `beats` is not the opening, which has a place of its own."""
    return not (isinstance(entry, Mapping) and entry.get("id") == "B1")


def read_scenario(path: Path, vocabulary: Vocabulary) -> tuple[Scenario, list[Problem]]:
    """Read one scenario file.

    Returns:
        The scenario, and advice that does not stop it from running.

    Raises:
        ContentError: It cannot be used; carries every problem.
    """
    reader = _Reader(path, vocabulary)
    scenario = reader.read()
    if any(problem.is_error for problem in reader.check.problems):
        raise ContentError(reader.check.problems)
    return scenario, reader.check.problems


def load_scenarios(data: Path, vocabulary: Vocabulary | None = None) -> dict[str, Scenario]:
    """Read every scenario of the content folder, in the order that trainees see.

    Raises:
        ContentError: At least one of them cannot be used.
    """
    from bot.peer.shape import load_vocabulary

    vocabulary = vocabulary or load_vocabulary(data)
    scenarios, problems = [], []
    for path in sorted((data / "scenarios").glob("*.yml")):
        try:
            scenarios.append(read_scenario(path, vocabulary)[0])
        except ContentError as error:
            problems.extend(error.problems)
    if any(problem.is_error for problem in problems):
        raise ContentError(problems)
    return {scenario.id: scenario for scenario in sorted(scenarios, key=lambda scenario: scenario.order)}
