"""What the peer could tell, answer or ask now: the candidates of a turn's content, with their scores.

Scores run from 0 to 100 and are house choices: an answer to a question goes before what is on the
peer's mind, and that before filling a silence.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace

from bot.peer.asked_candidates import by_words, not_prepared
from bot.peer.decision import Candidate, Situation, banded, chance, small_talk_lines
from bot.peer.guesses import OPENS_THE_FLOOR
from bot.peer.hearing import ASKING_KINDS, Heard, warmth
from bot.peer.scenario import Beat

LEADS_ON_FROM_TURN = 6
"""From this turn on, what leads to the peer's own next step comes before other things to tell, every
other time at first and always from `LEADS_ON_ALWAYS` on."""
LEADS_ON_ALWAYS = 12

UNASKED_BELOW = 60
"""Score below which nothing answers a question: what is merely next on their mind."""
LEAVES_IT_TO_THEM = frozenset(
    {"seek_collaboration", "co_create_goal", "brainstorm_options", "build_independence"}
)
"""Questions that any step of the story may answer."""
WELCOMES: Mapping[str, frozenset[str]] = {
    "elicit_strength": frozenset({"str", "win"}),
    "evoke_own_reasons": frozenset({"amb", "dec"}),
}
"""Questions that a beat of some kind answers, asked for or not."""

HELD_FOR = 3
"""Turns for which what was held back is not told unasked: nobody says "not yet" and then tells it."""
ASKS_AGAIN_AFTER = 2
"""Turns after which a question that got no answer is raised again."""
ASKS_AGAIN = {"favor": 2, "advice": 2, "permission": 2}
"""How often, by what was asked; anything else once."""
ASKS_AGAIN_IN_ALL = 4
"""How often in a session, so that nobody nags."""

OFFERS = frozenset({"take_over", "link_support", "advise_with_permission", "build_independence"})
"""Moves that offer or hand back a step, to which somebody who owns it says that they will do it."""
OWNS_IT = 60.0
"""Ownership from which they do."""

TO_BE_NOTICED = frozenset({"win", "str", "disc", "setb"})
"""Tags of what a person hopes that somebody notices; passed over, they say so or take it back."""

GENERAL_TOPICS = frozenset({"what_happened", "feelings_now", "last_words"})
"""Topics of questions like "what was that like?", which are about the last thing said."""
ABOUT_LAST_WORDS = 0.35
"""Similarity with the peer's last words from which a question without topic counts as about them."""

FAR_FROM_LAST_WORDS = 0.1
"""Similarity below which a reply without topic, move or shared word is beside the point."""


def contents_of(situation: Situation) -> list[Candidate]:
    """Return what the peer could tell, answer or ask, unordered."""
    found: list[Candidate] = []
    untold = [beat for beat in situation.scenario.beats[1:] if beat.id not in situation.memory.told]
    found.extend(by_words(situation, [beat for beat in untold if _is_open(beat, situation)]))
    found.extend(_answers(situation))
    found.extend(_continuations(situation))
    found.extend(_asked_before(situation))
    found.extend(_next_beats(situation))
    found.extend(_small_talk(situation))
    return _answering_first(situation, found) if _asks_straight(situation.heard) else found


def _asks_straight(heard: Heard) -> bool:
    """Return whether the words of the reply ask something rather than leave it to them what to tell."""
    return heard.questions > 0 and "opens_floor" not in heard.mentions and not heard.names & LEAVES_IT_TO_THEM


def _answering_first(situation: Situation, found: list[Candidate]) -> list[Candidate]:
    """Return the contents without what steps over a question: what is on their mind comes unasked no more."""
    fitting = frozenset[str]()
    for move, tags in WELCOMES.items():
        fitting |= tags if move in situation.heard.names else frozenset()
    kept = [
        candidate
        if candidate.score >= UNASKED_BELOW
        or candidate.pool == "talk.moving_on"
        or (candidate.beat is not None and bool(candidate.beat.tags & fitting))
        else replace(candidate, is_late=True)
        for candidate in found
    ]
    deflects = any(not candidate.is_late and candidate.pool == "talk.unknown_question" for candidate in kept)
    if not deflects and warmth(situation.heard) not in ASKING_KINDS:
        kept.append(not_prepared(situation))
    return kept


def _is_open(beat: Beat, situation: Situation) -> bool:
    """Return whether a beat may be told now."""
    is_due = 0 < beat.at_latest <= situation.turn
    return (
        (beat.openness <= situation.openness or is_due)
        and beat.from_turn <= situation.turn
        and beat.if_ownership <= situation.state.ownership
        and _is_within(beat.if_state, situation)
        and all(other in situation.memory.told or other == "B1" for other in beat.after)
    )


def _is_within(bounds: Mapping[str, float], situation: Situation) -> bool:
    """Return whether the inner state lies within a beat's bounds."""
    for name, bound in bounds.items():
        variable, _, side = name.rpartition("_")
        value = situation.openness if variable == "openness" else getattr(situation.state, variable)
        if not (value > bound if side == "above" else value < bound):
            return False
    return True


def _tell(beat: Beat, score: float, why: str) -> Candidate:
    """Return the candidate that tells a beat."""
    action = "utter_ask" if beat.is_asking else "utter_disclose"
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
            first = banded(answers.by_band, situation.band)
            pools = (answers.again, *first) if times else first
            why = f"asked about {topic}" + (f", {times} times answered" if times else "")
            if times >= 2:
                pool = small_talk_lines(situation, "repeated_question")
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
        asking = next((beat for beat in scenario.beats if beat.id in memory.asked), None)
        pools = (small_talk_lines(situation, "waiting"),)
        why = "they asked something and got no answer"
        yield Candidate("utter_ask", "talk.waiting", 70, why, pools, asking)
    # "What would you like to talk about?" opens the floor; "what was that like?" stays on the subject.
    held = next((thing.beat for thing in reversed(memory.last) if thing.beat in memory.held), None)
    if held and _is_about_last_words(heard):
        # Asked further about what they just put off, they put it off in other words.
        beat = scenario.beat(held)
        pool_name = f"beats.{held}.surface"
        if held not in memory.told and not _is_open(beat, situation):
            why = f"asked further about {held}, which is held back"
            yield Candidate("utter_hold_back", pool_name, 84, why, (beat.surface,), beat)
    generic = _is_about_last_words(heard) and not heard.names & OPENS_THE_FLOOR
    if last and last.follow_up and (generic or noticed):
        why = "asked to go on" if generic else "heard, and has more to say"
        # Heard, people often say more, and as often come to the next thing; the longer they stay with
        # one thing, the more the next one suggests itself.
        lingers = 58 if chance(situation, "linger") < 0.3 else 50
        score = (85 if generic else lingers) - 9 * sum(line.id in memory.used for line in last.follow_up)
        yield Candidate("utter_disclose", f"beats.{last.id}.follow_up", score, why, (last.follow_up,), last)
    if generic and memory.last_topic and memory.last_topic in scenario.topics:
        pool = scenario.topics[memory.last_topic].again
        pool_name = f"topics.{memory.last_topic}.again"
        yield Candidate("utter_answer", pool_name, 84, "asked to go on", (pool,), topic=memory.last_topic)


def _is_about_last_words(heard: Heard) -> bool:
    """Return whether a question asks for more of the last thing said rather than for something else."""
    if "go_on" in heard.mentions:
        return True
    if "opens_floor" in heard.mentions:
        return False
    asked = heard.topics_asked()
    if asked:
        return asked[0] in GENERAL_TOPICS
    return heard.is_question and (heard.similarity is None or heard.similarity >= ABOUT_LAST_WORDS)


def _next_beats(situation: Situation) -> Iterable[Candidate]:
    """Give the beats that may be told now without being asked."""
    names = situation.heard.names
    memory = situation.memory
    planning = names & {"co_create_goal", "build_independence", "brainstorm_options", "seek_collaboration"}
    untold = [beat for beat in situation.scenario.beats[1:] if beat.id not in situation.memory.told]
    was_asked_straight = any(line.id in situation.memory.used for line in situation.scenario.suicide_answer)
    leads_on = situation.turn >= LEADS_ON_ALWAYS or (
        situation.turn >= LEADS_ON_FROM_TURN and chance(situation, "lead on") < 0.4
    )
    leading = _leading_to_next_step(situation.scenario.beats) if leads_on else frozenset()
    may_step = may_step_forward(situation) and bool(names & OFFERS)
    if may_step:
        yield stepping_forward(situation, 68)
    for place, beat in enumerate(_in_order(untold, situation.seed)):
        if not _is_open(beat, situation):
            continue
        if situation.turn - memory.held.get(beat.id, -HELD_FOR) < HELD_FOR and not beat.at_latest:
            continue
        if "safety" in beat.tags:
            if was_asked_straight:
                continue  # they have been asked and have answered; no sign is needed any more
            # A sign about wanting to die is never crowded out by other things to tell.
            yield _tell(beat, 93, "it weighs on them more than anything else")
        elif beat.is_next_step:
            yield _tell(beat, 88 if planning else 57, "ready to say what they will do next")
        elif beat.id in leading:
            yield _tell(beat, 56.5 - 0.1 * place, "it leads to what they will do next")
        else:
            yield _tell(beat, 55 - 0.5 * place, "next on their mind")


def may_step_forward(situation: Situation) -> bool:
    """Return whether they own their next step so far that they take it out of another's hands."""
    return situation.memory.is_next_step_voiced and situation.state.ownership >= OWNS_IT


def stepping_forward(situation: Situation, score: float) -> Candidate:
    """Return the candidate that says "I'll do it"."""
    why = "offered a step that they have made their own"
    return Candidate("utter_disclose", "step_forward", score, why, (situation.scenario.step_forward,))


def _asked_before(situation: Situation) -> Iterable[Candidate]:
    """Give the questions of the peer that the trainee left unanswered, once or twice."""
    memory = situation.memory
    if sum(memory.raised.values()) >= ASKS_AGAIN_IN_ALL or any(t.pool == "talk.waiting" for t in memory.last):
        return
    for beat in situation.scenario.beats:
        if beat.id not in memory.asked or situation.turn - memory.asked[beat.id] < ASKS_AGAIN_AFTER:
            continue
        times = memory.raised.get(beat.id, 0)
        if times >= ASKS_AGAIN.get(beat.asks or "advice", 1):
            continue
        why = f"what they asked ({beat.id}) got no answer"
        pools = (beat.if_missed, small_talk_lines(situation, "waiting"))
        pool = f"beats.{beat.id}.if_missed" if not times and beat.if_missed else "talk.waiting"
        yield Candidate("utter_ask", pool, 67 if not times else 58.5, why, pools, beat)


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


def _is_beside_the_point(heard: Heard) -> bool:
    """Return whether a reply is about nothing that either of them is here for."""
    remarked = set(heard.mentions) - {"caps_shouting"}
    strange = heard.similarity is not None and heard.similarity < FAR_FROM_LAST_WORDS and heard.shared == 0
    kind = heard.names - {"closed_question", "give_information"}
    return strange and not heard.topics and not kind and not remarked and heard.words >= 4


def _small_talk(situation: Situation) -> Iterable[Candidate]:
    """Give the answers to greetings and the like, and what to say when nothing else fits."""
    heard = situation.heard
    mentions, short = set(heard.mentions), not heard.moves
    for mention, score in (
        ("how_are_you", 76),
        ("greeting", 45 if situation.turn > 1 else 74),
    ):
        if mention in mentions and (short or mention == "how_are_you"):
            yield Candidate(
                "utter_answer",
                f"talk.{mention}",
                score,
                f"the reply is: {mention}",
                (small_talk_lines(situation, mention),),
            )
    if "asks_medical" in mentions:
        pool = small_talk_lines(situation, "medical_deflect")
        yield Candidate("utter_answer", "talk.medical_deflect", 84.5, "a question for their clinic", (pool,))
    if _is_beside_the_point(heard):
        pool = small_talk_lines(situation, "off_topic")
        yield Candidate("utter_answer", "talk.off_topic", 75, "it has nothing to do with them", (pool,))
    if heard.is_question and not heard.topics_asked() and not warmth(heard):
        pool = small_talk_lines(situation, "unknown_question")
        near = _is_about_last_words(heard)
        invited = mentions & {"go_on", "opens_floor"} or (near and "open_question" in heard.names)
        score = 40 if invited else 56 if near else 74
        yield Candidate("utter_answer", "talk.unknown_question", score, "asked something unprepared", (pool,))
    yield Candidate(
        "utter_move_on",
        "talk.moving_on",
        20,
        "nothing else suggests itself",
        (small_talk_lines(situation, "moving_on"),),
    )
