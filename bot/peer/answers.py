"""What answers a question best: the prepared line whose own questions are most like it.

Likeness (`bot/nlu/prepared.py`) is the ground; what is known of the talk only shifts it a little: the last
subject, the trust band, the topic, the names that the question names. Question against question is very
reliable: from about .7 on it is nearly always the same question, and below .5 hardly ever.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace

from bot.peer.decision import NEARBY_BANDS, Candidate, Situation, small_talk_lines
from bot.peer.hearing import Heard
from bot.peer.lines import Line, Moment, Pool, fits
from bot.peer.phrases import ASKED, OWN, Place, follows_remarks_only, subject_of
from bot.peer.scenario import Beat
from bot.peer.yes_no import says_yes_or_no
from bot.reading import Likeness

ENOUGH = 60.0
"""Score from which a line answers a question; below it nothing was prepared."""
SURELY = 70.0
"""Score from which it is as good as certain that just this was asked."""
MOST_SCORE = 92.0
"""What likeness can reach; a sign about wanting to die (93) goes before any answer."""
NEAR = 3.0
"""Gain of a line on the subject of the last words."""
POINTED_AT = 6.0
"""The same where the question can't be understood without them."""
ON_TOPIC = 2.0
"""Gain of a line on a topic that the question is about, times the probability of the topic."""
SURELY_ON_TOPIC = 5.0
"""The same where the topic is as good as certain."""
CERTAIN_TOPIC = 0.75
VAGUE_FROM = 0.58
"""Likeness from which a vague follow-up ("what did she say?") is taken for one."""
OWN_WORDS = 3.0
"""What a line loses that is found by its own words, on a subject that is asked about."""
OWN_TOO = 8.0
"""Gain of a line for each unit of likeness of its own words above .35, beside that of its questions."""
OTHER_BAND = 4.0
"""What a line loses for each band between its own and that of the moment."""
OTHER_NAME = 14.0
"""What a line loses that knows nothing of the person or place named in the question."""
AGAIN = 9.0
"""What a line for the second asking loses at the first, or where something else was asked before."""
OF_UNTOLD = 8.0
"""What a detail of something untold loses: the thing itself is told instead."""
PUT_OFF = 5.0
"""What putting something off loses: only who surely asked for it hears "not yet"."""
OF_TOLD = 22.0
"""What more about something told loses against what answers by itself."""
YES_TO_WHAT = 9.0
"""What a line that begins with yes or no loses where the question is none of yes or no."""
SAID_ALREADY = 12.0
"""How far below a line that was said before another may lie and still answer in its place."""


ASKED_NOT_STATED = 16.0
"""What a remark must be more like a question than like a remark for its answer to follow."""
ALIKE = 0.55
"""Likeness from which a line for the second asking is about what was asked again."""
LEAST_LIKE = 0.55
"""Likeness below which nothing else makes a line an answer."""
JUST_THIS = 0.9
"""Likeness from which a line for the second asking answers at the first too."""
ECHO, SURE_ENOUGH_TO_ECHO = 8.0, 0.75
"""What a line loses that begins by giving the question back ("Easier? ..."), unless it surely was asked."""
DYING = "safety_suicide"
"""The topic whose answers nobody gives who was asked about something merely similar."""
SAME = 0.8
"""Likeness from which two questions are the same."""


_ECHO = re.compile(r"(?:[\w'’-]+,? ?){1,6}\?")


@dataclass(frozen=True)
class Match:
    """A prepared line as an answer to one question.

    Attributes:
        line: The line.
        place: Where it stands.
        score: How well it answers.
        why: The reason, in plain words.
        alike: Highest likeness of each line with the question, by id.
    """

    line: Line
    place: Place
    score: float
    why: str
    alike: Mapping[str, float] = field(default_factory=dict)


def is_near(subject: str, situation: Situation) -> bool:
    """Return whether a subject is that of the last words: the same beat or topic, or a topic of that beat."""
    last = situation.memory.subject
    if not last or not subject:
        return False
    if subject == last:
        return True
    topics = situation.scenario.beat_topics
    return subject in topics.get(last, ()) or last in topics.get(subject, ())


def echoes(text: str) -> bool:
    """Return whether a line begins by giving back what was asked: "Easier? About ten minutes."."""
    return bool(_ECHO.match(text))


def _asks_about_dying(like: Likeness, heard: Heard) -> bool:
    return like.similarity >= JUST_THIS or "asks_suicide" in heard.mentions or heard.surely("safety_ask")


def _is_recent(subject: str, situation: Situation) -> bool:
    """Return whether a vague question may be about a subject: one of the last few, or kin to the last."""
    return subject in situation.memory.recent_subjects or is_near(subject, situation)


def matches(
    situation: Situation, found: Sequence[Likeness], text_names: frozenset[str] = frozenset()
) -> list[Match]:
    """Return what a stretch of the reply leads to, best first; nothing is left out for being said before.

    Args:
        situation: The turn.
        found: Likenesses of the stretch.
        text_names: Names of people and places that the stretch names.
    """
    scenario, heard = situation.scenario, situation.heard
    topics = {topic.topic: topic.probability for topic in heard.topics}
    own = {like.line: like.similarity for like in found if like.kind == OWN}
    alike = highest(found)
    is_open = heard.asks_openly
    best: dict[str, Match] = {}
    for like in found:
        known = scenario.places.get(like.line)
        if known is None or like.kind not in (ASKED, OWN):
            continue
        line, place = known
        if like.similarity < LEAST_LIKE or (place.name == DYING and not _asks_about_dying(like, heard)):
            continue
        missing = text_names - scenario.names_of(line)
        near = is_near(place.name, situation) and not missing
        on_topic = topics.get(place.name, 0.0)
        if place.kind in ("beat", "surface", "follow_up"):
            on_topic = max(
                (topics.get(t, 0.0) for t in scenario.beat_topics.get(place.name, ())), default=0.0
            )
        score = 100 * like.similarity
        if like.kind == OWN:
            if not (near or on_topic >= 0.5) or follows_remarks_only(line):
                continue
            score -= OWN_WORDS
        elif like.is_vague and (like.similarity < VAGUE_FROM or not _is_recent(place.name, situation)):
            continue
        else:
            score += OWN_TOO * max(0.0, own.get(like.line, 0.0) - 0.35)
        score += (POINTED_AT if heard.points_back else NEAR) * near
        score += (SURELY_ON_TOPIC if on_topic >= CERTAIN_TOPIC else ON_TOPIC) * on_topic
        score -= OTHER_NAME * bool(missing)
        score -= _band_loss(place, situation)
        if is_open and like.kind == ASKED and like.similarity < SAME and says_yes_or_no(line.text):
            score -= YES_TO_WHAT
        is_new = like.similarity < SAME or not situation.memory.answered.get(place.name)
        if place.kind == "again" and is_new and like.similarity < JUST_THIS:
            score -= AGAIN
        if like.similarity < SURE_ENOUGH_TO_ECHO and echoes(line.text):
            score -= ECHO
        why = {ASKED: "asked just this", OWN: "speaks of what was asked"}[like.kind]
        why = f"{why} ({like.similarity:.2f}" + (", on the last subject)" if near else ")")
        if like.line not in best or best[like.line].score < score:
            best[like.line] = Match(line, place, score, why, alike)
    return sorted(best.values(), key=lambda match: (-match.score, match.line.id))


def _band_loss(place: Place, situation: Situation) -> float:
    """Return what a line loses for being meant for another band; far more where it is too warm."""
    if not place.band:
        return 0.0
    bands = NEARBY_BANDS[situation.band]
    return OTHER_BAND * bands.index(place.band) if place.band in bands else 100.0


def answers_to(
    situation: Situation, found: Sequence[Likeness], can_tell: Mapping[str, Beat], names: frozenset[str]
) -> list[Candidate]:
    """Return what answers a question, best first; empty when nothing was prepared for it.

    Args:
        situation: The turn.
        found: What the question leads to.
        can_tell: Beats that may be told if asked for, by id.
        names: Names in the question.
    """
    ranked = [match for match in matches(situation, found, names) if match.score >= ENOUGH]
    answers: list[Candidate] = []
    said: Match | None = None
    for match in ranked:
        candidate = _candidate(match, situation, can_tell)
        if candidate is None:
            # The same question again, and not merely one that is most like a line that was said already.
            is_same = match.alike.get(match.line.id, 0.0) >= SAME
            if is_same and match.line.id in situation.memory.used and said is None:
                said = match
            continue
        answers.append(candidate)
    if said and (not answers or answers[0].score < min(said.score, MOST_SCORE) - SAID_ALREADY):
        answers = [*_once_more(said, situation), *answers]
    enough = [one for one in answers if one.score >= ENOUGH]
    return [replace(one, is_matched=True) for one in sorted(enough, key=lambda candidate: -candidate.score)]


def _candidate(match: Match, situation: Situation, can_tell: Mapping[str, Beat]) -> Candidate | None:
    """Return the candidate that answers with a match, or None if it may not be said now."""
    place, line = match.place, match.line
    score = min(match.score, MOST_SCORE)
    if place.kind in ("beat", "surface", "follow_up"):
        return _of_beat(match, score, situation, can_tell)
    if not may_say(line, situation):
        return _locked(line, score, match.why, situation, can_tell)
    return Candidate("utter_answer", f"topics.{place.name}", score, match.why, ((line,),), topic=place.name)


def may_say(line: Line, situation: Situation) -> bool:
    """Return whether a line may be said now; what was asked matters more here than the topics it names."""
    return fits(line, moment_of(situation, any_topic=True))


def moment_of(situation: Situation, *, any_topic: bool = False) -> Moment:
    """Return the moment by which it is decided whether a line may be said.

    Args:
        situation: The turn.
        any_topic: Whether the line was found by what was asked; then the topics that it names do not matter.
    """
    return Moment(
        told=situation.memory.told,
        topics={topic.topic for topic in situation.heard.topics},
        openness=situation.openness,
        used=situation.memory.used,
        seed=situation.seed,
        any_topic=any_topic,
    )


def _of_beat(
    match: Match, score: float, situation: Situation, can_tell: Mapping[str, Beat]
) -> Candidate | None:
    """Return the candidate that tells a beat, goes on with it, or puts it off."""
    line, place = match.line, match.place
    beat = situation.scenario.beat(place.name)
    if beat.id in situation.memory.told:
        if place.kind == "follow_up" and may_say(line, situation):
            return Candidate("utter_answer", f"beats.{beat.id}.follow_up", score, match.why, ((line,),), beat)
        if place.kind == "follow_up" or line.id in situation.memory.used:
            return None
        left = tuple(one for one in beat.follow_up if may_say(one, situation))
        nearest = tuple(sorted(left, key=lambda one: -match.alike.get(one.id, 0.0))[:1])
        why = f"{match.why}; told already, so they add to it"
        score -= OF_TOLD
        return (
            Candidate("utter_answer", f"beats.{beat.id}.follow_up", score, why, (nearest, left), beat)
            if left
            else None
        )
    score -= OF_UNTOLD if place.kind == "follow_up" else 0.0
    return _tell_or_hold(
        beat, score, match.why, situation, can_tell, line if place.kind == "surface" else None
    )


def _tell_or_hold(
    beat: Beat,
    score: float,
    why: str,
    situation: Situation,
    can_tell: Mapping[str, Beat],
    surface: Line | None = None,
) -> Candidate | None:
    """Return the candidate that tells a beat that was asked for, or that puts it off."""
    if beat.id in can_tell:
        action = "utter_ask" if beat.is_asking else "utter_disclose"
        return Candidate(action, f"beats.{beat.id}", score, why, (beat.lines,), beat)
    first: Pool = (surface,) if surface and may_say(surface, situation) else ()
    left = tuple(line for line in beat.surface if may_say(line, situation))
    if not (first or left):
        return None
    why = f"{why}; not ready to tell it"
    pools = (first, left)
    return Candidate("utter_hold_back", f"beats.{beat.id}.surface", score - PUT_OFF, why, pools, beat)


def _locked(
    line: Line, score: float, why: str, situation: Situation, can_tell: Mapping[str, Beat]
) -> Candidate | None:
    """Return what is said instead of a line that presumes something untold: that thing, or "not yet"."""
    if line.id in situation.memory.used:
        return None
    for beat_id in sorted(line.told - set(situation.memory.told)):
        candidate = _tell_or_hold(
            situation.scenario.beat(beat_id), score - OF_UNTOLD, why, situation, can_tell
        )
        if candidate:
            return candidate
    return None


def _once_more(said: Match, situation: Situation) -> Iterable[Candidate]:
    """Give what is said to a question that was answered before."""
    place, scenario = said.place, situation.scenario
    score = min(said.score, MOST_SCORE) - 1
    if place.kind in ("answer", "again"):
        left = tuple(line for line in scenario.topics[place.name].again if may_say(line, situation))
        alike = tuple(line for line in left if said.alike.get(line.id, 0.0) >= ALIKE)
        left = alike or tuple(line for line in left if not line.asked)
        if left:
            why = f"{said.why}; answered before"
            yield Candidate("utter_answer", f"topics.{place.name}", score, why, (left,), topic=place.name)
    elif place.kind in ("beat", "follow_up") and place.name in situation.memory.told:
        beat = scenario.beat(place.name)
        left = tuple(line for line in beat.follow_up if may_say(line, situation))
        if left:
            why = f"{said.why}; told before"
            yield Candidate("utter_answer", f"beats.{beat.id}.follow_up", score, why, (left,), beat)
    pool = small_talk_lines(situation, "repeated_question")
    yield Candidate(
        "utter_answer", "talk.repeated_question", score - 1, f"{said.why}; answered before", (pool,)
    )


def not_prepared(situation: Situation) -> Candidate:
    """Return the honest "no idea" to a question that nothing was prepared for."""
    pool = small_talk_lines(situation, "unknown_question")
    form = situation.heard.form
    of_form = situation.scenario.no_answer.get(form, ())
    name = f"no_answer.{form}" if of_form else "talk.unknown_question"
    return Candidate("utter_answer", name, ENOUGH, "asked something unprepared", (of_form, pool))


def stated(
    situation: Situation, found: Sequence[Likeness], can_tell: Mapping[str, Beat], least: float
) -> list[Candidate]:
    """Return what may follow a remark: lines prepared for it, best first.

    Args:
        situation: The turn.
        found: What the remark leads to.
        can_tell: Beats that may be told if asked for, by id.
        least: Likeness in hundredths from which a line belongs.
    """
    ranked = []
    for like in found:
        known = situation.scenario.places.get(like.line)
        if known is None or like.kind == OWN:
            continue
        line, place = known
        near = is_near(place.name, situation)
        if like.is_vague and not _is_recent(place.name, situation):
            continue
        # A remark that resembles a question about something is about it; it must be more like it, though.
        score = 100 * like.similarity - _band_loss(place, situation) + NEAR * near
        score -= ASKED_NOT_STATED if like.kind == ASKED else 0.0
        if score < least or place.kind == "surface":
            continue
        if place.kind == "beat" and place.name in can_tell:
            why = f"follows from what they said ({like.similarity:.2f})"
            candidate = _tell_or_hold(can_tell[place.name], score, why, situation, can_tell)
            ranked += [replace(candidate, is_matched=True)] if candidate else []
        if place.kind == "beat" or not may_say(line, situation):
            continue
        if place.kind == "follow_up" and place.name not in situation.memory.told:
            continue
        why = f"follows from what they said ({like.similarity:.2f})"
        beat = situation.scenario.beat(place.name) if place.kind == "follow_up" else None
        pool = f"beats.{place.name}.follow_up" if beat else f"topics.{place.name}"
        topic = None if beat else place.name
        ranked.append(Candidate("utter_disclose", pool, score, why, ((line,),), beat, topic, is_matched=True))
    return sorted(ranked, key=lambda candidate: -candidate.score)


def highest(found: Iterable[Likeness]) -> dict[str, float]:
    """Return for each line the highest likeness by which it was found, vague phrases apart."""
    best: dict[str, float] = {}
    for like in found:
        if not like.is_vague:
            best[like.line] = max(best.get(like.line, 0.0), like.similarity)
    return best


def likeness_by_subject(found: Iterable[Likeness]) -> dict[str, float]:
    """Return for each beat and topic the highest likeness of one of its lines."""
    best: dict[str, float] = {}
    for like in found:
        if not like.is_vague:
            name = subject_of(like.line)
            best[name] = max(best.get(name, 0.0), like.similarity)
    return best
