"""What is said to *how* it was said: the acknowledgement, the push back, the answer to odd moments.

A reaction needs a cause that was surely read. Where it is not sure how a remark was meant, a word that
fits anything is better than a particular one that is wrong.
"""

from __future__ import annotations

from dataclasses import replace

from bot.peer.answers import ENOUGH, is_near
from bot.peer.answers import SURELY as KNOWN
from bot.peer.beats_now import untold
from bot.peer.decision import Candidate, Situation, banded, chance, small_talk_lines
from bot.peer.guesses import GUESSES
from bot.peer.hearing import HARM_KINDS, KIND_KINDS, Heard, sting, warmth
from bot.peer.hearing import SURELY as SURE_MOVE
from bot.peer.phrases import ASKED

ODD_MOMENTS: tuple[tuple[str, str], ...] = (
    ("asks_dose", "medical_deflect"),
    ("asks_legal", "out_of_character"),
    ("asks_identity", "are_you_bot"),
    ("asks_out_of_character", "out_of_character"),
    ("insult", "insult_first"),
    ("silence", "silence"),
    ("unreadable", "unreadable"),
    ("other_language", "other_language"),
)
"""Mentions that decide the answer by themselves, with the talk they call for."""

LIGHT_WORDS = ("joke", "thanks", "about_trainee")
"""Mentions that get a word of their own before the talk goes on."""


MANY_QUESTIONS = 3
"""Questions in one reply from which somebody says that it is a pile."""
WARM_KINDS = frozenset({"strength_named", "validated", "heard_deep", "praised", "leveled", "story_shared"})
"""Kinds that nobody says in two turns running."""
VERY_SURE = 0.85
"""Probability of a kind move from which it gets a word even before an answer."""
CERTAIN = 0.9
"""Probability of a question about safety from which it is one, before any sign was given."""
DOUBTFUL = 0.25
"""Probability of a harm from which it may have been one."""


ABOUT_THEIR_LIFE = frozenset(
    (
        "evoke_own_reasons elicit_strength seek_collaboration co_create_goal build_independence "
        "ask_permission"
    ).split()
)
"""Questions by which nobody feels passed over, whatever they leave unsaid."""
SEES_THEM = frozenset({"strength_named", "validated", "heard", "heard_deep", "leveled", "apologized"})
"""Kinds after which nobody feels passed over."""


def may_have_stung(heard: Heard) -> bool:
    """Return whether a reply, compared with the prepared lines, may hold a harm that was not surely read."""
    return heard.prepared is not None and any(
        move.name in HARM_KINDS and move.certainty >= DOUBTFUL for move in heard.moves
    )


def asks_by_guessing(heard: Heard) -> bool:
    """Return whether all that a reply asks are guesses and reflections with a question mark."""
    return (
        heard.prepared is not None
        and bool(heard.asking)
        and all(
            any(
                start <= move.start < end and move.name in GUESSES and move.certainty >= SURE_MOVE
                for move in heard.moves
            )
            for start, end in heard.asking
        )
    )


def hurt_of(situation: Situation) -> str | None:
    """Return the reaction kind of what stung, unless the words show that it was nothing of the kind."""
    heard = situation.heard
    hurt = sting(heard, situation.dynamics)
    if heard.questions < 0:
        return hurt
    if hurt == "interrogated" and heard.questions < MANY_QUESTIONS:
        return None  # one question after others is no pile of tickets
    if hurt == "skipped" and _is_about_last_subject(situation):
        return None  # who asks about their words did not pass them over
    if hurt == "skipped" and (warmth(heard) in SEES_THEM or "how_are_you" in heard.mentions):
        return None  # a kind word or a question how they are is no passing over, whatever is scored
    if hurt == "skipped" and heard.sure_names & ABOUT_THEIR_LIFE:
        return None  # nor is what asks for their reasons, strengths or wishes; facts and logistics are
    return hurt


def _is_about_last_subject(situation: Situation) -> bool:
    """Return whether the reply leads to what the peer has just spoken of."""
    return any(
        100 * like.similarity >= ENOUGH and is_near(situation.scenario.subject(like.line), situation)
        for like in situation.heard.prepared or ()
    )


def gave_nothing_again(situation: Situation) -> bool:
    """Return whether this is not the first reply with nothing in it."""
    asks = situation.heard.prepared is not None and situation.heard.questions > 0
    return "too_thin" in situation.heard.flags and situation.state.thin_replies >= 2 and not asks


def rupture_talk(situation: Situation) -> Candidate | None:
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
    if situation.state.is_ruptured and {"apology", "owns_it"} & set(situation.heard.mentions):
        why = "still broken, and the trainee begins to own it"
        pools = banded(situation.scenario.reactions["apologized"], "low")
        return Candidate("utter_rupture", "reactions.apologized", 100, why, (*pools, lines["during"]))
    if situation.state.is_ruptured:
        why = f"it is still broken; {situation.state.repairs_left} replies left to mend it"
        return Candidate("utter_rupture", "ruptures.during", 100, why, (lines["during"],))
    return None


def asked_about_suicide(situation: Situation) -> Candidate | None:
    """Return the plain answer to the plain question, or None where it was not asked."""
    heard, scenario = situation.heard, situation.scenario
    if "asks_suicide" not in heard.mentions and not heard.surely("safety_ask"):
        return None
    if (
        "asks_suicide" not in heard.mentions
        and not _has_given_a_sign(situation)
        and (_is_known(heard) or not _surely_asks(heard))
    ):
        return None  # "do you feel safe where you live?" has an answer of its own
    pools = (scenario.suicide_answer, *banded(scenario.reactions["safety_asked"], situation.band))
    # Who answers has told what no sign need tell any more: what follows from it follows from the answer.
    sign = next((beat for beat in untold(situation) if "safety" in beat.tags), None)
    return Candidate("utter_answer", "suicide_answer", 100, "asked plainly about suicide", pools, sign)


def _surely_asks(heard: Heard) -> bool:
    """Return whether nothing else can have been meant than whether they are safe from themselves."""
    return any(move.name == "safety_ask" and move.certainty >= CERTAIN for move in heard.moves)


def _is_known(heard: Heard) -> bool:
    """Return whether a question leads to a line that was written for it."""
    return any(like.kind == ASKED and 100 * like.similarity >= KNOWN for like in heard.prepared or ())


def _has_given_a_sign(situation: Situation) -> bool:
    """Return whether they have said something about wanting to die."""
    return any("safety" in situation.scenario.beat(beat).tags for beat in situation.memory.told)


def odd_moment(situation: Situation) -> Candidate | None:
    """Return the answer to something that stands outside the talk, like "are you a bot?"."""
    heard, scenario = situation.heard, situation.scenario
    for mention, talk in ODD_MOMENTS:
        if mention in heard.mentions and not (mention == "other_language" and heard.moves):
            return Candidate(
                "utter_answer",
                f"talk.{talk}",
                100,
                f"the reply is: {talk}",
                (small_talk_lines(situation, talk),),
            )
    asks_anew = heard.questions > 0 and (heard.prepared is not None or not _was_answered(situation))
    # Giving their words back is no repetition: only the trainee's own reply said twice is.
    if "duplicate" in heard.flags and not asks_anew:
        pools = banded(scenario.reactions["repeated"], situation.band)
        return Candidate("utter_react", "reactions.repeated", 100, "the trainee said that already", pools)
    return None


def _was_answered(situation: Situation) -> bool:
    """Return whether one of the topics asked about was answered before."""
    return any(situation.memory.answered.get(topic) for topic in situation.heard.topics_asked())


def reaction_to(situation: Situation, hurt: str | None, is_answered: bool) -> Candidate | None:
    """Return the acknowledgement of how the trainee spoke, if it calls for one."""
    heard, reactions = _remarked(situation.heard, is_answered), situation.scenario.reactions
    if hurt:
        band = "low" if _wears_a_mask(situation) else situation.band
        return Candidate(
            "utter_push_back",
            f"reactions.{hurt}",
            90,
            f"it felt: {hurt}" + (", and they hide it" if band != situation.band else ""),
            banded(reactions[hurt], band),
        )
    if gave_nothing_again(situation):
        why = "a reply with nothing in it, again"
        if chance(situation, "silence") < 0.4:
            return Candidate(
                "utter_react", "talk.silence", 60, why, (small_talk_lines(situation, "silence"),)
            )
        return Candidate("utter_react", "reactions.thin", 60, why, banded(reactions["thin"], situation.band))
    kind = warmth(heard)
    for mention in LIGHT_WORDS:
        if kind is None and mention in heard.mentions and not heard.is_question:
            lines = small_talk_lines(situation, mention)
            return Candidate("utter_react", f"talk.{mention}", 60, f"the reply is: {mention}", (lines,))
    greets = bool({"greeting", "how_are_you"} & set(heard.mentions)) and not heard.moves
    if (
        kind is None
        and not greets
        and heard.prepared is not None
        and not heard.is_question
        and _is_about_them(heard)
    ):
        kind = "heard"  # not sure how it was meant: a word that fits anything
    if kind is None and heard.is_question and heard.prepared is None:
        # A short lead-in ("hm.") now and then; always would be a tic.
        kind = "question" if chance(situation, "lead-in") < 0.35 else None
    mentions = set(heard.mentions) - {"about_peer"}
    mentions -= set() if situation.memory.pending else {"plain_answer"}  # a "no" out of nowhere says nothing
    if kind is None and not heard.is_question and not mentions and not heard.topics:
        kind = "thin" if heard.words < 4 and "backchannel" not in heard.mentions else None
    if kind is None:
        return None
    if kind in WARM_KINDS and heard.prepared is not None and _was_just_said(situation, kind):
        kind = "heard"  # nobody thanks for the same thing in two turns running
    pools = banded(reactions[kind], situation.band)
    if kind in ("heard", "heard_deep"):
        # "Yes." alone where the longer ways to say so are used up.
        yes = banded(situation.scenario.confirm, situation.band)
        plainly = heard.prepared is None and chance(situation, "plain yes") < 0.2
        pools = (*yes[:1], *pools) if plainly else (pools[0], *pools[1:], yes[0])
    return Candidate("utter_react", f"reactions.{kind}", 60, f"it felt: {kind}", pools)


def _is_about_them(heard: Heard) -> bool:
    """Return whether a remark says something about them, though it was not read surely as what."""
    told = {move for move, _ in KIND_KINDS} - {"give_information", "advise_with_permission", "safety_connect"}
    names = {move.name for move in heard.moves}
    return heard.words >= 4 and (bool(names & (told | set(HARM_KINDS))) or "about_peer" in heard.mentions)


def _was_just_said(situation: Situation, kind: str) -> bool:
    """Return whether the turn before began with a reaction of this kind."""
    return any(thing.pool == f"reactions.{kind}" for thing in situation.memory.last)


def _remarked(heard: Heard, is_answered: bool) -> Heard:
    """Return the part of a reply that a reaction is for: what stands beside a question that is answered."""
    if heard.prepared is None or not (heard.questions > 0 and is_answered):
        return heard
    beside = tuple(
        move
        for move in heard.moves
        if move.certainty >= VERY_SURE and not any(start <= move.start < end for start, end in heard.asking)
    )
    return replace(heard, moves=beside)


def _wears_a_mask(situation: Situation) -> bool:
    """Return whether this person says yes to control for now, whatever they feel (SCENARIOS, Masking)."""
    above = situation.scenario.masking_above
    return above is not None and situation.state.guard > above and situation.treatment == "CONTROL"
