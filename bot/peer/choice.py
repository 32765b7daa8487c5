"""Which dialogue acts the peer answers with, and why: the heart of the dialogue policy.

`choose` looks at how the trainee spoke (`Heard`), where the peer stands (`PeerState`), what was
told before (`Memory`) and what this person has to say (`Scenario`), weighs the candidates and
returns one to three acts with their lines. It is a pure function of its situation: the same
situation and seed give the same plan, its cost does not grow with the conversation, and it keeps
every candidate with its score so that an instructor can see why this one won.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

from bot.peer.answers import ENOUGH, SURELY, is_near, moment_of
from bot.peer.beats_now import LEADS_ON_ALWAYS, SIGN, may_step_forward, stepping_forward
from bot.peer.content_candidates import answers_of, contents_of, leaves_it_open, tells_instead
from bot.peer.decision import Candidate, Situation, banded, chance, small_talk_lines
from bot.peer.ending import ENDING_REASONS, ending_lines, ending_of
from bot.peer.forms import FACTS
from bot.peer.guesses import set_right
from bot.peer.hearing import ASKING_KINDS, KIND_KINDS, STILL_ANSWERS
from bot.peer.lines import MAX_BUBBLES, Line, Moment, draw
from bot.peer.memory import Said
from bot.peer.onward import ASKED_TO_GO_ON, is_far, is_unasked, needs_bridge
from bot.peer.reaction import (
    LIGHT_WORDS,
    VERY_SURE,
    WARM_KINDS,
    asked_about_suicide,
    asks_by_guessing,
    gave_nothing_again,
    hurt_of,
    may_have_stung,
    odd_moment,
    reaction_to,
    rupture_talk,
)
from bot.peer.scenario import Scenario
from bot.peer.yes_no import says_yes_or_no

REFUSALS = frozenset({"talk.medical_deflect", "talk.out_of_character"})
"""Pools that may be said again when all of them was said: no other words may take a refusal's place."""


UNASKED_UP_TO = 58
"""Score up to which a beat comes of their own accord."""
REPLACES_ASKING = 78
"""Score from which an answer takes the place of a stock line for questions of its kind, or is given even by
somebody who hardly trusts and was just stung."""
STAYS_FOR, STAYS_LATE = 2, 1
"""Turns after they spoke of something in which they do not jump to another thing unasked: at first, and once
the talk goes on towards their own next step."""
MERELY_ASKS_LEAVE = frozenset({"", "whether"})
"""Forms of a question that may ask for leave alone; "can I ask what you miss most?" has asked already."""
NO_YES = FACTS | {"open"}
"""Forms of questions that no yes answers."""
ALWAYS_SAID = frozenset({"apologized", "misheard"})
"""Kinds that belong before anything: something was mended, or has to be set right."""


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
    outcome = ending_of(situation)
    if outcome:
        ending = Candidate(
            "utter_end",
            f"endings.{outcome}",
            100,
            ENDING_REASONS[outcome],
            (ending_lines(outcome, situation),),
        )
        return _plan(situation, None, [ending], [], ended=outcome)
    # Whoever is asked plainly about suicide answers, whatever else is broken between the two.
    only = asked_about_suicide(situation) or rupture_talk(situation) or odd_moment(situation)
    if only:
        return _plan(situation, None, [only], [])
    hurt = hurt_of(situation)
    answers = answers_of(situation)
    if situation.heard.form not in MERELY_ASKS_LEAVE:
        situation = _without_leave(situation)
    if situation.heard.surely("ask_permission"):
        # "Can I ask you something?" gets a yes, unless it says what and just that was prepared.
        answers = [each if each and each[0].score >= REPLACES_ASKING else [] for each in answers]
    if hurt == "skipped" and any(each and each[0].score >= SURELY for each in answers):
        # Their question has an answer; only right after the heavy thing itself it is no way to treat it.
        hurt = hurt if "disc" in situation.memory.last_tags else None
    if leaves_it_open(situation.heard):
        # "What's going on?" opens the floor; only what was surely asked is an answer rather than a story.
        answers = [[one for one in each if one.score >= SURELY] for each in answers]
    if not any(answers) and asks_by_guessing(situation.heard):
        # "So you felt alone in that?" that no line answers is a reflection, question mark or not.
        situation, answers = replace(situation, heard=replace(situation.heard, questions=0, asking=())), []
    contents = contents_of(situation)
    if any(each and each[0].score >= SURELY and not _is_on_last(each[0], situation) for each in answers):
        # "Tell me more about Bea": who asked for something that they have not just spoken of gets that.
        contents = [one for one in contents if one.why != ASKED_TO_GO_ON]
    if hurt:
        reaction = reaction_to(situation, hurt, False)
        if hurt == "taken_over" and situation.band != "low" and may_step_forward(situation):
            return _plan(situation, reaction, [stepping_forward(situation, 70)], [])
        if hurt in STILL_ANSWERS:
            least = SURELY if situation.band != "low" else REPLACES_ASKING
            asked = bool(situation.heard.topics_asked()) and situation.heard.prepared is None
            sure = [[one for one in each if one.score >= least] for each in answers]
            return _plan(
                situation,
                reaction,
                contents if asked and situation.band != "low" else pressing(contents),
                sure,
            )
        return _plan(situation, reaction, pressing(contents), [])
    lead, instead = set_right(situation)
    if any(answers) and all(claim.is_asked for claim in situation.heard.claims):
        lead, instead = None, []  # the line that was written for the question says yes or no itself
    is_answered = any(answers) or situation.heard.form in FACTS
    reaction = lead or reaction_to(situation, None, is_answered)
    contents += instead
    if may_have_stung(situation.heard) and not situation.heard.questions:
        # Nobody goes on to tell something new after words that may have been a shove.
        contents = [one for one in contents if one.beat is None or one.score > UNASKED_UP_TO]
    if gave_nothing_again(situation):
        # Somebody who is given nothing twice does not go on telling.
        contents = [candidate for candidate in contents if candidate.pool == "talk.waiting"]
    return _plan(situation, reaction, contents, answers)


def _without_leave(situation: Situation) -> Situation:
    """Return the situation without a request for leave in whose sentence the question itself stands."""
    moves = tuple(move for move in situation.heard.moves if move.name != "ask_permission")
    return replace(situation, heard=replace(situation.heard, moves=moves))


def _is_on_last(answer: Candidate, situation: Situation) -> bool:
    """Return whether an answer stays with what was spoken of last."""
    subject = answer.beat.id if answer.beat else answer.topic or ""
    return is_near(subject, situation)


def pressing(contents: Sequence[Candidate]) -> list[Candidate]:
    """Return what comes out however they are treated: a sign about wanting to die whose time has come."""
    return [one for one in contents if one.beat and "safety" in one.beat.tags and one.score >= SIGN]


def _plan(
    situation: Situation,
    reaction: Candidate | None,
    contents: list[Candidate],
    answers: list[list[Candidate]],
    ended: str | None = None,
) -> Plan:
    """Return the plan: the reaction if there is one, the best content with words left, a second answer."""
    ordered = sorted([*contents, *(one for each in answers for one in each)], key=lambda c: -c.score)
    first = _say(reaction, situation, ()) if reaction else None
    best, words = None, None
    for candidate in ordered:
        if candidate.is_late or (first and _may_be_left(candidate, situation)):
            continue
        words = _say(candidate, situation, [first.line] if first else ())
        if words:
            best = candidate
            break
    if first and reaction and best and words and not _belongs(reaction, first, best, words, situation):
        first = None
    said = [first] if first else []
    if best and words:
        said.append(replace(_bridged(situation, best, words), ended=ended))
        other, is_first = _second(situation, best, words, said, answers)
        if other:
            said.insert(len(said) - is_first, other)
        else:
            said += _question_back(situation, best, said)
    weighed = [*([reaction] if reaction else []), *ordered]
    if not said:
        refused = next((candidate for candidate in weighed if candidate.pool in REFUSALS), None)
        said.append(_again(refused, situation) if refused else _last_resort(situation))
    spoken = {thing.pool for thing in said}
    shown = tuple(
        {"action": c.action, "pool": c.pool, "score": round(c.score, 1), "why": c.why,
         "won": c is best or (c is reaction and c.pool in spoken)}
        for c in weighed[:12]
    )  # fmt: skip
    return Plan(tuple(said), shown, ended)


def _may_be_left(candidate: Candidate, situation: Situation) -> bool:
    """Return whether an acknowledgement alone is better: filling up a turn is not natural."""
    if candidate.pool == "talk.moving_on" or (is_unasked(candidate) and tells_instead(situation)):
        return True
    if _steps_over_a_question(candidate, situation):
        return True
    since = situation.turn - situation.memory.subject_at
    jumps = is_unasked(candidate) and needs_bridge(candidate, situation)
    stays = STAYS_FOR if situation.turn < LEADS_ON_ALWAYS else STAYS_LATE
    return jumps and since < stays


def _steps_over_a_question(candidate: Candidate, situation: Situation) -> bool:
    """Return whether another part of the story would come after "slow" as the answer to "what's your plan?".

    What was asked got a word that fits; only who leaves the subject to them hears of something else.
    """
    heard = situation.heard
    leaves = "opens_floor" in heard.mentions or heard.surely("seek_collaboration")
    is_step = candidate.beat is not None and candidate.beat.is_next_step
    return (
        heard.prepared is not None
        and heard.questions > 0
        and not leaves
        and not is_step
        and is_unasked(candidate)
        and is_far(candidate, situation)
    )


def _bridged(situation: Situation, best: Candidate, words: Said) -> Said:
    """Return the words with one before them where they come out of nowhere ("Other thing.")."""
    if not is_unasked(best):
        return words
    instead = tells_instead(situation)
    if leaves_it_open(situation.heard) or not (
        is_far(best, situation) if instead else needs_bridge(best, situation)
    ):
        return words
    line = draw((small_talk_lines(situation, "instead" if instead else "bridge"),), moment_of(situation))
    if line is None:
        return words
    between = " " if line.text[-1] in ".?!)" else ", "
    if instead and words.text.count("\n\n") + 1 < MAX_BUBBLES:
        between = "\n\n"
    return replace(words, text=f"{line.text}{between}{words.text}", lead=line.id)


def _second(
    situation: Situation, best: Candidate, words: Said, said: list[Said], answers: list[list[Candidate]]
) -> tuple[Said | None, bool]:
    """Return the answer to the other question of a reply that asked two things, where it is a sure one.

    Before a sign about wanting to die, what was asked gets its answer too.

    Returns:
        The answer or None, and whether its question came first.
    """
    used = [thing.line for thing in said]
    is_sign = best.beat is not None and "safety" in best.beat.tags
    for number, others in enumerate(answers):
        if best in others or not others or others[0].score < SURELY or (len(answers) < 2 and not is_sign):
            continue
        other = _say(others[0], situation, used)
        room = MAX_BUBBLES - sum(thing.text.count("\n\n") + 1 for thing in said)
        if other and other.pool != words.pool and other.text.count("\n\n") < room and not others[0].beat:
            return other, is_sign or number < len(answers) - 1
    return None, False


def _belongs(reaction: Candidate, first: Said, best: Candidate, words: Said, situation: Situation) -> bool:
    """Return whether a reaction fits before what follows; a bubble that fits everything fits nothing."""
    heard, (group, _, kind) = situation.heard, reaction.pool.partition(".")
    if kind in ASKING_KINDS and best.score >= (REPLACES_ASKING if heard.prepared is None else ENOUGH):
        return False
    if group == "talk" and kind in LIGHT_WORDS and best.is_matched:
        return False
    if reaction.pool in ("confirm", "deny") and says_yes_or_no(words.text):
        return False
    if reaction.pool == "confirm" and heard.form in NO_YES and best.score >= ENOUGH:
        return False  # yes is no answer to "who with?"
    if heard.questions < 0 or group != "reactions" or reaction.action == "utter_push_back":
        return True
    answers = heard.questions > 0 and best.score >= ENOUGH
    if kind in ("question", "thin"):
        return not (answers or best.is_matched)
    if kind in ALWAYS_SAID:
        return True
    moves = {move for move, its_kind in KIND_KINDS if its_kind == kind}
    surety = max((move.certainty for move in heard.moves if move.name in moves), default=0.0)
    reacted = any(thing.pool.startswith("reactions.") for thing in situation.memory.last)
    if answers:
        return surety >= VERY_SURE and not reacted
    return heard.prepared is not None or not (reacted and kind in WARM_KINDS)


def _say(candidate: Candidate, situation: Situation, also_used: Sequence[str]) -> Said | None:
    """Return the candidate with its words, or None if everything of it was said before."""
    moment = moment_of(situation, any_topic=candidate.is_matched)
    line = draw(candidate.pools, replace(moment, used={*moment.used, *also_used}))
    return _said(candidate, line) if line else None


def _again(candidate: Candidate, situation: Situation) -> Said:
    """Return the candidate with those of its words that were said longest ago."""
    by_id = {line.id: line for pool in candidate.pools for line in pool}
    return _said(candidate, next(by_id[line_id] for line_id in situation.memory.used if line_id in by_id))


def _said(candidate: Candidate, line: Line) -> Said:
    """Return what is said when a candidate is put into a line."""
    beat = candidate.beat
    telling = beat is not None and candidate.pool == f"beats.{beat.id}"
    told = beat if telling else None
    asking = beat if telling or candidate.action == "utter_ask" else None
    return Said(
        line=line.id,
        action=candidate.action,
        pool=candidate.pool,
        text=line.text,
        beat=beat.id if beat else None,
        topic=candidate.topic,
        tags=tuple(sorted(told.tags)) if told else (),
        asks=(asking.asks or ("advice" if "ask" in asking.tags else None)) if asking else None,
        is_next_step=bool(told and told.is_next_step),
    )


def _question_back(situation: Situation, best: Candidate, said: list[Said]) -> list[Said]:
    """Return a question that the peer asks back now and then, once they trust a little."""
    answers = situation.scenario.topics.get(best.topic) if best.topic else None
    recently = situation.turn - situation.memory.questions_back < 4
    if not answers or not answers.ask_back or situation.band == "low" or recently or len(said) > 2:
        return []
    about = {topic.topic: topic.probability for topic in situation.heard.topics}
    if about.get(best.topic or "", 0.0) < 0.6 or chance(situation, "ask back") > 0.25:
        return []
    moment = moment_of(situation)
    line = draw((answers.ask_back,), replace(moment, used={*moment.used, *(thing.line for thing in said)}))
    if line is None:
        return []
    return [Said(line.id, "utter_ask", f"topics.{best.topic}.ask_back", line.text, asks="question")]


def _last_resort(situation: Situation) -> Said:
    """Return something to say when all that fits was said: any line left, or the one said longest ago."""
    scenario, band = situation.scenario, situation.band
    pools = (
        *banded(scenario.talk["moving_on"], band),
        *banded(scenario.reactions["thin"], band),
        scenario.talk["unknown_question"][band],
        *banded(scenario.reactions["heard"], band),
    )
    line = draw(pools, moment_of(situation))
    if line is None:
        by_id = {line.id: line for pool in pools for line in pool}
        oldest = next((line_id for line_id in situation.memory.used if line_id in by_id), next(iter(by_id)))
        line = by_id[oldest]
    return Said(line.id, "utter_move_on", "talk.moving_on", line.text)


OPENINGS_AGAIN = {"good": "after_good", "rupture": "after_break"}
"""Which first words fit how the session before ended; `otherwise` for any other end."""


def opening(scenario: Scenario, earlier: str | None = None, seed: int = 0) -> Plan:
    """Return the peer's first words.

    Args:
        scenario: The person.
        earlier: How the session before ended, if the same trainee comes back; None at a first meeting.
        seed: The session's seed, which picks among several wordings.
    """
    first = scenario.beats[0]
    again = scenario.opening_again.get(OPENINGS_AGAIN.get(earlier, "otherwise"), ()) if earlier else ()
    moment = Moment(told=(), topics=(), openness=100, used=(), seed=seed)
    line = draw((again,), moment) or scenario.opening
    said = Said(
        line=line.id,
        action="utter_open",
        pool="beats.B1",
        text=line.text,
        beat="B1",
        tags=tuple(sorted(first.tags)),
    )
    return Plan((said,), ())
