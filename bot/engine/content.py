"""The content that the engine plays: every peer and the constants of their inner state."""

from __future__ import annotations

import hashlib
import shutil
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from bot.peer.dynamics import Dynamics, load_dynamics
from bot.peer.scenario import Scenario
from bot.peer.scenario_file import load_scenarios

_SHARED = ("dynamics.yml", "topics.yml", "rubric.yml", "moves.yml", "safety.yml")


@dataclass(frozen=True)
class Cast:
    """The peers that can be met, and how their state moves."""

    scenarios: Mapping[str, Scenario]
    dynamics: Dynamics

    @property
    def first(self) -> str:
        """Return the id of the scenario that comes first, for sessions that named none."""
        return next(iter(self.scenarios))


def load_cast(data: Path) -> Cast:
    """Read the peers and the dynamics from a content folder.

    Raises:
        ContentError: A file cannot be used; names every problem.
    """
    return Cast(load_scenarios(data), load_dynamics(data))


def content_files(data: Path) -> list[Path]:
    """Return the files that a peer is made of, in a fixed order."""
    shared = [data / name for name in _SHARED if (data / name).exists()]
    return shared + sorted((data / "scenarios").glob("*.yml"))


def content_fingerprint(data: Path) -> str:
    """Return a hash that changes when any of those files does."""
    digest = hashlib.sha256()
    for path in content_files(data):
        digest.update(path.name.encode() + b"\0" + path.read_bytes() + b"\0")
    return digest.hexdigest()


def copy_content(data: Path, into: Path) -> None:
    """Copy those files, so that a trained model carries what it plays."""
    (into / "scenarios").mkdir(parents=True, exist_ok=True)
    for path in content_files(data):
        shutil.copyfile(path, into / path.relative_to(data))
