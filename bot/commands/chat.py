"""`switchback chat`: a peer in the terminal, for people and for programs."""

from __future__ import annotations

import json
import os
import sys
import tempfile
import uuid
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from bot.logs import quiet
from bot.settings import load_settings

if TYPE_CHECKING:
    from actions.records import AssessmentRow

CRITERIA = ("collaboration", "strengths", "humility")


class Conversation:
    """One practice session in this process, with records that vanish with it."""

    def __init__(self, scenario: str, seed: int, folder: Path) -> None:
        """Load the engine and make the records.

        Args:
            scenario: Scenario id.
            seed: Seed; 0 gives the person's own start values.
            folder: A temporary folder for the records.
        """
        os.environ["DATABASE_URL"] = f"sqlite:///{folder / 'chat.db'}"
        from actions.records import open_records, upgrade
        from bot.engine.channel import TurnRequest
        from bot.engine.local import LocalEngine

        settings = load_settings()
        upgrade(settings.database_url)
        self._records = open_records(settings.database_url)
        self._engine = LocalEngine(settings.models)
        self._request = TurnRequest
        # Ids are counted, not drawn: the same replies must give the same bytes.
        self.session_id = str(uuid.uuid5(uuid.NAMESPACE_OID, f"{scenario}:{seed}"))
        self._scenario, self._seed, self._said = scenario, seed, 0

    def begin(self) -> dict[str, Any]:
        """Return the opening."""
        return self._engine.turn(
            self._request(
                self.session_id, f"{self.session_id}:begin", "begin", "", self._scenario, self._seed
            )
        )

    def say(self, text: str) -> tuple[dict[str, Any], AssessmentRow | None]:
        """Return the peer's answer to a reply, and its assessment (None when out of role)."""
        self._said += 1
        message_id = f"{self.session_id}:{self._said}"
        answer = self._engine.turn(
            self._request(self.session_id, message_id, "say", text, self._scenario, self._seed)
        )
        return answer, self._records.assessment_of(message_id, session_id=self.session_id)

    def close(self) -> None:
        """Let go of engine and records."""
        self._engine.close()
        self._records.close()


def as_json(answer: dict[str, Any], assessment: AssessmentRow | None) -> dict[str, Any]:
    """Return one turn as the contract of `switchback chat --json` has it."""
    detail = assessment.detail if assessment else {}
    return {
        "turn": answer["turn"],
        "peer": [line["text"] for line in answer["lines"]],
        "acts": [line["act"] for line in answer["lines"]],
        "moves": [
            [move["start"], move["end"], move["move"], round(move["probability"], 4)]
            for move in detail.get("moves", ())
        ],
        "scores": {name: getattr(assessment, name) for name in (*CRITERIA, "overall")}
        if assessment
        else None,
        "flags": [flag["name"] for flag in detail.get("flags", ())],
        "feedback": [point["text"] for point in detail.get("feedback", ())],
        "before": detail.get("before"),
        "state": {**answer["state"], "band": answer["band"]},
        "choice": answer["choice"],
        "ended": answer["ended"],
    }


def _replies(is_tty: bool) -> Iterator[str]:
    """Give the lines typed or piped in."""
    while True:
        if is_tty:
            try:
                line = click.prompt(click.style("you", fg="cyan"), prompt_suffix="  ")
            except click.Abort:
                return
        else:
            line = sys.stdin.readline()
            if not line:
                return
            line = line.rstrip("\n")
        yield line


@click.command()
@click.option("--scenario", required=True, help="Who to talk with, e.g. kris.")
@click.option(
    "--seed", default=0, show_default=True, type=click.IntRange(min=0), help="Same seed, same person."
)
@click.option("--json", "is_json", is_flag=True, help="Print one JSON object a turn, for programs.")
def chat(scenario: str, seed: int, is_json: bool) -> None:
    """Talk with a peer in the terminal: one reply a line, until it ends or you press Ctrl-D.

    Nothing is kept. With --json every line printed is one turn; the opening is turn 0.
    """
    quiet()
    settings = load_settings()
    known = sorted(path.stem for path in (settings.data / "scenarios").glob("*.yml"))
    if scenario not in known:
        raise click.BadParameter(
            f"there is no {scenario!r}; there are: {', '.join(known)}", param_hint="--scenario"
        )
    if not any(settings.models.glob("*.tar.gz")):
        raise click.ClickException('there is no trained model yet; run "switchback train" first')
    with tempfile.TemporaryDirectory(prefix="switchback-chat-") as folder:
        talk = Conversation(scenario, seed, Path(folder))
        try:
            _show(talk.begin(), None, is_json)
            for line in _replies(sys.stdin.isatty() and not is_json):
                answer, assessment = talk.say(line)
                _show(answer, assessment, is_json)
                if answer["ended"]:
                    break
        finally:
            talk.close()


def _show(answer: dict[str, Any], assessment: AssessmentRow | None, is_json: bool) -> None:
    """Print one turn."""
    if is_json:
        click.echo(json.dumps(as_json(answer, assessment), ensure_ascii=False))
        return
    if assessment:
        scores = "  ".join(f"{name} {getattr(assessment, name):.0f}" for name in CRITERIA)
        click.secho(f"     {scores}", dim=True)
        for point in assessment.detail.get("feedback", ()):
            click.secho(f"     {point['text']}", dim=True)
    for line in answer["lines"]:
        for bubble in line["text"].split("\n\n"):
            click.echo(click.style("peer ", fg="yellow") + bubble)
    if answer["ended"]:
        click.secho(f"The session ended: {answer['ended']}.", dim=True)
