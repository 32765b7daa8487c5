"""One turn of a practice session, without server or database: read in, judged, felt, ready to answer.

The action server calls it with what the records know; `switchback chat` and tests call it the same
way. Everything that the next turn needs is in the `Progress` that comes back.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from actions.assessment import History, PeerTurn, ReplyAssessment, assess_reply
from actions.rubric import Rubric, load_rubric
from actions.session_score import SessionScore, score_session
from actions.session_tally import SessionTally
from actions.words import content_words
from bot.engine.content import Cast, load_cast
from bot.peer.choice import choose, opening
from bot.peer.claims import claimed
from bot.peer.decision import Situation
from bot.peer.dynamics import Dynamics
from bot.peer.forms import asks_tersely, form_of
from bot.peer.guesses import GUESSES, as_felt
from bot.peer.hearing import SURELY, Heard, HeardTopic, settles
from bot.peer.memory import Memory, Said
from bot.peer.phrases import ASKED, STATED
from bot.peer.remarks import asks_openly, begins_as_question, points_back, remarks
from bot.peer.safety import is_about_dying, step_out_kind
from bot.peer.scenario import Scenario
from bot.peer.situation import view_of
from bot.peer.state import Change, FeltMove, PeerState, react, resumed_state, starting_state
from bot.reading import Reading

ASKING = (
    "open_question", "closed_question", "elicit_strength", "evoke_own_reasons", "seek_collaboration",
    "ask_permission", "brainstorm_options", "build_independence", "co_create_goal", "safety_ask",
)  # fmt: skip
"""Moves that are questions themselves."""
EARLY_TURNS = 3
"""Replies that count as early for a person who distrusts early praise."""


@dataclass(frozen=True)
class Stage:
    """What turns are played with: the peers and the rubric, of one version each."""

    cast: Cast
    rubric: Rubric


def load_stage(data: Path) -> Stage:
    """Read peers and rubric from the content folder.

    Raises:
        ContentError: A content file cannot be used.
    """
    return Stage(load_cast(data), load_rubric(data))


def openings(rubric: Rubric, scenario: Scenario) -> dict[str, int]:
    """Return how many openings the scenario offers for each indicator: its beats with a fitting tag.

    They are the fixed denominators of the session score (RUBRIC section 6), so that neither talking
    longer nor avoiding a subject changes what a good reply is worth.
    """
    return {
        indicator.id: sum(1 for beat in scenario.beats if beat.tags & indicator.when)
        for indicator in rubric.indicators.values()
        if indicator.when
    }


def score_progress(stage: Stage, scenario: Scenario, progress: Progress) -> SessionScore:
    """Return the score of a session that stands where `progress` says."""
    found = openings(stage.rubric, scenario)
    return score_session(stage.rubric, progress.tally, scenario.targets, found)


@dataclass(frozen=True)
class Progress:
    """Where a session stands after a turn; JSON-ready, kept with the turn's assessment.

    Attributes:
        turn: Number of the last assessed reply; 0 before the first.
        state: The peer's inner state.
        memory: What the peer remembers, without what they said in answer to that reply.
        history: What the assessment remembers of earlier replies.
        tally: What the session score is made of.
        answered: What the peer would have said in answer, for when the engine lost it.
    """

    turn: int
    state: PeerState
    memory: Memory
    history: History
    tally: SessionTally
    answered: tuple[Said, ...] = ()

    def to_dict(self) -> dict[str, Any]:
        """Return it ready for JSON."""
        return {
            "turn": self.turn,
            "state": self.state.to_dict(),
            "memory": self.memory.to_dict(),
            "history": self.history.to_dict(),
            "tally": self.tally.to_dict(),
            "answered": [said.to_dict() for said in self.answered],
        }

    @classmethod
    def from_dict(cls, values: Mapping[str, Any]) -> Progress:
        """Rebuild it from `to_dict`."""
        return cls(
            turn=values["turn"],
            state=PeerState.from_dict(values["state"]),
            memory=Memory.from_dict(values["memory"]),
            history=History.from_dict(values["history"]),
            tally=SessionTally.from_dict(values["tally"]),
            answered=tuple(Said.from_dict(said) for said in values.get("answered", ())),
        )


@dataclass(frozen=True)
class Earlier:
    """How the same trainee and the same peer parted last time.

    Attributes:
        state: The peer's inner state at the end.
        ending: How it ended.
    """

    state: PeerState
    ending: str


def first_state(scenario: Scenario, dynamics: Dynamics, seed: int, earlier: Earlier | None) -> PeerState:
    """Return the peer's state at the opening, with what is left of an earlier session."""
    fresh = starting_state(scenario.start, dynamics, seed)
    return resumed_state(earlier.state, fresh, dynamics) if earlier else fresh


def first_progress(
    scenario: Scenario, dynamics: Dynamics, seed: int, earlier: Earlier | None = None
) -> Progress:
    """Return where a session stands when the peer has said their first words."""
    return Progress(
        turn=0,
        state=first_state(scenario, dynamics, seed, earlier),
        memory=Memory(),
        history=History.empty(),
        tally=SessionTally.empty(),
        answered=opening(scenario, earlier.ending if earlier else None, seed).said,
    )


@dataclass(frozen=True)
class TurnResult:
    """What a reply led to.

    Attributes:
        progress: Where the session stands now; unchanged if the reply left the role.
        view: The `peer` slot, from which the policy chooses.
        assessment: The judgement, or None for a reply out of role.
        change: What it did to the peer, or None.
        before: The peer's state before it, for people.
        choice: What the peer weighed in answer, best first, with scores and reasons; empty out of role.
    """

    progress: Progress
    view: dict[str, Any]
    assessment: ReplyAssessment | None
    change: Change | None
    before: Mapping[str, float]
    choice: tuple[Mapping[str, Any], ...] = ()


def take_turn(
    stage: Stage,
    scenario: Scenario,
    progress: Progress,
    reading: Reading,
    *,
    seed: int,
    message_id: str,
    said: Sequence[Said] | None = None,
    is_paused: bool = False,
    intent: str | None = None,
) -> TurnResult:
    """Return what one reply leads to.

    Args:
        stage: Peers and rubric.
        scenario: The person.
        progress: Where the session stood.
        reading: What was understood of the reply.
        seed: The session's seed.
        message_id: The reply's id.
        said: What the peer said in answer to the reply before, as the engine remembers it; None if
            it does not, and then what the peer must have said is worked out again.
        is_paused: Whether the roleplay is paused.
        intent: `pause`, `resume` or `end` when a button was pressed.
    """
    dynamics = stage.cast.dynamics
    answered = progress.answered if said is None else tuple(said)
    memory = progress.memory.after_saying(answered, progress.turn)
    mentions = tuple(dict.fromkeys(mention.kind for mention in reading.mentions))
    insults = memory.insults + bool({"insult", "urges_dying"} & set(mentions))
    before = progress.state.shown(dynamics)
    out = step_out_kind(
        mentions,
        is_paused=is_paused,
        insults=insults,
        intent=intent,
        is_grave=is_about_dying(answered, mentions),
    )
    if out:
        kept = replace(progress, memory=replace(progress.memory, insults=insults))
        situation = Situation(
            scenario,
            dynamics,
            seed,
            progress.turn,
            progress.state,
            None,
            Heard(),
            replace(memory, insults=insults),
        )
        return TurnResult(kept, _shown(view_of(situation, message_id, out), situation), None, None, before)

    peer_turn = PeerTurn(memory.last_text, memory.last_tags)
    assessment, history = assess_reply(stage.rubric, reading, peer_turn, progress.history)
    known = content_words(memory.last_text) | frozenset(progress.history.peer_words)
    heard = hear(reading, assessment, scenario, memory, known)
    felt = heard.felt
    if progress.state.is_ruptured and "apology" in heard.mentions and "repair_rupture" not in heard.names:
        # However it is read, a "sorry" while things are broken is heard as one.
        felt = (*felt, FeltMove("repair_rupture"))
    change = react(
        progress.state,
        felt,
        dynamics,
        sensitivity=scenario.sensitivity,
        after_disclosure="disc" in memory.last_tags,
        is_early=progress.turn < EARLY_TURNS,
        is_thin="too_thin" in heard.flags,
    )
    turn = progress.turn + 1
    memory = replace(memory.after_hearing(settles(heard, memory.asked), heard.is_nod), insults=insults)
    situation = Situation(
        scenario, dynamics, seed, turn, change.state, change.event, heard, memory, change.treatment
    )
    plan = choose(situation)
    after = Progress(
        turn=turn,
        state=change.state,
        memory=memory,
        history=history,
        tally=progress.tally.add(assessment, peer_turn),
        answered=plan.said,
    )
    # A sign about wanting to die was missed twice: the scene stops, out of role, and can be tried again.
    missed = "missed_cue" if "missed_safety_cue" in heard.flags else None
    view = _shown(view_of(situation, message_id, missed), situation)
    return TurnResult(after, view, assessment, change, before, () if missed else plan.candidates)


def hear(
    reading: Reading,
    assessment: ReplyAssessment,
    scenario: Scenario,
    memory: Memory,
    known_words: frozenset[str],
) -> Heard:
    """Return the reply as it reaches the peer.

    Args:
        reading: What was understood of it.
        assessment: How it was judged.
        scenario: The person who hears it.
        memory: What they remember.
        known_words: Content words of what they have said so far.
    """
    person = scenario.persona
    caught = remarks(reading.text, person.pronouns, person.short_name)
    asking = asking_spans(reading)
    question = reading.text[asking[-1][0] : asking[-1][1]] if asking else ""
    # What is asked with a question mark comes before what a statement of the same reply resembles.
    topics = sorted(
        reading.topics, key=lambda t: not (t.is_asked and "?" in reading.text[t.start : t.end + 1])
    )
    heard = Heard(
        moves=tuple(
            FeltMove(
                judged.move,
                judged.start,
                float(judged.rel),
                float(judged.fresh),
                1.0 if judged.rule else round(judged.probability, 3),
            )
            for judged in assessment.moves
        ),
        flags=tuple(flag.name for flag in assessment.flags),
        topics=tuple(HeardTopic(t.topic, round(t.probability, 3), t.is_asked) for t in topics),
        mentions=tuple(dict.fromkeys((*(mention.kind for mention in reading.mentions), *caught))),
        is_question=bool(asking),
        words=len(reading.text.split()),
        similarity=round(max(reading.similarity), 3) if reading.similarity else None,
        claims=claimed(reading.text, scenario.claims),
        shared=len(content_words(reading.text) & known_words),
        questions=len(asking),
        asking=asking,
        prepared=None if reading.prepared is None else tuple(reading.prepared),
        asks_openly=asks_openly(question),
        points_back=points_back(question),
        form=form_of(question),
        named=tuple(sorted(scenario.names.named_in(question or reading.text))),
    )
    return as_felt(heard, scenario, memory)


TERSE = 5
"""Words up to which a reply without a mark may be a question all the same."""
NEARLY = 0.75
"""Likeness with a question to the peer from which it is one."""


def asking_spans(reading: Reading) -> tuple[tuple[int, int], ...]:
    """Return where a reply asks something: clauses in the form of a question, or with its mark."""
    found = []
    for part in reading.sentences:
        is_marked = "?" in reading.text[part.start : part.end + 1]
        # "You light up when you talk about it" only looks like a question.
        told = max((part.moves.get(move, 0.0) for move in GUESSES), default=0.0)
        asked = max((part.moves.get(move, 0.0) for move in ASKING), default=0.0)
        words = reading.text[part.start : part.end]
        is_asked = begins_as_question(words) or asked >= SURELY
        if is_marked or asks_tersely(words) or (part.is_question and is_asked and asked >= told):
            found.append((part.start, part.end))
    if not found and 0 < len(reading.text.split()) <= TERSE and _is_known_question(reading):
        found = [(reading.sentences[-1].start, reading.sentences[-1].end)] if reading.sentences else []
    return tuple(found)


def _is_known_question(reading: Reading) -> bool:
    """Return whether a few words without a mark are nearly what somebody would ask: "any kids"."""
    alike = {ASKED: 0.0, STATED: 0.0}
    for like in reading.prepared or ():
        if like.kind in alike:
            alike[like.kind] = max(alike[like.kind], like.similarity)
    return alike[ASKED] >= NEARLY and alike[ASKED] > alike[STATED]


def _shown(view: dict[str, Any], situation: Situation) -> dict[str, Any]:
    """Return the view with the state as people see it."""
    return {**view, "shown": situation.state.shown(situation.dynamics)}


def opening_view(
    scenario: Scenario, dynamics: Dynamics, seed: int, message_id: str, earlier: Earlier | None = None
) -> dict[str, Any]:
    """Return the `peer` slot with which a session begins."""
    state = first_state(scenario, dynamics, seed, earlier)
    situation = Situation(scenario, dynamics, seed, 0, state, None, Heard(), Memory())
    view = _shown(view_of(situation, message_id), situation)
    return {**view, "earlier": earlier.ending if earlier else None}
