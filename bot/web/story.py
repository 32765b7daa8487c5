"""What happened between two people in a session: trust, turning points, openings that went by.

Made from the entries of `report.conversation_view`; plain values, for pages, chart and PDF alike.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from bot.web.report_words import Opening, ReportWords

MOST_TURNS, LEAST_CHANGE = 3, 3.0
"""How many turning points are told, and how far trust must have moved for one (points of 100)."""

MOST_MISSED = 3
ANSWER_WITHIN = 2
"""Replies in which an opening may be taken up, for rows that do not say; the rubric's own number."""

EVERY_REPLY = "C2"
"""The indicator that every reply is an opening for; none of them can be pointed at."""

FIRST_FLAGS = ("missed_safety_cue", "missed_empathy", "missed_strength")


@dataclass(frozen=True)
class TrustTrack:
    """The peer's trust over a session, 0 to 100.

    Attributes:
        start: Before the first reply.
        values: Number of the reply to trust after it, in order.
    """

    start: float
    values: tuple[tuple[int, float], ...]

    @property
    def end(self) -> float:
        """Return where it stood at the end."""
        return self.values[-1][1] if self.values else self.start

    def changes(self) -> list[tuple[int, float]]:
        """Return number of the reply and how far trust moved."""
        before, found = self.start, []
        for number, value in self.values:
            found.append((number, value - before))
            before = value
        return found


def exchanges(lines: Sequence[Mapping[str, Any]]) -> Iterator[tuple[str, Mapping[str, Any], str]]:
    """Give each reply with the peer's words before it and after it."""
    before = ""
    for at, line in enumerate(lines):
        if line["speaker"] == "peer":
            before = _in_role(line)
            continue
        after = lines[at + 1] if at + 1 < len(lines) else None
        yield before, line, _in_role(after) if after and after["speaker"] == "peer" else ""


def _in_role(line: Mapping[str, Any]) -> str:
    return "\n".join(row.text for row in line["rows"] if row.act != "utter_step_out")


def detail_of(line: Mapping[str, Any]) -> Mapping[str, Any]:
    """Return what is stored about how a reply was judged; empty where it was not."""
    row = line.get("assessment_row")
    return row.detail if row is not None else {}


def trust_track(lines: Sequence[Mapping[str, Any]]) -> TrustTrack | None:
    """Return the peer's trust over the session, or None where no reply moved it."""
    start: float | None = None
    values = []
    for line in lines:
        detail = detail_of(line)
        after = (detail.get("after") or {}).get("trust")
        if after is None:
            continue
        if start is None:
            start = float((detail.get("before") or {}).get("trust", after))
        values.append((int(line["number"]), float(after)))
    return TrustTrack(start, tuple(values)) if start is not None else None


def turning_points(lines: Sequence[Mapping[str, Any]]) -> list[dict[str, Any]]:
    """Return where trust moved most, in the order of the talk, with the words that did it.

    Each has `number`, `before` and `after` (trust), `change`, `is_rise`, `heard` (the peer's words before),
    `words` (the trainee's, each with the plain name of what was seen in it), `missing` (flags without words
    of their own), `reply` (all of it) and `answer` (what the peer said then).
    """
    track = trust_track(lines)
    if track is None:
        return []
    moved = {number: change for number, change in track.changes() if abs(change) >= LEAST_CHANGE}
    chosen = sorted(moved, key=lambda number: (-abs(moved[number]), number))
    falls = [number for number in chosen if moved[number] < 0]
    if falls and falls[0] not in chosen[:MOST_TURNS]:
        chosen.insert(MOST_TURNS - 1, falls[0])  # one fall is always worth a look
    chosen = chosen[:MOST_TURNS]
    trust = dict(track.values)
    points = []
    for before, line, after in exchanges(lines):
        number = line["number"]
        if number not in chosen:
            continue
        is_rise = moved[number] > 0
        points.append(
            {
                "number": number,
                "before": round(trust[number] - moved[number]),
                "after": round(trust[number]),
                "change": round(trust[number]) - round(trust[number] - moved[number]),
                "is_rise": is_rise,
                "heard": short(before),
                "words": _words_that_did_it(line, is_rise),
                "missing": _missing(line) if not is_rise else [],
                "reply": short(line["row"].text),
                "answer": short(after),
            }
        )
    return points


def _words_that_did_it(line: Mapping[str, Any], is_rise: bool) -> list[dict[str, str]]:
    """Return the pieces of a reply that worked toward a change, the weightiest first, at most two."""
    side = "credit" if is_rise else "harm"
    moves = [move for move in detail_of(line).get("moves") or () if any((move.get(side) or {}).values())]
    moves.sort(key=lambda move: (-sum(move[side].values()), move["start"]))
    return [
        {"text": line["row"].text[move["start"] : move["end"]].strip(), "name": move.get("plain") or ""}
        for move in sorted(moves[:2], key=lambda move: move["start"])
    ]


def _missing(line: Mapping[str, Any]) -> list[str]:
    return [
        flag.get("plain") or ""
        for flag in detail_of(line).get("flags") or ()
        if flag.get("effects") or flag["name"] in FIRST_FLAGS
    ]


def strongest_moment(lines: Sequence[Mapping[str, Any]]) -> dict[str, Any] | None:
    """Return the reply that did most good, with what it answered; None where none rose above neutral."""
    best: tuple[float, Mapping[str, Any], str, str] | None = None
    for before, line, after in exchanges(lines):
        detail = detail_of(line)
        helped = any((move.get("credit") or {}) for move in detail.get("moves") or ())
        value = detail.get("overall")
        if value is None or not helped or value <= 55:
            continue
        if best is None or value > best[0]:
            best = (float(value), line, before, after)
    if best is None:
        return None
    value, line, before, after = best
    worked = [point for point in line["assessment"]["feedback"] if point["kind"] == "worked"]
    return {
        "number": line["number"],
        "value": round(value),
        "heard": short(before),
        "reply": line["row"].text,
        "words": _words_that_did_it(line, is_rise=True),
        "why": worked[0]["text"] if worked else "",
        "answer": short(after),
    }


def missed_openings(
    lines: Sequence[Mapping[str, Any]],
    report_words: ReportWords,
    targets: Iterable[str],
    name: str,
    within: int = ANSWER_WITHIN,
) -> list[dict[str, Any]]:
    """Return openings that nobody took up, with the peer's line, in the order of the talk.

    What was told is what matters most: something hard passed over before an indicator, an aim of the scenario
    before another. Each line of the peer is told once. An opening still open at the end is none: there was no
    time.

    Args:
        lines: The conversation.
        report_words: The sentences.
        targets: The scenario's aims.
        name: The peer's first name.
        within: Replies in which an opening may be taken up.
    """
    judged = _judged(lines)
    found = list(_flagged(judged, report_words, within))
    aims = set(targets)
    for indicator, opening in report_words.indicators.items():
        if indicator == EVERY_REPLY:
            continue
        for at, heard in _lapsed(judged, indicator, within):
            found.append(_Missed(10 if indicator in aims else 20, at, indicator, opening, heard))
    return _told(found, name)


@dataclass(frozen=True)
class _Missed:
    """An opening that went by: how much it matters (small is more), when, what, and the peer's words."""

    rank: int
    number: int
    kind: str
    opening: Opening
    heard: str


Judged = Sequence[tuple[int, str, Mapping[str, Any]]]


def _judged(lines: Sequence[Mapping[str, Any]]) -> Judged:
    """Return number, the peer's words before it and the stored judgement of each reply that was judged."""
    return [
        (int(line["number"]), before, detail_of(line))
        for before, line, _ in exchanges(lines)
        if detail_of(line)
    ]


def lapsed(
    lines: Sequence[Mapping[str, Any]], indicator: str, within: int = ANSWER_WITHIN
) -> list[tuple[int, str]]:
    """Return the openings for an indicator that went by: number of the reply, the peer's words before it."""
    return list(_lapsed(_judged(lines), indicator, within))


def _flagged(judged: Judged, report_words: ReportWords, within: int) -> Iterator[_Missed]:
    """Give what the flags say was passed over; the line meant may stand a reply further up."""
    for at, (_, _, detail) in enumerate(judged):
        names = {flag["name"] for flag in detail.get("flags") or ()}
        for rank, flag in enumerate(FIRST_FLAGS):
            if flag not in names or flag not in report_words.flags:
                continue
            for number, heard, earlier in reversed(judged[max(0, at - within + 1) : at + 1]):
                if heard and _shows(flag, earlier):
                    yield _Missed(rank, number, flag, report_words.flags[flag], heard)
                    break


def _shows(flag: str, detail: Mapping[str, Any]) -> bool:
    """Return whether the peer's words before this reply are what a flag means."""
    if flag == "missed_safety_cue":
        return "cue" in (detail.get("signs") or ())
    if flag == "missed_strength":
        marks = detail.get("indicators") or {}
        return any((marks.get(name) or {}).get("is_called") for name in ("S1", "S3"))
    return True


def _lapsed(judged: Judged, indicator: str, within: int) -> Iterator[tuple[int, str]]:
    """Give the openings for an indicator that nothing took up in time: number of the reply, peer's words."""
    waiting: list[tuple[int, int, str]] = []
    for number, heard, detail in judged:
        mark = (detail.get("indicators") or {}).get(indicator) or {}
        waiting = [(age, at, words_then) for age, at, words_then in waiting if age < within]
        if mark.get("is_called") and heard:
            waiting.append((0, number, heard))
        if mark.get("credit"):
            waiting = []
        waiting = [(age + 1, at, words_then) for age, at, words_then in waiting]
        yield from ((at, words_then) for age, at, words_then in waiting if age == within)


def _told(found: Iterable[_Missed], name: str) -> list[dict[str, Any]]:
    told: list[dict[str, Any]] = []
    kinds: set[str] = set()
    heard: set[str] = set()
    for missed in sorted(found, key=lambda item: (item.rank, item.number)):
        if missed.kind in kinds or missed.heard in heard:
            continue
        kinds.add(missed.kind)
        heard.add(missed.heard)
        told.append(
            {
                "number": missed.number,
                "kind": missed.kind,
                "heard": short(missed.heard),
                "say": missed.opening.told(name),
                "try": missed.opening.try_at(missed.number),
            }
        )
    return sorted(told[:MOST_MISSED], key=lambda item: item["number"])


def short(text: str, most: int = 40) -> str:
    """Return a line as one paragraph, cut after `most` words."""
    said = text.split()
    return " ".join(said[:most]) + (" …" if len(said) > most else "")
