"""What to say to the trainee about a reply: at most two points, in plain words, or nothing.

One point says what worked, with the words that did it; one says what to try, with a rewording made from what
the peer just said. Which wording comes first follows from the reply's own words, and none comes twice in a
session, so the same talk always gets the same words and they never wear out. A praise that was given last
time is not given again at once, and one whose wordings are used up is left unsaid.
"""

from __future__ import annotations

import re
import zlib
from collections.abc import Mapping, Sequence
from string import Formatter

from actions.arithmetic import REFLECTIONS
from actions.context_rules import Moves
from actions.flags import is_closed_run
from actions.judgement import FeedbackPoint, Flag, JudgedMove
from actions.moment import Moment
from actions.rubric import FeedbackEntry
from actions.rubric_reading import PROMISES
from actions.words import after_reaction, content_words, inside_quotes, quote, sentences, words

WHO = {"scope_legal": "a lawyer", "scope_medical": "their prescriber"}
"""Whose field it is, by what the reply touched."""

GREETINGS = frozenset("hi hello hey salaam hola evening morning good".split())

SELF = frozenset("i im ive id ill we weve".split())
OWN = SELF | frozenset("my me mine our".split())

SHARED = 2
"""Words of content that praise must share with the peer's to be said to have caught them."""

_CLAUSE = re.compile(r",\s+|\s+(?=(?:and|but|because|so|when|after|before|if|or|plus)\s)")


def choose_feedback(
    moves: Moves, flags: Sequence[Flag], moment: Moment, is_small_talk: bool
) -> tuple[tuple[FeedbackPoint, ...], dict[str, int]]:
    """Return at most as many points as the rubric allows, and which wordings were used so far.

    Args:
        moves: Judged moves that count.
        flags: Flags of the reply.
        moment: The moment.
        is_small_talk: Whether there was nothing to judge.
    """
    said = dict(moment.history.said or {})
    points: list[FeedbackPoint] = []
    if not is_small_talk:
        for point in (_worked(moves, flags, moment, said), _to_try(moves, flags, moment, said)):
            if point is not None:
                points.append(point)
    return tuple(points[: moment.rubric.feedback.points]), said


def _worked(
    moves: Moves, flags: Sequence[Flag], moment: Moment, said: dict[str, int]
) -> FeedbackPoint | None:
    """Return the point on the move that did most, or None where praise would ring hollow.

    Nothing is praised beside harm that outweighs it, nor a move that is worn out, generic or just praised.
    """
    text = moment.rubric.feedback
    names = {flag.name for flag in flags}
    if names & {"duplicate", "missed_safety_cue"}:
        return None
    harm = sum(sum(move.harm.values()) for move in moves) + sum(sum(flag.effects.values()) for flag in flags)
    good = [
        move
        for move in moves
        if move.kind != "X"
        and sum(move.credit.values()) > harm
        and move.worth >= text.praise_from
        and move.move in text.worked
        and move.move not in moment.history.last_said
        and _is_sure(move, moment)
        and _is_called_for(text.worked[_entry_key(move, text.worked)], moment)
    ]
    if not good:
        return None

    def rank(move: JudgedMove) -> tuple[bool, float, float, int]:
        return move.move in text.praise_first, sum(move.credit.values()), move.worth, -move.start

    best = max(good, key=rank)
    entry = text.worked[_entry_key(best, text.worked)]
    return _point("worked", best.move, entry, moment, said, best.start, best.end, best.text, best)


def _is_sure(move: JudgedMove, moment: Moment) -> bool:
    """Return whether a reading is sure enough to be praised: "So you just gave up?" may be a reflection.

    What a rule found is sure. Otherwise the move must be probable, and harm of any kind must not be.
    """
    text = moment.rubric.feedback
    if move.rule is not None:
        return True
    harm = max(
        (moment.harm_in(clause) for clause in moment.reading.sentences if clause.start == move.start),
        default=0.0,
    )
    return move.probability >= text.praise_sure and harm < text.praise_doubt


def _is_called_for(entry: FeedbackEntry, moment: Moment) -> bool:
    """Return whether there was something that praise of this kind speaks of."""
    if not entry.only_on or moment.tagged(entry.only_on):
        return True
    known = moment.rubric.moves
    return entry.after_harm and any(
        known[name].kind == "X" for row in moment.history.recent[-2:] for name in row
    )


def _entry_key(move: JudgedMove, entries: Mapping[str, FeedbackEntry]) -> str:
    """Return the name of the wordings for a move: those of its first kind where it has its own."""
    of_kind = f"{move.move}:{move.kinds[0]}" if move.kinds else move.move
    return of_kind if of_kind in entries else move.move


def _to_try(
    moves: Moves, flags: Sequence[Flag], moment: Moment, said: dict[str, int]
) -> FeedbackPoint | None:
    """Return the point that matters most, or None where nothing calls for one."""
    text = moment.rubric.feedback
    found: dict[str, tuple[int | None, int | None, str, JudgedMove | None, str]] = {}
    for move in moves:
        if move.move in text.to_try and (move.kind == "N" or (move.kind == "X" and move.sev > 0)):
            found[move.move] = (move.start, move.end, move.text, move, "")
    for flag in flags:
        if flag.name in text.to_try:
            words_of = moment.reading.text[flag.start : flag.end] if flag.start is not None else ""
            found[flag.name] = (flag.start, flag.end, words_of, None, flag.detail)
    if "parrot" in found and any(_is_fresh_reflection(move, moment) for move in moves):
        found.pop("parrot")
    if "question_stack" in found and is_closed_run(moves, moment):
        found["closed_run"] = found.pop("question_stack")
    if "generic_praise" in found and len(found) == 1 and any(move.credit for move in moves):
        found.pop("generic_praise")
    if "too_thin" in found and "too_thin" in moment.history.last_said:
        found.pop("too_thin")
    for code in text.first:
        if code in found:
            start, end, own, judged, detail = found[code]
            entry = text.to_try[_try_key(code, moment)]
            return _point("try", code, entry, moment, said, start, end, own, judged, detail)
    return None


def _is_fresh_reflection(move: JudgedMove, moment: Moment) -> bool:
    return move.move in REFLECTIONS and move.worth >= moment.rubric.feedback.praise_from


def _try_key(code: str, moment: Moment) -> str:
    """Return the name of the wordings for what to try: a promise has its own."""
    kinds = [mention.kind for mention in moment.reading.mentions if mention.kind in PROMISES]
    return PROMISES[kinds[0]] if code == "scope_violation" and kinds else code


def _point(
    kind: str,
    code: str,
    entry: FeedbackEntry,
    moment: Moment,
    said: dict[str, int],
    start: int | None,
    end: int | None,
    own: str,
    move: JudgedMove | None,
    detail: str = "",
) -> FeedbackPoint | None:
    most = moment.rubric.feedback.quoted_words
    blanks = {
        "q": _own_words(own, most),
        "p": quote(_theirs(kind, code, own, moment, entry), most),
        "who": _who(moment),
        "alternative": detail,
    }
    text = _wording(entry.say, blanks, said, f"{kind}:{code}", moment, is_endless=kind == "try")
    if text is None:
        return None
    rewording = None
    if entry.rephrase:
        # A wording with the peer's own words goes before one that would do anywhere.
        theirs = tuple(again for again in entry.rephrase if "{p}" in again) if blanks["p"] else ()
        others = tuple(again for again in entry.rephrase if "{p}" not in again)
        rewording = _wording(theirs, blanks, said, f"theirs:{code}", moment) or _wording(
            others, blanks, said, f"ours:{code}", moment, is_endless=True
        )
    context = ""
    if move is not None and move.context:
        context = moment.rubric.context[move.context[-1]].plain
    return FeedbackPoint(
        kind=kind,
        text=text,
        rewording=rewording,
        code=code,
        start=start,
        end=end,
        why=entry.why,
        seeds=entry.seeds,
        quote=blanks["q"] or None,
        context=context,
    )


def _wording(
    wordings: Sequence[str],
    blanks: Mapping[str, str],
    said: dict[str, int],
    key: str,
    moment: Moment,
    *,
    is_endless: bool = False,
) -> str | None:
    """Return a wording that can be filled and was not used yet, and note its use; None where there is none.

    Args:
        wordings: The choices.
        blanks: What goes into them.
        said: Key to the wordings used, one bit each; changed.
        key: Name of this list.
        moment: The moment; the reply's words decide where to begin.
        is_endless: Whether to begin anew when all were used.
    """
    usable = [
        at
        for at, text in enumerate(wordings)
        if all(blanks[name] for _, name, _, _ in Formatter().parse(text) if name)
    ]
    if not usable:
        return None
    used = said.get(key, 0)
    fresh = [at for at in usable if not used >> at & 1]
    if not fresh:
        if not is_endless:
            return None
        used, fresh = 0, usable
    chosen = fresh[zlib.crc32(moment.reading.text.encode(errors="replace")) % len(fresh)]
    said[key] = used | 1 << chosen
    return inside_quotes(wordings[chosen].format(**blanks))


def _theirs(kind: str, code: str, own: str, moment: Moment, entry: FeedbackEntry) -> str:
    """Return the peer's words that a point may quote, or "" where they would not be what it speaks of."""
    flags = moment.rubric.flags
    if code in ("missed_strength", "missed_safety_cue") and not moment.tagged(flags[code]["on_tags"]):
        return ""  # it was in an earlier turn
    if not moment.peer.tags - {"push"} or (entry.quote_on and not moment.tagged(entry.quote_on)):
        return ""  # "Mm. I should go." is not worth quoting
    theirs = peer_words(moment, own)
    if kind == "worked" and len(content_words(theirs) & content_words(own)) < SHARED:
        return ""
    return theirs


def peer_words(moment: Moment, own: str) -> str:
    """Return words of the peer's that a point can quote whole, or "" where none carry anything.

    The sentence that shares most with the trainee's words comes first, then one about the peer's own self,
    then the one with most content, then one that need not be cut, then the later one. Questions and greetings
    are passed over: quoting "what now?" back helps nobody.
    """
    most = moment.rubric.feedback.quoted_words
    ours = content_words(own)
    best, rank = "", (-1, 0, 0, False, 0)
    text = after_reaction(moment.peer.text)
    for number, line in enumerate(sentences(text)):
        at = text.find(line)
        asks = text[at + len(line) : at + len(line) + 1] == "?"
        said = words(line)
        if asks or len(said) < 3 or said[0] in GREETINGS:
            continue
        piece = line if len(said) <= most else _clause(line, most)
        content, first = content_words(piece), set(words(piece)[:2])
        if len(content) < 2:
            continue
        # What they say of themself begins so; "they said i get a person" does not.
        about_self = 2 if SELF & first else 1 if OWN & first else 0
        worth = (len(content & ours), about_self, min(len(content), 4), piece == line, number)
        if worth > rank:
            best, rank = piece, worth
    return best


def _own_words(own: str, most: int) -> str:
    """Return the trainee's words as a quotation: whole clauses where they are too long to be given whole."""
    cut = own if len(words(own)) <= most else _clause(own, most) or own
    return quote(cut, most)


def _clause(line: str, most: int) -> str:
    """Return the longest run of whole clauses from the beginning of a line that fits, or ""."""
    ends = [found.start() for found in _CLAUSE.finditer(line)]
    fitting = [line[:end] for end in ends if 3 <= len(words(line[:end])) <= most]
    return fitting[-1] if fitting else ""


def _who(moment: Moment) -> str:
    for mention in moment.reading.mentions:
        if mention.kind in WHO:
            return WHO[mention.kind]
    return "the crisis team" if "safety" in moment.peer.tags else "a professional who knows this"
