"""A reader that knows a few words, and a content folder to write in."""

from __future__ import annotations

import shutil
from pathlib import Path

from bot.authoring.draft import Draft
from bot.authoring.rehearsal import Theater
from bot.peer.shape import load_vocabulary
from bot.reading import Evidence, Reading, Sentence, Topic
from bot.settings import load_settings

DATA = load_settings({}).data
MOVES = {
    "sounds like": "simple_reflection",
    "makes sense": "validate",
    "you should": "unsolicited_advice",
    "how do": "open_question",
    "your call": "emphasize_autonomy",
}
TOPICS = {"sleep": "sleep", "corner": "supports", "work": "work"}


class FakeReader:
    """Reads by whole phrases; remembers what it was given as the peer's words."""

    def __init__(self) -> None:
        self.peer_words: list[str] = []

    def read(self, text: str, peer_text: str = "", scenario=None, said=()) -> Reading:
        self.peer_words.append(peer_text)
        low, asks = text.lower(), "?" in text
        moves = {move: 0.9 for phrase, move in MOVES.items() if phrase in low}
        return Reading(
            text=text,
            sentences=(Sentence(0, len(text), moves, asks),),
            spans=tuple(Evidence(0, len(text), move, 0.9) for move in moves),
            topics=tuple(
                Topic(topic, 0, len(text), 0.9, asks) for word, topic in TOPICS.items() if word in low
            ),
            similarity=(0.5,),
        )


def copy_data(folder: Path, *scenarios: str) -> Path:
    """Copy the content, with these scenarios only, and return the folder."""
    data = folder / "data"
    shutil.copytree(DATA, data, ignore=shutil.ignore_patterns("nlu", "scenarios", "replies"))
    (data / "scenarios").mkdir()
    for name in scenarios:
        shutil.copy(DATA / "scenarios" / f"{name}.yml", data / "scenarios")
    return data


def desk_parts(data: Path, name: str) -> tuple[Draft, Theater]:
    """Return what a preview is made of."""
    draft = Draft(data / "scenarios" / f"{name}.yml", load_vocabulary(data))
    return draft, Theater(data, FakeReader())
