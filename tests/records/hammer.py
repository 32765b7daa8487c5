"""One of several processes that do the same to the same records at once; see test_races.py."""

from __future__ import annotations

import json
import os
import sys
from dataclasses import asdict

from actions.records import Records, open_records
from tests.records.conftest import assess, begin, line

ROUNDS = 25


def same_turns(records: Records, _: str) -> list:
    """Do the same turns as everybody and return what the records say they were."""
    seen: list = []
    for number in range(ROUNDS):
        session, message = f"s{number % 3}", f"m{number}"
        begin(records, session)
        records.store_trainee_message(session, message, "Same words.")
        seen.append(asdict(assess(records, message, session, number, detail={"by": os.getpid()})))
        rows = records.store_peer_lines(session, message, number, [line(f"p{number}a"), line(f"p{number}b")])
        seen.extend([row.id, row.seq, row.position] for row in rows)
        seen.append(records.end_session("s2", str(os.getpid())).ending if number > 3 else None)
    return seen


def own_turns(records: Records, name: str) -> list:
    """Do turns of one's own in a session that is everybody's."""
    begin(records, "s1")
    for number in range(ROUNDS):
        records.store_trainee_message("s1", f"{name}-{number}", name)
        records.store_peer_lines("s1", f"{name}-{number}", number, [line(f"{name}-{number}-p")])
    return [name]


def write_until_killed(records: Records, name: str) -> list:
    """Say after each message that it is stored."""
    begin(records, "s1")
    number = 0
    while True:
        records.store_trainee_message("s1", f"{name}-{number}", name)
        print(f"{name}-{number}", flush=True)
        number += 1


if __name__ == "__main__":
    opened = open_records(sys.argv[1])
    opened.check_schema()
    print("ready", flush=True)
    sys.stdin.readline()
    print(json.dumps(globals()[sys.argv[2]](opened, sys.argv[3])), flush=True)
