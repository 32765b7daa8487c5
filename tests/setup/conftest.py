import os
import socket
import sys
import time
from pathlib import Path

import pytest

from bot.processes import Child

FAKE = Path(__file__).with_name("fake_server.py")


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def until(true, seconds: float = 10.0) -> None:
    """Wait for a condition; fail when it does not come."""
    deadline = time.monotonic() + seconds
    while not true():
        assert time.monotonic() < deadline, "waited in vain"
        time.sleep(0.02)


def is_running(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    # A zombie answers to signal 0; it holds no port and runs no code.
    stat = Path(f"/proc/{pid}/stat")
    return not stat.exists() or stat.read_text().rsplit(")", 1)[1].split()[0] != "Z"


@pytest.fixture
def fake_child():
    """Make children that run fake_server.py, each on a port of its own."""

    def make(name: str, *options: str, grace: float = 5.0) -> Child:
        port = free_port()
        command = (sys.executable, "-I", "-S", str(FAKE), str(port), *options)
        url = f"http://127.0.0.1:{port}/"
        return Child(name, f"the {name}", command, url, port, f"{name.upper()}_PORT", grace=grace)

    return make
