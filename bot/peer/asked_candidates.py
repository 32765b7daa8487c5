"""What answers a question in the trainee's own words: the lines that speak of just what was asked.

An answer by words goes before the standard answer of a topic and before whatever is next on the peer's
mind, but never before a sign about wanting to die.
"""

from __future__ import annotations

from collections.abc import Iterable

from bot.peer.asked import Match, Place, stems
from bot.peer.decision import NEARBY_BANDS, Candidate, Situation, banded, small_talk_lines
from bot.peer.lines import Line, Moment, Pool, fits
from bot.peer.scenario import Beat

BY_WORDS = 91.0
"""Score of a line that holds what was asked: before a topic's beat (90), after a safety sign (93)."""
POINTED_AT = 90.5
"""Score of what else was prepared where the question's words point back to."""
OTHER_WORDS = 81.0
"""Score of what else was prepared about the words asked, when the lines that hold them were said."""
POINTED_VAGUELY = 76.0
"""Score of more on the last subject for "did they know that?": before "no idea", after any topic named."""
BEHIND_BEAT = 89.0
"""Score of a topic's own line where a beat on the same topic waits to be told."""
UNTOLD_DETAIL = 79.0
"""Score of telling something of which only a detail holds what was asked."""
HELD_BACK = 80.0
"""Score of putting off what holds the words asked: any line that may be said goes before it."""
OTHER_BAND = 1.5
"""What a line loses for each band between its own and that of the moment."""
MOST = 3
"""How many matching lines are weighed."""


def by_words(situation: Situation, open_beats: Iterable[Beat]) -> list[Candidate]:
    """Return the answers that the words of a question lead to, best first."""
    heard, scenario = situation.heard, situation.scenario
    if not heard.asked and not heard.quotes:
        return []
    can_tell = {beat.id for beat in open_beats}
    near = _places_of(situation, {thing.line for thing in situation.memory.last})
    quoted = _places_of(situation, set(heard.quotes))
    asked_topics = heard.topics_asked()
    topics = {topic: 1.0 / (1 + 2 * place) for place, topic in enumerate(asked_topics)}
    topics.update(
        {
            beat.id: max((topics.get(topic, 0.0) for topic in beat.topics), default=0.0)
            for beat in scenario.beats
        }
    )
    matches = scenario.word_index.matches(
        heard.asked, topics, is_who=heard.is_who, near=near | quoted, taken_up=_own_words(situation)
    )
    good = sorted((match for match in matches if match.is_good), key=lambda m: -_fitting_band(m, situation))
    found: list[Candidate] = []
    for match in good:
        candidate = _answer(match, situation, can_tell, BY_WORDS - 0.5 * len(found))
        if candidate:
            found.append(candidate)
        if len(found) == MOST:
            return found
    points_back = heard.is_short and _is_from_last_words(situation)
    if not found and not good and points_back:
        # "renewal of what" holds no word that another line holds: what else belongs to the line it came from.
        found.extend(_more_of(near, situation, POINTED_AT))
    if not found and quoted:
        found.extend(_more_of(quoted, situation, POINTED_AT))
    said = _said_about(situation)
    if not found and said:
        found.extend(_more_of({said}, situation, OTHER_WORDS))
    if not found and heard.points_back and not asked_topics:
        found.extend(_more_of(near, situation, POINTED_VAGUELY))
    return found


def _fitting_band(match: Match, situation: Situation) -> float:
    """Return the weight of a match, less where its words are meant for a cooler moment than this one."""
    bands, band = NEARBY_BANDS[situation.band], match.place.band
    return match.weight - (OTHER_BAND * bands.index(band) if band in bands else 0.0)


def _said_about(situation: Situation) -> str | None:
    """Return the place of the last thing said that holds a word asked about, or None."""
    index, used = situation.scenario.word_index, situation.memory.used
    words = {word for word in situation.heard.asked if index.is_telling(word)}
    when = {line_id: place for place, line_id in enumerate(used)}
    said = [
        (when[line.id], place.name) for line, place, held in index.entries if line.id in when and held & words
    ]
    return max(said)[1] if said else None


def is_about_own_words(situation: Situation) -> bool:
    """Return whether a question takes up words that the peer just used: it is about them, whatever it is."""
    return bool(situation.heard.quotes) or _is_from_last_words(situation)


def _is_from_last_words(situation: Situation) -> bool:
    """Return whether the peer's last words hold something of what is asked."""
    return bool(set(situation.heard.asked) & set(stems(situation.memory.last_text)))


def _own_words(situation: Situation) -> set[str]:
    """Return the stems of all that the peer has said."""
    used = set(situation.memory.used)
    return {
        word for line, _, held in situation.scenario.word_index.entries if line.id in used for word in held
    } | set(stems(situation.memory.last_text))


def _places_of(situation: Situation, line_ids: set[str]) -> set[str]:
    """Return the names of beats and topics that lines come from."""
    return {place.name for line, place, _ in situation.scenario.word_index.entries if line.id in line_ids}


def _moment(situation: Situation) -> Moment:
    """Return the moment by which it is decided whether a line may be said."""
    return Moment(
        told=situation.memory.told,
        topics={topic.topic for topic in situation.heard.topics},
        openness=situation.openness,
        used=situation.memory.used,
        seed=situation.seed,
    )


def _answer(match: Match, situation: Situation, can_tell: set[str], score: float) -> Candidate | None:
    """Return the candidate that answers with a matching line, or None if it may not be said now."""
    place, line = match.place, match.line
    why = "holds what was asked: " + ", ".join(
        word for word in situation.heard.asked if word in stems(line.text)
    )
    if place.kind == "surface" or not fits(line, _moment(situation)):
        return None
    if place.kind in ("beat", "follow_up"):
        return _from_beat(situation.scenario.beat(place.name), place, line, situation, can_tell, score, why)
    if place.kind == "answer" and place.band not in NEARBY_BANDS[situation.band]:
        return None
    waiting = any(
        beat.id in can_tell and place.name in beat.topics and place.name in situation.heard.topics_asked()
        for beat in situation.scenario.beats
    )
    score = min(score, BEHIND_BEAT) if waiting else score
    return Candidate("utter_answer", f"topics.{place.name}", score, why, ((line,),), topic=place.name)


def _from_beat(
    beat: Beat, place: Place, line: Line, situation: Situation, can_tell: set[str], score: float, why: str
) -> Candidate | None:
    """Return the candidate that tells a beat, goes on with it, or puts it off."""
    told = beat.id in situation.memory.told
    if told and place.kind == "follow_up":
        return Candidate("utter_answer", f"beats.{beat.id}.follow_up", score, why, ((line,),), beat)
    if told:
        return None
    if beat.id in can_tell:
        score = score if place.kind == "beat" else UNTOLD_DETAIL
        pool: Pool = (line,) if place.kind == "beat" else beat.lines
        action = "utter_ask" if beat.is_asking else "utter_disclose"
        return Candidate(action, f"beats.{beat.id}", score, why, (pool, beat.lines), beat)
    if beat.surface and place.kind == "beat":
        why = f"{why}; not ready to tell it"
        return Candidate("utter_hold_back", f"beats.{beat.id}.surface", HELD_BACK, why, (beat.surface,), beat)
    return None


def _more_of(names: set[str], situation: Situation, score: float) -> Iterable[Candidate]:
    """Give what else was prepared on the subjects that the words asked about came from."""
    scenario, why = situation.scenario, "asked about words of theirs that were all said"
    for name in sorted(names):
        answers = scenario.topics.get(name)
        if answers:
            pools = (*banded(answers.by_band, situation.band), answers.again)
            yield Candidate("utter_answer", f"topics.{name}", score, why, pools, topic=name)
            continue
        beat = scenario.beat(name)
        if beat.id in situation.memory.told and beat.follow_up:
            pool_name = f"beats.{name}.follow_up"
            yield Candidate("utter_answer", pool_name, score, why, (beat.follow_up,), beat)
        elif beat.id not in situation.memory.told and beat.surface:
            pool_name = f"beats.{name}.surface"
            yield Candidate("utter_hold_back", pool_name, score, why, (beat.surface,), beat)


def not_prepared(situation: Situation) -> Candidate:
    """Return the honest "no idea" to a question that nothing was prepared for."""
    pool = small_talk_lines(situation, "unknown_question")
    return Candidate("utter_answer", "talk.unknown_question", 74, "asked something unprepared", (pool,))
