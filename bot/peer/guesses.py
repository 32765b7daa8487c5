"""Whether a guess about the person is wrong, and how they say yes, no and what it is instead.

A right guess warms and is confirmed; a wrong one is set right and does not warm, however well it was
put. What is true stands in the scenario (`claims`, `corrects`); what was brought up, in the memory.
"""

from __future__ import annotations

from dataclasses import replace

from bot.peer.decision import Candidate, Situation, banded, chance, small_talk_lines
from bot.peer.hearing import Heard, HeardTopic, warmth
from bot.peer.memory import Memory
from bot.peer.scenario import Scenario

REFLECTIONS = frozenset({"simple_reflection", "complex_reflection"})
SURE = 0.6
"""Probability from which a reply counts as being about a topic."""
GUESSES = REFLECTIONS | {"validate", "affirm_strength", "reframe_strength"}
"""Moves that say something about the person and so may be wrong."""
KNOWN_FROM = 0.5
"""Likeness with a prepared line from which a guess is about something that they have to say."""
CLEARLY_ASKED = 0.5
"""Probability from which an open question counts as being about a topic."""
OPENS_THE_FLOOR = frozenset(
    (
        "seek_collaboration elicit_strength evoke_own_reasons brainstorm_options co_create_goal "
        "build_independence"
    ).split()
)
"""Moves that invite something new rather than more of the last thing."""
HARD_TAGS = frozenset({"disc", "setb", "hopeless", "selfdoubt", "iso", "bar"})
GOOD_TAGS = frozenset({"win", "str"})
UNLIKE = 0.3
"""Similarity with the peer's last words below which "you said ..." quotes nothing that was said."""


def is_wrong_guess(heard: Heard, scenario: Scenario, memory: Memory) -> bool:
    """Return whether a reply takes the person for what they are not.

    Wrong are: a claim that fails, gladness right after something hard, and a reflection about a topic that
    was never brought up and of which the scenario says what it is instead.
    """
    if any(not claim.is_true and not claim.is_asked for claim in heard.claims):
        return True
    tags = memory.last_tags
    if "glad_guess" in heard.mentions and tags & HARD_TAGS and not tags & GOOD_TAGS:
        return True
    if not heard.sure_names & REFLECTIONS or heard.shared > 0:
        return False
    if any(like.similarity >= KNOWN_FROM for like in heard.prepared or ()):
        return False  # it is like something that they would say or be asked
    return bool(_strange_topics(heard, scenario, memory) & _set_right(scenario))


def as_felt(heard: Heard, scenario: Scenario, memory: Memory) -> Heard:
    """Return a reply as the peer feels it: what it is not about, what it gets wrong, how it addresses them.

    A question that names nothing of its own is about the last words, whatever topic it resembles; a wrong
    guess warms nobody; a wrong pronoun arrives as a label.
    """
    open_ended = bool({"go_on", "opens_floor"} & set(heard.mentions)) or bool(heard.names & OPENS_THE_FLOOR)
    if open_ended:
        clear = tuple(topic for topic in heard.topics if topic.probability >= CLEARLY_ASKED)
        heard = replace(heard, topics=clear)
    if "misgendered" in heard.mentions and _minds_address(scenario):
        identity = HeardTopic("identity", 1.0, False)
        flags = tuple(dict.fromkeys((*heard.flags, "stigma_term")))
        heard = replace(heard, flags=flags, topics=(identity, *heard.topics))
    if heard.is_nod and memory.nods and "too_thin" not in heard.flags:
        # One nod lets somebody go on; nods in a row leave them alone with it.
        heard = replace(heard, flags=(*heard.flags, "too_thin"))
    if not is_wrong_guess(heard, scenario, memory):
        return heard
    moves = tuple(replace(move, relevance=0.0) if move.name in GUESSES else move for move in heard.moves)
    return replace(heard, moves=moves, guess="wrong")


def _minds_address(scenario: Scenario) -> bool:
    """Return whether this person has something to say to a wrong pronoun."""
    return any("identity" in line.topics for pool in scenario.reactions["labeled"].values() for line in pool)


def _set_right(scenario: Scenario) -> frozenset[str]:
    """Return the topics of wrong guesses that the scenario has an answer to."""
    return frozenset(topic for line in scenario.corrects for topic in line.topics)


def _strange_topics(heard: Heard, scenario: Scenario, memory: Memory) -> frozenset[str]:
    """Return what a reply is about though the peer never brought it up."""
    known = {*scenario.opening_topics, *memory.answered}
    known.update(topic for beat in scenario.beats if beat.id in memory.told for topic in beat.topics)
    return frozenset(
        topic.topic
        for topic in heard.topics
        if not topic.is_asked and topic.probability >= SURE and topic.topic not in known
    )


def set_right(situation: Situation) -> tuple[Candidate | None, list[Candidate]]:
    """Return the yes or no to what the trainee claimed or guessed, and what it is instead.

    Returns:
        A short lead, or None where none is called for, and the contents that may follow it.
    """
    heard, scenario, band = situation.heard, situation.scenario, situation.band
    quotes = "quotes_peer" in heard.mentions
    wrong = next((claim for claim in heard.claims if not claim.is_true), None)
    right = next((claim for claim in heard.claims if claim.is_true), None)
    claim = wrong or right
    if claim and (wrong or claim.is_asked):
        answer = _how_it_is(situation, claim.topic)
        why = f"{claim.topic}: it is " + ("so" if claim.is_true else "not so")
        if claim.is_true:
            lead = Candidate("utter_react", "confirm", 88, why, banded(scenario.confirm, band))
        elif quotes:
            lines = small_talk_lines(situation, "contradiction")
            lead = Candidate("utter_react", "talk.contradiction", 88, why, (lines,))
        else:
            lead = Candidate("utter_react", "deny", 88, why, banded(scenario.deny, band))
        return lead, answer
    if heard.guess == "wrong":
        why = "the guess is wrong"
        pool = "deny" if chance(situation, "deny") < 0.5 else "reactions.misheard"
        noes = scenario.deny if pool == "deny" else scenario.reactions["misheard"]
        instead = Candidate("utter_disclose", "corrects", 86, "what it is instead", (scenario.corrects,))
        return Candidate("utter_react", pool, 88, why, banded(noes, band)), [instead]
    unheard = heard.shared == 0 and heard.similarity is not None and heard.similarity < UNLIKE
    if quotes and unheard and not right and not heard.is_question:
        lines = small_talk_lines(situation, "contradiction")
        return Candidate("utter_react", "talk.contradiction", 88, "they never said that", (lines,)), []
    is_heard = warmth(heard) in (None, "heard")
    if right and is_heard and heard.questions <= 0:  # beside a question, a yes would answer it
        why = f"{right.topic}: it is so"
        return Candidate("utter_react", "confirm", 62, why, banded(scenario.confirm, band)), []
    return None, []


def _how_it_is(situation: Situation, topic: str) -> list[Candidate]:
    """Return the answer about a topic of a claim."""
    answers = situation.scenario.topics.get(topic)
    if answers is None:
        return []
    first = banded(answers.by_band, situation.band)
    pools = (answers.again, *first) if situation.memory.answered.get(topic) else first
    return [Candidate("utter_answer", f"topics.{topic}", 95, "says how it is", pools, topic=topic)]
