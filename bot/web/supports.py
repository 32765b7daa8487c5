"""The resources card and the neutral voice, read from `data/safety.yml`.

A program edits that file for its own country and staff; SCENARIOS Part B says what belongs in it.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from bot.content import read_yaml


@dataclass(frozen=True)
class Resource:
    """One place to turn to.

    Attributes:
        name: What it is called.
        how: How to reach it.
        note: Who it is for or what to expect; may be empty.
    """

    name: str
    how: str
    note: str = ""


@dataclass(frozen=True)
class Supports:
    """What the pages say about safety.

    Attributes:
        resources: Places to turn to, most urgent first.
        notice: What a trainee reads before starting, a sentence or two each.
        pause: What the neutral voice says in a pause when the engine says nothing.
        introduction: A sentence above the resources; may be empty.
    """

    resources: tuple[Resource, ...] = ()
    notice: tuple[str, ...] = ()
    pause: tuple[str, ...] = ()
    introduction: str = ""


def read_supports(path: Path) -> Supports:
    """Read `data/safety.yml`.

    Raises:
        ContentError: The file is missing or is not YAML.
        ValueError: It lists no resources, or one without a name or a way to reach it.
    """
    raw: Mapping[str, Any] = read_yaml(path) or {}
    resources = []
    for number, item in enumerate(raw.get("resources") or (), 1):
        if not item.get("name") or not item.get("how"):
            raise ValueError(f"{path.name}: resources: entry {number} needs a name and how to reach it")
        resources.append(Resource(str(item["name"]), str(item["how"]), str(item.get("note") or "")))
    if not resources:
        raise ValueError(f"{path.name}: resources: list at least one place to turn to")
    spoken = ((raw.get("neutral_voice") or {}).get("pause") or {}).get("lines") or ()
    return Supports(
        tuple(resources),
        tuple(str(sentence) for sentence in raw.get("before") or ()),
        tuple(str(line) for line in spoken[:1]),
        str(raw.get("resources_notice") or ""),
    )
