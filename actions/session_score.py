"""The score of a whole practice session, from its tally (`actions/session_tally.py`).

The formulas are those of the rubric, section 6. What is not there, decided here: the replies enter with their
capped score, since that is the number that was shown; an opening may be taken up in the reply after it too.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, fields
from typing import Any

from actions.judgement import CapHit
from actions.rubric import CRITERIA, Cap, Indicator, Rubric
from actions.safety_gate import gate_result
from actions.session_tally import IndicatorTally, SessionTally

__all__ = ["IndicatorTally", "SessionScore", "SessionTally", "score_session"]


@dataclass(frozen=True)
class SessionScore:
    """The score of a session.

    Attributes:
        criteria: Criterion to 0-100, or None with too few substantive replies.
        levels: Criterion to 1-5 (1 + score / 25), or None.
        level_names: Criterion to the level in words, or None.
        indicators: Indicator to 1-5; of criteria without a score too.
        evidence: Indicator to what went into it.
        parts: Criterion to the two means and what they were made into.
        caps: Criterion to the limits that it ran into.
        safety_gate: "pass", "needs_work" or "not_applicable".
        safety_steps: Step of the gate to whether it was seen; empty where it does not apply.
        replies: Replies in all.
        substantive_replies: Those that count.
        ratios: Shown beside the score, never part of it; None where there is nothing to divide by.
        targets: Indicators that the scenario aims at.
        why_no_score: In plain words, or "".
        rubric_version: Version of the rubric that scored it.
    """

    criteria: Mapping[str, float | None]
    levels: Mapping[str, float | None]
    level_names: Mapping[str, str | None]
    indicators: Mapping[str, float]
    evidence: Mapping[str, Mapping[str, Any]]
    parts: Mapping[str, Mapping[str, float]]
    caps: Mapping[str, tuple[CapHit, ...]]
    safety_gate: str
    safety_steps: Mapping[int, bool]
    replies: int
    substantive_replies: int
    ratios: Mapping[str, float | None]
    targets: tuple[str, ...]
    why_no_score: str
    rubric_version: str

    @property
    def overall(self) -> float | None:
        """Return the plain mean of the three criteria, for lists; None where there is no score."""
        values = [value for value in self.criteria.values() if value is not None]
        return round(sum(values) / len(values), 4) if len(values) == len(CRITERIA) else None

    def to_dict(self) -> dict[str, Any]:
        """Return it ready for JSON."""
        plain: dict[str, Any] = {item.name: getattr(self, item.name) for item in fields(self)}
        plain["caps"] = {key: [cap.to_dict() for cap in caps] for key, caps in self.caps.items()}
        plain["safety_steps"] = {str(key): value for key, value in self.safety_steps.items()}
        plain["evidence"] = {key: dict(value) for key, value in self.evidence.items()}
        plain["parts"] = {key: dict(value) for key, value in self.parts.items()}
        plain["targets"], plain["overall"] = list(self.targets), self.overall
        return plain


def score_session(
    rubric: Rubric,
    tally: SessionTally,
    targets: Sequence[str] = (),
    opportunities: Mapping[str, int] | None = None,
) -> SessionScore:
    """Score a session.

    Args:
        rubric: The rubric.
        tally: What the replies added up to.
        targets: Indicators that the scenario aims at; none given means all of them.
        opportunities: Indicator to the number of openings that the scenario offers; where it is not given
            they are counted from the peer's turns.

    Raises:
        ValueError: A target or opportunity is no indicator of the rubric.
    """
    for name in (*targets, *(opportunities or {})):
        if name not in rubric.indicators:
            raise ValueError(f"there is no indicator {name!r}; there are {', '.join(rubric.indicators)}")
    aims = tuple(targets) or tuple(rubric.indicators)
    values, evidence = {}, {}
    for name, indicator in rubric.indicators.items():
        values[name], evidence[name] = _indicator(rubric, tally, indicator, opportunities)
    numbers = rubric.session.numbers
    enough = tally.substantive >= numbers["none_under"]
    criteria: dict[str, float | None] = {}
    parts, caps = {}, {}
    for key in CRITERIA:
        whole = _of_indicators(rubric, values, key, aims)
        replies = _of_replies(rubric, tally, key)
        plain = numbers["indicator_share"] * 25 * (whole - 1) + numbers["reply_share"] * replies
        caps[key] = tuple(_session_caps(rubric, tally, key))
        score = round(min([plain, *(cap.limit for cap in caps[key])]), 4)
        criteria[key] = score if enough else None
        parts[key] = {"g": round(whole, 4), "b": round(replies, 4), "uncapped": round(plain, 4)}
    levels = {key: None if value is None else round(1 + value / 25, 2) for key, value in criteria.items()}
    gate, steps = gate_result(rubric, tally.gate)
    why = ""
    if not enough:
        needed = numbers["none_under"]
        why = f"A score needs {needed} replies with something in them; there were {tally.substantive}."
    return SessionScore(
        criteria=criteria,
        levels=levels,
        level_names={
            key: None if level is None else rubric.session.levels[int(level + 0.5)]
            for key, level in levels.items()
        },
        indicators=values,
        evidence=evidence,
        parts=parts,
        caps=caps,
        safety_gate=gate,
        safety_steps=steps,
        replies=tally.replies,
        substantive_replies=tally.substantive,
        ratios=_ratios(tally),
        targets=aims,
        why_no_score=why,
        rubric_version=rubric.version,
    )


def _indicator(
    rubric: Rubric, tally: SessionTally, indicator: Indicator, opportunities: Mapping[str, int] | None
) -> tuple[float, dict[str, Any]]:
    """Return I = 3 + 2(1 - e^(-2P/O)) - 2(1 - e^(-N/1.5)) and what went into it.

    An opening counts as unmet once its time is over; one still open at the end is left out of account.
    """
    numbers = rubric.session.numbers
    known = tally.indicators.get(indicator.id, IndicatorTally())
    least, most = numbers["opportunities"]
    given = known.called if opportunities is None else opportunities.get(indicator.id, known.called)
    held = min(max(float(given), least), most)
    # One that waits and may still be taken up in the next reply is not yet lost.
    pending = sum(age < numbers["answer_within"] for age in known.open_for)
    unmet = max(0.0, min(float(known.called - pending), held) - known.answered)
    harm = known.harm + numbers["unmet"] * unmet
    value = (
        numbers["start"]
        + numbers["reach"] * (1 - math.exp(-numbers["credit_rate"] * known.credit / held))
        - numbers["reach"] * (1 - math.exp(-harm / numbers["harm_decay"]))
    )
    return round(value, 4), {
        "P": known.credit,
        "N": round(harm, 4),
        "O": held,
        "called": known.called,
        "answered": known.answered,
        "unmet": unmet,
        "value": round(value, 4),
    }


def _of_indicators(
    rubric: Rubric, values: Mapping[str, float], criterion: str, aims: tuple[str, ...]
) -> float:
    """Return g: the weighted mean of the target indicators, with a tenth of what the others add."""
    mine = rubric.indicators_of(criterion)
    aimed = [item for item in mine if item.id in aims]
    others = [item for item in mine if item.id not in aims]
    weight = sum(item.weight for item in aimed)
    start = rubric.session.numbers["start"]
    mean = sum(item.weight * values[item.id] for item in aimed) / weight if weight else start
    mean += rubric.session.numbers["others"] * sum(values[item.id] - start for item in others)
    return min(5.0, max(1.0, mean))


def _of_replies(rubric: Rubric, tally: SessionTally, criterion: str) -> float:
    """Return b: the mean of the replies that called for a criterion, less what was lost in others."""
    count, neutral = rubric.session.numbers["prior"]
    total = (
        count * neutral + tally.expected_sum.get(criterion, 0.0) - tally.elsewhere_loss.get(criterion, 0.0)
    )
    return min(100.0, max(0.0, total / (count + tally.expected.get(criterion, 0))))


def _session_caps(rubric: Rubric, tally: SessionTally, criterion: str) -> list[CapHit]:
    numbers = rubric.session.numbers
    hits = []
    for cap in rubric.session.caps:
        if cap.covers(criterion):
            hit = _session_cap(rubric, tally, cap)
            hits += [hit] if hit else []
    if tally.substantive < numbers["capped_under"]:
        hits.append(
            CapHit(numbers["limit"], f"Fewer than {numbers['capped_under']} replies with something in them.")
        )
    for least, limit in (("distinct_moves", "limit"), ("few_moves", "few_limit")):
        if len(tally.adherent_kinds) < numbers[least]:
            hits.append(CapHit(numbers[limit], f"Fewer than {numbers[least]} different helping moves."))
    # Among the replies that count: nods and greetings would fit anyone and are not meant.
    for found, least, what in (
        (tally.stock, "stock_share", "would fit anyone"),
        (tally.praised, "praise_share", "praise without saying what for"),
        (tally.framed, "frame_share", "are an earlier one with other words put in"),
    ):
        if tally.substantive and found / tally.substantive >= numbers[least]:
            reason = f"{found} of {tally.substantive} replies {what}."
            hits.append(CapHit(numbers["stock_limit"], reason))
    return hits


def _session_cap(rubric: Rubric, tally: SessionTally, cap: Cap) -> CapHit | None:
    count = sum(tally.watched.get(name, 0) for name in cap.moves)
    count += tally.missed_safety if "missed_safety_cue" in cap.flags else 0
    if count == 0:
        return None
    steps = [cap.limits[key] for key in ("one", "two", "three") if key in cap.limits]
    limit = steps[min(count, len(steps)) - 1]
    if count == 1 and "repaired" in cap.limits and tally.mended >= 1:
        limit = cap.limits["repaired"]
    seen = [
        rubric.moves[name].plain for name in rubric.moves if name in cap.moves and tally.watched.get(name)
    ]
    seen += [rubric.flags[name].plain for name in sorted(cap.flags)]
    what = " and ".join([seen[0], *(words[0].lower() + words[1:] for words in seen[1:])])
    often = "once" if count == 1 else "twice" if count == 2 else f"{count} times"
    return CapHit(limit, f"{what}, {often}{' in all' if len(seen) > 1 and count > 1 else ''}.")


def _ratios(tally: SessionTally) -> dict[str, float | None]:
    count = {key: tally.counts.get(key, 0) for key in _COUNTED}
    return {
        "reflections_per_question": _share(count["reflections"], count["questions"]),
        "complex_share": _share(count["complex"], count["reflections"]),
        "adherent_share": _share(count["adherent"], count["adherent"] + count["harmful"]),
        "words_to_peer": _share(count["words"], count["peer_words"]),
    }


_COUNTED = ("reflections", "complex", "questions", "adherent", "harmful", "words", "peer_words")


def _share(part: int, whole: int) -> float | None:
    return round(part / whole, 4) if whole else None
