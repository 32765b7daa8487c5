"""One child process: how it is started, watched, logged and stopped; and the questions about ports.

Nothing in here knows what the children do. `bot/supervisor.py` says which ones there are.
"""

from __future__ import annotations

import asyncio
import contextlib
import os
import signal
import socket
import sys
import urllib.error
import urllib.request
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timezone
from pathlib import Path

_TETHER = Path(__file__).with_name("tether.py")
_TAIL_BYTES = 16_384


@dataclass(frozen=True)
class Child:
    """What must be known of a process in order to start and watch it.

    Attributes:
        name: Short name; also that of the log file.
        title: What the reader is told, as in "the action server".
        command: Program and arguments.
        url: Answers with a 2xx status once the process can do its work.
        port: The port that it will listen on.
        port_variable: The setting that changes the port.
        grace: Seconds that it gets to finish what it is doing before it is killed.
    """

    name: str
    title: str
    command: tuple[str, ...]
    url: str
    port: int
    port_variable: str
    host: str = "127.0.0.1"
    grace: float = 10.0


@dataclass(frozen=True)
class Backoff:
    """How long to wait before a dead child is started again: 1, 2, 4 ... seconds.

    Attributes:
        deaths: How often it has died without having been well for `healthy_after` in between.
        first: Seconds before the first restart.
        longest: No wait is longer.
        healthy_after: Seconds of life after which earlier deaths are forgotten.
    """

    deaths: int = 0
    first: float = 1.0
    longest: float = 30.0
    healthy_after: float = 60.0

    def after_death(self, healthy_for: float) -> Backoff:
        """Return the state after one more death.

        Args:
            healthy_for: Seconds for which the child had been answering before it died.
        """
        forgotten = healthy_for >= self.healthy_after
        deaths = 1 if forgotten else self.deaths + 1
        return Backoff(deaths, self.first, self.longest, self.healthy_after)

    @property
    def wait(self) -> float:
        """Return the seconds to wait now; none before the first death."""
        if self.deaths == 0:
            return 0.0
        # Beyond 2**20 the limit holds anyway, and floats stay finite.
        return min(self.longest, self.first * 2.0 ** min(self.deaths - 1, 20))


class Process:
    """A started child in its own process group, tied to this process's life."""

    def __init__(self, child: Child, process: asyncio.subprocess.Process) -> None:
        self.child = child
        self._process = process

    @classmethod
    async def start(cls, child: Child, log: Path, environ: Mapping[str, str], folder: Path) -> Process:
        """Start the child with its output going to the end of its log.

        Its own process group keeps the terminal's Ctrl-C away from it: only the supervisor hears that, and
        stops the children in order.
        """
        log.parent.mkdir(parents=True, exist_ok=True)
        tethered = (sys.executable, "-I", "-S", str(_TETHER), str(os.getpid()), *child.command)
        with log.open("ab") as output:
            now = datetime.now(timezone.utc).isoformat(timespec="seconds")
            output.write(f"---- {child.name} started {now}\n".encode())
            output.flush()
            process = await asyncio.create_subprocess_exec(
                *tethered,
                stdin=asyncio.subprocess.DEVNULL,
                stdout=output,
                stderr=output,
                cwd=folder,
                env=dict(environ),
                start_new_session=True,
            )
        return cls(child, process)

    @property
    def pid(self) -> int:
        """Return the process id, which is also the id of its group."""
        return self._process.pid

    @property
    def is_alive(self) -> bool:
        """Return whether it still runs."""
        return self._process.returncode is None

    async def ended(self) -> int:
        """Wait for its end and return the exit code; negative if a signal ended it."""
        return await self._process.wait()

    async def stop(self) -> None:
        """Ask the group to finish, wait for the child's grace, then kill what is left."""
        self.signal(signal.SIGTERM)
        with contextlib.suppress(asyncio.TimeoutError):
            await asyncio.wait_for(self._process.wait(), self.child.grace)
        self.signal(signal.SIGKILL)
        await self._process.wait()

    def signal(self, number: int) -> None:
        """Send a signal to the whole group, if any of it is left."""
        with contextlib.suppress(ProcessLookupError, PermissionError):
            os.killpg(self.pid, number)


async def answers(url: str, timeout: float = 2.0) -> bool:
    """Return whether a GET of the URL is answered with success in time."""
    return await asyncio.to_thread(_answers, url, timeout)


def _answers(url: str, timeout: float) -> bool:
    # A proxy from the environment must never stand between two processes of one machine.
    opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
    try:
        with opener.open(url, timeout=timeout) as response:
            return 200 <= response.status < 300
    except (urllib.error.URLError, OSError, ValueError):
        return False


def is_port_free(host: str, port: int) -> bool:
    """Return whether a server could listen there now."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    with socket.socket(family, socket.SOCK_STREAM) as probe:
        # As the servers do: a port whose last connections are still fading counts as free.
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((host, port))
        except OSError:
            return False
    return True


def port_complaints(children: Sequence[Child]) -> list[str]:
    """Return a sentence for each port that cannot be had, naming the setting that changes it."""
    complaints = []
    owners: dict[int, Child] = {}
    for child in children:
        other = owners.setdefault(child.port, child)
        if other is not child:
            complaints.append(
                f"Port {child.port} is given to both {other.title} and {child.title}; "
                f"set {child.port_variable} to another number."
            )
        elif not is_port_free(child.host, child.port):
            complaints.append(
                f"Port {child.port} for {child.title} is in use by another program (or by Switchback itself, "
                f"started elsewhere); stop that, or set {child.port_variable} to a free port."
            )
    return complaints


def rotate(log: Path, keep: int = 3) -> None:
    """Move a log out of the way: rasa.log becomes rasa.1.log, that rasa.2.log, and the oldest goes.

    Args:
        log: The file to be written anew; it need not exist.
        keep: How many old ones remain.
    """
    if not log.exists() or log.stat().st_size == 0:
        return
    for number in range(keep - 1, 0, -1):
        older = log.with_suffix(f".{number}{log.suffix}")
        if older.exists():
            os.replace(older, log.with_suffix(f".{number + 1}{log.suffix}"))
    os.replace(log, log.with_suffix(f".1{log.suffix}"))


def last_lines(log: Path, count: int = 15) -> list[str]:
    """Return the last lines of a log, as much as helps on a screen; none if it cannot be read."""
    try:
        with log.open("rb") as file:
            file.seek(0, os.SEEK_END)
            file.seek(max(0, file.tell() - _TAIL_BYTES))
            text = file.read().decode("utf-8", errors="replace")
    except OSError:
        return []
    return text.splitlines()[-count:]
