"""Evidence of practice for a trainee's certification file: what was practiced, how long, what was seen.

It certifies nobody and says so. The content is plain data under a SHA-256 hash over its canonical JSON, so
that a sheet on paper and the file behind it can be held against each other and against the records.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

from bot.content import Checker, ContentError, read_yaml

FORMAT = "switchback-evidence/1"

LONGEST_GAP = 300.0
"""Seconds between two lines of a talk that count at most: a pause for coffee is no practice."""

SCORED = "Only talks with a score count toward levels; all ended talks count toward hours."


@dataclass(frozen=True)
class Competency:
    """Something that a certification body asks for.

    Attributes:
        id: Its short name.
        name: In full.
        indicators: Indicators of the rubric that show it; none if it is not practiced here.
        needs_safety: Whether only talks in which safety came up count.
    """

    id: str
    name: str
    indicators: tuple[str, ...]
    needs_safety: bool = False


@dataclass(frozen=True)
class Competencies:
    """The mapping of `data/competencies.yml`."""

    version: str
    statement: str
    competencies: tuple[Competency, ...]
    domains: tuple[Competency, ...]


def read_competencies(data: Path, indicators: Iterable[str]) -> Competencies:
    """Read and check `competencies.yml`.

    Args:
        data: The content folder.
        indicators: Indicators of the rubric.

    Raises:
        ContentError: The file cannot be used; every problem in it is named.
    """
    known = list(indicators)
    checker = Checker("competencies.yml")
    top = checker.keys(
        read_yaml(data / "competencies.yml"), "", ["version", "statement", "competencies", "domains"]
    )
    parts = {
        part: tuple(
            _competency(checker, entry, f"{part}.{number}", known)
            for number, entry in enumerate(top.get(part) or (), 1)
        )
        for part in ("competencies", "domains")
    }
    placed = [name for domain in parts["domains"] for name in domain.indicators]
    for name in known:
        if placed.count(name) != 1:
            checker.error(
                "domains", f"{name} must stand in exactly one domain, and stands in {placed.count(name)}"
            )
    read = Competencies(
        checker.text(str(top.get("version", "")), "version"),
        checker.text(top.get("statement"), "statement"),
        parts["competencies"],
        parts["domains"],
    )
    if checker.problems:
        raise ContentError(checker.problems)
    return read


def _competency(checker: Checker, entry: Any, place: str, known: Sequence[str]) -> Competency:
    parts = checker.keys(entry, place, ["id", "name", "indicators"], ["needs_safety"])
    names = checker.words(parts.get("indicators"), f"{place}.indicators")
    for name in names:
        checker.one_of(name, f"{place}.indicators", known, "indicator")
    return Competency(
        checker.text(parts.get("id"), f"{place}.id"),
        checker.text(parts.get("name"), f"{place}.name"),
        names,
        bool(parts.get("needs_safety", False)),
    )


def practice_seconds(times: Sequence[str]) -> float:
    """Return how long somebody was at it, from the times of the lines of a talk in order.

    Args:
        times: ISO 8601. Gaps longer than `LONGEST_GAP` count that much.
    """
    moments = [datetime.fromisoformat(time) for time in times]
    return sum(
        min(max((later - earlier).total_seconds(), 0.0), LONGEST_GAP)
        for earlier, later in zip(moments, moments[1:], strict=False)
    )


def evidence_content(
    records: Any,
    user: Any,
    mapping: Competencies,
    names: Mapping[str, str],
    *,
    only: Iterable[str] | None = None,
) -> dict[str, Any]:
    """Return what is under the hash: the talks, the hours, each competency with what was seen.

    Args:
        records: The records.
        user: The trainee's account.
        mapping: Competencies and domains.
        names: Indicator to its plain name.
        only: Session ids to stay with; all ended sessions if left out.
    """
    wanted = None if only is None else set(only)
    talks = []
    for session in sorted(records.sessions_of(user.id), key=lambda row: (row.started_at, row.id)):
        if session.ended_at and (wanted is None or session.id in wanted):
            talks.append(_talk(records, session))
    minutes = sum(talk["minutes"] for talk in talks)
    scored = [talk for talk in talks if talk["scores"]]
    return {
        "statement": mapping.statement,
        "trainee": {"id": user.id, "name": user.display_name},
        "practice": {
            "talks": len(talks),
            "scored_talks": len(scored),
            "replies": sum(talk["replies"] for talk in talks),
            "minutes": round(minutes, 1),
            "hours": round(minutes / 60, 1),
            "people": sorted({talk["scenario"] for talk in talks}),
            "first": talks[0]["started_at"] if talks else None,
            "last": talks[-1]["ended_at"] if talks else None,
        },
        "competencies": [_summary(item, scored, names) for item in mapping.competencies],
        "domains": [_summary(item, scored, names) for item in mapping.domains],
        "talks": talks,
        "versions": {
            "competencies": mapping.version,
            "rubrics": sorted({talk["rubric"] for talk in talks}),
            "models": sorted({talk["model"] for talk in talks}),
        },
        "notes": [
            SCORED,
            f"Gaps of more than {LONGEST_GAP / 60:g} minutes between two lines count that long.",
        ],
    }


def _talk(records: Any, session: Any) -> dict[str, Any]:
    messages = records.messages(session.id)
    score = records.session_score(session.id)
    detail = score.detail if score else {}
    is_scored = any(value is not None for value in (detail.get("criteria") or {}).values())
    sums = detail.get("evidence") or {}
    return {
        "id": session.id,
        "scenario": session.scenario_id,
        "scenario_version": session.scenario_version,
        "started_at": session.started_at,
        "ended_at": session.ended_at,
        "ending": session.ending,
        "minutes": round(practice_seconds([row.created_at for row in messages]) / 60, 1),
        "replies": sum(row.speaker == "trainee" for row in messages),
        "rubric": score.rubric_version if score else session.rubric_version,
        "model": score.model_version if score else session.model_version,
        "scores": {
            name: value for name, value in (detail.get("criteria") or {}).items() if value is not None
        },
        # What nothing called for and nobody touched says nothing about a competency.
        "indicators": {
            name: value
            for name, value in (detail.get("indicators") or {}).items()
            if is_scored and any((sums.get(name) or {}).get(part) for part in ("P", "N", "called"))
        },
        "safety_gate": detail.get("safety_gate") or "not_applicable",
    }


def _summary(
    item: Competency, talks: Sequence[Mapping[str, Any]], names: Mapping[str, str]
) -> dict[str, Any]:
    """Return what was seen of one competency over the scored talks, newest last."""
    seen = [talk for talk in talks if not item.needs_safety or talk["safety_gate"] != "not_applicable"]
    indicators: list[dict[str, Any]] = []
    for name in item.indicators:
        values = [float(talk["indicators"][name]) for talk in seen if name in talk["indicators"]]
        if values:
            indicators.append(
                {
                    "id": name,
                    "name": names.get(name, name),
                    "talks": len(values),
                    "mean": round(sum(values) / len(values), 2),
                    "latest": round(values[-1], 2),
                    "best": round(max(values), 2),
                }
            )
    means = [entry["mean"] for entry in indicators]
    return {
        "id": item.id,
        "name": item.name,
        "is_practiced_here": bool(item.indicators),
        "indicators": indicators,
        "talks": max((entry["talks"] for entry in indicators), default=0),
        "mean": round(sum(means) / len(means), 2) if means else None,
        "safety_passed": sum(talk["safety_gate"] == "pass" for talk in seen) if item.needs_safety else None,
    }


def canonical(content: Mapping[str, Any]) -> bytes:
    """Return content as canonical JSON: keys sorted, no spaces, UTF-8. Same content, same bytes."""
    return json.dumps(content, sort_keys=True, separators=(",", ":"), ensure_ascii=False).encode("utf-8")


def content_hash(content: Mapping[str, Any]) -> str:
    """Return the SHA-256 of the canonical JSON, in hex."""
    return hashlib.sha256(canonical(content)).hexdigest()


def sealed(content: Mapping[str, Any], made_at: str) -> dict[str, Any]:
    """Return content with its hash, as it is saved to a file.

    Args:
        content: As from `evidence_content`.
        made_at: When the file was made, ISO 8601; outside the hash, so that the same practice has one hash.
    """
    return {"format": FORMAT, "made_at": made_at, "sha256": content_hash(content), "content": dict(content)}


class EvidenceError(ValueError):
    """A file that is no evidence sheet, or whose content does not belong to its hash."""


def opened(raw: bytes) -> dict[str, Any]:
    """Return the content of a saved file after checking its hash.

    Raises:
        EvidenceError: It is not such a file, or it was changed after it was made.
    """
    try:
        found = json.loads(raw.decode("utf-8"))
    except (UnicodeDecodeError, ValueError) as error:
        raise EvidenceError("this is not a JSON file") from error
    if (
        not isinstance(found, dict)
        or found.get("format") != FORMAT
        or not isinstance(found.get("content"), dict)
    ):
        raise EvidenceError(f"this is not an evidence file ({FORMAT})")
    computed = content_hash(found["content"])
    if computed != found.get("sha256"):
        raise EvidenceError(
            f"the content was changed: its hash is {computed}, the file says {found.get('sha256')}"
        )
    content: dict[str, Any] = found["content"]
    return content
