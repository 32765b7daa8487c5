"""What the peer could tell, answer or ask now: the candidates of a turn's content, with their scores.

Scores run from 0 to 100. A question is answered by the line that is most like it (`answers.py`); a remark
is followed by what stays on its subject (`onward.py`); beats come by themselves when the floor is open.
Where nobody compared the reply with the prepared lines (stories, tests of the rules), topics decide.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import replace

from bot.peer.answers import answers_to, not_prepared
from bot.peer.beats_now import can_tell, is_open, next_beats, telling, untold
from bot.peer.decision import Candidate, Situation, banded, small_talk_lines
from bot.peer.forms import FACTS
from bot.peer.guesses import OPENS_THE_FLOOR
from bot.peer.hearing import ASKING_KINDS, Heard, warmth
from bot.peer.onward import after_remark, fitting, is_unasked, more_of_last, passed_over

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

ASKS_AGAIN_AFTER = 2
"""Turns after which a question that got no answer is raised again."""
ASKS_AGAIN = {"favor": 2, "advice": 2, "permission": 2}
"""How often, by what was asked; anything else once."""
ASKS_AGAIN_IN_ALL = 4
"""How often in a session, so that nobody nags."""

GENERAL_TOPICS = frozenset({"what_happened", "feelings_now", "last_words"})
"""Topics of questions like "what was that like?", which are about the last thing said."""
ABOUT_LAST_WORDS = 0.35
"""Similarity with the peer's last words from which a question without topic counts as about them."""
FAR_FROM_LAST_WORDS = 0.1
"""Similarity below which a reply without topic, move or shared word is beside the point."""
NOT_STRANGE = 0.45
"""Likeness with any prepared line from which a reply is not beside the point."""
STOCK_ANSWERS = (":no_answer.", ":talk.unknown_question.")
"""What the ids of lines that answer nothing have in them."""
STOCK_WITHIN = 5
"""Lines said last among which one of them is enough: who just had no answer tells something of their own."""
LEAVES_ROOM = frozenset({"", "open"})
"""Forms of questions that something else may follow."""
INSTEAD = 10.0
"""What another one then loses, so that whatever may be told unasked goes before it."""
QUESTIONS = 2
"""Most questions of one reply that are answered, the last ones."""


def contents_of(situation: Situation) -> list[Candidate]:
    """Return what the peer could tell, answer or ask, unordered."""
    heard = situation.heard
    found: list[Candidate] = []
    if heard.prepared is None:
        found.extend(_answers_by_topic(situation))
    found.extend(_going_on(situation))
    found.extend(_asked_before(situation))
    found.extend(fitting(beat, situation) for beat in next_beats(situation))
    found.extend(_small_talk(situation))
    if heard.prepared is not None and not heard.questions:
        found.extend(after_remark(situation))
    return _answering_first(situation, found) if asks_straight(heard) else found


def answers_of(situation: Situation) -> list[list[Candidate]]:
    """Return for each question of the reply what answers it, best first; empty where nothing does."""
    heard = situation.heard
    if heard.prepared is None:
        return []
    open_beats = can_tell(situation)
    named = frozenset(heard.named)
    only_one = len(heard.asking) == 1
    return [
        answers_to(situation, heard.leads_of(span), open_beats, named if only_one else frozenset())
        for span in heard.asking[-QUESTIONS:]
    ]


def asks_straight(heard: Heard) -> bool:
    """Return whether the words of the reply ask something rather than leave it to them what to tell."""
    return heard.questions > 0 and not leaves_it_open(heard)


def leaves_it_open(heard: Heard) -> bool:
    """Return whether a reply leaves it to them what to tell."""
    return "opens_floor" in heard.mentions or bool(heard.sure_names & LEAVES_IT_TO_THEM)


def _answering_first(situation: Situation, found: list[Candidate]) -> list[Candidate]:
    """Return the contents without what steps over a question: what is on their mind comes unasked no more."""
    fitting = frozenset[str]()
    for move, tags in WELCOMES.items():
        fitting |= tags if move in situation.heard.sure_names else frozenset()
    instead = tells_instead(situation)
    kept = [
        candidate
        if candidate.score >= UNASKED_BELOW
        or candidate.pool == "talk.moving_on"
        or (candidate.beat is not None and bool(candidate.beat.tags & fitting))
        or (instead and is_unasked(candidate))
        else replace(candidate, is_late=True)
        for candidate in found
    ]
    welcome = any(not one.is_late and one.beat for one in kept) and not instead
    if not _gets_a_reaction(situation.heard) and not (welcome and situation.heard.prepared is not None):
        stock = not_prepared(situation)
        kept.append(replace(stock, score=stock.score - INSTEAD) if instead else stock)
    return kept


def tells_instead(situation: Situation) -> bool:
    """Return whether they tell something of their own rather than have no answer twice in a few turns.

    Only where the question leaves room for it: neither "who was that?" nor "cats or dogs?" does.
    """
    heard = situation.heard
    said = situation.memory.used[-STOCK_WITHIN:]
    return (
        heard.prepared is not None
        and asks_straight(heard)
        and heard.form in LEAVES_ROOM
        and not _gets_a_reaction(heard)
        and any(stock in line for line in said for stock in STOCK_ANSWERS)
    )


def _gets_a_reaction(heard: Heard) -> bool:
    """Return whether what is asked is something to react to rather than to answer: an offer, a suggestion."""
    if heard.prepared is None:
        return warmth(heard) in ASKING_KINDS
    if heard.form in FACTS:
        return False  # "who else knows?" is no offer of somebody
    within = tuple(
        move for move in heard.moves if any(start <= move.start < end for start, end in heard.asking)
    )
    kind = warmth(replace(heard, moves=within))
    # What stands beside the question may be more telling; then the word it gets leaves the question open.
    return kind not in (None, "strength_asked", "misheard") and kind == warmth(heard)


def _answers_by_topic(situation: Situation) -> Iterable[Candidate]:
    """Give the answers to the topics asked about, where nobody compared the question with the lines."""
    scenario, memory = situation.scenario, situation.memory
    for place, topic in enumerate(situation.heard.topics_asked()[:2]):
        lower = 6 * place
        for beat in (beat for beat in untold(situation) if topic in beat.topics):
            if is_open(beat, situation):
                yield telling(beat, 90 - lower, f"asked about {topic}, and ready to tell it")
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


def _going_on(situation: Situation) -> Iterable[Candidate]:
    """Give what goes on from the last thing the peer said."""
    memory, heard, scenario = situation.memory, situation.heard, situation.scenario
    if (
        memory.pending
        and not heard.moves
        and heard.words < 5
        and not heard.is_question
        and "plain_answer" not in heard.mentions
    ):
        asking = next((beat for beat in scenario.beats if beat.id in memory.asked), None)
        pools = (small_talk_lines(situation, "waiting"),)
        why = "they asked something and got no answer"
        yield Candidate("utter_ask", "talk.waiting", 70, why, pools, asking)
    yield from passed_over(situation)
    generic = is_about_last_words(heard) and not heard.names & OPENS_THE_FLOOR
    held = next((thing.beat for thing in reversed(memory.last) if thing.beat in memory.held), None)
    if held and is_about_last_words(heard):
        # Asked further about what they just put off, they put it off in other words.
        beat = scenario.beat(held)
        if held not in memory.told and not is_open(beat, situation):
            why = f"asked further about {held}, which is held back"
            yield Candidate("utter_hold_back", f"beats.{held}.surface", 84, why, (beat.surface,), beat)
    yield from more_of_last(situation, is_asked=generic)


def is_about_last_words(heard: Heard) -> bool:
    """Return whether a question asks for more of the last thing said rather than for something else."""
    if "go_on" in heard.mentions:
        return True
    if "opens_floor" in heard.mentions or heard.prepared is not None:
        return False
    asked = heard.topics_asked()
    if asked:
        return asked[0] in GENERAL_TOPICS
    return heard.is_question and (heard.similarity is None or heard.similarity >= ABOUT_LAST_WORDS)


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
        score = 67 if not times else 58.5
        if situation.heard.prepared is not None:
            score -= 10.5  # what follows from the remark goes before, a new thing after
        yield Candidate("utter_ask", pool, score, why, pools, beat)


def _is_beside_the_point(heard: Heard) -> bool:
    """Return whether a reply is about nothing that either of them is here for."""
    remarked = set(heard.mentions) - {"caps_shouting", "about_peer"}
    strange = heard.similarity is not None and heard.similarity < FAR_FROM_LAST_WORDS and heard.shared == 0
    kind = heard.names - {"closed_question", "give_information"}
    if any(like.similarity >= NOT_STRANGE for like in heard.prepared or ()):
        return False  # it is like something that they have an answer to, if not to just this
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
    if heard.prepared is None and heard.is_question and not heard.topics_asked() and not warmth(heard):
        near = is_about_last_words(heard)
        invited = mentions & {"go_on", "opens_floor"} or (near and "open_question" in heard.names)
        score = 40 if invited else 56 if near else 74
        yield replace(not_prepared(situation), score=score)
    yield Candidate(
        "utter_move_on",
        "talk.moving_on",
        20,
        "nothing else suggests itself",
        (small_talk_lines(situation, "moving_on"),),
    )
