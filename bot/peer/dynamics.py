"""The constants by which a peer's inner state moves, read from `data/dynamics.yml`.

Source of the numbers: the scenario specification, Part A. They are data, so that an instructor
can see and change how quickly trust is earned without touching code.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from bot.content import Checker, ContentError, content_version, read_yaml

VARIABLES = ("trust", "hope", "ownership", "guard", "strain")
CLASSES = ("LISTEN", "POWER", "STRENGTH", "CONTROL", "JUDGE")
HARMFUL = frozenset({"CONTROL", "JUDGE"})


@dataclass(frozen=True)
class Dynamics:
    """How the state moves.

    Attributes:
        version: Declared version and content hash.
        openness: Weights of `base`, `trust`, `hope`, `guard`.
        bands: First trust value of the `mid` and `high` bands.
        class_of: Move or flag to reaction class.
        changes: Move or flag to its change of the five variables, in the order of `VARIABLES`.
        strength_before_listening: Share that strength moves keep when they come before listening.
        diminishing: Per variable, the divisor that makes gains shrink.
        guarded_loss: `above` and `factor` for trust losses.
        limits: Per variable, the lowest and highest change in one turn.
        drift: Shares of the way back (`guard`, `hope`) and `strain_relief`.
        between_sessions: Share of the gain kept by `trust` and `hope`.
        rupture: Thresholds, window and what mending does.
        endings: The tests that end a session.
        jitter: Largest change of a start value by seed.
    """

    version: str
    openness: Mapping[str, float]
    bands: Mapping[str, float]
    class_of: Mapping[str, str]
    changes: Mapping[str, tuple[float, ...]]
    strength_before_listening: float
    diminishing: Mapping[str, float]
    guarded_loss: Mapping[str, float]
    limits: Mapping[str, tuple[float, float]]
    drift: Mapping[str, float]
    between_sessions: Mapping[str, float]
    rupture: Mapping[str, Any]
    endings: Mapping[str, Any]
    jitter: float


_KEYS = (
    "version openness bands classes changes timing diminishing guarded_loss limits drift between_sessions "
    "rupture endings jitter"
).split()


def load_dynamics(data: Path) -> Dynamics:
    """Read `dynamics.yml` from the content folder.

    Raises:
        ContentError: Something is missing, unknown or out of range; names the place.
    """
    path = data / "dynamics.yml"
    check = Checker("data/dynamics.yml")
    document = check.keys(read_yaml(path), "", _KEYS)
    if check.problems:
        raise ContentError(check.problems)
    class_of: dict[str, str] = {}
    for name, moves in document["classes"].items():
        check.one_of(name, "classes", CLASSES, "reaction class")
        for move in moves:
            if move in class_of:
                check.error(f"classes.{name}", f'"{move}" stands in {class_of[move]} too')
            class_of[move] = name
    changes: dict[str, tuple[float, ...]] = {}
    for move, values in document["changes"].items():
        if not isinstance(values, list) or len(values) != len(VARIABLES):
            check.error(f"changes.{move}", f"must be five numbers: {', '.join(VARIABLES)}")
            continue
        changes[move] = tuple(check.number(value, f"changes.{move}", -100, 100) for value in values)
    for move in class_of:
        if move not in changes:
            check.error("changes", f'"{move}" has a reaction class and no change')
    limits = {name: (float(low), float(high)) for name, (low, high) in document["limits"].items()}
    for name in VARIABLES:
        if name not in limits:
            check.error("limits", f'"{name}" is missing')
    if check.problems:
        raise ContentError(check.problems)
    return Dynamics(
        version=content_version(str(document["version"]), path.read_bytes()),
        openness=document["openness"],
        bands=document["bands"],
        class_of=class_of,
        changes=changes,
        strength_before_listening=document["timing"]["strength_before_listening"],
        diminishing=document["diminishing"],
        guarded_loss=document["guarded_loss"],
        limits=limits,
        drift=document["drift"],
        between_sessions=document["between_sessions"],
        rupture=document["rupture"],
        endings=document["endings"],
        jitter=float(document["jitter"]),
    )
