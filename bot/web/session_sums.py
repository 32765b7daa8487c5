"""How the numbers of a session came about: criteria, indicators and ratios, down to the replies behind them.

Like `bot/web/sums.py` it scores nothing. A sum is shown only if it gives the stored number.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import Any

from actions.rubric import CRITERIA, Indicator, Rubric, Source
from bot.web.story import EVERY_REPLY, detail_of, lapsed, short
from bot.web.sums import CLOSE, number
from bot.web.words import Words

REFLECTIONS = ("simple_reflection", "complex_reflection")
QUESTIONS = ("open_question", "closed_question")


def criterion_sums(
    name: str,
    detail: Mapping[str, Any],
    lines: Sequence[Mapping[str, Any]],
    rubric: Rubric | None,
    words: Words,
) -> list[str]:
    """Return the steps from indicators and replies to the session's score of one criterion.

    Args:
        name: The criterion.
        detail: `SessionScore.to_dict()` as stored.
        lines: The conversation.
        rubric: The rubric of today, or None.
        words: Plain names.
    """
    parts = (detail.get("parts") or {}).get(name) or {}
    score = (detail.get("criteria") or {}).get(name)
    if rubric is None or score is None or not {"g", "b", "uncapped"} <= set(parts):
        return []
    numbers = rubric.session.numbers
    share, rest = float(numbers["indicator_share"]), float(numbers["reply_share"])
    g, b = float(parts["g"]), float(parts["b"])
    total = share * 25 * (g - 1) + rest * b
    if abs(total - float(parts["uncapped"])) > CLOSE:
        return []
    steps = [*_whole(name, detail, rubric, g), *_replies(name, lines, rubric, b)]
    steps.append(
        f"Together: {number(share)} × 25 × ({number(g)} − 1) + {number(rest)} × {number(b)} "
        f"= {number(round(total, 1))}."
    )
    hit = [cap for cap in (detail.get("caps") or {}).get(name) or () if float(cap["limit"]) < total]
    if hit:
        lowest = min(hit, key=lambda cap: float(cap["limit"]))
        steps.append(f"Held at {number(lowest['limit'])}: {lowest['reason']}")
    steps.append(
        f"As a level: 1 + {number(round(float(score), 1))} ÷ 25 = {number(1 + float(score) / 25)} of 5."
    )
    return steps


def _whole(name: str, detail: Mapping[str, Any], rubric: Rubric, g: float) -> list[str]:
    """Return how the closer look becomes one number."""
    values = detail.get("indicators") or {}
    aims = set(detail.get("targets") or ())
    mine = [item for item in rubric.indicators_of(name) if item.id in values]
    aimed = [item for item in mine if item.id in aims]
    if not aimed:
        return [f"What an instructor would look for came to {number(g)} of 5."]
    told = "; ".join(f"{item.name} {number(values[item.id])}" for item in aimed)
    parts = [
        number(values[item.id]) if item.weight == 1 else f"{number(item.weight)} × {number(values[item.id])}"
        for item in aimed
    ]
    weights = sum(item.weight for item in aimed)
    mean = sum(item.weight * float(values[item.id]) for item in aimed) / weights
    steps = [
        f"The aims of this talk: {told}.",
        f"Their mean: ({' + '.join(parts)}) ÷ {number(weights)} = {number(mean)}.",
    ]
    others = float(rubric.session.numbers["others"])
    extra = others * sum(float(values[item.id]) - 3 for item in mine if item.id not in aims)
    if abs(extra) >= 0.005:
        held = "" if abs(mean + extra - g) < CLOSE / 5 else ", and no more than 5 or less than 1"
        steps.append(
            f"What else moved adds {number(others)} of its way from 3: {number(extra)}. "
            f"That makes {number(g)} of 5{held}."
        )
    return steps


def _replies(name: str, lines: Sequence[Mapping[str, Any]], rubric: Rubric, b: float) -> list[str]:
    """Return how the scores of the replies become one number."""
    values = []
    lost = 0.0
    for line in lines:
        score = (detail_of(line).get("criteria") or {}).get(name) if line["speaker"] == "trainee" else None
        if not score:
            continue
        if score.get("is_expected", True):
            values.append(float(score["value"]))
        else:
            lost += max(0.0, 50 - float(score["value"]))
    count, neutral = rubric.session.numbers["prior"]
    mean = (count * neutral + sum(values) - lost) / (count + len(values))
    if abs(min(100.0, max(0.0, mean)) - b) > CLOSE:
        return [f"Your replies came to {number(b)} of 100."]
    shown = " + ".join(f"{value:.0f}" for value in values) or "none"
    less = f" − {number(lost)} lost where it was not called for" if lost else ""
    return [
        f"Your replies, where it was called for: {shown}{less}. With {number(count)} neutral ones "
        f"at {number(neutral)} to start from, the mean is {number(b)}."
    ]


def indicator_sums(
    indicator_id: str,
    detail: Mapping[str, Any],
    lines: Sequence[Mapping[str, Any]],
    rubric: Rubric | None,
    words: Words,
) -> dict[str, Any]:
    """Return what raised and lowered one indicator, with the words, and the sum.

    `helped` and `hindered` have `number` (of the reply), `words`, `name` and `points`, what the whole reply
    counts here (on its first piece); `left` are openings that went by; `steps` are sentences.
    """
    sums = (detail.get("evidence") or {}).get(indicator_id) or {}
    indicator = rubric.indicators.get(indicator_id) if rubric else None
    helped: list[dict[str, Any]] = []
    hindered: list[dict[str, Any]] = []
    for line in lines:
        judged = detail_of(line) if line["speaker"] == "trainee" else {}
        mark = (judged.get("indicators") or {}).get(indicator_id)
        if mark and indicator:
            if mark.get("credit"):
                helped += _behind(line, judged, indicator.helps, "helped", words, mark["credit"])
            if mark.get("harm"):
                hindered += _behind(line, judged, indicator.harms, "hindered", words, mark["harm"])
    left = []
    if rubric and sums.get("unmet") and indicator_id != EVERY_REPLY:
        within = int(rubric.session.numbers["answer_within"])
        left = [
            {"number": at, "heard": short(heard, 25)} for at, heard in lapsed(lines, indicator_id, within)
        ]
    return {
        "helped": helped,
        "hindered": hindered,
        "left": left,
        "steps": _indicator_steps(sums, indicator, rubric),
    }


def _behind(
    line: Mapping[str, Any],
    judged: Mapping[str, Any],
    sources: Sequence[Source],
    side: str,
    words: Words,
    points: float,
) -> list[dict[str, Any]]:
    """Return the words of one reply that count for an indicator."""
    names = {source.name for source in sources}
    text = line["row"].text
    found = []
    for move in judged.get("moves") or ():
        is_harm = move.get("kind") == "X"
        kinds = {source.kind for source in sources if source.name == move["move"]}
        fits = None in kinds or bool(kinds & set(move.get("kinds") or ()))
        if move["move"] in names and fits and is_harm == (side == "hindered"):
            found.append(
                {
                    "number": line["number"],
                    "words": text[move["start"] : move["end"]].strip(),
                    "name": move.get("plain") or words.move(move["move"]),
                }
            )
    if side == "hindered":
        found += [
            {"number": line["number"], "words": "", "name": flag.get("plain") or words.flag(flag["name"])}
            for flag in judged.get("flags") or ()
            if flag["name"] in names and flag.get("effects")
        ]
    return [{**item, "points": "" if at else number(points)} for at, item in enumerate(found)]


def _indicator_steps(
    sums: Mapping[str, Any], indicator: Indicator | None, rubric: Rubric | None
) -> list[str]:
    if not {"P", "N", "O", "value"} <= set(sums) or rubric is None or indicator is None:
        return []
    numbers = rubric.session.numbers
    credit, harm, room = float(sums["P"]), float(sums["N"]), float(sums["O"])
    start, reach = float(numbers["start"]), float(numbers["reach"])
    rate, decay = float(numbers["credit_rate"]), float(numbers["harm_decay"])
    up = reach * (1 - math.exp(-rate * credit / room))
    down = reach * (1 - math.exp(-harm / decay))
    if abs(start + up - down - float(sums["value"])) > CLOSE / 5:
        return []
    unmet = float(sums.get("unmet") or 0)
    steps = [f"It starts at {number(start)}, the middle."]
    if credit:
        steps.append(
            f"What helped came to {number(credit)}, set against the {number(room)} openings this talk "
            f"counts with: up "
            f"{number(reach)} × (1 − e^(−{number(rate)} × {number(credit)} ÷ {number(room)})) = {number(up)}."
        )
    if harm:
        left = (
            f", {number(float(numbers['unmet']) * unmet)} of it for {_many(int(unmet), 'opening')} left alone"
            if unmet
            else ""
        )
        steps.append(
            f"What got in the way came to {number(harm)}{left}: down "
            f"{number(reach)} × (1 − e^(−{number(harm)} ÷ {number(decay)})) = {number(down)}."
        )
    if not credit and not harm:
        steps.append("Nothing moved it.")
    rise, fall = (f" + {number(up)}" if credit else ""), (f" − {number(down)}" if harm else "")
    steps.append(f"{number(start)}{rise}{fall} = {number(sums['value'])} of 5.")
    return steps


def ratio_sums(lines: Sequence[Mapping[str, Any]]) -> dict[str, str]:
    """Return the counts behind each ratio as a short sum: "6 reflections ÷ 9 questions"."""
    count = dict.fromkeys(("reflections", "deep", "questions", "helped", "harmed", "ours", "theirs"), 0)
    for line in lines:
        judged = detail_of(line) if line["speaker"] == "trainee" else {}
        moves = judged.get("moves") or ()
        names = [move["move"] for move in moves]
        again = [move["move"] for move in judged.get("repeats") or ()]
        count["reflections"] += sum(name in REFLECTIONS for name in names)
        count["deep"] += names.count("complex_reflection")
        count["questions"] += sum(name in QUESTIONS for name in (*names, *again))
        count["helped"] += sum(move.get("kind") == "A" for move in moves)
        count["harmed"] += sum(move.get("kind") == "X" for move in moves)
        count["ours"] += int(judged.get("words") or 0)
        count["theirs"] += int(judged.get("peer_words") or 0)
    reflections, helped = _many(count["reflections"], "reflection"), count["helped"]
    told = {
        "reflections_per_question": f"{reflections} ÷ {_many(count['questions'], 'question')}",
        "complex_share": f"{count['deep']} deeper ÷ {reflections}",
        "adherent_share": f"{helped} helping ÷ ({helped} helping + {count['harmed']} in the way)",
        "words_to_peer": f"{_many(count['ours'], 'word')} of yours ÷ {count['theirs']} of theirs",
    }
    return told


def _many(count: int, noun: str) -> str:
    return f"{count} {noun}" if count == 1 else f"{count} {noun}s"


def all_criteria_sums(
    detail: Mapping[str, Any], lines: Sequence[Mapping[str, Any]], rubric: Rubric | None, words: Words
) -> dict[str, list[str]]:
    """Return the steps of every criterion that has a score."""
    return {name: criterion_sums(name, detail, lines, rubric, words) for name in CRITERIA}
