"""Reads the sessions of this folder: forty-five that cheat, forty that are honest and plain."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from ruamel.yaml import YAML

FOLDER = Path(__file__).parent
HONEST = "honest"


@dataclass(frozen=True)
class Talk:
    """One session: who is talked with, what kind it is, and pairs of the peer's and the trainee's words."""

    name: str
    kind: str
    about: str
    turns: tuple[tuple[str, str], ...]


def load_talks() -> list[Talk]:
    """Return all sessions, in the order of the files.

    Raises:
        ValueError: A dialogue does not go peer, trainee, peer, trainee.
    """
    peers = _read("peers.yml")
    talks = []
    for file in sorted(FOLDER.glob("*.yml")):
        if file.name == "peers.yml":
            continue
        content = _read(file.name)
        for number, session in enumerate(content["sessions"], 1):
            name = f"{file.stem} {number} ({session.get('style') or session['about']})"
            if "talk" in session:
                turns = _dialogue(name, session["talk"])
            else:
                lines = peers[session["about"]]
                replies = session.get("replies") or [session["every"]] * len(lines)
                turns = tuple(zip(lines, replies, strict=True))
            talks.append(Talk(name, content["kind"], session["about"], turns))
    return talks


def _dialogue(name: str, text: str) -> tuple[tuple[str, str], ...]:
    lines = text.strip().splitlines()
    said, replies = lines[::2], lines[1::2]
    if not all(line.startswith("P: ") for line in said) or not all(
        line.startswith("T: ") for line in replies
    ):
        raise ValueError(f"{name}: the lines must go P, T, P, T")
    return tuple((one[3:], other[3:]) for one, other in zip(said, replies, strict=True))


def _read(name: str):
    return YAML(typ="safe", pure=True).load((FOLDER / name).read_text(encoding="utf-8"))
