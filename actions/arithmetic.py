"""The sums of one reply: relevance, freshness, severity, credit, harm, and u for each criterion.

The formulas are those of the rubric, section 6; every constant comes from `data/rubric.yml`.
"""

from __future__ import annotations

import math
import re
from collections.abc import Iterable, Mapping
from dataclasses import replace

from actions.context_rules import Moves, is_refused
from actions.doubt import sureness
from actions.judgement import CapHit, CriterionScore, Flag, JudgedMove
from actions.moment import Moment
from actions.rubric import CRITERIA, Cap, Rubric
from actions.words import content_words, words

_QUESTION_MARKS = re.compile(r"\?+")

REFLECTIONS = frozenset({"simple_reflection", "complex_reflection"})


def relevance(move: JudgedMove, moment: Moment) -> float:
    """Return 1 where a move fits what the peer said, 0.5 where it would fit anyone, 0 over a "no".

    It fits when it shares a content word with what the peer brought up, when its sentence is close in meaning
    to the peer's line, when it points back ("that", "it"), or when it needs no referent. Harm always fits.
    """
    numbers = moment.rubric.reply.relevance
    if move.kind == "X":
        return 1.0
    if move.move in numbers["consent_needed_for"] and "R1" not in move.context and is_refused(move, moment):
        return float(numbers["overrides_no"])
    fits = (
        move.move in numbers["no_referent"]
        or bool({"R1", "R3"} & set(move.context))
        or not any(value > 0 for value in move.weights.values())
        or bool(content_words(move.text) & moment.known_words)
        or moment.similarity(move.start, move.end) >= numbers["similarity"]
        or _points_back(move, moment)
        or _answers_cue(move, moment)
    )
    return float(numbers["linked"] if fits else numbers["generic"])


def _points_back(move: JudgedMove, moment: Moment) -> bool:
    numbers = moment.rubric.reply.relevance
    said = set(words(move.text))
    return move.move in numbers["points_back"] and bool(
        moment.peer.text and said & set(numbers["pointing_words"])
    )


def _answers_cue(move: JudgedMove, moment: Moment) -> bool:
    """Return whether a move asks about safety after a cue (R11)."""
    rule = moment.rubric.context["R11"]
    cue = moment.tagged(rule["cue_tags"]) or moment.history.safety_wait > 0
    return move.move in rule["moves"] and cue


def freshness(move: JudgedMove, moment: Moment) -> float:
    """Return what a use is worth after earlier uses of the same move; 1 for moves that earn nothing."""
    numbers = moment.rubric.reply.freshness
    if not any(value > 0 for value in move.weights.values()):
        return 1.0
    used = moment.history.times_used(move.move, numbers["window"] - 1)
    return float(numbers["steps"][min(used, len(numbers["steps"]) - 1)])


def stock_worth(moment: Moment) -> float:
    """Return what is left of the credits of a reply that would fit anyone, after others like it; else 1."""
    numbers = moment.rubric.reply.stock
    if not moment.is_stock:
        return 1.0
    before = sum(moment.history.stock[-(numbers["window"] - 1) :])
    return float(numbers["steps"][min(before, len(numbers["steps"]) - 1)])


def is_endless_asking(moves: Moves, moment: Moment) -> bool:
    """Return whether this is the third reply in a row that asks and reflects nothing."""
    numbers = moment.rubric.reply.freshness
    if any(move.move in REFLECTIONS for move in moves):
        return False
    asking = numbers["questions"] | {"closed_question"}
    run = 0
    for names in reversed(moment.history.recent):
        if not asking & set(names) or REFLECTIONS & set(names):
            break
        run += 1
    return run >= numbers["questions_in_a_row"] - 1


def severity(move: JudgedMove, moment: Moment) -> tuple[float, str]:
    """Return how heavy a harm is, apart from a disclosure before it, and why in plain words."""
    numbers, context = moment.rubric.reply.severity, moment.rubric.context
    soft = context["R9"]["factor"] if "R9" in move.context else 1.0
    if "R13" in move.context:
        return 0.0, ""
    if "R3" in move.context:
        return context["R3"]["severity"] * soft, ""
    if "R5" in move.context:
        return context["R5"]["severity"] * soft, ""
    if "R2" in move.context:
        return numbers["heavy"] * soft, ""
    if moment.history.times_used(move.move, numbers["repeat_window"]):
        return numbers["heavy"] * soft, "The same as a moment ago."
    return numbers["usual"] * soft, ""


def weigh(moves: Moves, moment: Moment, flags: Mapping[str, Flag]) -> tuple[Moves, Moves]:
    """Return the moves with their credit and harm: those that count, and repeats that do not.

    Args:
        moves: Moves after the context rules.
        moment: The moment.
        flags: Flags by name; `parrot`, `duplicate` and piling on lower credits, `missed_empathy`
            takes the place of the greater severity after a disclosure.
    """
    counting, repeats = _once_each(_weighed(moves, moment, flags))
    counting = tuple(_with_harm(_with_credit(move), moment, flags) for move in counting)
    return _best_of(counting, moment.rubric), tuple(repeats)


def weigh_faint(faint: Moves, moves: Moves, moment: Moment, flags: Mapping[str, Flag]) -> Moves:
    """Return faint readings with their credit and harm, each move once, as far as it goes beyond what counts.

    Args:
        faint: What else the words may have been (`actions/doubt.py`).
        moves: The moves that count, weighed.
        moment: The moment.
        flags: Flags by name.
    """
    best, _ = _once_each(_weighed(faint, moment, flags))
    counted = {move.move: move for move in moves}
    found = []
    for move in (_with_harm(_with_credit(move), moment, flags) for move in best):
        same = counted.get(move.move)
        credit = _beyond(move.credit, same.credit if same else {})
        harm = _beyond(move.harm, same.harm if same else {})
        if credit or harm:
            found.append(replace(move, credit=credit, harm=harm))
    return tuple(found)


def _beyond(points: Mapping[str, float], counted: Mapping[str, float]) -> dict[str, float]:
    left = {key: value - counted.get(key, 0.0) for key, value in points.items()}
    return {key: value for key, value in left.items() if value > 0}


def _weighed(moves: Moves, moment: Moment, flags: Mapping[str, Flag]) -> list[JudgedMove]:
    """Return moves with what their credit and harm are multiplied by, and why."""
    rules, numbers = moment.rubric.flags, moment.rubric.reply
    asking, stock = is_endless_asking(moves, moment), stock_worth(moment)
    piled, stuffed = is_piled(moves, moment, flags), is_stuffed(moment)
    weighed = []
    for move in moves:
        factor, notes = move.factor, list(move.notes)
        if "duplicate" in flags:
            factor *= rules["duplicate"]["factor"]
        if is_parroted(move, moment):
            factor *= rules["parrot"]["factor"]
            notes.append("Mostly their own words.")
        if asking and move.move in numbers.freshness["questions"]:
            factor *= numbers.freshness["question_factor"]
            notes.append("The third reply in a row that asks and gives nothing back.")
        if stock < 1 and any(value > 0 for value in move.weights.values()):
            factor *= stock
            notes.append(
                "The same frame as before, around other words of theirs."
                if moment.is_framed
                else "It would fit anyone, like the replies before it."
            )
        if piled and any(value > 0 for value in move.weights.values()):
            factor *= numbers.pile["factor"]
            notes.append("So much at once leaves no room for it.")
        if stuffed and any(value > 0 for value in move.weights.values()):
            factor *= numbers.keywords["factor"]
            notes.append("These are words about helping, not words to a person.")
        sev, why = severity(move, moment) if move.kind == "X" else (1.0, "")
        notes += [why] if why else []
        rel, fresh = relevance(move, moment), freshness(move, moment)
        sure = sureness(move.probability, moment)
        move = replace(move, rel=rel, fresh=fresh, sev=sev, sureness=sure, notes=tuple(notes))
        weighed.append(replace(move, factor=round(factor, 6)))
    return weighed


def is_piled(moves: Moves, moment: Moment, flags: Mapping[str, Flag]) -> bool:
    """Return whether a reply piles so much up that nothing in it has room.

    Args:
        moves: Its moves, repeats among them.
        moment: The moment.
        flags: Its flags by name; without one of those that the rubric names there is no pile.
    """
    rule = moment.rubric.reply.pile
    is_flagged = any(name in flags for name in rule["flags"])
    return is_flagged and (len(moves) >= rule["moves"] or count_questions(moment) >= rule["questions"])


def is_stuffed(moment: Moment) -> bool:
    """Return whether a reply is made of words about helping ("validate", "autonomy"), said to nobody."""
    rule = moment.rubric.reply.keywords
    found = sum(word in rule["words"] for word in words(moment.reading.text))
    return found >= rule["at_least"] and found >= rule["share"] * moment.word_count


def count_questions(moment: Moment) -> int:
    """Return how many questions a reply asks: by its clauses, or by its question marks if it has none."""
    if moment.reading.sentences:
        return sum(sentence.is_question for sentence in moment.reading.sentences)
    return len(_QUESTION_MARKS.findall(moment.reading.text))


def is_parroted(move: JudgedMove, moment: Moment) -> bool:
    """Return whether a reflection gives back hardly anything but the peer's own words."""
    rule = moment.rubric.flags["parrot"]
    if move.move not in rule["moves"]:
        return False
    said = content_words(move.text)
    return len(said) >= rule["from_words"] and len(said & moment.peer_words) / len(said) >= rule["copied"]


def _once_each(moves: Iterable[JudgedMove]) -> tuple[Moves, Moves]:
    """Return each move's best span (for a harm, its worst), and the others."""
    best: dict[str, JudgedMove] = {}
    for move in moves:
        known = best.get(move.move)
        if known is None or _rank(move) < _rank(known):
            best[move.move] = move
    order = sorted(moves, key=lambda move: (move.start, move.end, move.move))
    counting = tuple(_joined(move, order) for move in order if best[move.move] is move)
    return counting, tuple(move for move in order if best[move.move] is not move)


def _joined(move: JudgedMove, others: Iterable[JudgedMove]) -> JudgedMove:
    """Return a move with the kinds and weights of its repeats: hope in the second sentence is hope too."""
    same = [other for other in others if other.move == move.move]
    kinds = tuple(dict.fromkeys(kind for other in same for kind in other.kinds))
    weights = dict(move.weights)
    for other in same:
        for key, value in other.weights.items():
            weights[key] = max(weights.get(key, value), value, key=abs)
    return replace(move, kinds=kinds, weights=weights)


def _rank(move: JudgedMove) -> tuple[float, float, int, int]:
    weight = move.sev if move.kind == "X" else move.worth
    return (-weight * move.sureness, -move.probability, move.start, move.end)


def _with_credit(move: JudgedMove) -> JudgedMove:
    worth = move.worth * move.sureness
    earned = {key: value * worth for key, value in move.weights.items() if value * worth > 0}
    return replace(move, credit=earned)


def _with_harm(move: JudgedMove, moment: Moment, flags: Mapping[str, Flag]) -> JudgedMove:
    """Return a move with its harm; after a hard disclosure it is heavier, unless that is flagged already.

    The rubric's worked example (c) leaves strengths at the usual severity after a disclosure, so the greater
    weight is felt by the criteria that `missed_empathy` touches and by no other.
    """
    numbers = moment.rubric.reply.severity
    heavy = move.sev * move.sureness
    harm = {key: -value * heavy for key, value in move.weights.items() if value < 0 and heavy > 0}
    if not harm or not is_heavier_after_disclosure(move, moment) or "missed_empathy" in flags:
        return replace(move, harm=harm)
    heavier = {
        key: value * numbers["heavy"] / numbers["usual"] if key in numbers["disclosure_touches"] else value
        for key, value in harm.items()
    }
    note = "It came right after something hard."
    return replace(move, harm=heavier, sev=numbers["heavy"], notes=(*move.notes, note))


def is_heavier_after_disclosure(move: JudgedMove, moment: Moment) -> bool:
    """Return whether a harm at its usual severity would be heavier because of what the peer just told."""
    usual = move.sev == moment.rubric.reply.severity["usual"]
    return move.kind == "X" and usual and moment.is_hard_disclosure


def _best_of(moves: Moves, rubric: Rubric) -> Moves:
    """Return the moves with only the best reflection counting, criterion by criterion.

    Going by criterion keeps a promise of the rubric: adding a good move never lowers a score. With a deep but
    worn-out reflection beside a fresh simple one, each criterion takes the better of the two.
    """
    for group in rubric.reply.one_of:
        rivals = [move for move in moves if move.move in group]
        if len(rivals) < 2:
            continue
        winner = {
            key: max(rivals, key=lambda move: (move.credit.get(key, 0.0), -move.start)).move
            for key in CRITERIA
        }
        moves = tuple(
            replace(
                move,
                credit={key: value for key, value in move.credit.items() if winner[key] == move.move},
                notes=move.notes
                if all(winner[key] == move.move for key in move.credit)
                else (*move.notes, "Only the best reflection counts."),
            )
            if move in rivals
            else move
            for move in moves
        )
    return moves


def score_criterion(
    criterion: str,
    moves: Moves,
    flags: Iterable[Flag],
    moment: Moment,
    is_small_talk: bool,
    faint: Moves = (),
) -> CriterionScore:
    """Return u = 50 + 50 A (1 - B) - 50 B for one criterion, with caps.

    An unanswered turn costs `unmet_tag` at most once and not on top of a greater harm: in the rubric's worked
    example (c) a blaming reply is not charged again for what it left unsaid. In danger nothing is (R13). What
    only may have been an answer (`faint`) is none, and no cap rests on it.
    """
    numbers, rule = moment.rubric.reply, moment.rubric.criteria[criterion]
    expected = not is_small_talk and (not rule.expected_on or bool(moment.peer.tags & rule.expected_on))
    answered = any(move.credit.get(criterion) for move in moves)
    heard = (*moves, *faint)
    credits = sorted((move.credit.get(criterion, 0.0) for move in heard), reverse=True)
    credit = sum(credits[: numbers.credits_counted])
    harm = sum(move.harm.get(criterion, 0.0) for move in heard)
    harm += sum(flag.effects.get(criterion, 0.0) for flag in flags)
    unmet = 0.0
    is_spared = is_small_talk or any("R13" in move.context for move in moves)
    if not answered and moment.peer.tags & rule.tags and not is_spared:
        unmet = max(0.0, numbers.unmet_tag - harm)
    rise = 1 - math.exp(-credit / numbers.credit_decay)
    fall = 1 - math.exp(-(harm + unmet) / numbers.harm_decay)
    uncapped = 50 + 50 * rise * (1 - fall) - 50 * fall
    caps = tuple(_caps(criterion, moves, {flag.name for flag in flags}, moment.rubric))
    return CriterionScore(
        value=round(min([uncapped, *(cap.limit for cap in caps)]), 4),
        uncapped=round(uncapped, 4),
        credit=credit,
        harm=harm + unmet,
        rise=rise,
        fall=fall,
        unmet=unmet,
        is_expected=expected,
        caps=caps,
    )


def _caps(criterion: str, moves: Moves, flags: set[str], rubric: Rubric) -> Iterable[CapHit]:
    for cap in rubric.reply.caps:
        if cap.covers(criterion):
            reason = _reason(cap, moves, flags, rubric)
            if reason:
                limit = cap.limits["limit"]
                yield CapHit(limit, f"{reason}: no more than {limit:g}.")


def _reason(cap: Cap, moves: Moves, flags: set[str], rubric: Rubric) -> str:
    seen = [move.plain for move in moves if move.move in cap.moves and move.sev > 0]
    seen += [rubric.flags[name].plain for name in sorted(cap.flags & flags)]
    return ", ".join(dict.fromkeys(seen))


def reply_score(rubric: Rubric, criteria: Mapping[str, CriterionScore]) -> float:
    """Return U, 0 to 100: with strengths expected the weighted mean, else C and H with S as an extra."""
    if criteria["strengths"].is_expected:
        total = sum(rubric.criteria[key].weight * score.value for key, score in criteria.items())
    else:
        total = sum(
            rubric.criteria[key].weight_without * (score.value - (50 if key == "strengths" else 0))
            for key, score in criteria.items()
        )
    return round(min(100.0, max(0.0, total)), 4)
