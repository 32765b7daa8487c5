"""What to say to the trainee about a reply: at most two points, in plain words, or nothing.

One point says what worked, with the words that did it; one says what to try, with a rewording made from what
the peer just said. Wordings take turns, counted over the session, so the same reply in the same place always
gets the same words and two running never do. A praise that was given last time is not given again at once.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from string import Formatter

from actions.context_rules import Moves
from actions.flags import is_closed_run
from actions.judgement import FeedbackPoint, Flag, JudgedMove
from actions.moment import Moment
from actions.rubric import FeedbackEntry
from actions.words import content_words, quote, sentences, words

WHO = {"scope_legal": "a lawyer", "scope_medical": "their prescriber"}
"""Whose field it is, by what the reply touched."""


def choose_feedback(
    moves: Moves, flags: Sequence[Flag], moment: Moment, is_small_talk: bool
) -> tuple[tuple[FeedbackPoint, ...], dict[str, int]]:
    """Return at most as many points as the rubric allows, and the use counts of the wordings.

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
    ]
    if not good:
        return None
    best = max(good, key=lambda move: (sum(move.credit.values()), move.worth, -move.start))
    entry = text.worked[_entry_key(best, text.worked)]
    return _point("worked", best.move, entry, moment, said, best.start, best.end, best.text, best)


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
    if "question_stack" in found and is_closed_run(moves, moment):
        found["closed_run"] = found.pop("question_stack")
    if "generic_praise" in found and len(found) == 1 and any(move.credit for move in moves):
        found.pop("generic_praise")
    if "too_thin" in found and "too_thin" in moment.history.last_said:
        found.pop("too_thin")
    for code in text.first:
        if code in found:
            start, end, own, judged, detail = found[code]
            return _point("try", code, text.to_try[code], moment, said, start, end, own, judged, detail)
    return None


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
    theirs = peer_words(moment, own)
    blanks = {
        "q": quote(own, most),
        "p": quote(theirs, most),
        "who": _who(moment),
        "alternative": detail,
    }
    turn = said.get(f"{kind}:{code}", 0)
    text = _wording(entry.say, blanks, turn)
    if text is None:
        return None
    said[f"{kind}:{code}"] = turn + 1
    rewording = _wording(entry.rephrase, blanks, turn + moment.history.replies) if entry.rephrase else None
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


def _wording(wordings: Sequence[str], blanks: Mapping[str, str], turn: int) -> str | None:
    """Return the wording whose turn it is among those that can be filled, or None."""
    usable = [
        text for text in wordings if all(blanks[name] for _, name, _, _ in Formatter().parse(text) if name)
    ]
    return usable[turn % len(usable)].format(**blanks) if usable else None


def peer_words(moment: Moment, own: str) -> str:
    """Return the peer's sentence that a point can speak of, or "" where none carries anything.

    The one that shares most with the trainee's words comes first, then the one with most content. Questions
    are passed over: quoting "what should I do?" back helps nobody.
    """
    ours = content_words(own)
    best, rank = "", (0, 0, 0)
    for number, line in enumerate(sentences(moment.peer.text)):
        content = content_words(line)
        at = moment.peer.text.find(line)
        asks = moment.peer.text[at + len(line) : at + len(line) + 1] == "?"
        if len(words(line)) < 3 or len(content) < 2 or asks:
            continue
        worth = (len(content & ours), min(len(content), 6), -number)
        if not best or worth > rank:
            best, rank = line, worth
    return best


def _who(moment: Moment) -> str:
    for mention in moment.reading.mentions:
        if mention.kind in WHO:
            return WHO[mention.kind]
    return "the crisis team" if "safety" in moment.peer.tags else "a professional who knows this"
