"""Reads `data/scenarios/<id>.yml` and says what is wrong with it.

The file is written by people who know the person, not by programmers; `read_scenario` collects
everything that is wrong with it, with the line, and the nearest right answer. The format is described in
`docs/writing-a-scenario.md`; its keys are in `keys.py`.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

from bot.content import Checker, ContentError, Places, Problem, content_version, read_yaml
from bot.peer import keys
from bot.peer.claims import read_claims
from bot.peer.dynamics import VARIABLES
from bot.peer.lines import Line, Pool, read_pool
from bot.peer.scenario import Beat, Persona, Scenario, TopicAnswers
from bot.peer.shape import (
    ASKS,
    BANDED_TALK,
    BANDS,
    LEVELS,
    REACTIONS,
    RUPTURE_KINDS,
    STATE_BOUNDS,
    TAGS,
    TALK,
    Vocabulary,
)


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
        self._note_shortage(place, {"": pool}, least)
        return pool

    def lines(self, value: Any, place: str, least: int = 0) -> Pool:
        """Return a pool that a talk can't do without, noting it if it is empty."""
        if value is None or value == []:
            self.check.error(place, "needs at least one line")
            return ()
        return self.pool(value, place, least)

    def banded(self, value: Any, place: str, least: int = 0) -> dict[str, Pool]:
        bands = self.check.keys(value, place, BANDS)
        pools = {band: self.pool(bands.get(band), f"{place}.{band}") for band in BANDS}
        self._note_shortage(place, pools, least)
        return pools

    def _note_shortage(self, place: str, pools: Mapping[str, Pool], least: int) -> None:
        """Advise, in one piece for all bands, where a session would run out of lines."""
        short = [f"{name} {len(pool)}".strip() for name, pool in pools.items() if len(pool) < least]
        if short:
            each = " in each" if len(pools) > 1 else ""
            text = f"too few lines: {', '.join(short)}; {least} or more{each} keep the talk from repeating"
            self.check.advise(place, text)

    def beat(self, value: Any, number: int) -> Beat:
        check = self.check
        fields = check.keys(
            value,
            f"beats.{value.get('id', number) if isinstance(value, Mapping) else number}",
            keys.required(keys.BEAT),
            keys.optional(keys.BEAT),
        )
        beat_id = str(fields.get("id"))
        place = f"beats.{beat_id}"
        if not re.match(keys.BEAT_ID, beat_id):
            check.error(f"{place}.id", f'is "{beat_id}"; beats are called B2, B3 and so on')
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
            if_state=self._bounds(fields.get("if_state"), f"{place}.if_state"),
            asks=fields.get("asks"),
            is_next_step=self._flag(fields.get("is_next_step", False), f"{place}.is_next_step"),
            lines=self.lines(fields.get("lines"), f"{place}.lines", least=3),
            surface=self.pool(fields.get("surface"), f"{place}.surface", least=2 if openness else 0),
            follow_up=self.pool(fields.get("follow_up"), f"{place}.follow_up"),
            if_missed=self.pool(fields.get("if_missed"), f"{place}.if_missed"),
            facts=check.words(fields.get("facts"), place),
        )

    def topic(self, value: Any, name: str) -> TopicAnswers:
        place = f"topics.{name}"
        self.check.one_of(name, "topics", self.known.topics, "topic")
        fields = self.check.keys(value, place, keys.required(keys.TOPIC), keys.optional(keys.TOPIC))
        for fact in self.check.words(fields.get("facts"), place):
            self.check.one_of(fact, f"{place}.facts", self.facts, "fact")
        pools = {name: self.pool(fields.get(name), f"{place}.{name}") for name in (*BANDS, "again")}
        self._note_shortage(place, pools, least=2)
        return TopicAnswers(
            by_band={band: pools[band] for band in BANDS},
            again=pools["again"],
            ask_back=self.pool(fields.get("ask_back"), f"{place}.ask_back"),
            facts=self.check.words(fields.get("facts"), place),
        )

    def talk(self, value: Any, name: str) -> dict[str, Pool]:
        place = f"talk.{name}"
        if isinstance(value, Mapping) and "say" not in value:
            return self.banded(value, place, least=3)
        if name in BANDED_TALK:
            self.check.advise(place, "has no bands; low, mid and high would sound more like this person")
        pool = self.lines(value, place, least=10 if name == "unknown_question" else 4)
        return {band: pool for band in BANDS}

    def read(self) -> Scenario:
        check = self.check
        raw = check.keys(read_yaml(self.path), "", keys.required(keys.SCENARIO), keys.optional(keys.SCENARIO))
        self._stop_at_errors()
        if raw["id"] != self.scenario_id:
            check.error("id", f'is "{raw["id"]}"; the file is named {self.path.name}')
        elif not re.match(keys.SCENARIO_ID, self.scenario_id):
            check.error("id", "must be two or more of a-z, 0-9 and _, beginning with a letter")
        self.facts = {
            key: str(fact) if isinstance(fact, (int, float)) else check.text(fact, f"facts.{key}")
            for key, fact in check.mapping(raw["facts"], "facts").items()
        }
        listed = self._beat_entries(raw["beats"])
        self._stop_at_errors()
        self.beat_ids = {"B1"} | {str(entry.get("id")) for entry in listed if isinstance(entry, Mapping)}
        for target in check.words(raw["targets"], "targets"):
            check.one_of(target, "targets", self.known.indicators, "indicator")
        start = check.keys(raw["start"], "start", keys.required(keys.START))
        for name in VARIABLES:
            check.number(start.get(name, 0), f"start.{name}", 0, 100)
        sensitivity = check.mapping(raw.get("sensitivity"), "sensitivity")
        for name, factor in sensitivity.items():
            check.one_of(name, "sensitivity", self.known.sensitivities, "move or class")
            check.number(factor, f"sensitivity.{name}", 0, 5)
        check.one_of(raw["rupture"], "rupture", RUPTURE_KINDS, "kind of rupture")
        check.one_of(raw["level"], "level", LEVELS, "level")
        persona = check.keys(
            raw["persona"],
            "persona",
            keys.required(keys.PERSONA),
            keys.optional(keys.PERSONA),
        )
        opening = check.keys(
            raw["opening"], "opening", keys.required(keys.OPENING), keys.optional(keys.OPENING)
        )
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
        reactions = {
            kind: self.banded(value, f"reactions.{kind}", REACTIONS[kind])
            for kind, value in self._named(
                raw["reactions"], "reactions", REACTIONS, "kind of reaction"
            ).items()
        }
        small_talk = self._named(raw["talk"], "talk", TALK, "kind of talk")
        topics = {
            name: self.topic(value, name) for name, value in check.mapping(raw["topics"], "topics").items()
        }
        if len(topics) < 45:
            others = ", ".join(sorted(self.known.topics - set(topics)))
            text = f"has {len(topics)} topics; 45 or more let this person answer most questions"
            check.advise("topics", f"{text} (not yet: {others})")
        ruptures = check.keys(raw["ruptures"], "ruptures", keys.required(keys.RUPTURES))
        endings = check.keys(raw["endings"], "endings", keys.required(keys.ENDINGS))
        scenario = Scenario(
            id=self.scenario_id,
            version=content_version(str(raw["version"]), self.path.read_bytes()),
            order=int(check.number(raw["order"], "order", 1, 999, 1)),
            title=check.text(raw["title"], "title"),
            level=str(raw["level"]),
            is_draft=self._flag(raw.get("is_draft", False), "is_draft"),
            pathway=check.text(raw["pathway"], "pathway"),
            seeds=check.words(raw["seeds"], "seeds"),
            content_notice=check.words(raw["content_notice"], "content_notice"),
            card=check.text(raw["card"], "card"),
            before_you_start=str(raw.get("before_you_start") or "").strip(),
            persona=Persona(
                **{
                    key: check.text(persona.get(key), f"persona.{key}")
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
            talk={name: self.talk(value, name) for name, value in small_talk.items()},
            suicide_answer=self.lines(raw["suicide_answer"], "suicide_answer"),
            confirm=self.banded(raw["confirm"], "confirm", least=4),
            deny=self.banded(raw["deny"], "deny", least=4),
            step_forward=self.pool(raw["step_forward"], "step_forward", least=5),
            ruptures={name: self.lines(ruptures.get(name), f"ruptures.{name}", least=3) for name in ruptures},
            endings={name: self.lines(endings.get(name), f"endings.{name}", least=3) for name in endings},
            traps=self._traps(raw.get("traps")),
            debrief=check.words(raw["debrief"], "debrief"),
            claims=read_claims(raw.get("claims"), check, self.known.topics),
            corrects=self.pool(raw.get("corrects"), "corrects"),
            opening_again=self._opening_again(raw.get("opening_again")),
            no_answer=self._no_answer(raw.get("no_answer")),
        )
        self._note_repeated_lines(scenario)
        return scenario

    def _stop_at_errors(self) -> None:
        """Give up if something is wrong so far."""
        if any(problem.is_error for problem in self.check.problems):
            raise ContentError(self.check.problems)

    def _flag(self, value: Any, place: str) -> bool:
        """Return a yes or no, noting anything else."""
        if not isinstance(value, bool):
            self.check.error(place, f"must be true or false, not {value!r}")
        return value is True

    def _beat_entries(self, value: Any) -> list[Any]:
        """Return the entries under `beats`, noting those that are no beats."""
        if not isinstance(value, list):
            self.check.error("beats", "must be a list of beats, each beginning with `- id:`")
            return []
        for number, entry in enumerate(value, 1):
            if not isinstance(entry, Mapping):
                self.check.error(f"beats.{number}", "must be a beat, beginning with `- id:`")
        return [entry for entry in value if isinstance(entry, Mapping)]

    def _named(self, value: Any, place: str, names: Iterable[str], what: str) -> dict[str, Any]:
        """Return the entries of a mapping that must have just these names."""
        given = self.check.mapping(value, place)
        if not given and value:
            return {}
        for name in given:
            self.check.one_of(name, f"{place}.{name}", names, what)
        for name in names:
            if name not in given:
                self.check.error(place, f'"{name}" is missing')
        return {name: given[name] for name in names if name in given}

    def _traps(self, value: Any) -> tuple[Mapping[str, Any], ...]:
        """Return the traps, noting unknown beats and moves."""
        if value is not None and not isinstance(value, list):
            self.check.error("traps", "must be a list of traps, each beginning with `- id:`")
            return ()
        traps = []
        for number, entry in enumerate(value or (), 1):
            name = entry.get("id", number) if isinstance(entry, Mapping) else number
            place = f"traps.{name}"
            trap = self.check.keys(entry, place, keys.required(keys.TRAP), keys.optional(keys.TRAP))
            if "beat" in trap:
                self.check.one_of(trap["beat"], f"{place}.beat", self.beat_ids, "beat")
            for move in self.check.words(trap.get("moves"), f"{place}.moves"):
                self.check.one_of(move, f"{place}.moves", self.known.moves, "move")
            traps.append(trap)
        return tuple(traps)

    def _opening_again(self, value: Any) -> dict[str, Pool]:
        """Return the first words of a later session, by how the one before ended; empty for none."""
        if value is None:
            return {}
        fields = self.check.keys(value, "opening_again", keys.required(keys.OPENING_AGAIN))
        return {
            name: self.pool(fields.get(name), f"opening_again.{name}", least=1) for name in keys.OPENING_AGAIN
        }

    def _no_answer(self, value: Any) -> dict[str, Pool]:
        """Return what is said to a question that nothing was prepared for, by the form of the question."""
        if value is None:
            return {}
        fields = self.check.keys(value, "no_answer", [], keys.optional(keys.NO_ANSWER))
        return {name: self.pool(given, f"no_answer.{name}", least=3) for name, given in fields.items()}

    def _bounds(self, value: Any, place: str) -> dict[str, float]:
        """Return bounds of the inner state, such as `guard_above`."""
        bounds = self.check.mapping(value, place)
        for name, bound in bounds.items():
            self.check.one_of(name, place, STATE_BOUNDS, "bound")
            self.check.number(bound, f"{place}.{name}", 0, 100)
        return bounds

    def _masking(self, value: Any) -> float | None:
        """Return the guard above which this person says yes and means no, or None for an open face."""
        if value is None:
            return None
        fields = self.check.keys(value, "masking", keys.required(keys.MASKING))
        return self.check.number(fields.get("guard_above"), "masking.guard_above", 0, 100)

    def _note_repeated_lines(self, scenario: Scenario) -> None:
        """Note lines that stand twice: nobody says the same thing twice in a session."""
        seen: dict[str, str] = {}
        # Small talk without bands is one pool that serves three; each line of it counts once.
        for line in {line.id: line for line in scenario.lines()}.values():
            key = " ".join(line.bubbles).casefold()
            place = line.id.partition(":")[2]
            if key in seen:
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
    try:
        scenario = reader.read()
    except ContentError as error:
        raise ContentError(with_lines(path, error.problems)) from error
    problems = with_lines(path, reader.check.problems)
    if any(problem.is_error for problem in problems):
        raise ContentError(problems)
    return scenario, problems


_UNKNOWN_KEY = re.compile(r'unknown key "([^"]+)"')


def with_lines(path: Path, problems: list[Problem]) -> list[Problem]:
    """Return the problems with the lines on which they stand, as far as they stand on one."""
    if not any(problem.place for problem in problems) or any(problem.line for problem in problems):
        return problems
    places = Places(path.read_text(encoding="utf-8"))
    found = []
    for problem in problems:
        unknown = _UNKNOWN_KEY.match(problem.text)
        place = f"{problem.place}.{unknown.group(1)}".lstrip(".") if unknown else problem.place
        found.append(replace(problem, line=places.line(place)))
    return found


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
