"""Plays practice sessions into records the way the action server does, for tests of the archive."""

from __future__ import annotations

from actions.records import Records
from actions.turn import Stage, first_progress, score_progress, take_turn
from bot.reading import Reading
from tests.turns.test_turn import reading

TALK = (
    reading("so the weekend took the floor out from under you", "complex_reflection"),
    reading("what was the worst part of it for you", "open_question", is_question=True),
    reading("you told someone within two days and that took honesty", "affirm_strength"),
    reading("you need to call the clinic right now", "direct_command"),
    reading("that was me pushing you and i am sorry", "repair_rupture"),
    reading("it makes sense to be wary after that", "validate"),
    reading("it is your call what we do with this hour", "emphasize_autonomy"),
    reading("what would a small step look like in your words", "co_create_goal", is_question=True),
)


def play_session(
    records: Records,
    stage: Stage,
    session_id: str,
    talk: tuple[Reading, ...] = TALK,
    *,
    is_ended: bool = True,
    scenario_version: str | None = None,
) -> None:
    """Store one session with Kris as it is stored when it is live."""
    person = stage.cast.scenarios["kris"]
    versions = {
        "scenario_version": scenario_version or person.version,
        "rubric_version": stage.rubric.version,
        "model_version": "model-1",
    }
    records.start_session(session_id, "kris", 7, **versions)
    progress = first_progress(person, stage.cast.dynamics, 7)
    for number, reply in enumerate(talk, 1):
        said = progress.answered
        records.store_trainee_message(session_id, f"m{number}", reply.text)
        result = take_turn(stage, person, progress, reply, seed=7, message_id=f"m{number}", said=said)
        progress = result.progress
        assert result.assessment is not None
        scores = {name: score.value for name, score in result.assessment.criteria.items()}
        records.store_assessment(
            f"m{number}",
            session_id,
            progress.turn,
            detail={**result.assessment.to_dict(), "view": result.view, "entities": reply.to_entities()},
            snapshot=progress.to_dict(),
            scores={**scores, "overall": result.assessment.overall},
            is_substantive=result.assessment.is_substantive,
            **versions,
        )
    if is_ended:
        records.end_session(session_id, "stopped")
        score = score_progress(stage, person, progress)
        records.store_session_score(session_id, stage.rubric.version, score.to_dict())
