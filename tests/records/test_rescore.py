"""Scoring the archive again: new rows beside the old, once, whatever happens, in bounded memory."""

from __future__ import annotations

import io
import json
import tracemalloc
from pathlib import Path

import pytest
from click.testing import CliRunner

from actions.records import Records, open_records, upgrade
from actions.rescore import Changes, judge_again
from actions.rubric import CRITERIA, Rubric, load_rubric
from actions.turn import Stage, load_stage
from bot.cli import main
from bot.commands.rescore import rescore_all
from bot.settings import load_settings
from tests.records.conftest import Hands, assess
from tests.records.sessions_played import TALK, play_session

DATA = load_settings({}).data


@pytest.fixture(scope="module")
def stage() -> Stage:
    return load_stage(DATA)


@pytest.fixture
def harsher_file(tmp_path: Path) -> Path:
    """A rubric in which harm weighs more."""
    text = (DATA / "rubric.yml").read_text(encoding="utf-8")
    changed = text.replace("harm_decay: 2.0 ", "harm_decay: 1.0 ", 1).replace(
        'version: "1.0"', 'version: "2.0"'
    )
    assert changed.count("harm_decay: 1.0") == 1
    file = tmp_path / "harsher.yml"
    file.write_text(changed, encoding="utf-8")
    return file


@pytest.fixture
def harsher(harsher_file: Path) -> Rubric:
    return load_rubric(DATA, harsher_file)


def run(records: Records, stage: Stage, rubric: Rubric, **options: object) -> Changes:
    changes = Changes()
    rescore_all(records, rubric, stage.cast.scenarios, changes, **options)
    return changes


def everything(records: Records, *sessions: str) -> list[object]:
    return [(records.assessments(one), records.session_scores(one)) for one in sessions]


def test_the_same_rubric_finds_the_same_scores_again(records: Records, stage: Stage) -> None:
    """Live and replayed from the records: judged anew without what was stored, every number is the same."""
    play_session(records, stage, "s1")
    (archived,) = next(records.archive("another rubric"))
    new = judge_again(stage.rubric, archived, stage.cast.scenarios["kris"])
    live = records.assessments("s1")
    for row, item in zip(live, new.replies, strict=True):
        own = {**item.detail}
        assert own.pop("first_judged_by") == stage.rubric.version
        assert json.loads(json.dumps(own)) == row.detail
        assert json.loads(json.dumps(item.snapshot)) == row.snapshot
    assert run(records, stage, stage.rubric).added == 0


def test_another_rubric_adds_rows_and_leaves_the_old_ones(
    records: Records, stage: Stage, harsher: Rubric, clock: Hands
) -> None:
    play_session(records, stage, "s1")
    before = records.assessments("s1")
    (score,) = records.session_scores("s1")
    clock.wait(days=1)
    changes = run(records, stage, harsher)
    assert (changes.added, changes.added_scores) == (len(TALK), 1)
    assert records.assessments("s1", stage.rubric.version) == before
    new = records.assessments("s1", harsher.version)
    order = [row.message_id for row in new]
    assert order == [row.message_id for row in before]
    bossy = order.index("m4")
    assert new[bossy].humility < before[bossy].humility
    assert {row.rubric_version for row in new} == {harsher.version}
    assert records.session_scores("s1")[0] == score
    assert records.session_score("s1").rubric_version == harsher.version
    # The live talk would go on from where it was, not from here.
    assert records.last_assessment("s1").rubric_version == stage.rubric.version


def test_pages_show_the_newest(records: Records, stage: Stage, harsher: Rubric, clock: Hands) -> None:
    play_session(records, stage, "s1")
    clock.wait(days=1)
    run(records, stage, harsher)
    shown = records.shown_assessments("s1")
    assert {row.rubric_version for row in shown} == {harsher.version} and len(shown) == len(TALK)
    clock.wait(days=1)
    back = run(records, stage, stage.rubric)
    assert (back.added, back.added_scores) == (0, 1)
    assert records.session_score("s1").rubric_version == stage.rubric.version
    assert {row.rubric_version for row in records.shown_assessments("s1")} == {stage.rubric.version}


def test_twice_is_once(records: Records, stage: Stage, harsher: Rubric, clock: Hands) -> None:
    play_session(records, stage, "s1")
    play_session(records, stage, "s2", TALK[:3], is_ended=False)
    clock.wait(days=1)
    first = run(records, stage, harsher)
    kept = everything(records, "s1", "s2")
    clock.wait(days=1)
    again = run(records, stage, harsher)
    assert again.added == again.added_scores == 0
    assert everything(records, "s1", "s2") == kept
    mine, theirs = first.to_dict(), again.to_dict()
    for report in (mine, theirs):
        del report["assessments_added"], report["session_scores_added"]
    assert mine == theirs, "the report speaks of the archive, not of the run"


def test_a_session_that_went_on_is_completed(
    records: Records, stage: Stage, harsher: Rubric, clock: Hands
) -> None:
    play_session(records, stage, "s1", TALK[:3], is_ended=False)
    clock.wait(days=1)
    run(records, stage, harsher)
    play_session(records, stage, "s1")
    clock.wait(days=1)
    changes = run(records, stage, harsher)
    assert (changes.added, changes.added_scores) == (len(TALK) - 3, 1)
    play_session(records, stage, "whole")
    run(records, stage, harsher)
    mine, theirs = (
        [(row.message_id, row.overall) for row in records.assessments(one, harsher.version)]
        for one in ("s1", "whole")
    )
    assert mine == theirs


class Killed(BaseException):
    """What a kill does, in a test."""


def test_a_run_that_was_killed_goes_on(
    records: Records, stage: Stage, harsher: Rubric, clock: Hands, monkeypatch: pytest.MonkeyPatch
) -> None:
    for number in range(5):
        play_session(records, stage, f"s{number}", TALK[: 6 + number % 3])
        clock.wait(minutes=1)
    monkeypatch.setattr(Records.archive, "__defaults__", (None, 2))
    add, calls = records.add_scores, []

    def add_then_die(*given: object) -> tuple[int, int]:
        calls.append(given)
        if len(calls) == 2:
            raise Killed
        return add(*given)

    monkeypatch.setattr(records, "add_scores", add_then_die)
    with pytest.raises(Killed):
        run(records, stage, harsher)
    monkeypatch.undo()
    done = [bool(records.assessments(f"s{number}", harsher.version)) for number in range(5)]
    assert done == [True, True, False, False, False]
    run(records, stage, harsher)
    for number in range(5):
        assert len(records.assessments(f"s{number}", harsher.version)) == 6 + number % 3
        assert [row.rubric_version for row in records.session_scores(f"s{number}")] == [
            stage.rubric.version,
            harsher.version,
        ]


def test_a_dry_run_writes_nothing_and_says_the_same(
    records: Records, stage: Stage, harsher: Rubric, clock: Hands
) -> None:
    play_session(records, stage, "s1")
    kept = everything(records, "s1")
    report = io.StringIO()
    dry = run(records, stage, harsher, is_dry=True, report=report)
    assert everything(records, "s1") == kept
    assert dry.to_dict() == run(records, stage, harsher).to_dict()
    *sessions, last = [json.loads(line) for line in report.getvalue().splitlines()]
    assert [row["session_id"] for row in sessions] == ["s1"]
    assert sessions[0]["after"]["humility"] < sessions[0]["before"]["humility"]
    summary = last["summary"]
    assert summary["is_dry_run"] and summary["replies"] == len(TALK)
    assert summary["mean_change"]["reply"]["humility"] < 0
    moved = [abs(entry["after"] - entry["before"]) for entry in summary["largest"]]
    assert moved == sorted(moved, reverse=True) and moved[0] > 5
    assert "m4" in {entry["message_id"] for entry in summary["largest"]}
    assert set(summary["mean_change"]["session"]) == set(CRITERIA)


def test_since_leaves_older_sessions_out(
    records: Records, stage: Stage, harsher: Rubric, clock: Hands
) -> None:
    play_session(records, stage, "old")
    clock.wait(days=2)
    play_session(records, stage, "new")
    assert run(records, stage, harsher, since=clock.now).sessions == 1
    assert not records.assessments("old", harsher.version) and records.assessments("new", harsher.version)


def test_a_deleted_session_is_left_out(
    records: Records, stage: Stage, harsher: Rubric, monkeypatch: pytest.MonkeyPatch
) -> None:
    play_session(records, stage, "s1")
    play_session(records, stage, "s2")
    add = records.add_scores

    def delete_first(*given: object) -> tuple[int, int]:
        records.delete_session("s1")
        return add(*given)

    monkeypatch.setattr(records, "add_scores", delete_first)
    run(records, stage, harsher)
    assert records.session("s1") is None and records.assessments("s2", harsher.version)


def test_a_person_who_has_changed_keeps_the_aims_that_were_practiced(
    records: Records, stage: Stage, harsher: Rubric
) -> None:
    play_session(records, stage, "today")
    play_session(records, stage, "earlier", scenario_version="kris-0")
    run(records, stage, harsher)
    today, earlier = (records.session_score(one).detail for one in ("today", "earlier"))
    assert earlier["targets"] == today["targets"]
    assert earlier["criteria"] == today["criteria"]


def test_a_reply_without_its_reading_is_named_and_stops_nobody_else(
    begun: Records, stage: Stage, harsher: Rubric, capsys: pytest.CaptureFixture[str]
) -> None:
    begun.store_trainee_message("s1", "m1", "Hi")
    assess(begun, "m1")
    play_session(begun, stage, "s2")
    changes = run(begun, stage, harsher)
    assert (changes.left_out, changes.sessions) == (1, 1)
    assert "session s1, reply m1: stored without its reading" in capsys.readouterr().err
    assert begun.assessments("s2", harsher.version) and not begun.assessments("s1", harsher.version)


def test_memory_does_not_grow_with_the_archive(tmp_path: Path, stage: Stage, harsher: Rubric) -> None:
    def peak(sessions: int) -> int:
        url = f"sqlite:///{tmp_path}/{sessions}.db"
        upgrade(url)
        opened = open_records(url)
        for number in range(sessions):
            play_session(opened, stage, f"s{number:03d}", TALK[:6])
        tracemalloc.start()
        run(opened, stage, harsher)
        most = tracemalloc.get_traced_memory()[1]
        tracemalloc.stop()
        assert len(opened.assessments(f"s{sessions - 1:03d}", harsher.version)) == 6
        opened.close()
        return most

    peak(20)  # what is cached on the way is there from now on
    assert peak(120) < 1.3 * peak(40)


def test_the_command_says_what_it_did(
    tmp_path: Path, stage: Stage, harsher_file: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    url = f"sqlite:///{tmp_path}/records.db"
    upgrade(url)
    monkeypatch.setenv("DATABASE_URL", url)
    opened = open_records(url)
    play_session(opened, stage, "s1")
    report = tmp_path / "report.jsonl"
    call = ["rescore", "--rubric", str(harsher_file), "--since", "2026-01-01", "--report", str(report)]
    done = CliRunner().invoke(main, call)
    assert done.exit_code == 0, done.output
    assert "1 sessions, 8 replies" in done.output and "8 judgements of replies and 1 session" in done.output
    assert json.loads(report.read_text().splitlines()[-1])["summary"]["assessments_added"] == 8
    assert "0 judgements" in CliRunner().invoke(main, call).output
    opened.close()


def test_a_rubric_that_cannot_be_read_is_named(tmp_path: Path) -> None:
    broken = tmp_path / "broken.yml"
    broken.write_text("version: 1\n", encoding="utf-8")
    done = CliRunner().invoke(main, ["rescore", "--rubric", str(broken)])
    assert done.exit_code == 1 and "broken.yml" in done.output and "Traceback" not in done.output
