"""One Switchback per folder: two would both own the same conversations, and each undo the other's.

The claim is a lock that the kernel gives back when its holder dies, so that nothing stays locked by mistake.
"""

from __future__ import annotations

import fcntl
import os
import time
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path

_LOCK = "running.lock"
_CHILDREN = "running.pids"


class HomeInUse(RuntimeError):
    """Another Switchback runs from the same folder."""


@contextmanager
def claimed(home: Path) -> Iterator[None]:
    """Hold the folder for the time of the body.

    Raises:
        HomeInUse: Somebody else holds it; the message says who and what to do.
    """
    # What people say in practice is theirs; nobody else on the machine need read it.
    home.mkdir(mode=0o700, parents=True, exist_ok=True)
    with (home / _LOCK).open("a+", encoding="utf-8") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError as error:
            lock.seek(0)
            holder = lock.read().strip() or "unknown"
            raise HomeInUse(
                f"Switchback already runs from {home} (process {holder}); stop that one, "
                f"or set SWITCHBACK_HOME and the ports for a second one."
            ) from error
        lock.truncate(0)
        lock.write(f"{os.getpid()}\n")
        lock.flush()
        yield


def note_children(home: Path, pids: Iterable[int]) -> None:
    """Write down which processes are ours at the moment, for a next start after a violent end."""
    (home / _CHILDREN).write_text("".join(f"{pid}\n" for pid in pids), encoding="utf-8")


def wait_for_leftovers(home: Path, seconds: float = 15.0) -> bool:
    """Wait until the children of a supervisor that was killed have ended, as they do on their own.

    Nothing is killed here: a number in an old file may belong to another program by now.

    Args:
        home: The folder, which must be claimed: then the noted processes have no supervisor.
        seconds: The longest wait.

    Returns:
        Whether all are gone.
    """
    try:
        pids = [int(line) for line in (home / _CHILDREN).read_text(encoding="utf-8").split()]
    except (FileNotFoundError, ValueError):
        return True
    deadline = time.monotonic() + seconds
    while any(_is_alive(pid) for pid in pids):
        if time.monotonic() > deadline:
            return False
        time.sleep(0.1)
    return True


def _is_alive(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        # Somebody else's, hence none of our children.
        return False
    return True
