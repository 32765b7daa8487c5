"""How the numbers of a reply came about, in plain words: the rubric's arithmetic with the trainee's words.

Nothing is scored here. What `actions/arithmetic.py` stored with the reply is put into sentences, and the
constants come from the rubric. Where the stored numbers do not follow from it (the reply was judged by an
earlier rubric), the sentence that would need the constants is left out rather than told wrongly.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import Any

from actions.rubric import Rubric
from bot.web.view_models import CRITERION_NAMES, Level
from bot.web.words import Words

CLOSE = 0.06
"""How far stored and recomputed numbers may differ by rounding."""

FITS = {1.0: "fits what they said", 0.5: "would fit anyone", 0.0: "they had said no to it"}


def number(value: float) -> str:
    """Return a number with at most two decimals: 1, 0.75, 2.13."""
    return f"{round(float(value), 2):g}"


def times(count: int) -> str:
    """Return how often, in words."""
    return "once" if count == 1 else "twice" if count == 2 else f"{count} times"


def reply_sums(text: str, detail: Mapping[str, Any], rubric: Rubric | None, words: Words) -> dict[str, Any]:
    """Return the arithmetic of one reply.

    Args:
        text: The trainee's words.
        detail: `ReplyAssessment.to_dict()` as stored.
        rubric: The rubric of today, or None.
        words: Plain names.

    Returns:
        `criteria`, each with what was `earned`, what got in the way (`lost`), the `steps` from one to the
        other in order, and `value`; `overall` with its own step; `left_out`, what was seen and earns nothing.
    """
    moves = list(detail.get("moves") or ())
    heard = [*moves, *(detail.get("faint") or ())]
    criteria = [
        _criterion(name, value, heard, detail, text, rubric, words)
        for name, value in (detail.get("criteria") or {}).items()
        if name in CRITERION_NAMES
    ]
    return {
        "criteria": criteria,
        "overall": _overall(detail, rubric),
        "left_out": _left_out(moves, detail, text, words),
        "is_small_talk": bool(detail.get("is_small_talk")),
    }


def _plain(move: Mapping[str, Any], words: Words) -> str:
    return str(move.get("plain") or words.move(move["move"]))


def _words_of(text: str, item: Mapping[str, Any]) -> str:
    start, end = item.get("start"), item.get("end")
    return text[start:end].strip(" ,;") if start is not None and end is not None else ""


def _criterion(
    name: str,
    value: Mapping[str, Any],
    moves: Sequence[Mapping[str, Any]],
    detail: Mapping[str, Any],
    text: str,
    rubric: Rubric | None,
    words: Words,
) -> dict[str, Any]:
    counted = rubric.reply.credits_counted if rubric else len(moves)
    earning = sorted(
        (move for move in moves if (move.get("credit") or {}).get(name)),
        key=lambda move: -move["credit"][name],
    )
    earned = [
        {
            "words": _words_of(text, move),
            "name": _plain(move, words),
            "how": _earned(move, name) + ("" if at < counted else f"; only the {counted} largest count"),
            "points": number(move["credit"][name]),
        }
        for at, move in enumerate(earning)
    ]
    lost = [
        {
            "words": _words_of(text, move),
            "name": _plain(move, words),
            "how": _harmed(move, name),
            "points": number(move["harm"][name]),
        }
        for move in sorted(moves, key=lambda move: bool(move.get("is_faint")))
        if (move.get("harm") or {}).get(name)
    ]
    lost += [
        {
            "words": _words_of(text, flag),
            "name": str(flag.get("plain") or words.flag(flag["name"])),
            "how": str(flag.get("why") or "").rstrip("."),
            "points": number(flag["effects"][name]),
        }
        for flag in detail.get("flags") or ()
        if (flag.get("effects") or {}).get(name)
    ]
    if value.get("unmet"):
        lost.append(
            {
                "words": "",
                "name": "Left unanswered",
                "how": "what they said called for it, and nothing took it up",
                "points": number(value["unmet"]),
            }
        )
    level = Level.of(value["value"])
    return {
        "id": name,
        "name": CRITERION_NAMES[name][0],
        "value": round(float(value["value"])),
        "word": level.word if level else "",
        "is_expected": bool(value.get("is_expected", True)),
        "earned": earned,
        "lost": lost,
        "steps": _steps(value, rubric),
    }


def _earned(move: Mapping[str, Any], name: str) -> str:
    """Return how a credit came about: "2 points; fits what they said; used a moment ago, so × 0.75"."""
    weight = float((move.get("weights") or {}).get(name, move["credit"][name]))
    parts = [f"{number(weight)} {'point' if weight == 1 else 'points'}", _doubt(move)]
    rel, fresh, factor = (float(move.get(key, 1.0)) for key in ("rel", "fresh", "factor"))
    parts.append(FITS.get(rel, "") + (f", so × {number(rel)}" if rel != 1 else ""))
    if fresh != 1:
        parts.append(f"used not long ago, so × {number(fresh)}")
    if factor != 1:
        why = " ".join(move.get("notes") or ()).rstrip(".")
        parts.append(f"× {number(factor)}" + (f" ({why})" if why else ""))
    return "; ".join(part for part in parts if part)


def _doubt(move: Mapping[str, Any]) -> str:
    """Return how sure the reading is, where that lowers what it counts: "only 60% sure, so × 0.67"."""
    sureness = float(move.get("sureness", 1.0))
    if sureness == 1:
        return ""
    how_sure = f"{float(move.get('probability', sureness)):.0%}"
    told = (
        f"it may also have come across so ({how_sure})" if move.get("is_faint") else f"only {how_sure} sure"
    )
    return f"{told}, so × {number(sureness)}"


def _harmed(move: Mapping[str, Any], name: str) -> str:
    weight = abs(float((move.get("weights") or {}).get(name, 0))) or float(move["harm"][name])
    sureness = float(move.get("sureness", 1.0)) or 1.0
    factor = float(move["harm"][name]) / (weight * sureness)
    told = f"{number(weight)} {'point' if weight == 1 else 'points'}"
    told += f"; {_doubt(move)}" if _doubt(move) else ""
    if abs(factor - 1) > 0.001:
        why = " ".join(move.get("notes") or ()).rstrip(".")
        told += f", × {number(factor)}" + (f" ({why})" if why else "")
    return told


def _steps(value: Mapping[str, Any], rubric: Rubric | None) -> list[str]:
    """Return the way from points to the score, one sentence a step."""
    credit, harm, rise, fall = (float(value.get(key) or 0) for key in ("P", "N", "A", "B"))
    if not credit and not harm:
        return ["Every reply starts at 50, and nothing moved it.", *_caps(value)]
    steps = ["Every reply starts at 50."]
    if credit:
        steps.append(
            f"{number(credit)} for what helped" + _share_step(credit, rise, rubric, "credit_decay", "up")
        )
    if harm:
        steps.append(
            f"{number(harm)} for what got in the way" + _share_step(harm, fall, rubric, "harm_decay", "down")
        )
    up, down = 50 * rise * (1 - fall), 50 * fall
    sum_up = f" + {number(up)}" if credit else ""
    sum_down = f" − {number(down)}" if harm else ""
    if credit and harm:
        steps.append(
            "What got in the way also dulls what helped: "
            f"50 × {number(rise)} × (1 − {number(fall)}) = {number(up)}."
        )
    total = value.get("u")
    total = 50 + up - down if total is None else float(total)
    steps.append(f"50{sum_up}{sum_down} = {number(round(total, 1))}.")
    return steps + _caps(value)


def _share_step(points: float, share: float, rubric: Rubric | None, key: str, way: str) -> str:
    """Return how points become a share of the way, with the formula where it gives the stored number."""
    told = f": that goes {share:.0%} of the way {way}, {number(50 * share)} of 50"
    if rubric is not None:
        decay = float(getattr(rubric.reply, key))
        if abs(1 - math.exp(-points / decay) - share) < CLOSE / 50:
            told += f" (1 − e^(−{number(points)} ÷ {number(decay)}))"
    return told + "."


def _caps(value: Mapping[str, Any]) -> list[str]:
    hit = [cap for cap in value.get("caps") or () if cap["limit"] < float(value.get("u") or 100)]
    if not hit:
        return []
    lowest = min(hit, key=lambda cap: float(cap["limit"]))
    # The stored reason ends with the limit, which the sentence begins with.
    reason = str(lowest["reason"]).removesuffix(f": no more than {lowest['limit']:g}.")
    return [f"Held at {number(lowest['limit'])}: {reason[:1].lower()}{reason[1:].rstrip('.')}."]


def _overall(detail: Mapping[str, Any], rubric: Rubric | None) -> dict[str, Any] | None:
    """Return the whole reply's score with its sum, or without where the rubric has changed since."""
    overall = detail.get("overall")
    level = Level.of(overall)
    values = {
        name: value for name, value in (detail.get("criteria") or {}).items() if name in CRITERION_NAMES
    }
    if overall is None or level is None:
        return None
    sum_ = ""
    if rubric is not None and set(values) == set(rubric.criteria):
        called = bool(values["strengths"].get("is_expected"))
        parts, total = [], 0.0
        for name, value in values.items():
            rule = rubric.criteria[name]
            weight = rule.weight if called else rule.weight_without
            base = 50.0 if name == "strengths" and not called else 0.0
            total += weight * (float(value["value"]) - base)
            shown = f"({value['value']:.0f} − 50)" if base else f"{value['value']:.0f}"
            if float(value["value"]) != base:
                parts.append(f"{number(weight)} × {shown}")
        if abs(min(100.0, max(0.0, total)) - float(overall)) < CLOSE:
            sum_ = " + ".join(parts) + f" = {number(round(float(overall), 1))}"
            if not called and float(values["strengths"]["value"]) != 50:
                sum_ += ". Nothing here called for strengths, so it counts only a little"
    return {"value": level.value, "word": level.word, "sum": sum_}


def _left_out(
    moves: Sequence[Mapping[str, Any]], detail: Mapping[str, Any], text: str, words: Words
) -> list[dict[str, str]]:
    """Return what was seen and counts nothing, with the reason."""
    found = []
    for move in moves:
        if any((move.get("credit") or {}).values()) or any((move.get("harm") or {}).values()):
            continue
        notes = " ".join(move.get("notes") or ())
        reason = notes or (
            "Neutral: it neither helps nor harms."
            if move.get("kind") == "N"
            else "Nothing was left of it here."
        )
        found.append({"words": _words_of(text, move), "name": _plain(move, words), "why": reason})
    for move in detail.get("repeats") or ():
        found.append(
            {
                "words": _words_of(text, move),
                "name": _plain(move, words),
                "why": "Seen before in this reply; it counts once.",
            }
        )
    for flag in detail.get("flags") or ():
        if not any((flag.get("effects") or {}).values()):
            name = str(flag.get("plain") or words.flag(flag["name"]))
            why = str(flag.get("why") or "A note, without points.")
            found.append({"words": _words_of(text, flag), "name": name, "why": why})
    return found
