"""The count of wrong passwords, by name and by address, which a restart does not forget.

A try is counted before the password is checked and taken back when it was right. Counting afterwards would
let somebody send a thousand tries at once, all of them checked before the first was counted.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from actions.records.store import Store
from actions.tables import sign_in_failures


@dataclass(frozen=True)
class ThrottleRule:
    """How many wrong passwords are let through, and how the wait grows after them.

    Attributes:
        free: Wrong tries before there is a wait.
        first_wait: The wait after the next one; it doubles with each further one.
        longest_wait: The wait grows no longer than this.
        memory: Wrong tries are forgotten so long after the last one.
    """

    free: int
    first_wait: timedelta
    longest_wait: timedelta
    memory: timedelta

    def wait_after(self, failures: int) -> timedelta:
        """Return the wait after so many wrong tries in a row."""
        if failures <= self.free:
            return timedelta(0)
        doublings = min(failures - self.free - 1, 20)
        return min(self.first_wait * 2**doublings, self.longest_wait)


class ThrottleRecords(Store):
    """Wrong passwords."""

    def begin_try(self, keys: Mapping[str, str], rules: Mapping[str, ThrottleRule]) -> timedelta:
        """Count a try as wrong until `end_try` takes it back, unless there is a wait.

        Args:
            keys: Hashed key by scope ("name", "address").
            rules: Rule by scope.

        Returns:
            How long to wait; zero if the try may go on. A try that must wait is not counted.
        """

        def work(tx: Connection) -> timedelta:
            now = self.clock()
            counted: dict[str, tuple[int, datetime] | None] = {}
            wait = timedelta(0)
            for scope in sorted(keys):  # always in this order, so that two processes cannot block each other
                row = tx.execute(
                    _of(sa.select(sign_in_failures), scope, keys[scope]).with_for_update()
                ).one_or_none()
                if row is None:
                    counted[scope] = None
                elif row.last_failed_at + rules[scope].memory <= now:
                    counted[scope] = (0, now)
                else:
                    counted[scope] = (row.failures, row.first_failed_at)
                    if row.blocked_until is not None:
                        wait = max(wait, row.blocked_until - now)
            if wait > timedelta(0):
                return wait
            for scope in sorted(keys):
                failures, first = counted[scope] or (0, now)
                pause = rules[scope].wait_after(failures + 1)
                values = {
                    "failures": failures + 1,
                    "first_failed_at": first,
                    "last_failed_at": now,
                    "blocked_until": now + pause if pause else None,
                }
                if counted[scope] is None:
                    tx.execute(sign_in_failures.insert().values(scope=scope, key_hash=keys[scope], **values))
                else:
                    tx.execute(_of(sign_in_failures.update(), scope, keys[scope]).values(**values))
            oldest = now - max(rule.memory for rule in rules.values())
            tx.execute(sign_in_failures.delete().where(sign_in_failures.c.last_failed_at < oldest))
            return timedelta(0)

        return self._change(work)

    def end_try(self, keys: Mapping[str, str]) -> None:
        """Take a try back that was right: forget the name's count, and one of the address's.

        The address keeps its other ones; else somebody with an account of their own could guess at others'
        for ever, signing in now and then to clear the count.
        """

        def work(tx: Connection) -> None:
            for scope in sorted(keys):
                if scope == "name":
                    tx.execute(_of(sign_in_failures.delete(), scope, keys[scope]))
                else:
                    fewer = _of(sign_in_failures.update(), scope, keys[scope])
                    tx.execute(
                        fewer.where(sign_in_failures.c.failures > 0).values(
                            failures=sign_in_failures.c.failures - 1, blocked_until=None
                        )
                    )

        self._change(work)


def _of(statement: sa.sql.Select, scope: str, key_hash: str) -> sa.sql.Select:
    table = sign_in_failures.c
    return statement.where(table.scope == scope, table.key_hash == key_hash)
