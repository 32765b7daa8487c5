"""Tags of a peer's line in transcripts from outside, from the words in `data/peer_cues.yml`.

Lines of our own scenarios carry the tags that their author gave them; these here only stand in
for an author. They are wide on purpose: a missed disclosure costs more than a false one.
"""

from __future__ import annotations

from functools import lru_cache
from pathlib import Path

from bot.content import ContentError, Problem, nearest, read_yaml
from bot.nlu.patterns import PatternReader, Rule, compile_line
from bot.nlu.sentences import split_clauses
from bot.settings import load_settings

CUES_FILE = "peer_cues.yml"
TAGS = frozenset("disc str win dec amb push ask do path scope safety iso bar setb selfdoubt hopeless".split())


def load_peer_cues(data: Path) -> list[Rule]:
    """Read `peer_cues.yml` as rules whose id is the tag.

    Raises:
        ContentError: An unknown tag, a tag without lines or examples, or a line that matches nothing.
    """
    problems: list[Problem] = []
    rules = []
    for entry in read_yaml(data / CUES_FILE)["tags"]:
        tag = str(entry.get("id", ""))
        place = f"tags.{tag}"
        if tag not in TAGS:
            problems.append(Problem(CUES_FILE, place, f'unknown tag "{tag}"{nearest(tag, TAGS)}'))
        for key in ("match", "examples", "counterexamples"):
            if not entry.get(key):
                problems.append(Problem(CUES_FILE, place, f"needs {key}"))
        lines = {key: tuple(str(line) for line in entry.get(key) or ()) for key in ("match", "unless")}
        for line in lines["match"] + lines["unless"]:
            try:
                compile_line(line)
            except ValueError as error:
                problems.append(Problem(CUES_FILE, place, str(error)))
        rules.append(
            Rule(
                id=tag,
                move="",
                mention=tag,
                match=lines["match"],
                unless=lines["unless"],
                examples=tuple(map(str, entry.get("examples") or ())),
                counterexamples=tuple(map(str, entry.get("counterexamples") or ())),
            )
        )
    if problems:
        raise ContentError(problems)
    return rules


def read_peer_tags(text: str, data: Path | None = None) -> frozenset[str]:
    """Return the tags of a peer's line.

    Args:
        text: What the peer said, one or more sentences.
        data: The content folder; the settings' one where not given.
    """
    reader = _reader(data or load_settings().data)
    return frozenset(
        found.rule.id
        for clause in split_clauses(text)[:40]
        for found in reader.find(clause.text, clause.start)
    )


@lru_cache(maxsize=4)
def _reader(data: Path) -> PatternReader:
    return PatternReader(load_peer_cues(data))
