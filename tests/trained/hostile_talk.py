"""A talk with one peer, without a server: the same reading, assessment and choice as behind the app."""

from __future__ import annotations

from dataclasses import replace

from actions.turn import Progress, Stage, TurnResult, first_progress, take_turn
from bot.nlu.reader import ReplyReader
from bot.peer.choice import Plan
from bot.peer.memory import Said
from bot.peer.safety import load_step_outs
from bot.peer.situation import plan_of
from bot.reading import Reading
from bot.settings import load_settings

SETTINGS = load_settings({})
NEUTRAL = load_step_outs(SETTINGS.data)


class Talk:
    """One practice session.

    Args:
        stage: Peers and rubric.
        scenario: Whom it is with.
        readings: What was read of each text; texts not in it are read with `reader`.
        reader: The trained reader, needed for texts that are new.
    """

    def __init__(
        self,
        stage: Stage,
        scenario: str,
        readings: dict[str, Reading] | None = None,
        reader: ReplyReader | None = None,
    ) -> None:
        self.stage, self.person, self.reader = stage, stage.cast.scenarios[scenario], reader
        self.readings = {} if readings is None else readings
        self.progress: Progress = first_progress(self.person, stage.cast.dynamics, 3)
        self.said: tuple[Said, ...] = self.progress.answered
        self.is_paused = False
        self.last: TurnResult | None = None

    def reading_of(self, text: str) -> Reading:
        if text in self.readings:
            return self.readings[text]
        assert self.reader is not None
        return self.reader.read(text, self.said[-1].text)

    def say(self, text: str, reading: Reading | None = None) -> Plan:
        """Return what is said in answer, and remember it."""
        result = take_turn(
            self.stage,
            self.person,
            self.progress,
            reading or self.reading_of(text),
            seed=3,
            message_id=f"m{self.progress.turn}",
            said=self.said,
            is_paused=self.is_paused,
        )
        plan = plan_of(result.view, self.person, self.stage.cast.dynamics, NEUTRAL)
        self.progress, self.last = result.progress, result
        if result.view["step_out"] in (None, "missed_cue"):
            self.said = plan.said
        else:
            self.is_paused = result.view["step_out"] != "resume"
        return plan

    def at_turn(self, turn: int) -> Talk:
        """Return a copy that stands at another turn."""
        other = self.copy()
        other.progress = replace(self.progress, turn=turn)
        return other

    def copy(self) -> Talk:
        other = Talk.__new__(Talk)
        other.__dict__.update(self.__dict__)
        return other


def scenarios() -> list[str]:
    return sorted(path.stem for path in (SETTINGS.data / "scenarios").glob("*.yml"))
