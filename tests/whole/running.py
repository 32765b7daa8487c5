"""The three real processes, started as a person starts them, on ports and in a folder of their own."""

from __future__ import annotations

import json
import os
import re
import signal
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

PROJECT = Path(__file__).resolve().parents[2]
READY_SECONDS = 240


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


@dataclass
class Running:
    """A Switchback that runs.

    Attributes:
        url: Address of the web app.
        invite: One-time link that makes the first instructor.
        home: Its folder of records and logs.
        ports: Name of the process to its port.
    """

    url: str
    invite: str
    home: Path
    ports: dict[str, int]
    process: subprocess.Popen = field(repr=False)

    def kill(self, name: str) -> int:
        """Kill one child as `kill -9` does; return its process id."""
        pid = pid_listening_on(self.ports[name])
        os.kill(pid, signal.SIGKILL)
        return pid

    def is_up(self, name: str) -> bool:
        paths = {"rasa": "/webhooks/peer/", "actions": "/health", "web": "/healthz"}
        try:
            with urllib.request.urlopen(
                f"http://127.0.0.1:{self.ports[name]}{paths[name]}", timeout=2
            ) as answer:
                return answer.status == 200
        except OSError:
            return False

    def wait_for(self, name: str, seconds: float = 60) -> None:
        deadline = time.monotonic() + seconds
        while not self.is_up(name):
            assert time.monotonic() < deadline, f"{name} did not come back: {self.log(name)[-2000:]}"
            time.sleep(0.3)

    def log(self, name: str) -> str:
        return (self.home / "logs" / f"{name}.log").read_text(encoding="utf-8", errors="replace")


def pid_listening_on(port: int) -> int:
    """Return the process that listens on a loopback port, from what the kernel shows in /proc."""
    inodes = set()
    for table in ("/proc/net/tcp", "/proc/net/tcp6"):
        for line in Path(table).read_text().splitlines()[1:]:
            columns = line.split()
            if columns[3] == "0A" and int(columns[1].rpartition(":")[2], 16) == port:
                inodes.add(f"socket:[{columns[9]}]")
    for folder in Path("/proc").iterdir():
        if not folder.name.isdigit():
            continue
        try:
            if any(os.readlink(handle) in inodes for handle in (folder / "fd").iterdir()):
                return int(folder.name)
        except (FileNotFoundError, PermissionError):
            continue  # it ended while we looked, or it is not ours
    raise AssertionError(f"nothing listens on port {port}")


@contextmanager
def running_switchback(home: Path) -> Iterator[Running]:
    """Run `switchback run` until the block ends."""
    ports = {name: free_port() for name in ("web", "rasa", "actions")}
    environment = os.environ | {
        "SWITCHBACK_HOME": str(home),
        "SWITCHBACK_PORT": str(ports["web"]),
        "SWITCHBACK_RASA_PORT": str(ports["rasa"]),
        "SWITCHBACK_ACTIONS_PORT": str(ports["actions"]),
    }
    environment.pop("DATABASE_URL", None)
    command = [sys.executable, "-m", "bot.cli", "run"]
    out = home.parent / "switchback.out"
    with out.open("w") as log:
        process = subprocess.Popen(
            command, cwd=PROJECT, env=environment, stdout=log, stderr=subprocess.STDOUT
        )
    try:
        deadline = time.monotonic() + READY_SECONDS
        while "Stop it with Ctrl-C" not in (said := out.read_text()):
            assert process.poll() is None and time.monotonic() < deadline, said
            time.sleep(0.3)
        address = re.search(r"ready: (http://\S+?)/?\s", said)
        invite = re.search(r"http://\S+/invite/\S+", said)
        assert address and invite, said
        yield Running(address[1], invite[0], home, ports, process)
    finally:
        process.send_signal(signal.SIGINT)
        try:
            process.wait(20)
        except subprocess.TimeoutExpired:
            process.kill()
            raise


def export(running: Running, session_id: str) -> dict:
    """Return everything that the records hold of a session."""
    from actions.records import open_records

    records = open_records(f"sqlite:///{running.home / 'switchback.db'}")
    try:
        return json.loads(json.dumps(records.export_session(session_id)))
    finally:
        records.close()
