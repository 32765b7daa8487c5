"""The scenario file that an author begins with: commented, and ready to be talked to."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from bot.content import Problem, read_yaml
from bot.peer import keys
from bot.peer.scenario import Scenario
from bot.peer.shape import BANDS, NO_SUBJECTS, REACTIONS, TALK

HERE = Path(__file__).parent
TEMPLATE, TEMPLATE_LINES = HERE / "template.yml", HERE / "template_lines.yml"

LONG_ENOUGH = 4
"""Words up to which a line may be like the template's by chance, as "you're welcome" is."""


def render_template(data: Path, scenario_id: str, title: str) -> str:
    """Return the text of a new scenario file.

    Args:
        data: The content folder; gives the next place in the list and the topics.
        scenario_id: The scenario's id, which becomes the person's name for a start.
        title: What the talk is about.
    """
    sentences = read_yaml(TEMPLATE_LINES)
    text = TEMPLATE.read_text(encoding="utf-8")
    filled = {
        "@ID@": scenario_id,
        "@NAME@": scenario_id.replace("_", " ").title(),
        "@TITLE@": title.replace("\\", "\\\\").replace('"', '\\"'),
        "@ORDER@": str(_next_place(data)),
        "@REACTIONS@\n": "".join(_reactions(sentences["reactions"])),
        "@TALK@\n": "".join(_talk(sentences["talk"])),
        "@TOPICS@\n": "".join(_other_topics(data, text)),
    }
    for mark, value in filled.items():
        text = text.replace(mark, value)
    return text


def _next_place(data: Path) -> int:
    """Return the place in the list after all others; a file that can't be read has none."""
    taken = [0]
    for path in (data / "scenarios").glob("*.yml"):
        found = re.search(r"^order: *(\d+)", path.read_text(encoding="utf-8"), re.MULTILINE)
        taken.append(int(found.group(1)) if found else 0)
    return max(taken) + 1


def _flow(lines: list[str]) -> str:
    """Return lines as YAML in one row."""
    return "[" + ", ".join(json.dumps(line, ensure_ascii=False) for line in lines) + "]"


def _reactions(sentences: Mapping[str, Any]) -> Iterator[str]:
    for kind, least in REACTIONS.items():
        yield f"  {kind}:  # {keys.REACTION_HELP[kind]} {least} lines a band, in the end.\n"
        yield from (f"    {band}: {_flow(sentences[kind][band])}\n" for band in BANDS)


def _talk(sentences: Mapping[str, Any]) -> Iterator[str]:
    for name in TALK:
        yield f"  {name}:  # {keys.TALK_HELP[name]}\n"
        if isinstance(sentences[name], Mapping):
            yield from (f"    {band}: {_flow(sentences[name][band])}\n" for band in BANDS)
        else:
            yield from (f"  - {json.dumps(line, ensure_ascii=False)}\n" for line in sentences[name])


def _other_topics(data: Path, text: str) -> Iterator[str]:
    used = set(re.findall(r"^  (\w+):\n    low:", text, re.MULTILINE))
    for topic in read_yaml(data / "topics.yml")["topics"]:
        if topic["id"] not in used | NO_SUBJECTS:
            yield f"#  {topic['id']}: {topic['about']}\n"


def left_from_template(scenario: Scenario, file: str) -> list[Problem]:
    """Return, as advice, the parts of a scenario in which the template's lines still stand.

    Args:
        scenario: The scenario.
        file: Its name in messages.
    """
    quoted = re.compile(r'"((?:[^"\\]|\\.)+)"')
    texts = TEMPLATE.read_text(encoding="utf-8") + TEMPLATE_LINES.read_text(encoding="utf-8")
    known = {found for found in quoted.findall(texts) if len(found.split()) > LONG_ENOUGH}
    left: dict[str, int] = {}
    for line in {line.id: line for line in scenario.lines()}.values():
        if all(bubble in known for bubble in line.bubbles):
            part = line.id.partition(":")[2].partition(".")[0]
            left[part] = left.get(part, 0) + 1
    return [
        Problem(file, part, f"{count} {'line is' if count == 1 else 'lines are'} still the template's", False)
        for part, count in left.items()
    ]
