"""Stand-ins for what the front door leans on: an engine that can die, a small scenario, plain names."""

from __future__ import annotations

import asyncio
import re
from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace
from typing import Any

from actions.records import Records
from bot.settings import Settings
from bot.web.engine import EngineAnswer, EngineUnavailable, TurnRequest
from bot.web.library import read_report_content
from bot.web.supports import Resource, Supports
from bot.web.words import IndicatorWord, RatioWord, Words

RUBRIC, MODEL = "1.0+test", "test-model"

WORDS = Words(
    moves={},
    flags={"missed_empathy": "Skipped past something hard"},
    indicators={
        "C1": IndicatorWord("Shared steering", {1: "You set every topic", 5: "Their answers turned the talk"})
    },
    ratios={"reflections_per_question": RatioWord("Reflections for each question", "1 is fair, 2 is good")},
)

REPORT_CONTENT = read_report_content(Path(__file__).resolve().parents[2] / "data")

SUPPORTS = Supports(
    resources=(
        Resource("Immediate danger", "Call 911 or your local emergency number."),
        Resource("988 Suicide & Crisis Lifeline", "Call or text 988.", "Any hour."),
    ),
    notice=("You will talk with a computer character.", "Instructors can read your transcript."),
    pause=("We are out of the roleplay now. Nothing here is scored.",),
    introduction="These are people, not programs.",
)


def scenario(name: str = "kris", order: int = 1) -> Any:
    """Return a scenario with what the pages read of one."""
    return SimpleNamespace(
        id=name,
        version="1.0",
        order=order,
        title="The weekend",
        level="hard",
        is_draft=False,
        pathway="medication for opioid use disorder",
        content_notice=("return to use", "grief"),
        card="An electrician whose weekend went wrong. She is not sure she wants to talk about it.",
        before_you_start="Have a supervisor or a peer contact at hand.",
        persona=SimpleNamespace(name="Kris Brandvold", short_name=name.title(), age=41, pronouns="she/her"),
        objectives=("Empathy before logistics", "No blame"),
        targets=("C1",),
        debrief=("What was your first sentence, and what did it do?",),
    )


SCENARIOS = {"kris": scenario(), "marisol": scenario("marisol", 2)}

PLAIN = {
    "complex_reflection": ("A", "Heard what was underneath", {"collaboration": 1, "humility": 2}),
    "open_question": ("A", "Asked an open question", {"collaboration": 1, "humility": 1}),
    "direct_command": ("X", "Told them what to do", {"collaboration": -2, "humility": -2}),
    "closed_question": ("N", "Asked a yes-or-no question", {}),
}

HEARD = (
    (r"\b(you should|you need to|just stop)\b", "direct_command"),
    (r"\b(sounds like|part of you|seems like)\b", "complex_reflection"),
    (r"^(what|how|tell me)\b", "open_question"),
    (r"\?$", "closed_question"),
)


def judged(text: str) -> dict[str, Any]:
    """Judge a reply by four crude patterns, in the shape of `ReplyAssessment.to_dict()`."""
    moves, points = [], {"collaboration": 50.0, "strengths": 50.0, "humility": 50.0}
    for found in re.finditer(r"[^.!?]+[.!?]*", text):
        words = found.group().strip()
        start = text.index(words, found.start())
        for pattern, move in HEARD:
            if words and re.search(pattern, words, re.IGNORECASE):
                kind, plain, weights = PLAIN[move]
                credit = {name: float(value) for name, value in weights.items() if value > 0}
                harm = {name: float(-value) for name, value in weights.items() if value < 0}
                for name, value in weights.items():
                    points[name] = min(max(points[name] + 18 * value, 0.0), 100.0)
                moves.append(
                    {
                        "start": start, "end": start + len(words), "move": move, "probability": 0.87,
                        "rule": None, "kind": kind, "plain": plain, "text": words, "read_as": move,
                        "context": [], "rel": 1.0, "fresh": 1.0, "sev": 1.0, "factor": 1.0,
                        "credit": credit, "harm": harm,
                        "notes": ["It picks up what she just said."],
                    }
                )  # fmt: skip
                break
    is_kind = not any(move["kind"] == "X" for move in moves)
    feedback = []
    if moves and is_kind:
        quote = moves[0]["text"]
        text_worked = f'"{quote}" let her know that she was heard.'
        feedback.append(
            {"kind": "worked", "text": text_worked, "rewording": None, "code": "x", "quote": quote,
             "why": "People open up to those who hear them.", "context": ""}
        )  # fmt: skip
    else:
        feedback.append(
            {"kind": "try", "text": "Orders turn a partner into a boss and rarely last.",
             "rewording": "What feels like the next right step to you?", "code": "x", "quote": None,
             "why": "The choice is hers.", "context": ""}
        )  # fmt: skip
    return {
        "moves": moves,
        "flags": [] if moves else [
            {"name": "missed_empathy", "start": None, "end": None, "why": "She told something hard.",
             "effects": {"collaboration": 1.0}, "plain": "Skipped past something hard"}
        ],
        "criteria": {
            name: {"value": value, "u": value, "P": 1.0, "N": 0.0, "A": 0.46, "B": 0.0, "unmet": 0.0,
                   "is_expected": name != "strengths", "caps": []}
            for name, value in points.items()
        },
        "overall": round(sum(points.values()) / 3, 1),
        "is_substantive": True,
        "feedback": feedback,
    }  # fmt: skip


CHOICE = [
    {"action": "utter_react", "pool": "reactions.heard", "score": 60, "why": "it felt: heard", "won": True},
    {"action": "utter_ask", "pool": "beats.B2", "score": 55.0, "why": "next on their mind", "won": False},
]


class FakeEngine:
    """Plays Rasa and the action server: answers once per id, writes assessments, dies on demand."""

    def __init__(self, records: Records) -> None:
        self.records = records
        self.answers: dict[str, EngineAnswer] = {}
        self.asked: list[TurnRequest] = []
        self.done: list[str] = []
        self.is_down = False
        self.dies_before_answering = 0
        self.takes_seconds = 0.0
        self.running = 0
        self.most_running = 0
        self.next_ending: str | None = None

    async def turn(self, request: TurnRequest) -> EngineAnswer:
        self.asked.append(request)
        if self.is_down:
            raise EngineUnavailable("refused")
        self.running += 1
        self.most_running = max(self.most_running, self.running)
        try:
            await asyncio.sleep(self.takes_seconds)
            if request.message_id not in self.answers:
                self.answers[request.message_id] = self._do(request)
                self.done.append(request.message_id)
            if self.dies_before_answering:
                self.dies_before_answering -= 1
                raise EngineUnavailable("died after the turn was done")
            return self.answers[request.message_id]
        finally:
            self.running -= 1

    async def close(self) -> None:
        self.is_closed = True

    def _do(self, request: TurnRequest) -> EngineAnswer:
        turn = sum(answer.turn > 0 for answer in self.answers.values()) + 1
        if request.kind == "begin":
            return self._answer(request, 0, ["So. I screwed up. Used twice over the weekend.", "Go ahead."])
        if request.kind == "end":
            self._score(request)
            return self._answer(request, turn, ["You ended the roleplay here."], is_neutral=True)
        if request.kind != "say":
            return self._answer(request, turn, [f"Neutral voice: {request.kind}."], is_neutral=True)
        if request.text.strip().lower() == "pause":
            said = self._answer(request, turn, ["We are out of the roleplay."], is_neutral=True)
            return replace(said, is_paused=True)
        detail = judged(request.text)
        scores = {name: value["value"] for name, value in detail["criteria"].items()}
        before = {"trust": 30, "hope": 25, "ownership": 45, "guard": 65, "strain": 5, "openness": 20}
        after = {**before, "trust": 30 + turn, "guard": 65 - turn}
        self.records.store_assessment(
            request.message_id,
            request.session_id,
            turn,
            detail={**detail, "before": before, "after": after, "choice": CHOICE},
            snapshot={},
            scores={**scores, "overall": detail["overall"]},
            is_substantive=True,
            rubric_version=RUBRIC,
            model_version=MODEL,
            scenario_version="1.0",
        )
        answer = self._answer(request, turn, ["Yeah well.", f"You said: {request.text[:40]}"])
        if self.next_ending:
            self._score(request)
            answer = replace(answer, ended=self.next_ending)
        return answer

    def _score(self, request: TurnRequest) -> None:
        rows = self.records.assessments(request.session_id)
        criteria = {name: None for name in ("collaboration", "strengths", "humility")}
        if len(rows) >= 6:
            criteria = dict.fromkeys(criteria, 71.0)
        detail = {
            "criteria": criteria,
            "indicators": {"C1": 3.7, "H7": 3.0},
            "caps": {"humility": [{"limit": 71.0, "reason": "one order that was not taken back."}]},
            "safety_gate": "not_applicable",
            "substantive_replies": len(rows),
            "ratios": {"reflections_per_question": 1.5},
        }
        self.records.store_session_score(request.session_id, RUBRIC, detail)

    def _answer(
        self, request: TurnRequest, turn: int, texts: list[str], is_neutral: bool = False
    ) -> EngineAnswer:
        act = "utter_step_out" if is_neutral else "utter_peer"
        lines = tuple({"id": "same", "text": text, "act": act, "beat": "B1"} for text in texts)
        return EngineAnswer(request.message_id, turn, lines, state={"trust": 30}, band="low")


def settings(folder: Path, host: str = "127.0.0.1") -> Settings:
    """Return settings for a folder of this test's own."""
    return Settings(
        home=folder,
        data=folder / "data",
        models=folder / "models",
        database_url=f"sqlite:///{folder / 'switchback.db'}",
        redis_url=None,
        host=host,
        port=8000,
        rasa_port=5005,
        actions_port=5055,
    )
