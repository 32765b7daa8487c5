"""The fourteen context rules: what a move is worth depends on what the peer just said.

Each rule is one function from moves to moves; it leaves its id and its reason on every move that it
touches. Rules that change what a move is come first, rules that change what it is worth after them. The
words and numbers of each rule are in `data/rubric.yml`, section `context`.

R4 (acknowledge a disclosure before anything else) lives in the flag `missed_empathy`, and in the
severity after a disclosure (`actions/arithmetic.py`).
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import replace

from actions.judgement import JudgedMove
from actions.moment import Moment
from actions.rubric import Rubric
from actions.words import content_words, find_phrase, has_cue, has_phrase, opens_with, overlap, words

Moves = tuple[JudgedMove, ...]


def apply_context(moves: Moves, moment: Moment) -> Moves:
    """Return the moves after all context rules, in order of their first character."""
    for rule in (*CHANGE_WHAT_IT_IS, *CHANGE_WHAT_IT_IS_WORTH):
        moves = tuple(sorted(rule(moves, moment), key=lambda move: (move.start, move.end, move.move)))
    return moves


def recode(move: JudgedMove, name: str, rubric: Rubric, rule: str, note: str = "") -> JudgedMove:
    """Return a move under another name, with the rule that changed it."""
    known = rubric.moves[name]
    return replace(
        move,
        move=name,
        kind=known.kind,
        plain=known.plain,
        weights=dict(known.weights),
        context=(*move.context, rule),
        notes=(*move.notes, note or rubric.context[rule].plain),
    )


def touch(move: JudgedMove, rule: str, note: str, *, factor: float = 1.0) -> JudgedMove:
    """Return a move with a rule noted on it and its credit multiplied."""
    return replace(
        move, context=(*move.context, rule), notes=(*move.notes, note), factor=move.factor * factor
    )


def _named(moves: Iterable[JudgedMove], names: Iterable[str]) -> list[JudgedMove]:
    wanted = set(names)
    return [move for move in moves if move.move in wanted]


def r1_consent_covers_one_idea(moves: Moves, moment: Moment) -> Moves:
    """R1: after "can I share something?" and a yes, one idea on that topic is invited advice.

    Consent is about the words it was asked with; where it was asked without any ("ok if I throw an idea at
    you?") the idea must fit what the peer says now or the reply must be the very next one.
    """
    rule = moment.rubric.context["R1"]
    if moment.history.consent != "given":
        return moves
    ideas = 0
    changed = []
    for move in moves:
        if move.move in rule["turns"] or move.move == rule["into"]:
            if ideas < rule["ideas"] and _is_on_topic(move, moment):
                ideas += 1
                same = move.move == rule["into"]
                move = (
                    touch(move, "R1", rule.plain) if same else recode(move, rule["into"], moment.rubric, "R1")
                )
            elif move.move == rule["into"]:
                note = "You had a yes for one idea, on one topic."
                move = recode(move, "unsolicited_advice", moment.rubric, "R1", note)
        changed.append(move)
    return tuple(changed)


def _is_on_topic(move: JudgedMove, moment: Moment) -> bool:
    about = frozenset(moment.history.consent_words)
    said = content_words(move.text)
    fits = (
        bool(said & moment.peer_words)
        or moment.similarity(move.start, move.end) >= moment.rubric.reply.relevance["similarity"]
    )
    is_next = moment.history.consent_left == moment.rubric.context["R1"]["within"]
    return bool(said & about) or fits or (is_next and len(about) <= 2)


def r2_advice_after_no(moves: Moves, moment: Moment) -> Moves:
    """R2: after a "no", invited advice is no longer invited; severity follows in the arithmetic."""
    rule = moment.rubric.context["R2"]
    changed = []
    for move in moves:
        if move.move in rule["turns"] and is_refused(move, moment) and "R1" not in move.context:
            move = recode(move, rule["into"], moment.rubric, "R2")
        elif move.move in rule["moves"] and is_refused(move, moment):
            move = touch(move, "R2", rule.plain)
        changed.append(move)
    return tuple(changed)


def is_refused(move: JudgedMove, moment: Moment) -> bool:
    """Return whether the peer's "no" covers a move: any in the next reply, later the same matter only."""
    left = moment.history.refused_left
    if left >= moment.rubric.context["R2"]["lasts"]:
        return True
    return left > 0 and bool(content_words(move.text) & frozenset(moment.history.refused_words))


def r3_advice_that_was_asked_for(moves: Moves, moment: Moment) -> Moves:
    """R3: the peer asked "what should I do?": one idea is fair, three tips or "you should" is an order.

    The order then has half its severity. Credit only where the peer's own view is sought too, beside the idea
    or in the reply before it; a plain open question back then may have been about anything.
    """
    rule = moment.rubric.context["R3"]
    if not moment.tagged(rule["tags"]):
        return moves
    ideas = [
        move for move in moves if move.move in (*rule["turns"], rule["into"]) and "R1" not in move.context
    ]
    orders = [move for move in ideas if has_phrase(move.text, rule["order_words"])]
    is_list = len(ideas) >= rule["tips"]
    last = moment.history.recent[-1] if moment.history.recent else ()
    sought = bool(_named(moves, rule["view_sought_by"])) or bool(set(last) & rule["view_sought_before"])
    worth = rule["credit_when_sought"] if sought else rule["credit_otherwise"]
    taken = False
    changed = []
    for move in moves:
        if move in ideas and (is_list or move in orders):
            note = "They asked for your thought, and this came as an order."
            move = recode(move, rule["tips_into"], moment.rubric, "R3", note)
        elif move in ideas and not taken:
            taken = True
            same = move.move == rule["into"]
            move = replace(
                touch(move, "R3", rule.plain) if same else recode(move, rule["into"], moment.rubric, "R3"),
                factor=move.factor * worth,
            )
        elif move in ideas or move.move == rule["tips_into"]:
            name = "unsolicited_advice" if move in ideas else move.move
            move = recode(move, name, moment.rubric, "R3", "They asked, so it weighs half.")
        changed.append(move)
    return tuple(changed)


def r5_the_same_point_after_pushback(moves: Moves, moment: Moment) -> Moves:
    """R5: after pushback, making the same point again is pressure, and arguing is confronting.

    An order given again stays an order, at the greater severity: to call it pressure would lighten it.
    """
    rule = moment.rubric.context["R5"]
    if not moment.tagged(rule["tags"]):
        return moves
    before = frozenset(moment.history.last_point)
    changed = []
    for move in moves:
        again = overlap(content_words(move.text), before) >= rule["repeat_overlap"] and bool(before)
        if move.move in rule["argue_moves"] and opens_with(move.text, rule["argue_openings"]):
            move = recode(move, rule["argue_into"], moment.rubric, "R5", "They pushed back and you argued.")
        elif move.move in rule["repeat_moves"] and again:
            harsher = sum(move.weights.values()) < sum(
                moment.rubric.moves[rule["repeat_into"]].weights.values()
            )
            into = move.move if harsher else rule["repeat_into"]
            move = recode(move, into, moment.rubric, "R5")
        changed.append(move)
    return tuple(changed)


def r6_tip_dressed_as_question(moves: Moves, moment: Moment) -> Moves:
    """R6: "have you tried X?" is advice when X is the trainee's idea and a question when it is the peer's.

    "Have you thought about what you would say?" asks for the peer's own thoughts and stays a question. Where
    the idea shares a little with what the peer said, the reading is left as it was.
    """
    rule = moment.rubric.context["R6"]
    changed = []
    for move in moves:
        found = find_phrase(move.text, (*rule["forms"], *rule["soft_forms"]))
        if found is not None:
            idea = move.text[found[1] :]
            first = next(iter(words(idea)), "")
            is_own = first in rule["not_before"]
            shared = overlap(content_words(idea), moment.known_words)
            theirs = shared >= rule["theirs"]
            hard = has_phrase(move.text, rule["forms"]) or (
                first in rule["doing"] and has_phrase(move.text, rule["soft_doing"])
            )
            if move.move == rule["into"] and (theirs or is_own):
                note = "They brought it up, so this is a question."
                move = recode(move, rule["own_idea_into"], moment.rubric, "R6", note)
            elif (
                move.move in rule["questions"] and hard and content_words(idea) and not shared and not is_own
            ):
                move = recode(move, rule["into"], moment.rubric, "R6")
        changed.append(move)
    return tuple(changed)


def r7_whose_story_it_is(moves: Moves, moment: Moment) -> Moves:
    """R7: a story of one's own needs an invitation, stays short and is handed back.

    Invited is: the peer asked, or said yes to being asked. Otherwise it is worth half. Too long or not
    handed back halves it; both together take the floor. A story that leads into advice earns nothing.
    """
    rule = moment.rubric.context["R7"]
    own_words = " ".join(move.text for move in moves if move.move in rule["moves"])
    levers = _named(moves, rule["leverage"])
    invited = has_phrase(moment.peer.text, rule["peer_asks"]) or moment.history.consent == "given"
    changed = []
    for move in moves:
        if move.move in rule["moves"]:
            returned = any(other.start >= move.start for other in _named(moves, rule["hands_back"])) or any(
                sentence.is_question and sentence.end > move.start for sentence in moment.reading.sentences
            )
            is_long = len(words(own_words)) > rule["words"]
            if levers:
                move = touch(move, "R7", "The story was used to carry advice.", factor=0.0)
            elif is_long and not returned:
                move = recode(move, rule["into"], moment.rubric, "R7")
            else:
                if not invited:
                    move = touch(move, "R7", "Nobody asked for a story here.", factor=rule["uninvited"])
                if is_long or not returned:
                    why = "It ran long." if is_long else "It was not handed back to them."
                    move = touch(move, "R7", why, factor=rule["flawed"])
        changed.append(move)
    return tuple(changed)


def r8_beside_or_instead(moves: Moves, moment: Moment) -> Moves:
    """R8: helping them do it is building independence; doing it instead of them is taking over."""
    rule = moment.rubric.context["R8"]
    changed = []
    for move in moves:
        instead = has_phrase(move.text, rule["instead"])
        beside = has_phrase(move.text, rule["beside"])
        if move.move in rule["beside_moves"] and beside and not instead:
            move = recode(move, rule["beside_into"], moment.rubric, "R8")
        elif move.move in rule["instead_moves"] and instead and not beside:
            move = recode(move, rule["instead_into"], moment.rubric, "R8")
        changed.append(move)
    return tuple(changed)


def r9_choice_after_an_order(moves: Moves, moment: Moment) -> Moves:
    """R9: "but it's your choice" after an order softens it (harm x 0.75) and does not erase it."""
    rule = moment.rubric.context["R9"]
    soft = _named(moves, rule["softened_by"])
    return tuple(
        touch(move, "R9", rule.plain)
        if move.move in rule["moves"] and any(other.start >= move.end for other in soft)
        else move
        for move in moves
    )


def r10_praise_before_listening(moves: Moves, moment: Moment) -> Moves:
    """R10: praise that comes before listening, right after a painful disclosure, is worth three tenths.

    A reframe needs listening at any time: in the reply before it, or within the last two replies.
    """
    rule = moment.rubric.context["R10"]
    listened = [move.start for move in moves if move.move in rule["after"]]
    lately = any(name in rule["after"] for names in moment.history.recent[-2:] for name in names)
    changed = []
    for move in moves:
        early = not any(start < move.start for start in listened)
        painful = move.move in rule["moves"] and moment.is_hard_disclosure
        unheard = move.move in rule["always"] and not lately
        changed.append(
            touch(move, "R10", rule.plain, factor=rule["factor"]) if early and (painful or unheard) else move
        )
    return tuple(changed)


def r12_shouting_and_sarcasm(moves: Moves, moment: Moment) -> Moves:
    """R12: "calm down", mockery and shouting at the peer are blame, whatever else the words say.

    Shouting for joy is left alone: capitals in the words of praise or of a safety move do not count.
    """
    rule = moment.rubric.context["R12"]
    heard = [(m.start, m.end) for m in moment.reading.mentions if m.kind in rule["mentions"]]
    phrases = _opening_phrases(moment, rule["phrases"], frozenset(rule["before"]))
    kept, found = list(moves), []
    for start, end in (*heard, *phrases):
        around = [move for move in kept if move.start < end and start < move.end]
        if any(move.move in rule["spared_by"] for move in around) and (start, end) not in phrases:
            continue
        for move in around:
            kept.remove(move)
        base = around[0] if around else _from_words(start, end, moment, rule["into"])
        found.append(base if base.move == rule["into"] else recode(base, rule["into"], moment.rubric, "R12"))
    return (*kept, *found)


def _opening_phrases(moment: Moment, phrases: Iterable[str], skip: frozenset[str]) -> list[tuple[int, int]]:
    """Return where a sentence of the reply opens with one of the phrases.

    Only there: "you had to calm down first" tells, "calm down" orders.
    """
    text = moment.reading.text
    stretches = [(s.start, s.end) for s in moment.reading.sentences] or [(0, len(text))]
    found = []
    for start, end in stretches:
        if opens_with(text[start:end], phrases, skip):
            spot = find_phrase(text[start:end], phrases)
            if spot is not None:
                found.append((start + spot[0], start + spot[1]))
    return found


def _from_words(start: int, end: int, moment: Moment, name: str) -> JudgedMove:
    move = moment.rubric.moves[name]
    return JudgedMove(
        start=start,
        end=end,
        move=name,
        probability=1.0,
        rule="R12",
        kind=move.kind,
        plain=move.plain,
        text=moment.reading.text[start:end],
        read_as=name,
        context=("R12",),
        weights=dict(move.weights),
        notes=(moment.rubric.context["R12"].plain,),
    )


def r13_directness_in_danger(moves: Moves, moment: Moment) -> Moves:
    """R13: in immediate danger a clear safety instruction is right and costs nothing."""
    rule = moment.rubric.context["R13"]
    if not has_phrase(moment.peer.text, rule["danger"]):
        return moves
    return tuple(
        replace(touch(move, "R13", rule.plain), sev=0.0)
        if move.move in rule["moves"] and has_phrase(move.text, rule["instructions"])
        else move
        for move in moves
    )


def r14_claims_about_their_culture(moves: Moves, moment: Moment) -> Moves:
    """R14: telling the peer what their own culture or faith is takes the expert's seat; asking does not."""
    rule = moment.rubric.context["R14"]
    changed = []
    for move in moves:
        claims = (
            has_phrase(move.text, rule["phrases"])
            and bool(set(words(move.text)) & set(rule["claims"]))
            and not moment.is_asked(move.start, move.end)
        )
        claims = claims and not has_phrase(move.text, rule["spared_by_words"])
        mirrors = claims and overlap(content_words(move.text), moment.peer_words) >= 0.5
        worse = moment.rubric.moves[move.move].precedence < moment.rubric.moves[rule["into"]].precedence
        if claims and not mirrors and not worse and move.move != rule["into"]:
            move = recode(move, rule["into"], moment.rubric, "R14")
        changed.append(move)
    return tuple(changed)


def advice_offered_but_not_invited(moves: Moves, moment: Moment) -> Moves:
    """Rubric, move 8: one idea that leaves room ("if you want") but was not invited earns half."""
    return tuple(
        replace(
            move,
            factor=move.factor * moment.rubric.context["R1"]["uninvited"],
            notes=(*move.notes, "Left room for a no, but they had not asked."),
        )
        if move.move == "advise_with_permission" and not {"R1", "R3"} & set(move.context)
        else move
        for move in moves
    )


def further_weights(moves: Moves, moment: Moment) -> Moves:
    """Rubric, moves 18 and 29: a story that carries hope, and three tips or more, touch strengths too."""
    tips = len(_named(moves, ["unsolicited_advice"])) >= moment.rubric.context["R3"]["tips"]
    changed = []
    for move in moves:
        known = moment.rubric.moves[move.move]
        kinds = tuple(kind for kind, cues in known.kinds.items() if has_cue(move.text, cues))
        weights = dict(move.weights)
        for name, extra in known.extra.items():
            if name in kinds or (name == "three_tips" and tips):
                weights.update({key: weights.get(key, 0.0) + value for key, value in extra.items()})
        changed.append(replace(move, kinds=kinds, weights=weights))
    return tuple(changed)


CHANGE_WHAT_IT_IS: tuple[Callable[[Moves, Moment], Moves], ...] = (
    r12_shouting_and_sarcasm,
    r14_claims_about_their_culture,
    r6_tip_dressed_as_question,
    r8_beside_or_instead,
    r1_consent_covers_one_idea,
    r3_advice_that_was_asked_for,
    r5_the_same_point_after_pushback,
    r2_advice_after_no,
    r7_whose_story_it_is,
)

CHANGE_WHAT_IT_IS_WORTH: tuple[Callable[[Moves, Moment], Moves], ...] = (
    r9_choice_after_an_order,
    r10_praise_before_listening,
    r13_directness_in_danger,
    advice_offered_but_not_invited,
    further_weights,
)
