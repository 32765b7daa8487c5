"""What of a reply reaches the peer, and which kind of reaction it calls for.

The assessment judges a reply for the trainee; this module hears it for the peer. Both see the
same moves. A reaction kind is finer than a reaction class: a right reflection is confirmed, an
open question is not.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any

from bot.peer.claims import Claimed
from bot.peer.dynamics import HARMFUL, VARIABLES, Dynamics
from bot.peer.phrases import subject_of
from bot.peer.state import FeltMove
from bot.reading import Likeness

HARM_KINDS: Mapping[str, str] = {
    "scope_violation": "overstepped",
    "confront_blame": "blamed",
    "stigma_term": "labeled",
    "deficit_focus": "labeled",
    "pressure_warn": "pressured",
    "direct_command": "ordered",
    "impose_pathway": "imposed",
    "take_over": "taken_over",
    "expert_stance": "outranked",
    "lecture_length": "outranked",
    "minimize": "minimized",
    "encourage_isolation": "isolated",
    "disclosure_hijack": "hijacked",
    "unsolicited_advice": "advised",
    "missed_empathy": "skipped",
    "question_stack": "interrogated",
}
"""Moves and flags that sting, and the reaction they call for."""

KIND_KINDS: tuple[tuple[str, str], ...] = (
    ("repair_rupture", "apologized"),
    ("safety_ask", "safety_asked"),
    ("complex_reflection", "heard_deep"),
    ("ask_permission", "asked_permission"),
    ("reframe_strength", "strength_named"),
    ("affirm_strength", "strength_named"),
    ("validate", "validated"),
    ("simple_reflection", "heard"),
    ("level_power", "leveled"),
    ("role_transparency", "leveled"),
    ("honor_pathway", "given_choice"),
    ("emphasize_autonomy", "given_choice"),
    ("share_lived_experience", "story_shared"),
    ("advise_with_permission", "advised_ok"),
    ("express_belief", "strength_named"),
    ("co_create_goal", "invited"),
    ("brainstorm_options", "invited"),
    ("seek_collaboration", "invited"),
    ("match_pace", "given_choice"),
    ("safety_connect", "linked"),
    ("link_support", "linked"),
    ("build_independence", "strength_asked"),
    ("elicit_strength", "strength_asked"),
    ("evoke_own_reasons", "strength_asked"),
    ("generic_praise", "praised"),
    ("give_information", "informed"),
)
"""Moves that do not sting, the most telling first."""

ABOUT_THEM = frozenset({"strength_named", "validated", "apologized"})
"""Kinds that thank for something: only where it was about them."""

ASKING_KINDS = frozenset({"invited", "strength_asked", "asked_permission"})
"""Kinds whose moves are questions themselves: a better answer may take the reaction's place."""

STILL_ANSWERS = frozenset({"advised", "interrogated", "skipped", "taken_over"})
"""Stings after which a person of some trust still answers the question that came with it."""


TAKING_UP = frozenset(
    (
        "take_over unsolicited_advice direct_command advise_with_permission build_independence "
        "brainstorm_options evoke_own_reasons elicit_strength seek_collaboration emphasize_autonomy "
        "role_transparency level_power scope_violation co_create_goal give_information honor_pathway "
        "share_lived_experience impose_pathway disclosure_hijack expert_stance repair_rupture"
    ).split()
)
"""Moves that answer a question or a favor, well or badly."""
SURELY = 0.6
"""Probability of a move from which the peer reacts to it aloud; below it a wrong guess would be answered."""
LEADS_THERE = 0.5
"""Likeness with a line of the peer's question from which a reply is about it."""
TAKES_UP = 0.4
"""Similarity with the peer's question from which a reply counts as being about it."""


@dataclass(frozen=True)
class HeardTopic:
    """A topic of the reply and whether it was asked about."""

    topic: str
    probability: float
    is_asked: bool


@dataclass(frozen=True)
class Heard:
    """A reply as it reaches the peer; JSON-ready.

    Attributes:
        moves: Moves found, with their place, relevance and freshness.
        flags: Flags of the whole reply, e.g. `missed_empathy`.
        topics: What it is about, most probable first.
        mentions: Kinds of other words that matter, e.g. `greeting`.
        is_question: Whether it asks anything.
        words: Number of words.
        similarity: Highest similarity of a sentence with what the peer had said, or None.
        claims: What it claims or asks about the peer, with whether it is so.
        shared: Content words that it shares with what the peer has said so far; -1 if not counted.
        guess: `wrong` when it takes the peer for what they are not, else None.
        questions: Clauses that ask; -1 where nobody looked at the words.
        asking: Where those clauses stand.
        asks_openly: Whether what is asked is no question of yes or no.
        points_back: Whether it asks in few words about a that, a them or nothing named at all.
        form: What it asks for, by how it begins: `why`, `who`, `whether` ...; "" for anything.
        prepared: Lines that the reply leads to; None where nobody compared, and then topics decide.
        named: Names of people and places in it.
    """

    moves: tuple[FeltMove, ...] = ()
    flags: tuple[str, ...] = ()
    topics: tuple[HeardTopic, ...] = ()
    mentions: tuple[str, ...] = ()
    is_question: bool = False
    words: int = 0
    similarity: float | None = None
    claims: tuple[Claimed, ...] = ()
    shared: int = -1
    guess: str | None = None
    questions: int = -1
    asking: tuple[tuple[int, int], ...] = ()
    prepared: tuple[Likeness, ...] | None = None
    named: tuple[str, ...] = ()
    asks_openly: bool = False
    points_back: bool = False
    form: str = ""

    @property
    def names(self) -> frozenset[str]:
        """Return the ids of all moves and flags."""
        return frozenset(move.name for move in self.moves) | frozenset(self.flags)

    @property
    def sure_names(self) -> frozenset[str]:
        """Return the ids of the flags and of the moves that were read with enough certainty to react to."""
        return frozenset(move.name for move in self.moves if move.certainty >= SURELY) | frozenset(self.flags)

    @property
    def felt(self) -> tuple[FeltMove, ...]:
        """Return moves and flags together, as the state takes them."""
        return (*self.moves, *(FeltMove(flag) for flag in self.flags))

    def surely(self, name: str) -> bool:
        """Return whether a move was read with enough certainty to act on."""
        return any(move.name == name and move.is_sure for move in self.moves)

    @property
    def is_nod(self) -> bool:
        """Return whether it is a listening sound and nothing more."""
        return "backchannel" in self.mentions and not self.moves

    def leads_of(self, span: tuple[int, int]) -> list[Likeness]:
        """Return what a stretch of the reply leads to."""
        start, end = span
        return [like for like in self.prepared or () if start <= like.start and like.end <= end]

    def topics_asked(self) -> list[str]:
        """Return the topics that the reply asks about, most probable first."""
        return list(dict.fromkeys(topic.topic for topic in self.topics if topic.is_asked))

    def to_dict(self) -> dict[str, Any]:
        """Return it ready for JSON."""
        return asdict(self)

    @classmethod
    def from_dict(cls, values: Mapping[str, Any]) -> Heard:
        """Rebuild it from `to_dict`."""
        return cls(
            moves=tuple(FeltMove(**move) for move in values["moves"]),
            flags=tuple(values["flags"]),
            topics=tuple(HeardTopic(**topic) for topic in values["topics"]),
            mentions=tuple(values["mentions"]),
            is_question=values["is_question"],
            words=values["words"],
            similarity=values["similarity"],
            claims=tuple(Claimed(**claim) for claim in values.get("claims", ())),
            shared=values.get("shared", -1),
            guess=values.get("guess"),
            questions=values.get("questions", -1),
            asking=tuple((start, end) for start, end in values.get("asking", ())),
            prepared=likenesses(values.get("prepared")),
            named=tuple(values.get("named", ())),
            asks_openly=bool(values.get("asks_openly")),
            points_back=bool(values.get("points_back")),
            form=str(values.get("form") or ""),
        )


def likenesses(given: Sequence[Mapping[str, Any]] | None) -> tuple[Likeness, ...] | None:
    """Return likenesses from their JSON form; None stays None."""
    return None if given is None else tuple(Likeness(**like) for like in given)


def sting(heard: Heard, dynamics: Dynamics) -> str | None:
    """Return the reaction kind of the move that hurt most, or None if nothing surely did."""
    unsure = {move.name for move in heard.moves if not move.is_sure}
    unsure -= {move.name for move in heard.moves if move.is_sure}
    hurting = [
        name
        for name in heard.names - unsure
        if name in HARM_KINDS
        and (dynamics.class_of.get(name) in HARMFUL or name in ("question_stack", "lecture_length"))
    ]
    if not hurting:
        return None
    return HARM_KINDS[max(hurting, key=lambda name: (_weight(name, dynamics), name))]


def _weight(name: str, dynamics: Dynamics) -> float:
    """Return how much a move stirs the five variables in all."""
    return sum(abs(change) for change in dynamics.changes.get(name, (0.0,) * len(VARIABLES)))


def warmth(heard: Heard, wrong_below: float = 0.03) -> str | None:
    """Return the reaction kind of the most telling kind move, or None for neutral words.

    Args:
        heard: The reply.
        wrong_below: A generic reflection less similar than this to what the peer said missed it.
    """
    relevance = {move.name: move.relevance for move in heard.moves if move.certainty >= SURELY}
    for name, kind in KIND_KINDS:
        if name not in relevance:
            continue
        if kind in ABOUT_THEM and not relevance[name]:
            continue
        missed = heard.similarity is not None and heard.similarity < wrong_below
        if kind in ("heard", "heard_deep") and relevance[name] < 1 and missed:
            return "misheard"
        return kind
    return None


def settles(heard: Heard, asking: Collection[str] = ()) -> bool:
    """Return whether a reply takes up what the peer asked of the trainee, whichever way.

    Args:
        heard: The reply.
        asking: Beats that asked for something; a remark that leads to one of them takes it up.
    """
    if any(
        like.similarity >= LEADS_THERE and subject_of(like.line) in asking for like in heard.prepared or ()
    ):
        return True
    close = heard.similarity is not None and heard.similarity >= TAKES_UP
    if "plain_answer" in heard.mentions:
        return True
    return bool(heard.names & TAKING_UP) or close or any(claim.is_asked for claim in heard.claims)


def order_of_appearance(moves: Sequence[FeltMove]) -> tuple[FeltMove, ...]:
    """Return moves in the order in which they stand in the reply."""
    return tuple(sorted(moves, key=lambda move: (move.start, move.name)))
