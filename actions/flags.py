"""The eleven flags: things seen in the whole reply rather than in one span.

Each is one function that returns a `Flag` or None; numbers and word lists are in `data/rubric.yml`,
section `flags`.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass

from actions.arithmetic import count_questions, is_heavier_after_disclosure, is_parroted, severity
from actions.context_rules import Moves
from actions.judgement import Flag
from actions.moment import Moment, sent
from actions.words import content_words, find_phrase, fingerprint, has_phrase, sameness, words


@dataclass(frozen=True)
class Waits:
    """How long a win or strength, and a safety cue, have waited after this reply; 0 is none."""

    strength: int
    safety: int
    is_safety_asked: bool


def find_flags(moves: Moves, moment: Moment, is_small_talk: bool) -> tuple[tuple[Flag, ...], Waits]:
    """Return the flags of a reply in the rubric's order, and what still waits for the next reply."""
    waits = waiting(moves, moment)
    found = {flag.name: flag for check in CHECKS if (flag := check(moves, moment)) is not None}
    for flag in missed(moment, waits):
        found[flag.name] = flag
    if is_small_talk:
        for name in ("too_thin", "missed_empathy"):
            found.pop(name, None)
    spare = moment.rubric.context["R11"]
    if any(move.move in spare["moves"] for move in moves):
        for name in spare["spared_flags"]:
            found.pop(name, None)
    return tuple(found[name] for name in moment.rubric.flags if name in found), waits


def _flag(
    moment: Moment,
    name: str,
    why: str,
    start: int | None = None,
    end: int | None = None,
    effects: Mapping[str, float] | None = None,
    detail: str = "",
) -> Flag:
    rule = moment.rubric.flags[name]
    return Flag(name, start, end, why, dict(rule.effects if effects is None else effects), rule.plain, detail)


def missed_empathy(moves: Moves, moment: Moment) -> Flag | None:
    """Something hard was told and neither reflected nor validated within the first two spans.

    Adherent spans are not counted among the two, so that one more good move can never push the
    acknowledgement out of reach. Replies too short to be logistics are left to `too_thin`, and in
    danger a clear instruction comes before feelings (R13). Where an
    acknowledgement was probably there but fell short of its threshold, it is believed. The flag costs one
    point, or half of the reply's other harm where that is more: with several harms after a disclosure it
    takes the place of their greater severity.
    """
    rule = moment.rubric.flags["missed_empathy"]
    if not moment.is_hard_disclosure or moment.word_count < moment.rubric.flags["too_thin"]["words"]:
        return None
    if any("R13" in move.context for move in moves):
        return None
    passed = 0
    for move in moves:
        if move.move in rule["answered_by"]:
            return None
        passed += move.kind != "A"
        if passed >= rule["first_spans"]:
            break
    if all(move.kind == "A" for move in moves) and has_phrase(moment.reading.text, rule["thanked_by"]):
        return None
    if _half_seen(moves, moment) >= rule["doubt"]:
        return None
    numbers = moment.rubric.reply.severity
    worst: dict[str, dict[str, float]] = {}
    for move in moves:
        sev = severity(move, moment)[0] if move.kind == "X" else 0.0
        if move.kind == "X" and sev == numbers["usual"] and is_heavier_after_disclosure(move, moment):
            worst[move.move] = {key: -value for key, value in move.weights.items() if value < 0}
    extra = numbers["heavy"] / numbers["usual"] - 1
    effects = {
        key: max(points, extra * sum(harm.get(key, 0.0) for harm in worst.values()))
        for key, points in rule.effects.items()
    }
    return _flag(moment, "missed_empathy", moment.rubric.context["R4"].plain, effects=effects)


def _half_seen(moves: Moves, moment: Moment) -> float:
    """Return how probable an acknowledgement is in the first two sentences that hold nothing else."""
    names = sorted(moment.rubric.flags["missed_empathy"]["answered_by"])
    taken = [move for move in moves if move.kind != "A"]
    free = [
        sentence
        for sentence in moment.reading.sentences[:2]
        if not any(move.start < sentence.end and sentence.start < move.end for move in taken)
    ]
    heard = [dict(sent(part)) for part in free]
    return max((sum(likely.get(name, 0.0) for name in names) for likely in heard), default=0.0)


def question_stack(moves: Moves, moment: Moment) -> Flag | None:
    """Three questions or more in one reply, or three replies running with nothing but closed questions."""
    rule = moment.rubric.flags["question_stack"]
    if any(move.move in rule["never_with"] for move in moves):
        return None
    asked = count_questions(moment)
    if asked >= rule["questions"]:
        return _flag(moment, "question_stack", f"{asked} questions in one reply.")
    if is_closed_run(moves, moment):
        return _flag(
            moment, "question_stack", f"{rule['closed_in_a_row']} replies of closed questions in a row."
        )
    return None


def is_closed_run(moves: Moves, moment: Moment) -> bool:
    """Return whether this and the replies before it hold closed questions and nothing that helps."""
    back = moment.rubric.flags["question_stack"]["closed_in_a_row"] - 1
    rows = [*moment.history.recent[-back:], tuple(move.move for move in moves)]
    known = moment.rubric.moves
    return len(rows) == back + 1 and all(
        "closed_question" in row and not any(known[name].kind == "A" for name in row) for row in rows
    )


def lecture_length(moves: Moves, moment: Moment) -> Flag | None:
    """More than 110 words, or three times the peer's, with nothing handed back near the end.

    The second measure starts at sixty words: after a peer's "yeah" any answer is three times as long.
    """
    rule = moment.rubric.flags["lecture_length"]
    count = moment.word_count
    times = count >= rule["times_peer_from"] and count > rule["times_peer"] * moment.peer_word_count
    if count <= rule["words"] and not (times and moment.peer_word_count):
        return None
    tail = len(moment.reading.text)
    for found in list(re.finditer(r"\S+", moment.reading.text))[-rule["handed_back_within"] :]:
        tail = min(tail, found.start())
    handed = any(move.move in rule["hands_back"] and move.end > tail for move in moves)
    handed = handed or any(s.is_question and s.end > tail for s in moment.reading.sentences)
    if handed:
        return None
    return _flag(moment, "lecture_length", f"{count} words, and no turn for them at the end.")


def stigma_term(moves: Moves, moment: Moment) -> Flag | None:
    """A labeling word, unless it is the peer's own word for themself; the first time is only a note."""
    rule = moment.rubric.flags["stigma_term"]
    for mention in moment.reading.mentions:
        if mention.kind in rule["mentions"] and not _is_own_word(mention.text, moment):
            alternatives = rule["alternatives"]
            term = next(
                (t for t in sorted(alternatives, key=len, reverse=True) if find_phrase(mention.text, [t])), ""
            )
            first = moment.history.stigma_uses == 0
            why = "The first time is only a note." if first else "A labeling word, again."
            effects = rule["first_time"] if first else rule.effects
            detail = alternatives.get(term, "")
            return _flag(moment, "stigma_term", why, mention.start, mention.end, effects, detail)
    return None


def _is_own_word(term: str, moment: Moment) -> bool:
    said = content_words(term) or frozenset(words(term))
    return any(
        said & (content_words(label) or frozenset(words(label))) for label in moment.history.self_labels
    )


def jargon(moves: Moves, moment: Moment) -> Flag | None:
    """Two system words or more."""
    rule = moment.rubric.flags["jargon"]
    found = [mention for mention in moment.reading.mentions if mention.kind in rule["mentions"]]
    if len(found) < rule["at_least"]:
        return None
    return _flag(moment, "jargon", "System words.", found[0].start, found[0].end)


def parrot(moves: Moves, moment: Moment) -> Flag | None:
    """Reflections of hardly anything but the peer's words; their credit is quartered in the arithmetic.

    Where another one beside it adds something, giving their words back was only the way to it.
    """
    rule = moment.rubric.flags["parrot"]
    reflections = [move for move in moves if move.move in rule["moves"]]
    copied = [move for move in reflections if is_parroted(move, moment)]
    adds = any(
        len(content_words(move.text)) >= rule["from_words"] for move in reflections if move not in copied
    )
    if not copied or adds:
        return None
    first = copied[0]
    return _flag(moment, "parrot", "Nearly all of these words are theirs.", first.start, first.end)


def duplicate(moves: Moves, moment: Moment) -> Flag | None:
    """Nearly the same words as an earlier reply of this session."""
    rule = moment.rubric.flags["duplicate"]
    if moment.word_count < rule["from_words"]:
        return None
    now = fingerprint(moment.reading.text)
    if any(sameness(now, earlier) >= rule["same"] for earlier in moment.history.seen):
        return _flag(moment, "duplicate", "Nearly the same as an earlier reply.")
    return None


_YES_OR_NO = re.compile(
    r"\W*(?:yes|yeah|yep|yup|ya|no|nope|nah|never|right|sure|of course|not (?:really|at all|yet)|maybe|"
    r"i (?:do|don'?t|did|am|will|won'?t|would|have|think so)|a (?:bit|little))\b",
    re.IGNORECASE,
)
"""The beginning of a short answer to a question."""


def too_thin(moves: Moves, moment: Moment) -> Flag | None:
    """Fewer than four words and no coded move, unless they answer a question or ask one ("and then?")."""
    if moment.word_count >= moment.rubric.flags["too_thin"]["words"] or moves:
        return None
    if "?" in moment.peer.text and _YES_OR_NO.match(moment.reading.text):
        return None
    if moment.word_count > 1 and moment.reading.is_question:
        return None
    return _flag(moment, "too_thin", "Under four words, and nothing to answer.")


def to_scorer(moves: Moves, moment: Moment) -> Flag | None:
    """Words addressed to the scorer; they are not coded, and an instructor is told."""
    kinds = moment.rubric.flags["to_scorer"]["mentions"]
    for mention in moment.reading.mentions:
        if mention.kind in kinds:
            return _flag(moment, "to_scorer", "Addressed to the scorer.", mention.start, mention.end)
    return None


def waiting(moves: Moves, moment: Moment) -> Waits:
    """Return how long a strength and a safety cue have waited, this reply included.

    A strength is picked up by a strengths move, or by any helping move that shares a content word with the
    line that showed it. Once safety has been asked about, later cues count as part of the same talk.
    """
    strength, safety = moment.rubric.flags["missed_strength"], moment.rubric.flags["missed_safety_cue"]
    shown = moment.tagged(strength["on_tags"])
    line = frozenset(moment.history.strength_words) | (moment.peer_words if shown else frozenset())
    picked = any(
        move.move in strength["answered_by"] or (move.kind == "A" and content_words(move.text) & line)
        for move in moves
    )
    waited = moment.history.strength_wait
    if picked:
        waited = 0
    elif waited or shown:
        waited += 1
    kinds = {mention.kind for mention in moment.reading.mentions}
    asks_now = any(move.move in safety["answered_by"] for move in moves) or bool(
        kinds & set(safety["answered_by_mentions"])
    )
    asked = moment.history.is_safety_asked or asks_now
    cue = moment.history.safety_wait
    cue = 0 if asked else cue + 1 if cue or moment.tagged(safety["on_tags"]) else 0
    return Waits(waited, cue, asked)


def missed(moment: Moment, waits: Waits) -> list[Flag]:
    """Return the flags for what has now waited too long."""
    found = []
    if waits.strength >= moment.rubric.flags["missed_strength"]["within"]:
        found.append(_flag(moment, "missed_strength", "Two replies went by without picking it up."))
    if waits.safety >= moment.rubric.flags["missed_safety_cue"]["within"]:
        found.append(_flag(moment, "missed_safety_cue", "Two replies went by without asking."))
    return found


CHECKS: tuple[Callable[[Moves, Moment], Flag | None], ...] = (
    missed_empathy,
    question_stack,
    lecture_length,
    stigma_term,
    jargon,
    parrot,
    duplicate,
    too_thin,
    to_scorer,
)
