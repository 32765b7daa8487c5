"""Stepping out of the role: when, and what the calm neutral voice says.

Source: the scenario specification, Part B. The words are data in `data/safety.yml`, so that a
programme can set its own contacts; the order of the checks is not, because it protects people.
"""

from __future__ import annotations

import hashlib
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from bot.content import Checker, ContentError, read_yaml
from bot.peer.choice import Plan
from bot.peer.memory import Said

STEP_OUT_ACTION = "utter_step_out"
HOSTILE_REPLIES = 2
GRAVE_POOLS = frozenset({"suicide_answer", "reactions.safety_asked"})
"""Where the answers to a question about suicide come from."""

KINDS: Mapping[str, str] = {
    "pause": "the trainee asked for a pause",
    "paused": "something was said while paused",
    "resume": "the roleplay goes on",
    "distress": "the trainee may be in danger or distress",
    "check": "it is not clear whether the trainee or the practice is speaking",
    "hostile": "the second hostile reply, or words that urge somebody to die",
    "method": "the trainee asked about ways to die or be hurt",
    "limits": "it was about getting, hiding or sharing what people use",
    "missed_cue": "a sign about wanting to die was missed",
    "end": "the trainee ended the session",
}


ENDS: Mapping[str, str] = {"end": "stopped", "missed_cue": "safety_pause"}
"""Occasions after which the session is over, with how it ended."""


@dataclass(frozen=True)
class StepOut:
    """What the neutral voice says on one occasion.

    Attributes:
        kind: One of `KINDS`.
        lines: Wordings, of which the seed picks one.
        is_pause: Whether the roleplay stands still until it is resumed.
        is_resources_shown: Whether the resources card is shown with it.
    """

    kind: str
    lines: tuple[str, ...]
    is_pause: bool
    is_resources_shown: bool

    def plan(self, seed: str) -> Plan:
        """Return the plan that says it."""
        number = hashlib.blake2b(f"{seed}:{self.kind}".encode(), digest_size=2).digest()[0] % len(self.lines)
        said = Said(
            line=f"safety:{self.kind}.{number + 1}",
            action=STEP_OUT_ACTION,
            pool=f"safety.{self.kind}",
            text=self.lines[number],
            ended=ENDS.get(self.kind),
        )
        why = {
            "action": STEP_OUT_ACTION,
            "pool": said.pool,
            "score": 100,
            "why": KINDS[self.kind],
            "won": True,
        }
        return Plan((said,), (why,), said.ended)


def load_step_outs(data: Path) -> dict[str, StepOut]:
    """Read the neutral voice from `safety.yml`.

    Raises:
        ContentError: An occasion is missing or unknown.
    """
    check = Checker("data/safety.yml")
    document = read_yaml(data / "safety.yml")
    occasions = check.keys(document.get("neutral_voice"), "neutral_voice", KINDS)
    found = {}
    for kind, value in occasions.items():
        fields = check.keys(value, f"neutral_voice.{kind}", ["lines"], ["is_pause", "is_resources_shown"])
        lines = check.words(fields.get("lines"), f"neutral_voice.{kind}.lines")
        if not lines:
            check.error(f"neutral_voice.{kind}.lines", "needs at least one line")
        found[kind] = StepOut(
            kind, lines, bool(fields.get("is_pause")), bool(fields.get("is_resources_shown"))
        )
    if check.problems:
        raise ContentError(check.problems)
    return found


def step_out_kind(
    mentions: Collection[str], *, is_paused: bool, insults: int, intent: str | None, is_grave: bool = False
) -> str | None:
    """Return whether this reply leaves the role, and why; None to stay in it.

    Somebody in danger comes before everything but their own pressing of a button.

    Args:
        mentions: Kinds of mentions in the reply.
        is_paused: Whether the roleplay is paused already.
        insults: Hostile replies so far, this one included.
        intent: `pause`, `resume` or `end` when a button was pressed, else None.
        is_grave: Whether the talk is about wanting to die just now, and so "how would you do it?" too.
    """
    if intent in ("pause", "end"):
        return intent
    if "distress" in mentions:
        return "distress"
    if "panic" in mentions:
        return "check"
    if "urges_dying" in mentions:
        return "hostile"
    if "asks_method" in mentions or ("asks_how" in mentions and is_grave):
        return "method"
    if "asks_supply" in mentions:
        return "limits"
    if "pause_word" in mentions and not is_paused:
        return "pause"
    if is_paused:
        return "resume" if intent == "resume" or "resume_word" in mentions else "paused"
    if insults >= HOSTILE_REPLIES and "insult" in mentions:
        return "hostile"
    return None


def is_about_dying(said: Iterable[Said], mentions: Collection[str]) -> bool:
    """Return whether the talk is about wanting to die: the peer just spoke of it, or the trainee asks.

    Args:
        said: What the peer said in answer to the reply before.
        mentions: Kinds of mentions in this reply.
    """
    return "asks_suicide" in mentions or any(
        "safety" in thing.tags or thing.pool in GRAVE_POOLS for thing in said
    )


def resources_card(data: Path) -> dict[str, Any]:
    """Return the card of people to turn to, as `data/safety.yml` gives it."""
    document = read_yaml(data / "safety.yml")
    return {"notice": document["resources_notice"], "resources": document["resources"]}
