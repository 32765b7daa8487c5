"""Judged talks for tests of the report: real assessments, no model and no engine."""

from __future__ import annotations

from collections.abc import Sequence
from types import SimpleNamespace
from typing import Any

from actions.assessment import History, assess_reply
from actions.judgement import PeerTurn
from actions.session_score import score_session
from actions.session_tally import SessionTally
from bot.reading import Reading
from bot.web import report
from tests.rubric.build import rubric
from tests.web import fakes

Turn = tuple[str, str, Reading]
"""The peer's words, their tags, the trainee's reply."""


def judged(turns: Sequence[Turn], trust: Sequence[float] = ()) -> tuple[list[Any], list[Any], dict[str, Any]]:
    """Return message rows, assessment rows and the session's score, as the records would hold them.

    Args:
        turns: The talk; the peer says one more line at the end.
        trust: Trust before the first reply and after each; made up of ones if left out.
    """
    values = list(trust) or list(range(30, 31 + len(turns)))
    messages, rows = [], []
    history, tally = History.empty(), SessionTally.empty()
    for number, (said, tags, reading) in enumerate(turns):
        reply_to = f"m{number}" if number else "begin"
        messages.append(_row(f"p{number}", "peer", said, reply_to))
        messages.append(_row(f"m{number + 1}", "trainee", reading.text, None))
        turn = PeerTurn(said, frozenset(tags.split()))
        assessment, history = assess_reply(rubric(), reading, turn, history)
        tally = tally.add(assessment, turn)
        detail = assessment.to_dict()
        detail["before"], detail["after"] = {"trust": values[number]}, {"trust": values[number + 1]}
        scores = {name: score.value for name, score in assessment.criteria.items()}
        rows.append(
            SimpleNamespace(
                message_id=f"m{number + 1}",
                detail=detail,
                overall=assessment.overall,
                rubric_version="1",
                **scores,
            )
        )
    messages.append(_row("last", "peer", "Alright. See you.", f"m{len(turns)}"))
    score = score_session(rubric(), tally, ("C5", "C7", "H1", "S1"))
    return messages, rows, score.to_dict()


def lines_of(turns: Sequence[Turn], trust: Sequence[float] = ()) -> list[dict[str, Any]]:
    """Return the conversation as the report has it."""
    messages, rows, _ = judged(turns, trust)
    return report.conversation_view(messages, rows, fakes.WORDS, fakes.REPORT_CONTENT)


def _row(name: str, speaker: str, text: str, reply_to: str | None) -> Any:
    return SimpleNamespace(
        id=name, speaker=speaker, text=text, reply_to=reply_to, act="utter_peer", beat=None
    )
