"""The JSON Schema of scenario files, for editors that complete and explain what one types.

It is made out of the tables that `switchback check` reads (`bot/peer/keys.py`, `bot/peer/shape.py`) and of
the topics, moves and indicators in the content folder, so that it can't say anything else than the check.
It says less where JSON Schema can't: whether a beat or a fact that a line refers to exists.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Mapping
from pathlib import Path
from typing import Any

from bot.content import read_yaml
from bot.peer import keys
from bot.peer.keys import Keys
from bot.peer.lines import MAX_BUBBLES
from bot.peer.shape import (
    ASKS,
    LEVELS,
    REACTIONS,
    RUPTURE_KINDS,
    STATE_BOUNDS,
    TAGS,
    TALK,
    Vocabulary,
    load_vocabulary,
)

SCHEMA_FILE = "scenarios/scenario.schema.json"
MODELINE = "# yaml-language-server: $schema=scenario.schema.json"
"""First line of a scenario file; editors with a YAML language server find the schema by it."""

Schema = dict[str, Any]

_TEXT: Schema = {"type": "string", "pattern": r"\S"}
_NAME: Schema = {"type": ["string", "integer"]}


def scenario_schema(data: Path) -> Schema:
    """Return the schema, with the topics, moves and indicators of a content folder.

    Raises:
        ContentError: One of the files that define them can't be read.
    """
    known = load_vocabulary(data)
    about = {topic["id"]: str(topic.get("about")) for topic in read_yaml(data / "topics.yml")["topics"]}
    topics = {topic: about[topic] for topic in about if topic in known.topics}
    kinds, shared = _kinds(known, topics)
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": "A scenario: one person to practice with",
        "description": "See docs/writing-a-scenario.md. Made by `switchback check --schema`; do not edit.",
        **_object(keys.SCENARIO, kinds),
        "$defs": {
            "line": {
                "anyOf": [
                    _TEXT,
                    _bubbles(),
                    {**_object(keys.LINE, kinds), "title": "A line with conditions"},
                ]
            },
            "pool": {"anyOf": [{"type": "null"}, *_lines(0)]},
            "lines": {"anyOf": _lines(1)},
            "banded": _object(keys.BANDED, kinds),
            **shared,
        },
    }


def schema_text(data: Path) -> str:
    """Return the schema as the text of its file."""
    return json.dumps(scenario_schema(data), indent=1, ensure_ascii=False) + "\n"


def _ref(name: str) -> Schema:
    return {"$ref": f"#/$defs/{name}"}


def _bubbles() -> Schema:
    return {"type": "array", "minItems": 1, "maxItems": MAX_BUBBLES, "items": _TEXT}


def _lines(least: int) -> list[Schema]:
    """Return what a pool may be: one line, or a list of lines (in which a list is one line of bubbles)."""
    line = _ref("line")
    return [
        _TEXT,
        {"type": "object", "$ref": "#/$defs/line"},
        {"type": "array", "minItems": least, "items": line},
    ]


def _words(of: Schema) -> Schema:
    """Return a list of words; one word counts as a list of one, nothing as an empty one."""
    return {"anyOf": [{"type": "null"}, of, {"type": "array", "items": of}]}


def _one_of(choices: Iterable[str]) -> Schema:
    return {"enum": sorted(choices)}


def _explained(choices: Mapping[str, str]) -> Schema:
    """Return a choice of words each of which an editor explains."""
    return {"anyOf": [{"const": name, "description": text} for name, text in choices.items()]}


def _named(value: Callable[[str], Schema], helps: Mapping[str, str], is_complete: bool) -> Schema:
    """Return a mapping with these names as keys.

    Args:
        value: Gives the schema of a name's value.
        helps: The names and what they are for.
        is_complete: Whether all of them must be there.
    """
    properties = {name: {**value(name), "description": text} for name, text in helps.items()}
    wanted = {"required": list(helps)} if is_complete else {}
    return {"type": "object", "properties": properties, **wanted, "additionalProperties": False}


def _object(table: Keys, kinds: Mapping[str, Schema]) -> Schema:
    """Return the schema of a mapping with the keys of a table."""
    properties = {name: {**kinds[key.kind], "description": key.help} for name, key in table.items()}
    return {
        "type": "object",
        "properties": properties,
        "required": keys.required(table),
        "additionalProperties": False,
    }


def _kinds(known: Vocabulary, topics: Mapping[str, str]) -> tuple[dict[str, Schema], dict[str, Schema]]:
    """Return the schema of every kind of value that the tables of keys name.

    Returns:
        The kinds, and the long ones among them by name, to which the kinds refer.
    """
    number = {"type": "number"}
    pool, lines, banded = _ref("pool"), _ref("lines"), _ref("banded")
    kinds: dict[str, Schema] = {
        "text": _TEXT,
        "word": {"type": ["string", "integer"]},
        "words": _words(_NAME),
        "id": {"type": "string", "pattern": keys.SCENARIO_ID},
        "version": {"type": ["string", "number"]},
        "order": {**number, "minimum": 1, "maximum": 999},
        "age": {**number, "minimum": 18, "maximum": 110},
        "percent": {**number, "minimum": 0, "maximum": 100},
        "turn": {**number, "minimum": 0, "maximum": 30},
        "flag": {"type": "boolean"},
        "level": {"enum": list(LEVELS)},
        "rupture": {"enum": list(RUPTURE_KINDS)},
        "asks": {"enum": [*ASKS, None]},
        "tags": _ref("tags"),
        "indicators": _words(_one_of(known.indicators)),
        "topic_names": _ref("topic_names"),
        "move_names": _words(_one_of(known.moves)),
        "fact_names": _words(_NAME),
        "beat_id": {"type": "string", "pattern": keys.BEAT_ID},
        "beat_name": {"type": "string", "pattern": keys.BEAT_ID},
        "beat_names": _words({"type": "string", "pattern": keys.BEAT_ID}),
        "bubbles": {"anyOf": [_TEXT, _bubbles()]},
        "bubbles_or_text": {"anyOf": [_TEXT, _bubbles()]},
        "pool": pool,
        "lines": lines,
        "banded": banded,
        "facts": {"type": ["object", "null"], "additionalProperties": {"anyOf": [_TEXT, {"type": "number"}]}},
        "state_bounds": {
            "type": ["object", "null"],
            "properties": {name: {**number, "minimum": 0, "maximum": 100} for name in STATE_BOUNDS},
            "additionalProperties": False,
        },
        "sensitivity": {
            "type": ["object", "null"],
            "properties": {
                name: {**number, "minimum": 0, "maximum": 5} for name in sorted(known.sensitivities)
            },
            "additionalProperties": False,
        },
        "reactions": _named(
            lambda kind: banded, {kind: keys.REACTION_HELP[kind] for kind in REACTIONS}, is_complete=True
        ),
        "talk": _named(
            lambda name: {"anyOf": [banded, lines]},
            {name: keys.TALK_HELP[name] for name in TALK},
            is_complete=True,
        ),
    }
    for name, table in {
        "@persona": keys.PERSONA,
        "@start": keys.START,
        "@opening": keys.OPENING,
        "@ruptures": keys.RUPTURES,
        "@endings": keys.ENDINGS,
        "@opening_again": keys.OPENING_AGAIN,
        "@no_answer": keys.NO_ANSWER,
    }.items():
        kinds[name] = _object(table, kinds)
    kinds["@masking"] = {**_object(keys.MASKING, kinds), "type": ["object", "null"]}
    kinds["topics"] = _named(lambda topic: _ref("answers"), topics, is_complete=False)
    claims = _named(lambda topic: _object(keys.CLAIM, kinds), topics, is_complete=False)
    kinds["claims"] = {**claims, "type": ["object", "null"]}
    kinds["traps"] = {"type": ["array", "null"], "items": _object(keys.TRAP, kinds)}
    kinds["beats"] = _beats(kinds)
    shared = {
        "tags": _words(_explained(TAGS)),
        "topic_names": _words(_explained(topics)),
        "answers": _object(keys.TOPIC, kinds),
    }
    return kinds, shared


def _beats(kinds: Mapping[str, Schema]) -> Schema:
    """Return the schema of the list of beats, with a snippet that VS Code offers."""
    next_step = {"properties": {"is_next_step": {"const": True}}, "required": ["is_next_step"]}
    snippet = {
        "label": "beat",
        "description": "Something that they bring into the talk",
        "body": {"id": "B$1", "tags": ["$2"], "openness": 0, "lines": ["$3"]},
    }
    return {
        "type": "array",
        "minItems": 1,
        "items": {**_object(keys.BEAT, kinds), "defaultSnippets": [snippet]},
        "contains": next_step,
    }
