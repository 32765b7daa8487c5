"""Which dialogue acts the peer answers with, and why: the heart of the dialogue policy.

`choose` looks at how the trainee spoke (`Heard`), where the peer stands (`PeerState`), what was
told before (`Memory`) and what this person has to say (`Scenario`), weighs the candidates and
returns one to three acts with their lines. It is a pure function of its situation: the same
situation and seed give the same plan, its cost does not grow with the conversation, and it keeps
every candidate with its score so that an instructor can see why this one won.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from bot.peer.dynamics import Dynamics
from bot.peer.hearing import ASKING_KINDS, STILL_ANSWERS, Heard, sting, warmth
from bot.peer.lines import Line, Moment, Pool, draw
from bot.peer.memory import Memory, Said
from bot.peer.scenario import Beat, Scenario
from bot.peer.state import PeerState

NEARBY_BANDS: Mapping[str, tuple[str, ...]] = {
    "low": ("low", "mid"),
    "mid": ("mid", "low"),
    "high": ("high", "mid", "low"),
}
"""Where to look when a band has nothing left: never warmer than two steps, rather cooler."""

ASKING_TAGS = frozenset({"ask", "do", "path", "scope"})
LEADS_ON_FROM_TURN = 6
"""From this turn on, what leads to the peer's own next step comes before other things to tell."""

ODD_MOMENTS: tuple[tuple[str, str], ...] = (
    ("asks_identity", "are_you_bot"),
    ("asks_out_of_character", "out_of_character"),
    ("insult", "insult_first"),
    ("unreadable", "unreadable"),
    ("other_language", "other_language"),
)
"""Mentions that decide the answer by themselves, with the talk they call for."""


TO_BE_NOTICED = frozenset({"win", "str", "disc", "setb"})
"""Tags of what a person hopes that somebody notices; passed over, they say so or take it back."""

GENERAL_TOPICS = frozenset({"what_happened", "feelings_now"})
"""Topics of questions like "what was that like?", which are about the last thing said."""
ABOUT_LAST_WORDS = 0.35
"""Similarity with the peer's last words from which a question without topic counts as about them."""

OPENS_THE_FLOOR = frozenset(
    {
        "seek_collaboration",
        "elicit_strength",
        "evoke_own_reasons",
        "brainstorm_options",
        "co_create_goal",
        "build_independence",
    }
)
"""Moves that invite something new rather than more of the last thing."""


@dataclass(frozen=True)
class Situation:
    """All that the choice depends on.

    Attributes:
        scenario: The person.
        dynamics: The constants of the state.
        seed: The session's seed.
        turn: Number of the trainee's reply, from 1.
        state: The state after the reply.
        event: `rupture`, `repaired`, `exit` or None, from the state's change.
        heard: The reply.
        memory: What was said before it.
    """

    scenario: Scenario
    dynamics: Dynamics
    seed: int
    turn: int
    state: PeerState
    event: str | None
    heard: Heard
    memory: Memory

    @property
    def band(self) -> str:
        """Return the trust band."""
        return self.state.band(self.dynamics)

    @property
    def openness(self) -> float:
        """Return the openness."""
        return self.state.openness(self.dynamics)


@dataclass(frozen=True)
class Candidate:
    """One thing the peer could do now.

    Attributes:
        action: The dialogue act.
        pool: Where the words come from.
        score: How much it suggests itself, 0 to 100.
        why: The reason, in plain words.
        pools: The lines to draw from, best first.
        beat: The beat it tells or continues, if any.
        topic: The topic it answers, if any.
    """

    action: str
    pool: str
    score: float
    why: str
    pools: tuple[Pool, ...]
    beat: Beat | None = None
    topic: str | None = None


@dataclass(frozen=True)
class Plan:
    """What the peer does in this turn.

    Attributes:
        said: The acts in order, each with its words.
        candidates: What was weighed, best first, ready for JSON.
        ended: How the session ends with it, or None.
    """

    said: tuple[Said, ...]
    candidates: tuple[dict[str, Any], ...]
    ended: str | None = None


def choose(situation: Situation) -> Plan:
    """Return what the peer does; never empty."""
    outcome = _ending(situation)
    if outcome:
        ending = Candidate(
            "utter_end",
            f"endings.{outcome}",
            100,
            _ENDING_REASONS[outcome],
            (situation.scenario.endings[outcome],),
        )
        return _plan(situation, [], [ending], ended=outcome)
    broken = _rupture_talk(situation)
    if broken:
        return _plan(situation, [], [broken])
    odd = _odd_moment(situation)
    if odd:
        return _plan(situation, [], [odd])
    reaction, contents = _reaction(situation), _contents(situation)
    hurt = sting(situation.heard, situation.dynamics)
    if hurt and not (hurt in STILL_ANSWERS and situation.band != "low" and situation.heard.topics_asked()):
        contents = []
    return _plan(situation, [reaction] if reaction else [], contents)


# ------------------------------------------------------------------ how it ends

_ENDING_REASONS = {
    "good": "trust, hope and ownership are there and they have said their next step",
    "okay": "the talk comes to its end with something gained",
    "stalled": "the talk went nowhere",
    "rupture": "what broke was not mended in time",
}


def _ending(situation: Situation) -> str | None:
    """Return how the session ends now, or None if it goes on."""
    rules, turn = situation.dynamics.endings, situation.turn
    if situation.event == "exit":
        return "rupture"
    if situation.state.is_ruptured:
        return None
    if turn >= rules["from_turn"] and situation.memory.is_next_step_voiced and _meets_good(situation):
        return "good"
    gained = situation.openness - situation.state.start_openness
    stalled = rules["stalled"]
    if situation.state.thin_replies >= stalled["thin_replies"]:
        return "stalled"
    if turn >= stalled["turn"] and gained < stalled["openness_gain_below"]:
        return "stalled"
    if turn >= rules["wrap_up_turn"] or _says_goodbye(situation.heard):
        return outcome_if_ended(situation.state, situation.memory, situation.dynamics)
    return None


def _meets_good(situation: Situation) -> bool:
    """Return whether every threshold of a good ending is reached."""
    good = situation.dynamics.endings["good"]
    return all(getattr(situation.state, name) >= least for name, least in good.items())


def outcome_if_ended(state: PeerState, memory: Memory, dynamics: Dynamics) -> str:
    """Return how a session ends that the trainee ends now: good, okay, stalled or rupture."""
    good = dynamics.endings["good"]
    met = [getattr(state, name) >= least for name, least in good.items()]
    if state.is_ruptured:
        return "rupture"
    if all(met) and memory.is_next_step_voiced:
        return "good"
    return "okay" if any(met) else "stalled"


def _says_goodbye(heard: Heard) -> bool:
    """Return whether the reply is a goodbye and little else."""
    return "goodbye" in heard.mentions and heard.words <= 14 and not heard.is_question


def _rupture_talk(situation: Situation) -> Candidate | None:
    """Return what is said when something broke, is broken, or was just mended."""
    lines = situation.scenario.ruptures
    if situation.event == "rupture":
        return Candidate(
            "utter_rupture", "ruptures.onset", 100, "it broke with this reply", (lines["onset"],)
        )
    if situation.event == "repaired":
        return Candidate(
            "utter_repair", "ruptures.repaired", 100, "the trainee mended it", (lines["repaired"],)
        )
    if situation.state.is_ruptured:
        why = f"it is still broken; {situation.state.repairs_left} replies left to mend it"
        return Candidate("utter_rupture", "ruptures.during", 100, why, (lines["during"],))
    return None


def _odd_moment(situation: Situation) -> Candidate | None:
    """Return the answer to something that stands outside the talk, like "are you a bot?"."""
    heard, scenario = situation.heard, situation.scenario
    for mention, talk in ODD_MOMENTS:
        if mention in heard.mentions and not (mention == "other_language" and heard.moves):
            return Candidate(
                "utter_answer", f"talk.{talk}", 100, f"the reply is: {talk}", (_talk(situation, talk),)
            )
    if "duplicate" in heard.flags or "parrot" in heard.flags:
        pools = _banded(scenario.reactions["repeated"], situation.band)
        return Candidate("utter_react", "reactions.repeated", 100, "the trainee said that already", pools)
    if "asks_suicide" in heard.mentions or "safety_ask" in heard.names:
        pools = (scenario.suicide_answer, *_banded(scenario.reactions["safety_asked"], situation.band))
        return Candidate("utter_answer", "suicide_answer", 100, "asked plainly about suicide", pools)
    return None


# ------------------------------------------------------------------ reaction


def _reaction(situation: Situation) -> Candidate | None:
    """Return the acknowledgement of how the trainee spoke, if it calls for one."""
    heard, reactions = situation.heard, situation.scenario.reactions
    hurt = sting(heard, situation.dynamics)
    if hurt:
        return Candidate(
            "utter_push_back",
            f"reactions.{hurt}",
            90,
            f"it felt: {hurt}",
            _banded(reactions[hurt], situation.band),
        )
    kind = warmth(heard)
    if kind is None and heard.is_question:
        # A short lead-in ("hm.") now and then; always would be a tic.
        kind = "question" if _chance(situation, "lead-in") < 0.35 else None
    if kind is None and not heard.is_question and not heard.mentions and not heard.topics:
        kind = "thin" if heard.words < 4 and "backchannel" not in heard.mentions else None
    if kind is None:
        return None
    return Candidate(
        "utter_react", f"reactions.{kind}", 60, f"it felt: {kind}", _banded(reactions[kind], situation.band)
    )


def _chance(situation: Situation, what: str) -> float:
    """Return a number from 0 to 1 that depends on seed, turn and purpose alone."""
    key = f"{situation.seed}:{situation.scenario.id}:{situation.turn}:{what}".encode()
    return int.from_bytes(hashlib.blake2b(key, digest_size=4).digest(), "big") / 2**32


def _banded(pools: Mapping[str, Pool], band: str) -> tuple[Pool, ...]:
    """Return the pools of a band and of those near it, best first."""
    return tuple(pools[near] for near in NEARBY_BANDS[band])


def _talk(situation: Situation, name: str) -> Pool:
    """Return the lines of a kind of small talk for this band."""
    return situation.scenario.talk[name][situation.band]


# ------------------------------------------------------------------ content


def _contents(situation: Situation) -> list[Candidate]:
    """Return what the peer could tell, answer or ask, unordered."""
    found: list[Candidate] = []
    found.extend(_answers(situation))
    found.extend(_continuations(situation))
    found.extend(_next_beats(situation))
    found.extend(_small_talk(situation))
    return found


def _is_open(beat: Beat, situation: Situation) -> bool:
    """Return whether a beat may be told now."""
    return (
        beat.openness <= situation.openness
        and beat.from_turn <= situation.turn
        and beat.if_ownership <= situation.state.ownership
        and all(other in situation.memory.told or other == "B1" for other in beat.after)
    )


def _tell(beat: Beat, score: float, why: str) -> Candidate:
    """Return the candidate that tells a beat."""
    action = "utter_ask" if beat.asks or beat.tags & ASKING_TAGS else "utter_disclose"
    return Candidate(action, f"beats.{beat.id}", score, why, (beat.lines,), beat=beat)


def _answers(situation: Situation) -> Iterable[Candidate]:
    """Give the answers to what the trainee asked about."""
    scenario, memory = situation.scenario, situation.memory
    for place, topic in enumerate(situation.heard.topics_asked()[:2]):
        lower = 6 * place
        untold = [beat for beat in scenario.beats[1:] if topic in beat.topics and beat.id not in memory.told]
        for beat in untold:
            if _is_open(beat, situation):
                yield _tell(beat, 90 - lower, f"asked about {topic}, and ready to tell it")
            elif beat.surface:
                # At first they put it off; asked again, they say what they can about the subject.
                score = 60 if any(line.id in memory.used for line in beat.surface) else 83
                why = f"asked about {topic}, and not ready to tell it"
                surface = f"beats.{beat.id}.surface"
                yield Candidate("utter_hold_back", surface, score - lower, why, (beat.surface,), beat)
        for beat in scenario.beats:
            if topic in beat.topics and beat.id in memory.told and beat.follow_up:
                why = f"asked further about {topic}"
                yield Candidate(
                    "utter_answer", f"beats.{beat.id}.follow_up", 80 - lower, why, (beat.follow_up,), beat
                )
        answers = scenario.topics.get(topic)
        if answers:
            times = memory.answered.get(topic, 0)
            first = _banded(answers.by_band, situation.band)
            pools = (answers.again, *first) if times else first
            why = f"asked about {topic}" + (f", {times} times answered" if times else "")
            if times >= 2:
                pool = _talk(situation, "repeated_question")
                yield Candidate("utter_answer", "talk.repeated_question", 70 - lower, why, (pool,))
            # First the answer itself, then what was told about it before, then the answer in other words.
            score = 78 if times else 82
            yield Candidate("utter_answer", f"topics.{topic}", score - lower, why, pools, topic=topic)


def _continuations(situation: Situation) -> Iterable[Candidate]:
    """Give what goes on from the last thing the peer said."""
    memory, heard, scenario = situation.memory, situation.heard, situation.scenario
    last = next((beat for beat in scenario.beats if beat.id == memory.last_beat), None)
    noticed = heard.names & {
        "affirm_strength", "reframe_strength", "elicit_strength", "express_belief", "simple_reflection",
        "complex_reflection", "validate",
    }  # fmt: skip
    just_told = bool(last) and any(thing.pool == f"beats.{memory.last_beat}" for thing in memory.last)
    if (
        last
        and just_told
        and last.if_missed
        and last.tags & TO_BE_NOTICED
        and not noticed
        and not heard.topics_asked()
    ):
        why = f"what they told ({last.id}) was passed over"
        yield Candidate("utter_disclose", f"beats.{last.id}.if_missed", 66, why, (last.if_missed,), last)
    if memory.pending and not heard.moves and heard.words < 5 and not heard.is_question:
        yield Candidate(
            "utter_ask",
            "talk.waiting",
            70,
            "they asked something and got no answer",
            (_talk(situation, "waiting"),),
        )
    # "What would you like to talk about?" opens the floor; "what was that like?" stays on the subject.
    generic = _is_about_last_words(heard) and not heard.names & OPENS_THE_FLOOR
    if last and last.follow_up and (generic or noticed):
        why = "asked to go on" if generic else "heard, and has more to say"
        # Heard, people often say more, and as often come to the next thing; the longer they stay with
        # one thing, the more the next one suggests itself.
        lingers = 58 if _chance(situation, "linger") < 0.45 else 50
        score = (85 if generic else lingers) - 9 * sum(line.id in memory.used for line in last.follow_up)
        yield Candidate("utter_disclose", f"beats.{last.id}.follow_up", score, why, (last.follow_up,), last)
    if generic and memory.last_topic and memory.last_topic in scenario.topics:
        pool = scenario.topics[memory.last_topic].again
        pool_name = f"topics.{memory.last_topic}.again"
        yield Candidate("utter_answer", pool_name, 84, "asked to go on", (pool,), topic=memory.last_topic)


def _is_about_last_words(heard: Heard) -> bool:
    """Return whether a question asks for more of the last thing said rather than for something else."""
    asked = heard.topics_asked()
    if asked:
        return asked[0] in GENERAL_TOPICS
    return heard.is_question and (heard.similarity is None or heard.similarity >= ABOUT_LAST_WORDS)


def _next_beats(situation: Situation) -> Iterable[Candidate]:
    """Give the beats that may be told now without being asked."""
    names = situation.heard.names
    planning = names & {"co_create_goal", "build_independence", "brainstorm_options", "seek_collaboration"}
    untold = [beat for beat in situation.scenario.beats[1:] if beat.id not in situation.memory.told]
    leading = (
        _leading_to_next_step(situation.scenario.beats)
        if situation.turn >= LEADS_ON_FROM_TURN
        else frozenset()
    )
    for place, beat in enumerate(_in_order(untold, situation.seed)):
        if not _is_open(beat, situation):
            continue
        if beat.is_next_step:
            yield _tell(beat, 88 if planning else 57, "ready to say what they will do next")
        elif beat.id in leading:
            yield _tell(beat, 56.5 - 0.1 * place, "it leads to what they will do next")
        else:
            yield _tell(beat, 55 - 0.5 * place, "next on their mind")


def _leading_to_next_step(beats: Sequence[Beat]) -> frozenset[str]:
    """Return the beats that must be told before a next step can be voiced."""
    after = {beat.id: beat.after for beat in beats}
    waiting = [other for beat in beats if beat.is_next_step for other in beat.after]
    found: set[str] = set()
    while waiting:
        beat_id = waiting.pop()
        if beat_id not in found:
            found.add(beat_id)
            waiting.extend(after.get(beat_id, ()))
    return frozenset(found)


def _in_order(beats: Sequence[Beat], seed: int) -> list[Beat]:
    """Return beats in telling order; the middle ones are shuffled by seed, so replays differ."""

    def key(beat: Beat) -> tuple[float, int]:
        number = int("".join(char for char in beat.id if char.isdigit()) or 0)
        if seed and 5 <= number <= 9:
            return 5.0, int(hashlib.blake2b(f"{seed}:{beat.id}".encode(), digest_size=4).hexdigest(), 16)
        return float(number), 0

    return sorted(beats, key=key)


def _small_talk(situation: Situation) -> Iterable[Candidate]:
    """Give the answers to greetings and the like, and what to say when nothing else fits."""
    heard = situation.heard
    mentions, short = set(heard.mentions), not heard.moves
    for mention, score in (
        ("how_are_you", 76),
        ("greeting", 45 if situation.turn > 1 else 74),
        ("thanks", 54),
        ("joke", 60),
    ):
        if mention in mentions and (short or mention == "how_are_you"):
            yield Candidate(
                "utter_answer",
                f"talk.{mention}",
                score,
                f"the reply is: {mention}",
                (_talk(situation, mention),),
            )
    if "about_trainee" in mentions and short:
        pool = _talk(situation, "about_trainee")
        yield Candidate("utter_answer", "talk.about_trainee", 59, "the trainee told of themselves", (pool,))
    if heard.is_question and not heard.topics_asked() and not warmth(heard):
        pool = _talk(situation, "unknown_question")
        score = 56 if _is_about_last_words(heard) else 74
        yield Candidate("utter_answer", "talk.unknown_question", score, "asked something unprepared", (pool,))
    yield Candidate(
        "utter_move_on",
        "talk.moving_on",
        20,
        "nothing else suggests itself",
        (_talk(situation, "moving_on"),),
    )


# ------------------------------------------------------------------ putting it together


def _plan(
    situation: Situation, reactions: list[Candidate], contents: list[Candidate], ended: str | None = None
) -> Plan:
    """Return the plan: the reaction if there is one, then the best content that has words left."""
    said: list[Said] = []
    reaction = reactions[0] if reactions else None
    ordered = sorted(contents, key=lambda candidate: -candidate.score)
    weighed = [*reactions, *ordered]
    first = _say(reaction, situation, ()) if reaction else None
    best, words = None, None
    for candidate in ordered:
        if candidate.pool == "talk.moving_on" and first:
            continue  # an acknowledgement alone is a natural turn; filling it up is not
        words = _say(candidate, situation, [first.line] if first else ())
        if words:
            best = candidate
            break
    replaced = best and reaction and reaction.pool.partition(".")[2] in ASKING_KINDS and best.score >= 78
    if first and not replaced:
        said.append(first)
    if words:
        said.append(replace(words, ended=ended))
        back = _question_back(situation, best, said)
        if back:
            said.append(back)
    if not said:
        said.append(_last_resort(situation))
    shown = tuple(
        {"action": c.action, "pool": c.pool, "score": round(c.score, 1), "why": c.why,
         "won": any(thing.pool == c.pool for thing in said)}
        for c in weighed[:12]
    )  # fmt: skip
    return Plan(tuple(said), shown, ended)


def _moment(situation: Situation, also_used: Sequence[str]) -> Moment:
    """Return the moment for drawing a line."""
    return Moment(
        told=situation.memory.told,
        topics={topic.topic for topic in situation.heard.topics},
        openness=situation.openness,
        used={*situation.memory.used, *also_used},
        seed=situation.seed,
    )


def _say(candidate: Candidate, situation: Situation, also_used: Sequence[str]) -> Said | None:
    """Return the candidate with its words, or None if everything of it was said before."""
    line = draw(candidate.pools, _moment(situation, also_used))
    return _said(candidate, line) if line else None


def _said(candidate: Candidate, line: Line) -> Said:
    """Return what is said when a candidate is put into a line."""
    beat = candidate.beat
    telling = beat is not None and candidate.pool == f"beats.{beat.id}"
    told = beat if telling else None
    return Said(
        line=line.id,
        action=candidate.action,
        pool=candidate.pool,
        text=line.text,
        beat=beat.id if beat else None,
        topic=candidate.topic,
        tags=tuple(sorted(told.tags)) if told else (),
        asks=(told.asks or ("advice" if "ask" in told.tags else None)) if told else None,
        is_next_step=bool(told and told.is_next_step),
    )


def _question_back(situation: Situation, best: Candidate | None, said: list[Said]) -> Said | None:
    """Return a question that the peer asks back now and then, once they trust a little."""
    answers = situation.scenario.topics.get(best.topic) if best and best.topic else None
    recently = situation.turn - situation.memory.questions_back < 4
    if not answers or not answers.ask_back or situation.band == "low" or recently or len(said) > 2:
        return None
    if _chance(situation, "ask back") > 0.4:
        return None
    line = draw((answers.ask_back,), _moment(situation, [thing.line for thing in said]))
    if line is None:
        return None
    return Said(line.id, "utter_ask", f"topics.{best.topic}.ask_back", line.text, asks="question")  # type: ignore[union-attr]


def _last_resort(situation: Situation) -> Said:
    """Return something to say when all that fits was said: any line left, or the one said longest ago."""
    scenario, band = situation.scenario, situation.band
    pools = (
        *_banded(scenario.talk["moving_on"], band),
        *_banded(scenario.reactions["thin"], band),
        scenario.talk["unknown_question"][band],
        *_banded(scenario.reactions["heard"], band),
    )
    line = draw(pools, _moment(situation, ()))
    if line is None:
        by_id = {line.id: line for pool in pools for line in pool}
        oldest = next((line_id for line_id in situation.memory.used if line_id in by_id), next(iter(by_id)))
        line = by_id[oldest]
    return Said(line.id, "utter_move_on", "talk.moving_on", line.text)


def opening(scenario: Scenario) -> Plan:
    """Return the peer's first words."""
    first = scenario.beats[0]
    said = Said(
        line=scenario.opening.id,
        action="utter_open",
        pool="beats.B1",
        text=scenario.opening.text,
        beat="B1",
        tags=tuple(sorted(first.tags)),
    )
    return Plan((said,), ())
