"""Judging one reply: from a reading and the moment it falls in to scores, flags and feedback.

Pure: the same reading, peer turn and history give the same assessment, so that a session scored live,
replayed or in a batch is scored the same. The steps are those of the rubric, section 6:

1. hear the peer's turn (a yes, a no, a word they use for themself);
2. take one move per stretch of words, by precedence;
3. apply the context rules (`actions/context_rules.py`);
4. raise the flags (`actions/flags.py`);
5. weigh credit and harm, those of other readings too (`actions/doubt.py`), and sum them by criterion
   (`actions/arithmetic.py`);
6. choose feedback (`actions/feedback.py`);
7. remember what the next reply needs (`actions/history.py`).
"""

from __future__ import annotations

from collections.abc import Mapping

from actions.arithmetic import reply_score, score_criterion, weigh, weigh_faint
from actions.context_rules import Moves, apply_context
from actions.doubt import heard_faintly
from actions.feedback import choose_feedback
from actions.flags import Waits, find_flags
from actions.history import History
from actions.judgement import (
    CriterionScore,
    FeedbackPoint,
    Flag,
    IndicatorMark,
    JudgedMove,
    PeerTurn,
    ReplyAssessment,
)
from actions.moment import Moment, pick_spans
from actions.rubric import CRITERIA, Rubric, Source
from actions.words import has_phrase
from bot.reading import Reading

__all__ = [
    "CriterionScore",
    "FeedbackPoint",
    "Flag",
    "History",
    "IndicatorMark",
    "JudgedMove",
    "PeerTurn",
    "ReplyAssessment",
    "assess_reply",
]


def assess_reply(
    rubric: Rubric, reading: Reading, peer_turn: PeerTurn, history: History
) -> tuple[ReplyAssessment, History]:
    """Judge one reply.

    Args:
        rubric: The rubric.
        reading: What was understood of the reply.
        peer_turn: What the peer said just before it.
        history: The memory of the replies before it, in order.

    Returns:
        The assessment, and the memory for the next reply. Neither argument is changed.
    """
    moment = Moment(rubric, reading, peer_turn, history.hearing(rubric, peer_turn))
    picked = pick_spans(moment)
    moves = apply_context(picked, moment)
    small_talk = is_small_talk(moves, moment)
    flags, waits = find_flags(moves, moment, small_talk)
    named = {flag.name: flag for flag in flags}
    moves, repeats = weigh(moves, moment, named)
    faint = () if small_talk else weigh_faint(heard_faintly(picked, moment), moves, moment, named)
    criteria = {key: score_criterion(key, moves, flags, moment, small_talk, faint) for key in CRITERIA}
    marks = indicator_marks(moves, flags, moment)
    points, said = choose_feedback(moves, flags, moment, small_talk)
    names = frozenset(flag.name for flag in flags)
    assessment = ReplyAssessment(
        moves=moves,
        repeats=repeats,
        flags=flags,
        criteria=criteria,
        overall=reply_score(rubric, criteria),
        is_substantive=is_substantive(moves, names),
        is_small_talk=small_talk,
        feedback=points,
        indicators=marks,
        signs=safety_signs(moves, moment),
        words=moment.word_count,
        peer_words=moment.peer_word_count,
        rubric_version=rubric.version,
        breaks=breaks_in(moves, rubric),
        is_mendable=any(
            set(breaks_in(moves, rubric)) & c.moves for c in rubric.session.caps if "repaired" in c.limits
        ),
        is_mending=any(move.move in rubric.session.repaired_by for move in moves),
        is_stock=moment.is_stock,
        is_framed=moment.is_framed,
        answer_within=int(rubric.session.numbers["answer_within"]),
        repair_within=rubric.session.repaired_within,
        faint=faint,
    )
    after = moment.history.after(
        rubric,
        peer_turn,
        reading.text,
        (*moves, *repeats),
        names,
        _still_waiting(waits, moment),
        waits.is_safety_asked,
        said,
        tuple(point.code for point in points),
        moment.is_stock,
        moment.frame,
    )
    return assessment, after


def _still_waiting(waits: Waits, moment: Moment) -> tuple[int, int]:
    """Return what waits after the flags: a cue that was flagged is done, unless the peer showed it anew."""
    strength, safety = moment.rubric.flags["missed_strength"], moment.rubric.flags["missed_safety_cue"]
    left = [waits.strength, waits.safety]
    for place, rule in enumerate((strength, safety)):
        if left[place] >= rule["within"]:
            left[place] = 1 if moment.tagged(rule["on_tags"]) else 0
    return left[0], left[1]


def is_small_talk(moves: Moves, moment: Moment) -> bool:
    """Return whether a reply is only a greeting, a thanks or a goodbye: `other`, never scored (section 1.6).

    Never so when something hard was just told or advice was asked for: then it is an answer withheld.
    """
    if moves or moment.is_hard_disclosure or "ask" in moment.peer.tags:
        return False
    kinds = {mention.kind for mention in moment.reading.mentions}
    if is_nod(moment, kinds):
        return True
    asks = [mention for mention in moment.reading.mentions if mention.kind == "how_are_you"]
    questions = sum(sentence.is_question for sentence in moment.reading.sentences)
    return (
        bool(kinds & moment.rubric.small_talk)
        and not kinds & set(moment.rubric.flags["to_scorer"]["mentions"])
        and moment.word_count <= moment.rubric.small_talk_words
        and questions <= len(asks)
    )


def is_nod(moment: Moment, kinds: set[str]) -> bool:
    """Return whether a reply is a listening sound ("mm", "I see") between replies with something in them.

    Section 1.6 never scores these and section 7 calls stalling `too_thin`. The line between the two is where
    the rubric draws it for questions: two are normal, the third in a row is not. The first reply of a session
    has nothing yet to keep company with.
    """
    before = moment.history.recent[-(moment.rubric.nods_in_a_row - 1) :]
    is_short = moment.word_count < moment.rubric.flags["too_thin"]["words"]
    return is_short and bool(kinds & moment.rubric.nods) and any(before)


def is_substantive(moves: Moves, flags: frozenset[str]) -> bool:
    """Return whether a reply counts toward the six that a session score needs.

    It holds at least one coded move that is more than empty praise, and is not the same reply again.
    """
    return "duplicate" not in flags and any(move.move != "generic_praise" for move in moves)


def breaks_in(moves: Moves, rubric: Rubric) -> tuple[str, ...]:
    """Return the moves of a reply that a session cap names, unless they were excused or are not sure."""
    named = frozenset[str]().union(*(cap.moves for cap in rubric.session.caps))
    return tuple(
        move.move
        for move in moves
        if move.move in named and move.sev > 0 and move.probability >= rubric.session.sure
    )


def indicator_marks(moves: Moves, flags: tuple[Flag, ...], moment: Moment) -> Mapping[str, IndicatorMark]:
    """Return what a reply does for each indicator; those that it does not touch are left out."""
    tags = moment.peer.tags | {"any"} | ({"start"} if moment.history.replies == 0 else set())
    marks = {}
    seen = {move.move for move in moves} | {flag.name for flag in flags}
    for indicator in moment.rubric.indicators.values():
        if seen.isdisjoint(indicator.sources) and not indicator.when & tags:
            continue
        helped = [m for m in moves if m.kind != "X" and any(_is_source(s, m, tags) for s in indicator.helps)]
        harmed = [m for m in moves if m.kind == "X" and any(_is_source(s, m, tags) for s in indicator.harms)]
        flagged = [f for f in flags if f.effects and any(s.name == f.name for s in indicator.harms)]
        mark = IndicatorMark(
            credit=round(min(1.0, sum(move.worth for move in helped)), 6),
            harm=round(sum(move.sev for move in harmed) + len(flagged), 6),
            is_called=bool(indicator.when & tags),
        )
        if mark != IndicatorMark():
            marks[indicator.id] = mark
    return marks


def _is_source(source: Source, move: JudgedMove, tags: frozenset[str] | set[str]) -> bool:
    return (
        source.name == move.move
        and (source.kind is None or source.kind in move.kinds)
        and (source.tag is None or source.tag in tags)
    )


def safety_signs(moves: Moves, moment: Moment) -> tuple[str, ...]:
    """Return what of the safety gate's steps a reply shows, for the session to put in order."""
    gate, text = moment.rubric.safety_gate, moment.reading.text
    names = {move.move for move in moves}
    kinds = {mention.kind for mention in moment.reading.mentions}
    asks = "asks_suicide" in kinds or ("safety_ask" in names and has_phrase(text, gate["ask_words"]))
    tests = {
        "cue": "safety" in moment.peer.tags,
        "noticed": bool(names & gate["noticed_by"]),
        "asks_suicide": asks,
        "listens": bool(names & gate["listened_by"]),
        "spoils": bool(names & gate["spoilt_by"]) or bool(kinds & set(gate["spoilt_by_mentions"])),
        "asks_tonight": "asks_tonight" in kinds
        or ("safety_ask" in names and has_phrase(text, gate["tonight_words"])),
        "connects": bool(names & gate["connected_by"])
        or "offers_988" in kinds
        or ("link_support" in names and has_phrase(text, gate["connect_words"])),
        "says_whom": bool(names & gate["says_whom_by"]) or has_phrase(text, gate["whom_words"]),
        "follows_up": has_phrase(text, gate["follow_up_words"]),
    }
    return tuple(name for name, is_seen in tests.items() if is_seen)
