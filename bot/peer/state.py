"""The peer's inner state and how a reply moves it.

Five variables of 0 to 100: `trust` in this trainee, `hope`, `ownership` (whose recovery is it),
`guard` (shame and defensiveness; lower is freer) and `strain` (hidden pressure towards a rupture).
`PeerState.after` leaves the old state in place, so a session can be replayed from any turn.
Source: the scenario specification, Part A; numbers in `data/dynamics.yml`.
"""

from __future__ import annotations

import random
from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass, replace
from typing import Any

from bot.peer.dynamics import HARMFUL, VARIABLES, Dynamics

LISTENING = "LISTEN"

SURE = 0.7
"""Certainty from which a harm can break what there is; below it hurts less the less sure it is."""

DOUBTFUL = 0.4
"""Certainty at which a harm is not felt at all."""


RISE = 1.0
"""Points of trust in one reply that count as a rise."""


@dataclass(frozen=True)
class FeltMove:
    """One move or flag as it reaches the peer.

    Attributes:
        name: Move or flag id.
        start: Where in the reply it stands, for what came first; flags stand at 0.
        relevance: 1 linked to what they said, 0.5 generic, 0 overriding a "no".
        freshness: 1 for the first use, less for repeats.
        certainty: How sure the reading was, 0 to 1. Nobody is lost over words that may have been meant well.
    """

    name: str
    start: int = 0
    relevance: float = 1.0
    freshness: float = 1.0
    certainty: float = 1.0

    @property
    def is_sure(self) -> bool:
        """Return whether it was read surely enough to take offense at."""
        return self.certainty >= SURE


@dataclass(frozen=True)
class PeerState:
    """Where the peer stands with this trainee after some turn.

    Attributes:
        trust: 0 to 100, in this trainee.
        hope: 0 to 100.
        ownership: 0 to 100.
        guard: 0 to 100, lower is freer.
        strain: 0 to 100, hidden.
        start_guard: Guard at the start, to which it drifts back.
        start_hope: Hope at the start.
        start_openness: Openness at the start, against which a stall is measured.
        bad_run: CONTROL or JUDGE replies in a row.
        thin_replies: Replies with nothing to hold, in the whole session.
        repairs_left: Replies left to mend a rupture, or None when nothing is broken.
        ruptures: How often it broke.
        repairs: How often it was mended.
        since_rise: Replies since trust last rose by more than a little, or something was mended.
    """

    trust: float
    hope: float
    ownership: float
    guard: float
    strain: float
    start_guard: float
    start_hope: float
    start_openness: float = 0.0
    bad_run: int = 0
    thin_replies: int = 0
    repairs_left: int | None = None
    ruptures: int = 0
    repairs: int = 0
    since_rise: int = 9

    def openness(self, dynamics: Dynamics) -> float:
        """Return how much the peer is ready to tell, 0 to 100."""
        weights = dynamics.openness
        raw = (
            weights["base"]
            + weights["trust"] * self.trust
            + weights["hope"] * self.hope
            + weights["guard"] * self.guard
        )
        return min(100.0, max(0.0, raw))

    def band(self, dynamics: Dynamics) -> str:
        """Return the trust band that sets the tone: `low`, `mid` or `high`."""
        if self.trust >= dynamics.bands["high"]:
            return "high"
        return "mid" if self.trust >= dynamics.bands["mid"] else "low"

    @property
    def is_ruptured(self) -> bool:
        """Return whether something is broken and not yet mended."""
        return self.repairs_left is not None

    def to_dict(self) -> dict[str, Any]:
        """Return the state ready for JSON."""
        return asdict(self)

    @classmethod
    def from_dict(cls, values: Mapping[str, Any]) -> PeerState:
        """Rebuild a state from `to_dict`."""
        return cls(**values)

    def shown(self, dynamics: Dynamics) -> dict[str, float]:
        """Return the five variables and openness, rounded to one decimal, for people and logs."""
        shown = {name: round(getattr(self, name), 1) for name in VARIABLES}
        shown["openness"] = round(self.openness(dynamics), 1)
        return shown


@dataclass(frozen=True)
class Change:
    """What one reply did.

    Attributes:
        state: The state after it.
        event: `rupture`, `repaired`, `exit`, or None.
        treatment: The reaction class that weighed most, or None for neutral words.
        moved: Variable to how much it changed.
    """

    state: PeerState
    event: str | None
    treatment: str | None
    moved: Mapping[str, float]


def starting_state(start: Mapping[str, float], dynamics: Dynamics, seed: int) -> PeerState:
    """Return the state at the opening: the scenario's values, varied a little by seed.

    Seed 0 gives the scenario's own values, so that a cohort can meet exactly the same person.
    """
    chance = random.Random(f"start:{seed}")
    jitter = dynamics.jitter if seed else 0.0
    values = {}
    for name in VARIABLES:
        shift = chance.uniform(-jitter, jitter) if name != "strain" else 0.0
        values[name] = round(min(100.0, max(0.0, start[name] + shift)), 1)
    state = PeerState(
        trust=values["trust"],
        hope=values["hope"],
        ownership=values["ownership"],
        guard=values["guard"],
        strain=values["strain"],
        start_guard=values["guard"],
        start_hope=values["hope"],
    )
    return replace(state, start_openness=state.openness(dynamics))


def resumed_state(state: PeerState, fresh: PeerState, dynamics: Dynamics) -> PeerState:
    """Return where a later session with the same trainee begins: most of the gain is kept.

    Args:
        state: The state at the end of the earlier session.
        fresh: The state a first session would begin with.
        dynamics: The constants.
    """
    kept = dynamics.between_sessions
    trust = fresh.trust + kept["trust"] * (state.trust - fresh.trust)
    hope = fresh.hope + kept["hope"] * (state.hope - fresh.hope)
    again = replace(fresh, trust=round(trust, 1), hope=round(hope, 1))
    return replace(again, start_openness=again.openness(dynamics))


def _sensitivity(name: str, sensitivity: Mapping[str, float], dynamics: Dynamics) -> float:
    """Return this person's multiplier: the move's own if given, else that of its class."""
    if name in sensitivity:
        return float(sensitivity[name])
    return float(sensitivity.get(dynamics.class_of.get(name, ""), 1.0))


def _summed(
    felt: Iterable[FeltMove],
    dynamics: Dynamics,
    sensitivity: Mapping[str, float],
    after_disclosure: bool,
    is_early: bool,
) -> tuple[dict[str, float], dict[str, float]]:
    """Return the raw change per variable, and how much each reaction class weighed in it."""
    felt = list(felt)
    listened_at = min(
        (move.start for move in felt if dynamics.class_of.get(move.name) == LISTENING), default=None
    )
    total = dict.fromkeys(VARIABLES, 0.0)
    weight: dict[str, float] = {}
    for move in felt:
        base = dynamics.changes.get(move.name)
        if base is None:
            continue
        kind = dynamics.class_of.get(move.name)
        factor = _sensitivity(move.name, sensitivity, dynamics)
        if kind not in HARMFUL:
            factor *= move.relevance * move.freshness
        else:
            factor *= min(1.0, max(0.0, (move.certainty - DOUBTFUL) / (SURE - DOUBTFUL)))
        if kind == "STRENGTH":
            if after_disclosure and (listened_at is None or move.start < listened_at):
                factor *= dynamics.strength_before_listening
            if is_early:
                factor *= float(sensitivity.get("early_praise", 1.0))
        for name, change in zip(VARIABLES, base, strict=True):
            total[name] += change * factor
        if move.name == "take_over":
            total["trust"] += float(sensitivity.get("take_over_trust", 0.0))
        if kind:
            weight[kind] = weight.get(kind, 0.0) + sum(abs(change) for change in base) * max(factor, 0.01)
    return total, weight


def _tempered(total: Mapping[str, float], state: PeerState, dynamics: Dynamics) -> dict[str, float]:
    """Return the change after diminishing returns and the limits of one turn."""
    moved = dict(total)
    for name in ("trust", "hope", "ownership"):
        if moved[name] > 0:
            moved[name] *= max(0.0, 1 - getattr(state, name) / dynamics.diminishing[name])
    if moved["guard"] < 0:
        moved["guard"] *= min(1.0, state.guard / dynamics.diminishing["guard"])
    if moved["trust"] < 0 and state.guard > dynamics.guarded_loss["above"]:
        moved["trust"] *= dynamics.guarded_loss["factor"]
    for name, (low, high) in dynamics.limits.items():
        moved[name] = min(high, max(low, moved[name]))
    return moved


def react(
    state: PeerState,
    felt: Iterable[FeltMove],
    dynamics: Dynamics,
    *,
    sensitivity: Mapping[str, float],
    after_disclosure: bool = False,
    is_early: bool = False,
    is_thin: bool = False,
) -> Change:
    """Return what a reply does to the peer.

    Args:
        state: The state before.
        felt: Moves and flags of the reply, with relevance and freshness.
        dynamics: The constants.
        sensitivity: This person's multipliers, by reaction class or by move.
        after_disclosure: Whether the peer had just disclosed something.
        is_early: Whether it is one of the first three replies (some people distrust early praise).
        is_thin: Whether the reply held nothing.
    """
    felt = list(felt)
    total, weight = _summed(felt, dynamics, sensitivity, after_disclosure, is_early)
    moved = _tempered(total, state, dynamics)
    harmful = any(dynamics.class_of.get(move.name) in HARMFUL and move.is_sure for move in felt)
    drift = dynamics.drift
    values = {name: getattr(state, name) + moved[name] for name in VARIABLES}
    values["guard"] += drift["guard"] * (state.start_guard - values["guard"])
    values["hope"] += drift["hope"] * (state.start_hope - values["hope"])
    if not harmful:
        values["strain"] -= drift["strain_relief"]
    values = {name: min(100.0, max(0.0, value)) for name, value in values.items()}
    after = replace(
        state,
        **values,
        bad_run=state.bad_run + 1 if harmful else 0,
        thin_replies=state.thin_replies + int(is_thin),
    )
    after, event = _broken_or_mended(state, after, felt, moved, harmful, dynamics)
    rose = event == "repaired" or after.trust - state.trust >= RISE
    after = replace(after, since_rise=0 if rose else state.since_rise + 1)
    treatment = max(weight, key=lambda kind: (kind in HARMFUL, weight[kind])) if weight else None
    return Change(
        after, event, treatment, {name: getattr(after, name) - getattr(state, name) for name in VARIABLES}
    )


def _mends(felt: Iterable[FeltMove], harmful: bool) -> bool:
    """Return whether a reply mends: owning it, or hearing the complaint and stepping down."""
    names = {move.name for move in felt}
    heard = bool(names & {"simple_reflection", "complex_reflection", "validate"})
    return not harmful and ("repair_rupture" in names or (heard and "level_power" in names))


def _broken_or_mended(
    before: PeerState,
    after: PeerState,
    felt: list[FeltMove],
    moved: Mapping[str, float],
    harmful: bool,
    dynamics: Dynamics,
) -> tuple[PeerState, str | None]:
    """Return the state with its rupture brought up to date, and what happened."""
    rules = dynamics.rupture
    if before.repairs_left is not None:
        if _mends(felt, harmful):
            mended = rules["mended"]
            state = replace(
                after,
                strain=float(mended["strain_to"]),
                trust=min(100.0, after.trust + mended["trust"]),
                guard=max(0.0, after.guard + mended["guard"]),
                repairs_left=None,
                repairs=after.repairs + 1,
                bad_run=0,
            )
            return state, "repaired"
        left = before.repairs_left - 1
        return replace(after, repairs_left=left), "exit" if left <= 0 else None
    breaks = (
        after.strain >= rules["strain"]
        or moved["trust"] <= -rules["trust_drop"]
        or (after.bad_run >= rules["bad_replies"] and after.guard >= rules["guard"])
    )
    if breaks and harmful:
        return replace(after, repairs_left=int(rules["window"]), ruptures=after.ruptures + 1), "rupture"
    return after, None
