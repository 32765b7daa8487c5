"""How the peer goes on after a remark, or when they are asked for more: first on the same subject."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace

from bot.peer.answers import highest, likeness_by_subject, may_say, stated
from bot.peer.beats_now import NEXT_ON_MIND, can_tell
from bot.peer.decision import Candidate, Situation, chance
from bot.peer.lines import Line
from bot.peer.phrases import STATED, follows_remarks_only, marked, subject_of
from bot.peer.scenario import Beat
from bot.peer.yes_no import says_yes_or_no

BELONGS = 58.0
"""Likeness in hundredths from which a prepared line follows from a remark."""
LINGERS = 57.0
"""Score of saying more about what was told last, when it was noticed."""
LINGERS_LESS = 4.0
"""What each detail already said takes off: the longer they stay, the more the next thing suggests itself."""
ASKED_FOR_MORE = 85.0
"""Score of more on the last subject when just that is asked ("go on", "what was that like?")."""
ASKED_TO_GO_ON = "asked to go on"
"""Why more on the last subject is given that was asked for."""
FOLLOWS_FROM = 0.3
"""Likeness from which a detail that was written for some remark follows from this one."""
STAYS_FROM = 0.35
"""Likeness from which another line of the topic just answered follows from a remark."""
CLOSER = 20.0
"""Gain of a beat next on their mind for each unit of likeness with the remark above .35."""
RELATED = 0.42
"""Likeness of a beat with the remark from which it follows without a word between."""

NOTICES = frozenset(
    (
        "affirm_strength reframe_strength elicit_strength express_belief simple_reflection "
        "complex_reflection validate"
    ).split()
)
"""Moves by which what was told is noticed."""
TO_BE_NOTICED = frozenset({"win", "str", "disc", "setb"})
"""Tags of what a person hopes that somebody notices; passed over, they say so or take it back."""


def after_remark(situation: Situation) -> Iterable[Candidate]:
    """Give the lines that were prepared for a remark like this one."""
    found = situation.heard.prepared or ()
    yield from stated(situation, found, can_tell(situation), BELONGS)[:3]
    topic = situation.memory.subject
    if topic in situation.scenario.topics and situation.turn - situation.memory.subject_at <= 1:
        yield from _more_of_topic(situation, topic)


def _more_of_topic(situation: Situation, topic: str) -> Iterable[Candidate]:
    """Give what else they would say on the topic just answered, the most like the remark first."""
    alike = highest(situation.heard.prepared or ())
    said = {line for line in situation.memory.used if subject_of(line) == topic}
    pool = situation.scenario.topics[topic].by_band[situation.band]
    left = [line for line in pool if alike.get(line.id, 0.0) >= STAYS_FROM and may_say(line, situation)]
    left = [line for line in left if not says_yes_or_no(line.text)]
    for line in sorted(left, key=lambda line: -alike[line.id])[:1]:
        score = LINGERS - LINGERS_LESS * (len(said) - 1)
        why = f"more on what they just spoke of ({alike[line.id]:.2f})"
        yield Candidate(
            "utter_disclose", f"topics.{topic}", score, why, ((line,),), topic=topic, is_matched=True
        )


def fitting(candidate: Candidate, situation: Situation) -> Candidate:
    """Return a beat next on their mind, weighed up by how close it is to what was just said."""
    if candidate.beat is None or not is_unasked(candidate):
        return candidate
    alike = likeness_by_subject(situation.heard.prepared or ()).get(candidate.beat.id, 0.0)
    return replace(
        candidate, score=min(NEXT_ON_MIND + 2.4, candidate.score + CLOSER * max(0.0, alike - 0.35))
    )


def more_of_last(situation: Situation, *, is_asked: bool) -> Iterable[Candidate]:
    """Give more on the last subject: details of the beat told last, or of the topic.

    Args:
        situation: The turn.
        is_asked: Whether the reply asks for just that, rather than notices what was told.
    """
    memory, heard, scenario = situation.memory, situation.heard, situation.scenario
    last = _last_beat(situation)
    noticed = heard.names & NOTICES or heard.is_nod
    if last and last.follow_up and (is_asked or noticed):
        why = ASKED_TO_GO_ON if is_asked else "heard, and has more to say"
        used = sum(line.id in memory.used for line in last.follow_up)
        score = ASKED_FOR_MORE - 9 * used if is_asked else LINGERS - LINGERS_LESS * used
        if heard.prepared is None and not is_asked:
            score = (58 if chance(situation, "linger") < 0.3 else 50) - 9 * used
        alike = highest(heard.prepared or ())
        pool = tuple(sorted(last.follow_up, key=lambda line: -alike.get(line.id, 0.0)))
        best: tuple[Line, ...] = tuple(line for line in pool if alike.get(line.id, 0.0) >= RELATED)[:1]
        if is_asked and heard.prepared is not None:
            pool = tuple(line for line in pool if not follows_remarks_only(line)) or pool
        elif heard.prepared is not None:
            pool = tuple(line for line in pool if comes_unasked(line, alike.get(line.id, 0.0)))
        yield Candidate("utter_disclose", f"beats.{last.id}.follow_up", score, why, (best, pool), last)
    topic = (memory.last_topic if heard.prepared is None else memory.subject) or ""
    if is_asked and topic in scenario.topics and "asks_why" not in heard.mentions:
        answers = scenario.topics[topic]
        own = answers.by_band[situation.band] if heard.prepared is not None else ()
        left = tuple(line for line in own if may_say(line, situation))
        name = f"topics.{topic}.again" if not left else f"topics.{topic}"
        yield Candidate("utter_answer", name, 84, ASKED_TO_GO_ON, (left, answers.again), topic=topic)


def comes_unasked(line: Line, alike: float) -> bool:
    """Return whether a detail may be told unasked, rather than only in answer to its questions.

    Args:
        line: The detail.
        alike: How much it, or what it was written for, is like the remark.
    """
    follows_remarks = any(marked(written)[0] == STATED for written in line.asked)
    least = FOLLOWS_FROM if follows_remarks else STAYS_FROM
    return (not line.asked or alike >= least) and not says_yes_or_no(line.text)


def _last_beat(situation: Situation) -> Beat | None:
    """Return the beat told or continued last."""
    memory = situation.memory
    last = memory.last_beat if situation.heard.prepared is None else memory.subject
    if last not in memory.told:
        return None
    return next((beat for beat in situation.scenario.beats if beat.id == last), None)


def passed_over(situation: Situation) -> Iterable[Candidate]:
    """Give what they say when what they told was passed over."""
    memory, heard = situation.memory, situation.heard
    last = next((beat for beat in situation.scenario.beats if beat.id == memory.last_beat), None)
    just_told = bool(last) and any(thing.pool == f"beats.{memory.last_beat}" for thing in memory.last)
    if not (last and just_told and last.if_missed and last.tags & TO_BE_NOTICED):
        return
    asks = heard.topics_asked() if heard.prepared is None else heard.questions > 0
    if not heard.names & NOTICES and not asks:
        why = f"what they told ({last.id}) was passed over"
        yield Candidate("utter_disclose", f"beats.{last.id}.if_missed", 66, why, (last.if_missed,), last)


def needs_bridge(candidate: Candidate, situation: Situation) -> bool:
    """Return whether a beat comes out of nowhere and wants a word before it."""
    memory, beat = situation.memory, candidate.beat
    if beat is None or situation.turn <= 1 or situation.heard.prepared is None:
        return False
    if memory.last and all(thing.pool.startswith("talk.") for thing in memory.last):
        return False  # after a hello there is no subject to leave
    if not is_far(candidate, situation):
        return False
    last = situation.scenario.beat_topics.get(memory.subject, (memory.subject,))
    return not (set(last) & set(beat.topics) or (memory.subject in beat.after and memory.subject != "B1"))


def is_far(candidate: Candidate, situation: Situation) -> bool:
    """Return whether nothing of a beat is like what was just said."""
    name = candidate.beat.id if candidate.beat else ""
    return likeness_by_subject(situation.heard.prepared or ()).get(name, 0.0) < RELATED


def is_unasked(candidate: Candidate) -> bool:
    """Return whether a candidate tells a beat that nobody asked for."""
    return (
        candidate.beat is not None
        and candidate.score <= NEXT_ON_MIND + 2.5
        and candidate.pool == f"beats.{candidate.beat.id}"
    )
