"""What a peer can say: lines, the pools they are drawn from, and drawing without repeating.

A pool is everything one person could say at one kind of moment, e.g. `reactions.heard.mid` or
`beats.B4`. A line may be said once a session. Which of the unused ones comes next depends on the
seed alone, so the same session can be replayed and a replay with another seed differs.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from bot.content import Checker
from bot.peer.keys import LINE, optional, required

MAX_BUBBLES = 3
HONORIFIC = re.compile(r",?[ ]?\{sir\}")
"""Where a line may address the trainee as sir or ma'am; guessing which would be rude, so it is left out."""


@dataclass(frozen=True)
class Line:
    """One thing to say, in one to three chat bubbles.

    Attributes:
        id: Where it stands in the scenario file, e.g. `kris:reactions.heard.low.3`.
        bubbles: The texts, in order.
        told: Beats that must have been told before it makes sense.
        untold: Beats after which it makes no sense any more.
        topics: Topics of which the reply must have been about at least one; empty for any.
        openness: Openness from which it may be said.
        facts: Ids of the facts that it states.
        asked: Questions and remarks that it is a good direct answer to, as written; see `phrases.py`.
    """

    id: str
    bubbles: tuple[str, ...]
    told: frozenset[str] = frozenset()
    untold: frozenset[str] = frozenset()
    topics: frozenset[str] = frozenset()
    openness: float = 0.0
    facts: tuple[str, ...] = ()
    asked: tuple[str, ...] = ()

    @property
    def text(self) -> str:
        """Return the bubbles joined as Rasa splits them, with no honorific: we know of none."""
        return HONORIFIC.sub("", "\n\n".join(self.bubbles))


Pool = tuple[Line, ...]


@dataclass(frozen=True)
class Moment:
    """What decides whether a line may be said now.

    Attributes:
        told: Beats told so far.
        topics: Topics of the trainee's reply.
        openness: The peer's openness.
        used: Ids of lines said before in this session.
        seed: The session's seed.
        any_topic: Whether a line was found by what was asked, so that the topics that it names do not matter.
    """

    told: Collection[str]
    topics: Collection[str]
    openness: float
    used: Collection[str]
    seed: int
    any_topic: bool = False


def read_line(
    value: Any, line_id: str, check: Checker, facts: Collection[str], beats: Collection[str]
) -> Line | None:
    """Return a line from its YAML form, noting what is wrong with it.

    Args:
        value: A string, a list of bubbles, or a mapping with `say` and conditions.
        line_id: The id to give it; also names its place in messages.
        check: Collects problems.
        facts: Known fact ids.
        beats: Known beat ids.
    """
    place = line_id.partition(":")[2]
    conditions: Mapping[str, Any] = {}
    if isinstance(value, Mapping):
        conditions = check.keys(value, place, required(LINE), optional(LINE))
        value = conditions.get("say")
    bubbles = value if isinstance(value, list) else [value]
    if not bubbles or not all(isinstance(bubble, str) and bubble.strip() for bubble in bubbles):
        check.error(place, "must be words, a list of up to three chat bubbles, or say: with conditions")
        return None
    if len(bubbles) > MAX_BUBBLES:
        check.error(place, f"has {len(bubbles)} bubbles; {MAX_BUBBLES} are the most")
    told = check.words(conditions.get("told"), place)
    untold = check.words(conditions.get("untold"), place)
    stated = check.words(conditions.get("facts"), place)
    for beat in (*told, *untold):
        check.one_of(beat, place, beats, "beat")
    for fact in stated:
        check.one_of(fact, place, facts, "fact")
    return Line(
        id=line_id,
        bubbles=tuple(" ".join(bubble.split()) for bubble in bubbles),
        told=frozenset(told),
        untold=frozenset(untold),
        topics=frozenset(check.words(conditions.get("topics"), place)),
        openness=check.number(conditions.get("openness", 0), place, 0, 100),
        facts=stated,
        asked=check.words(conditions.get("asked"), place),
    )


def read_pool(
    value: Any, pool_id: str, check: Checker, facts: Collection[str], beats: Collection[str]
) -> Pool:
    """Return the lines of one pool; a single line counts as a pool of one."""
    if value is None:
        return ()
    entries = value if isinstance(value, list) else [value]
    lines = (read_line(entry, f"{pool_id}.{n}", check, facts, beats) for n, entry in enumerate(entries, 1))
    return tuple(line for line in lines if line is not None)


def _order(seed: int, line_id: str) -> int:
    """Return where a line stands in the order of this seed."""
    return int.from_bytes(hashlib.blake2b(f"{seed}:{line_id}".encode(), digest_size=8).digest(), "big")


def fits(line: Line, moment: Moment) -> bool:
    """Return whether a line makes sense now and was not said before."""
    return (
        line.id not in moment.used
        and line.openness <= moment.openness
        and all(beat in moment.told for beat in line.told)
        and not any(beat in moment.told for beat in line.untold)
        and (not line.topics or moment.any_topic or any(topic in moment.topics for topic in line.topics))
    )


def draw(pools: Iterable[Sequence[Line]], moment: Moment) -> Line | None:
    """Return an unused line that fits, from the first pool that has one.

    Lines with conditions come first: they are the ones written for just this moment.
    """
    for pool in pools:
        fitting = [line for line in pool if fits(line, moment)]
        if fitting:
            return min(fitting, key=lambda line: (-_particularity(line), _order(moment.seed, line.id)))
    return None


def _particularity(line: Line) -> int:
    """Return how closely a line is tied to the moment."""
    return 2 * bool(line.topics) + bool(line.told)
