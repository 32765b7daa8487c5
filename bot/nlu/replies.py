"""Whole replies, part by part, from `data/replies/*.yml`: what people really send, with its moves.

A reply is a list of parts, each `move: text`, in the order typed. Parts are joined by one space, or
directly where a part begins with a mark or a new line.
"""

from __future__ import annotations

import hashlib
from collections.abc import Collection
from dataclasses import dataclass
from pathlib import Path

from bot.content import ContentError, Problem, nearest, read_yaml
from bot.reading import OTHER

FOLDER = "replies"
_ATTACHED = (",", ".", "!", "?", ";", "\n")


@dataclass(frozen=True)
class Part:
    """One part of a reply: its offsets in code points and its move, `other` where it makes none."""

    start: int
    end: int
    move: str


@dataclass(frozen=True)
class ExampleReply:
    """A reply with its parts.

    Attributes:
        peer: The peer's line that it answers.
        text: The whole message.
        parts: Its parts in order.
    """

    peer: str
    text: str
    parts: tuple[Part, ...]

    @property
    def is_kept_apart(self) -> bool:
        """Whether this is one of the fifth of replies on which probabilities are calibrated.

        It depends on the text alone, so that it stays so when other replies come and go.
        """
        digest = hashlib.blake2b(f"{self.peer}\n{self.text}".encode(), digest_size=4).digest()
        return int.from_bytes(digest, "big") % 5 == 0

    def move_of(self, start: int, end: int) -> str:
        """Return the move of the part that covers most of a stretch."""
        return max(
            self.parts, key=lambda part: (min(end, part.end) - max(start, part.start), -part.start)
        ).move


def load_replies(data: Path, moves: Collection[str]) -> list[ExampleReply]:
    """Read every file of `data/replies`; none need be there.

    Args:
        data: The content folder.
        moves: The moves that there are.

    Raises:
        ContentError: A part has no text or no known move.
    """
    replies: list[ExampleReply] = []
    problems: list[Problem] = []
    for path in sorted((data / FOLDER).glob("*.yml")):
        name = f"{FOLDER}/{path.name}"
        for number, entry in enumerate(read_yaml(path).get("replies") or (), 1):
            reply, wrong = _read_reply(entry, moves)
            problems += [Problem(name, f"reply {number}", text) for text in wrong]
            replies += [reply] if reply.parts else []
    if problems:
        raise ContentError(problems)
    return replies


def _read_reply(entry: dict[str, object], moves: Collection[str]) -> tuple[ExampleReply, list[str]]:
    """Return one reply and what is wrong with it."""
    text, parts, problems = "", [], []
    listed = entry.get("reply")
    if not isinstance(listed, list) or not listed:
        return ExampleReply("", "", ()), ["has no parts; write `reply:` and a list of `move: text`"]
    for place, part in enumerate(listed, 1):
        if not isinstance(part, dict) or len(part) != 1:
            problems.append(f"part {place} must be one `move: text`")
            continue
        move, words = str(next(iter(part))), str(next(iter(part.values())) or "")
        if move != OTHER and move not in moves:
            problems.append(f'part {place}: there is no move "{move}"{nearest(move, [*moves, OTHER])}')
        if not words.strip():
            problems.append(f"part {place} has no text")
        if text and not words.startswith(_ATTACHED):
            text += " "
        start = len(text) + len(words) - len(words.lstrip())
        text += words
        parts.append(Part(start, len(text.rstrip()), move))
    return ExampleReply(str(entry.get("peer") or ""), text, tuple(parts)), problems
