"""How fast archived sessions are scored again, and in how much memory.

One session is played as when it is live and copied in the database, each copy with words of its own. The
readings are written by hand, so no model is needed: scoring again judges stored readings and reads nothing.
"""

from __future__ import annotations

import os
import sqlite3
import sys
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path

from actions.records import Records, open_records, upgrade
from actions.turn import Stage, first_progress, load_stage, score_progress, take_turn
from bot.reading import Evidence, Reading, Sentence
from bot.settings import load_settings

TALK = (
    ("So the weekend took the floor out from under you.", "complex_reflection"),
    ("What was the worst part of it for you?", "open_question"),
    ("You told someone within two days, and that took honesty.", "affirm_strength"),
    ("You need to call the clinic right now.", "direct_command"),
    ("That was me pushing you, and I am sorry.", "repair_rupture"),
    ("It makes sense to be wary after that.", "validate"),
    ("It is your call what we do with this hour.", "emphasize_autonomy"),
    ("What would a small step look like in your own words?", "co_create_goal"),
)
COPIES = 5_000
"""Sessions copied in one transaction."""

COPY = (
    """INSERT INTO practice_sessions SELECT printf('c%08d', n), user_id, scenario_id, seed, rubric_version,
    model_version, scenario_version, is_score_hidden, is_paused, ending, started_at, updated_at, ended_at
    FROM practice_sessions, copies WHERE id = 's'""",
    """INSERT INTO messages SELECT printf('c%08d', n), id, seq, speaker, text || ' ' || n, turn, reply_to,
    position, act, beat, rubric_version, model_version, scenario_version, created_at
    FROM messages, copies WHERE session_id = 's'""",
    """INSERT INTO assessments SELECT printf('c%08d', n), message_id, rubric_version, model_version,
    scenario_version, turn, collaboration, strengths, humility, overall, is_substantive, detail, snapshot,
    created_at FROM assessments, copies WHERE session_id = 's'""",
    """INSERT INTO session_scores SELECT printf('c%08d', n), seq, rubric_version, model_version,
    scenario_version, detail, created_at FROM session_scores, copies WHERE session_id = 's'""",
)


@dataclass(frozen=True)
class Usage:
    """What a command took: seconds, and megabytes at most."""

    seconds: float
    megabytes: float


def run_measured(arguments: list[str], **environment: str) -> Usage:
    """Run a command of ours on its own and return what it took.

    Args:
        arguments: What follows `switchback`.
        environment: Variables to add.

    Raises:
        RuntimeError: It failed.
    """
    begun = time.perf_counter()
    command = [sys.executable, "-m", "bot.cli", *arguments]
    pid = os.posix_spawn(sys.executable, command, {**os.environ, **environment})
    _, status, used = os.wait4(pid, 0)
    if os.waitstatus_to_exitcode(status) != 0:
        raise RuntimeError(f"{' '.join(arguments)} failed")
    return Usage(time.perf_counter() - begun, used.ru_maxrss / 1024)


def bench_rescore(turns: int, folder: Path | None = None) -> None:
    """Make an archive of so many turns, score it again under another rubric, and print what it took.

    Args:
        turns: Replies in the archive; each takes about 20 KB of disk, with its second judgement.
        folder: Where the archive is made; in the temporary folder if None.
    """
    data = load_settings().data
    with tempfile.TemporaryDirectory(dir=folder) as scratch:
        file = Path(scratch) / "records.db"
        begun = time.perf_counter()
        sessions = _make_archive(file, load_stage(data), max(1, turns // len(TALK)))
        print(f"an archive of {sessions * len(TALK):,} turns made in {time.perf_counter() - begun:.0f} s")
        rubric = Path(scratch) / "rubric.yml"
        text = (data / "rubric.yml").read_text(encoding="utf-8")
        rubric.write_text(text.replace("harm_decay: 2.0", "harm_decay: 1.9", 1), encoding="utf-8")
        url = f"sqlite:///{file}"
        call = ["rescore", "--rubric", str(rubric)]
        used = run_measured(call, DATABASE_URL=url)
        size = file.stat().st_size / 2**30
        print(
            f"scored again, {sessions * len(TALK):,} stored readings (no text is read anew):"
            f" {used.seconds:.0f} s, {sessions * len(TALK) / used.seconds:.0f} turns/s,"
            f" at most {used.megabytes:.0f} MB of memory; {size:.1f} GB of records"
        )


def _make_archive(file: Path, stage: Stage, sessions: int) -> int:
    """Play one session and copy it until there are so many."""
    url = f"sqlite:///{file}"
    upgrade(url)
    records = open_records(url)
    _play(records, stage)
    records.close()
    with sqlite3.connect(file) as database:
        database.execute("PRAGMA synchronous = OFF")  # it is thrown away afterwards
        for first in range(1, sessions, COPIES):
            last = min(first + COPIES, sessions)
            database.execute("DROP TABLE IF EXISTS temp.copies")
            database.execute("CREATE TEMP TABLE copies (n INTEGER)")
            database.executemany("INSERT INTO copies VALUES (?)", ((n,) for n in range(first, last)))
            for statement in COPY:
                database.execute(statement)
            database.commit()
    return sessions


def _play(records: Records, stage: Stage) -> None:
    """Store one session with Kris, as it is stored when it is live."""
    person = stage.cast.scenarios["kris"]
    versions = {
        "scenario_version": person.version,
        "rubric_version": stage.rubric.version,
        "model_version": "none",
    }
    records.start_session("s", "kris", 7, **versions)
    progress = first_progress(person, stage.cast.dynamics, 7)
    for number, (text, move) in enumerate(TALK, 1):
        reading = Reading(
            text=text,
            sentences=(Sentence(0, len(text), {move: 0.9}, text.endswith("?")),),
            spans=(Evidence(0, len(text), move, 0.9),),
            similarity=(0.4,),
        )
        message = f"m{number}"
        records.store_trainee_message("s", message, text)
        result = take_turn(
            stage, person, progress, reading, seed=7, message_id=message, said=progress.answered
        )
        progress, judged = result.progress, result.assessment
        assert judged is not None, "nothing in this talk steps out of role"
        scores = {name: score.value for name, score in judged.criteria.items()}
        records.store_assessment(
            message,
            "s",
            progress.turn,
            detail={**judged.to_dict(), "view": result.view, "entities": reading.to_entities()},
            snapshot=progress.to_dict(),
            scores={**scores, "overall": judged.overall},
            is_substantive=judged.is_substantive,
            **versions,
        )
    records.end_session("s", "stopped")
    records.store_session_score("s", stage.rubric.version, score_progress(stage, person, progress).to_dict())
