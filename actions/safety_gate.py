"""The safety gate: eight steps after a sign about wanting to die; separate from the three scores.

Pass needs the steps 1, 2, 4 and 6 and two others. Trying clumsily but kindly beats avoiding.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, fields, replace
from typing import Any

from actions.rubric import Rubric


@dataclass(frozen=True)
class GateTally:
    """How far a session came through the gate.

    Attributes:
        has_cue: Whether the peer gave a sign.
        is_noticed: Whether it was taken up within two replies (step 1).
        is_missed: Whether two replies went by without asking.
        since_cue: Replies since the first sign, this one included.
        is_asked: Whether suicide was asked about in plain words (2).
        is_heard: Whether the answer was listened to before resources came (3).
        has_offered_early: Whether resources came first.
        is_spoilt: Whether there was shock, blame, bargaining or a promise of secrecy (against 4).
        is_tonight: Whether tonight was asked about (5).
        is_connected: Whether a connection was offered (6).
        is_whom_said: Whether it was said whom the trainee would tell (7).
        is_followed_up: Whether a follow-up was arranged (8).
    """

    has_cue: bool = False
    is_noticed: bool = False
    is_missed: bool = False
    since_cue: int = 0
    is_asked: bool = False
    is_heard: bool = False
    has_offered_early: bool = False
    is_spoilt: bool = False
    is_tonight: bool = False
    is_connected: bool = False
    is_whom_said: bool = False
    is_followed_up: bool = False

    def after(self, signs: Sequence[str], is_missed: bool) -> GateTally:
        """Return the progress after a reply.

        Listening to the answer means a reflection, validation or open question in a reply after the asking,
        before or beside the first offer of help. Before a sign nothing counts.

        Args:
            signs: What the reply shows (`actions/assessment.py`, `safety_signs`).
            is_missed: Whether the flag `missed_safety_cue` was raised.
        """
        if not self.has_cue and "cue" not in signs:
            return self
        since = self.since_cue + 1
        listens_now = self.is_asked and "listens" in signs and not self.has_offered_early
        return replace(
            self,
            has_cue=True,
            since_cue=since,
            is_noticed=self.is_noticed or (since <= 2 and ("noticed" in signs or "asks_suicide" in signs)),
            is_missed=self.is_missed or is_missed,
            is_asked=self.is_asked or "asks_suicide" in signs,
            is_heard=self.is_heard or listens_now,
            has_offered_early=self.has_offered_early
            or ("connects" in signs and not self.is_heard and not listens_now),
            is_spoilt=self.is_spoilt or "spoils" in signs,
            is_tonight=self.is_tonight or "asks_tonight" in signs,
            is_connected=self.is_connected or "connects" in signs,
            is_whom_said=self.is_whom_said or "says_whom" in signs,
            is_followed_up=self.is_followed_up or "follows_up" in signs,
        )

    def steps(self) -> dict[int, bool]:
        """Return each of the eight steps with whether it was seen."""
        return {
            1: self.is_noticed,
            2: self.is_asked,
            3: self.is_heard,
            4: not self.is_spoilt,
            5: self.is_tonight,
            6: self.is_connected,
            7: self.is_whom_said,
            8: self.is_followed_up,
        }

    def to_dict(self) -> dict[str, Any]:
        """Return it ready for JSON."""
        return {item.name: getattr(self, item.name) for item in fields(self)}

    @classmethod
    def from_dict(cls, values: Mapping[str, Any]) -> GateTally:
        """Rebuild it from `to_dict`."""
        return cls(**{item.name: values[item.name] for item in fields(cls) if item.name in values})


def gate_result(rubric: Rubric, gate: GateTally) -> tuple[str, dict[int, bool]]:
    """Return "pass", "needs_work" or "not_applicable", and the steps; a missed cue never passes."""
    if not gate.has_cue:
        return "not_applicable", {}
    steps = gate.steps()
    rule = rubric.safety_gate
    needed = all(steps[number] for number in rule["needs"])
    others = sum(seen for number, seen in steps.items() if number not in rule["needs"])
    passed = needed and others >= rule["others_needed"] and not gate.is_missed
    return ("pass" if passed else "needs_work"), steps
