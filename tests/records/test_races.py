"""Two processes and more at the same rows: the web app, the action server, and a retry of either."""

from __future__ import annotations

import json
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from pathlib import Path
from threading import Barrier

import pytest

from actions.records import InviteRefused, Records, open_records
from bot import accounts
from tests.records.conftest import begin
from tests.records.hammer import ROUNDS

PROJECT = Path(__file__).resolve().parents[2]


def start(url: str, work: str, name: str) -> subprocess.Popen[str]:
    return subprocess.Popen(
        [sys.executable, "-m", "tests.records.hammer", url, work, name],
        cwd=PROJECT,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )


def together(url: str, work: str, count: int = 3) -> list:
    """Let processes begin at the same moment and return what each printed."""
    processes = [start(url, work, f"w{number}") for number in range(count)]
    for process in processes:
        assert process.stdout.readline() == "ready\n", process.communicate()[1]
    for process in processes:
        process.stdin.write("go\n")
        process.stdin.flush()
    results = [process.communicate(timeout=60) for process in processes]
    for process, (_, errors) in zip(processes, results, strict=True):
        assert process.returncode == 0, errors
    return [json.loads(printed) for printed, _ in results]


def at_once(count: int, work) -> list:
    """Run `work` in threads that begin together and return what each gave or raised."""
    barrier = Barrier(count)

    def one(number: int):
        barrier.wait()
        try:
            return work(number)
        except Exception as error:  # the test looks at it
            return error

    with ThreadPoolExecutor(count) as pool:
        return list(pool.map(one, range(count)))


def test_everybody_who_does_the_same_finds_it_done_once(url: str, records: Records) -> None:
    first, *others = together(url, "same_turns")
    assert all(other == first for other in others)
    stored = [row for number in range(3) for row in records.messages(f"s{number}")]
    assert len(stored) == 3 * ROUNDS
    assert sum(len(records.assessments(f"s{number}")) for number in range(3)) == ROUNDS


def test_lines_of_one_session_keep_their_order(url: str, records: Records) -> None:
    together(url, "own_turns")
    rows = records.messages("s1")
    assert [row.seq for row in rows] == list(range(1, 3 * 2 * ROUNDS + 1))
    assert not records.unanswered_messages("s1")


def test_what_was_said_to_be_stored_survives_a_kill(url: str, records: Records) -> None:
    process = start(url, "write_until_killed", "w")
    process.stdin.write("go\n")
    process.stdin.flush()
    seen = [process.stdout.readline().strip() for _ in range(12)]
    process.kill()
    seen += process.communicate()[0].split()
    stored = [row.id for row in records.messages("s1")]
    said = seen[1:]
    assert len(said) > 10
    # One more may be stored than was said to be.
    assert stored[: len(said)] == said
    assert len(stored) <= len(said) + 1


def test_one_link_makes_one_account(url: str) -> None:
    records = open_records(url)
    records.add_invite("hash", "instructor", timedelta(days=1))
    results = at_once(6, lambda number: records.redeem_invite("hash", f"name{number}", "N", "pw"))
    refused = [result for result in results if isinstance(result, InviteRefused)]
    assert len(refused) == 5
    assert len(records.users()) == 1
    records.close()


def test_one_name_makes_one_account(url: str) -> None:
    records = open_records(url)
    results = at_once(6, lambda _: records.create_user("ana", "Ana", "trainee", None))
    assert len([result for result in results if isinstance(result, accounts.NameTaken)]) == 5
    assert len(records.users()) == 1
    records.close()


@pytest.mark.usefixtures("quick_hash")
def test_guesses_sent_at_once_are_all_counted(url: str) -> None:
    records = open_records(url)
    accounts.add_user(records, "ana", "Ana", "trainee", "lamp river seven")
    results = at_once(10, lambda _: accounts.sign_in(records, "ana", "a wrong guess", "192.0.2.7"))
    kinds = sorted(type(result).__name__ for result in results)
    assert kinds == ["TooManyTries"] * 4 + ["WrongPassword"] * 6
    records.close()


def test_a_session_deleted_while_it_is_written_to_is_gone(url: str) -> None:
    records = open_records(url)
    begin(records, "s1")

    def work(number: int) -> object:
        if number == 0:
            return records.delete_session("s1")
        return [records.store_trainee_message("s1", f"{number}-{count}", "hi") for count in range(10)]

    results = at_once(4, work)
    assert results[0] is True
    assert {type(result).__name__ for result in results[1:]} <= {"UnknownSession", "list"}
    assert records.messages("s1") == ()
    records.close()
