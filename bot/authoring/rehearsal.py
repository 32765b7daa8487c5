"""Talks with a draft, in this process: no Rasa, no database, and every decision laid open.

The same reading, assessment, state and choice as in a real session, put together as the engine does
(`tests/authoring/test_rehearsal.py` holds it to the same words). Nothing is stored anywhere.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any, Protocol

from actions.rubric import Rubric, load_rubric
from actions.turn import Progress, Stage, first_progress, take_turn
from bot.authoring.beats import beat_board
from bot.engine.content import Cast
from bot.peer.choice import Plan, opening
from bot.peer.dynamics import Dynamics, load_dynamics
from bot.peer.memory import RECENT, Memory, Said
from bot.peer.phrases import subject_of
from bot.peer.safety import STEP_OUT_ACTION, StepOut, load_step_outs
from bot.peer.scenario import Scenario
from bot.peer.situation import plan_of
from bot.peer.state import PeerState
from bot.reading import Reading

STANDINGS: Mapping[str, Mapping[str, float]] = {
    "low": {"trust": 22, "hope": 35, "ownership": 35, "guard": 50},
    "mid": {"trust": 50, "hope": 45, "ownership": 50, "guard": 35},
    "high": {"trust": 76, "hope": 60, "ownership": 66, "guard": 12},
}
"""States that an author may begin with, to hear a band without earning it for ten replies."""

CRITERIA = ("collaboration", "strengths", "humility")


class Reader(Protocol):
    """Reads replies to a person; `bot.nlu.prepared.PreparedReader` does."""

    def read(
        self, text: str, peer_text: str = "", scenario: Scenario | None = None, said: Iterable[str] = ()
    ) -> Reading:
        """Return what was understood of a reply to the peer's words, and the lines that it leads to."""
        ...


class Theater:
    """What every talk needs and no draft changes: the reader, the rubric, the dynamics, the neutral voice."""

    def __init__(self, data: Path, reader: Reader) -> None:
        """Load the rubric and the rest once.

        Args:
            data: The content folder.
            reader: Reads replies.

        Raises:
            ContentError: A file that all scenarios share can't be used.
        """
        self.reader = reader
        self.dynamics: Dynamics = load_dynamics(data)
        self.rubric: Rubric = load_rubric(data)
        self.neutral_voice: Mapping[str, StepOut] = load_step_outs(data)
        self.stage = Stage(Cast({}, self.dynamics), self.rubric)


class Rehearsal:
    """One talk; the scenario may be another version at every turn."""

    def __init__(
        self, theater: Theater, scenario: Scenario, seed: int = 0, standing: str | None = None
    ) -> None:
        """Begin the talk.

        Args:
            theater: What talks are played with.
            scenario: The draft.
            seed: As in a session; 0 gives the person's own start values.
            standing: One of `STANDINGS` to begin with, or None for the person's own start.
        """
        self._theater = theater
        self.seed, self.standing = seed, standing
        self._progress: Progress = first_progress(scenario, theater.dynamics, seed)
        if standing:
            state = PeerState.from_dict({**self._progress.state.to_dict(), **STANDINGS[standing]})
            state = replace(state, start_openness=state.openness(theater.dynamics))
            self._progress = replace(self._progress, state=state)
        self._said: tuple[Said, ...] = opening(scenario).said
        self._is_paused = False
        self._replies = 0
        self.ended: str | None = None
        self.turns: list[dict[str, Any]] = [self._opening_turn(scenario)]

    def _opening_turn(self, scenario: Scenario) -> dict[str, Any]:
        state = self._progress.state
        shown = state.shown(self._theater.dynamics)
        return {
            "turn": 0,
            "reply": None,
            "scenario_version": scenario.version,
            "said": [_said(scenario, said) for said in self._said],
            "state": {"before": shown, "after": shown, "band": state.band(self._theater.dynamics)},
            "moves": [],
            "flags": [],
            "topics": [],
            "mentions": [],
            "scores": None,
            "feedback": [],
            "event": None,
            "candidates": [],
            "beats": beat_board(
                scenario, state, Memory().after_saying(self._said, 0), 1, self._theater.dynamics
            ),
            "ended": None,
        }

    def say(self, scenario: Scenario, text: str) -> dict[str, Any]:
        """Return the turn that a reply leads to, ready for JSON.

        Args:
            scenario: The draft as it is now.
            text: What the author typed as the trainee.

        Raises:
            ValueError: The talk is over.
        """
        if self.ended:
            raise ValueError("the talk is over")
        theater = self._theater
        self._replies += 1
        words = " ".join(said.text for said in self._said).replace("\n\n", " ")
        reading = theater.reader.read(text, words, scenario, subject_lines(self._said, self._progress))
        result = take_turn(
            theater.stage,
            scenario,
            self._progress,
            reading,
            seed=self.seed,
            message_id=str(self._replies),
            said=self._said,
            is_paused=self._is_paused,
        )
        plan = plan_of(result.view, scenario, theater.dynamics, theater.neutral_voice)
        out = result.view["step_out"]
        self._is_paused = out not in (None, "resume", "end")
        self._progress = result.progress
        if not out or plan.said[0].action != STEP_OUT_ACTION:
            self._said = plan.said
        self.ended = plan.ended
        turn = self._turn(scenario, reading, result, plan)
        self.turns.append(turn)
        return turn

    def _turn(self, scenario: Scenario, reading: Reading, result: Any, plan: Plan) -> dict[str, Any]:
        view, assessment = result.view, result.assessment
        memory = Memory.from_dict(view["memory"])
        if assessment is not None:
            memory = memory.after_saying(plan.said, view["turn"])
        detail = assessment.to_dict() if assessment else {}
        return {
            "turn": view["turn"],
            "reply": reading.text,
            "scenario_version": scenario.version,
            "said": [_said(scenario, said) for said in plan.said],
            "state": {"before": dict(result.before), "after": view["shown"], "band": view["band"]},
            "moves": [
                {
                    "words": reading.text[move["start"] : move["end"]],
                    "move": move["move"],
                    "name": move.get("plain") or move["move"],
                    "probability": round(move["probability"], 3),
                }
                for move in detail.get("moves", ())
            ],
            "flags": [{"flag": flag["name"], "why": flag.get("why", "")} for flag in detail.get("flags", ())],
            "topics": [
                {"topic": topic.topic, "probability": round(topic.probability, 2), "is_asked": topic.is_asked}
                for topic in reading.topics
            ],
            "mentions": sorted({mention.kind for mention in reading.mentions}),
            "scores": {name: round(assessment.criteria[name].value) for name in CRITERIA}
            if assessment
            else None,
            "feedback": [point["text"] for point in detail.get("feedback", ())],
            "event": view["event"],
            "candidates": [dict(candidate) for candidate in plan.candidates],
            "beats": beat_board(
                scenario, result.progress.state, memory, result.progress.turn + 1, self._theater.dynamics
            ),
            "ended": plan.ended,
        }


def subject_lines(said: Iterable[Said], progress: Progress) -> list[str]:
    """Return the lines whose subjects a vague follow-up may be about: those said last that had one."""
    before = [line for line in progress.memory.used[-RECENT:] if subject_of(line)]
    return [*before, *(thing.line for thing in said if subject_of(thing.line))] or [
        progress.memory.subject_line
    ]


def _said(scenario: Scenario, said: Said) -> dict[str, Any]:
    """Return one thing said, with where it stands in the file and what it states."""
    line = next((line for line in scenario.lines() if line.id == said.line), None)
    facts = list(line.facts) if line else []
    if said.beat and said.pool == f"beats.{said.beat}":
        facts += [fact for beat in scenario.beats if beat.id == said.beat for fact in beat.facts]
    if said.topic and said.topic in scenario.topics:
        facts += scenario.topics[said.topic].facts
    return {
        "text": said.text,
        "line": said.line.partition(":")[2] or said.line,
        "act": said.action,
        "beat": said.beat,
        "topic": said.topic,
        "facts": [{"id": fact, "fact": scenario.facts.get(fact, "")} for fact in dict.fromkeys(facts)],
        "is_in_role": said.action != STEP_OUT_ACTION,
    }
