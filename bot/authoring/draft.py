"""A scenario file that its author is still writing: read again when it changes, kept while it is broken."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from bot.authoring.template import left_from_template
from bot.content import ContentError, Problem
from bot.peer.scenario import Scenario
from bot.peer.scenario_file import read_scenario, with_lines
from bot.peer.shape import Vocabulary


@dataclass(frozen=True)
class DraftState:
    """The draft as it was read last.

    Attributes:
        scenario: The last version that could be played; None until there was one.
        problems: What is wrong with the file as it is now; empty if nothing is.
        advice: What ought to be better.
    """

    scenario: Scenario | None
    problems: tuple[Problem, ...]
    advice: tuple[Problem, ...]

    @property
    def is_current(self) -> bool:
        """Return whether what is played is what stands in the file."""
        return self.scenario is not None and not self.problems


class Draft:
    """Watches one scenario file."""

    def __init__(self, path: Path, vocabulary: Vocabulary) -> None:
        """Read the file for the first time.

        Args:
            path: The file.
            vocabulary: Topics, moves and indicators that it may refer to.
        """
        self.path = path
        self._vocabulary = vocabulary
        self._read: bytes | None = None
        self._state = DraftState(None, (), ())

    def state(self) -> DraftState:
        """Return the draft, read again if the bytes of its file have changed.

        Bytes, not the time of the change: some editors write twice a second, and some write nothing new.
        """
        try:
            now = self.path.read_bytes()
        except OSError as error:
            gone = Problem(f"data/scenarios/{self.path.name}", "", f"cannot be read ({error.strerror})")
            self._read, self._state = None, DraftState(self._state.scenario, (gone,), ())
            return self._state
        if now != self._read:
            self._read, self._state = now, self._reread()
        return self._state

    def _reread(self) -> DraftState:
        try:
            scenario, advice = read_scenario(self.path, self._vocabulary)
        except ContentError as error:
            errors = tuple(problem for problem in error.problems if problem.is_error)
            return DraftState(self._state.scenario, errors, ())
        left = with_lines(self.path, left_from_template(scenario, f"data/scenarios/{self.path.name}"))
        return DraftState(scenario, (), (*left, *advice))
