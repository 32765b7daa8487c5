"""A supervisor in a process of its own, so that the tests can kill it: `python supervised.py SPEC.json`."""

import asyncio
import json
import sys
from pathlib import Path

from bot.processes import Backoff, Child
from bot.supervisor import Supervisor

spec = json.loads(Path(sys.argv[1]).read_text())
children = [Child(**{**child, "command": tuple(child["command"])}) for child in spec["children"]]
supervisor = Supervisor(
    children,
    Path(spec["home"]),
    {},
    say=lambda line: print(line, flush=True),
    ready=lambda: print("READY", flush=True),
    folder=Path(spec["home"]),
    backoff=Backoff(first=spec["first_wait"]),
    patience=spec["patience"],
)
sys.exit(asyncio.run(supervisor.run()))
