"""From YAML values to the parts of a rubric, each checked where it stands."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from actions.rubric_options import CONTEXT_OPTIONS, FLAG_OPTIONS, read_options
from actions.rubric_parts import (
    CRITERIA,
    TAGS,
    Cap,
    Criterion,
    FeedbackEntry,
    FeedbackText,
    Indicator,
    Move,
    ReplyNumbers,
    Rubric,
    Rule,
    SessionNumbers,
    Source,
)
from actions.rubric_places import Place

PROMISES = {
    "promise_secrecy": "scope_violation:secrecy",
    "promise_outcome": "scope_violation:promise",
}
"""Mentions that make a step past one's role a promise, and the feedback for it."""


def read_rubric(moves_file: Place, rubric_file: Place, feedback_file: Place, digest: str) -> Rubric:
    """Return the rubric that the three files hold.

    Args:
        moves_file: All of `moves.yml`.
        rubric_file: All of `rubric.yml`.
        feedback_file: All of `feedback.yml`.
        digest: Short hash of the three, for the version.

    Raises:
        RubricError: Something in them is wrong.
    """
    moves_file.fields(["version", "labelling", "moves"])
    listed = moves_file.at("moves").entries()
    move_names = [place.at("id").text() for place in listed]
    flag_names = list(FLAG_OPTIONS)
    moves = {}
    for number, place in enumerate(listed, start=1):
        move = _move(place, move_names, flag_names)
        if move.number != number:
            raise place.at("number").error(f"must be {number}, the moves are numbered in order")
        if move.id in moves:
            raise place.error(f'"{move.id}" is there twice')
        moves[move.id] = move
    rubric_file.fields(
        "version criteria reply flags small_talk context answers session ratios safety_gate star_weight"
        " indicators".split()
    )
    names = _Names(tuple(move_names), tuple(flag_names))
    criteria = {}
    for key, place in rubric_file.at("criteria").items():
        if key not in CRITERIA:
            place.name("criterion", CRITERIA)
        criteria[key] = _criterion(key, place)
    for key in CRITERIA:
        rubric_file.at("criteria").at(key)
    star = rubric_file.at("star_weight").number(1, 5)
    indicators = [_indicator(entry, names, moves, star) for entry in rubric_file.at("indicators").entries()]
    talk = rubric_file.at("small_talk")
    talk.fields(["mentions", "words", "nods", "nods_in_a_row"])
    answers = rubric_file.at("answers")
    answers.fields(["agree", "refuse"])
    return Rubric(
        version=f"{rubric_file.at('version').text()}+{digest}",
        labelling=tuple(entry.at("text").text() for entry in moves_file.at("labelling").entries()),
        moves=moves,
        criteria=criteria,
        reply=_reply(rubric_file.at("reply"), names),
        flags=_rules(rubric_file.at("flags"), FLAG_OPTIONS, names, "flag"),
        small_talk=frozenset(talk.at("mentions").words()),
        small_talk_words=talk.at("words").whole(),
        nods=frozenset(talk.at("nods").words()),
        nods_in_a_row=talk.at("nods_in_a_row").whole(1, 10),
        context=_rules(rubric_file.at("context"), CONTEXT_OPTIONS, names, "rule"),
        answers={key: place.words() for key, place in answers.items()},
        session=_session(rubric_file.at("session"), names),
        ratios={key: dict(place.mapping()) for key, place in rubric_file.at("ratios").items()},
        safety_gate=_safety_gate(rubric_file.at("safety_gate"), names),
        indicators={item.id: item for item in indicators},
        feedback=_feedback(feedback_file, moves, flag_names),
    )


@dataclass(frozen=True)
class _Names:
    moves: tuple[str, ...]
    flags: tuple[str, ...]


def _move(place: Place, move_names: list[str], flag_names: list[str]) -> Move:
    place.fields(
        "id number kind plain about weights precedence seeds standard examples near_misses".split(),
        ["extra", "kinds"],
    )
    near = []
    for entry in place.at("near_misses").entries():
        entry.fields(["instead"], ["say", "when", "note"])
        entry.at("instead").name("move", [*move_names, *flag_names, "other"])
        near.append({key: item.text() for key, item in entry.items()})
    examples = []
    for entry in place.at("examples").entries():
        if isinstance(entry.value, Mapping):
            entry.fields(["say"], ["when"])
            examples.append({key: item.text() for key, item in entry.items()})
        else:
            examples.append({"say": entry.text()})
    kind = place.at("kind").name("kind", ["A", "N", "X"])
    weights = place.at("weights").effects(CRITERIA, -2, 2)
    if any((value > 0) == (kind == "X") for value in weights.values()):
        raise place.at("weights").error(f"a move of kind {kind} cannot have these signs")
    extra = (
        {key: item.effects(CRITERIA, -2, 2) for key, item in place.at("extra").items()}
        if place.has("extra")
        else {}
    )
    kinds = {key: item.words() for key, item in place.at("kinds").items()} if place.has("kinds") else {}
    return Move(
        id=place.at("id").text(),
        number=place.at("number").whole(1, 40),
        kind=kind,
        plain=place.at("plain").text(),
        about=place.at("about").text(),
        weights=weights,
        extra=extra,
        precedence=place.at("precedence").whole(1, 99),
        kinds=kinds,
        seeds=place.at("seeds").words(),
        standard=place.at("standard").text(),
        examples=tuple(examples),
        near_misses=tuple(near),
    )


def _criterion(key: str, place: Place) -> Criterion:
    place.fields("letter name plain weight weight_without expected_on tags".split())
    return Criterion(
        id=key,
        letter=place.at("letter").text(),
        name=place.at("name").text(),
        plain=place.at("plain").text(),
        weight=place.at("weight").number(0, 1),
        weight_without=place.at("weight_without").number(0, 1),
        expected_on=frozenset(place.at("expected_on").names("tag", TAGS)),
        tags=frozenset(place.at("tags").names("tag", TAGS)),
    )


def _rules(
    place: Place, wanted: Mapping[str, Mapping[str, str]], names: _Names, noun: str
) -> dict[str, Rule]:
    rules = {}
    for key, entry in place.items():
        if key not in wanted:
            Place(place.file, place.path, key).name(noun, wanted)
        entry.fields(["plain", *(["effects"] if noun == "flag" else []), *wanted[key]])
        effects = entry.at("effects").effects(CRITERIA, -5, 0) if noun == "flag" else {}
        options = read_options(entry, wanted[key], names.moves, TAGS, CRITERIA)
        rules[key] = Rule(key, entry.at("plain").text(), {k: -v for k, v in effects.items()}, options)
    for key in wanted:
        place.at(key)
    return rules


def _cap(place: Place, names: _Names, limits: list[str]) -> Cap:
    place.fields(["criterion"], ["moves", "flags", *limits])
    given = {key: place.at(key).number(0, 100) for key in limits if place.has(key)}
    if not given:
        raise place.error(f"needs one of {', '.join(limits)}")
    return Cap(
        criterion=place.at("criterion").name("criterion", [*CRITERIA, "all"]),
        moves=frozenset(place.at("moves").names("move", names.moves)) if place.has("moves") else frozenset(),
        flags=frozenset(place.at("flags").names("flag", names.flags)) if place.has("flags") else frozenset(),
        limits=given,
    )


def _reply(place: Place, names: _Names) -> ReplyNumbers:
    place.fields(
        "credits_counted credit_decay harm_decay unmet_tag one_of caps".split()
        + "relevance freshness harm_from doubt pile keywords stock severity".split()
    )
    parts: dict[str, Mapping[str, Any]] = {}
    for key, wanted in {
        "relevance": {
            "linked": "share",
            "generic": "share",
            "overrides_no": "share",
            "similarity": "share",
            "no_referent": "moves",
            "points_back": "moves",
            "pointing_words": "words",
            "consent_needed_for": "moves",
        },
        "freshness": {
            "steps": "shares",
            "window": "whole",
            "questions_in_a_row": "whole",
            "question_factor": "share",
            "questions": "moves",
        },
        "doubt": {
            "certain": "share",
            "weighed": "moves",
            "least": "share",
            "sure": "share",
            "uncoded": "moves",
        },
        "pile": {"flags": "flags", "moves": "whole", "questions": "whole", "factor": "share"},
        "keywords": {"at_least": "whole", "share": "share", "factor": "share", "words": "words"},
        "stock": {
            "window": "whole",
            "steps": "shares",
            "frame_words": "whole",
            "frame_same": "share",
            "words": "stems",
        },
        "severity": {
            "asked": "number",
            "usual": "number",
            "heavy": "number",
            "repeat_window": "whole",
            "disclosure_touches": "criteria",
        },
    }.items():
        place.at(key).fields(wanted)
        parts[key] = read_options(place.at(key), wanted, names.moves, TAGS, CRITERIA)
    return ReplyNumbers(
        credits_counted=place.at("credits_counted").whole(1, 20),
        credit_decay=place.at("credit_decay").number(0.01),
        harm_decay=place.at("harm_decay").number(0.01),
        unmet_tag=place.at("unmet_tag").number(0),
        one_of=place.at("one_of").each(lambda entry: frozenset(entry.names("move", names.moves))),
        relevance=parts["relevance"],
        freshness=parts["freshness"],
        harm_from=place.at("harm_from").number(0, 1),
        doubt=parts["doubt"],
        pile=parts["pile"],
        keywords=parts["keywords"],
        stock=parts["stock"],
        severity=parts["severity"],
        caps=place.at("caps").each(lambda entry: _cap(entry, names, ["limit"])),
    )


def _session(place: Place, names: _Names) -> SessionNumbers:
    plain = (
        "indicator_share reply_share start reach credit_rate harm_decay answer_within unmet others".split()
    )
    place.fields([*plain, "opportunities", "prior", "replies", "caps", "repair", "sure", "levels"])
    numbers: dict[str, Any] = {key: place.at(key).number(0) for key in plain}
    for key in ("opportunities", "prior"):
        pair = place.at(key).each(lambda entry: entry.number(0))
        if len(pair) != 2:
            raise place.at(key).error("must hold two numbers")
        numbers[key] = pair
    counts = place.at("replies")
    shares = ("stock_share", "frame_share", "praise_share")
    wholes = "none_under capped_under distinct_moves limit few_moves few_limit stock_limit".split()
    counts.fields([*wholes, *shares])
    numbers.update({key: counts.at(key).number(0, 1) for key in shares})
    numbers.update({key: counts.at(key).whole() for key in wholes})
    repair = place.at("repair")
    repair.fields(["by", "within"])
    levels = {}
    for entry in place.at("levels").entries():
        entry.fields(["level", "name"])
        levels[entry.at("level").whole(1, 5)] = entry.at("name").text()
    if sorted(levels) != [1, 2, 3, 4, 5]:
        raise place.at("levels").error("must name the levels 1 to 5")
    return SessionNumbers(
        numbers=numbers,
        caps=place.at("caps").each(lambda entry: _cap(entry, names, ["one", "two", "three", "repaired"])),
        repaired_by=frozenset(repair.at("by").names("move", names.moves)),
        sure=place.at("sure").number(0, 1),
        repaired_within=repair.at("within").whole(1, 10),
        levels=levels,
    )


def _safety_gate(place: Place, names: _Names) -> dict[str, Any]:
    wanted = {key: "moves" for key in "noticed_by listened_by spoilt_by connected_by says_whom_by".split()}
    wanted |= {
        key: "words" for key in "ask_words tonight_words connect_words whom_words follow_up_words".split()
    }
    wanted |= {"spoilt_by_mentions": "words", "others_needed": "whole"}
    place.fields(["needs", "steps", *wanted])
    steps = {int(key): item.text() for key, item in place.at("steps").items()}
    if sorted(steps) != list(range(1, 9)):
        raise place.at("steps").error("must describe the steps 1 to 8")
    gate = read_options(place, wanted, names.moves, TAGS, CRITERIA)
    return {**gate, "steps": steps, "needs": place.at("needs").each(lambda entry: entry.whole(1, 8))}


def _indicator(place: Place, names: _Names, moves: Mapping[str, Move], star: float) -> Indicator:
    place.fields("id criterion name seeds helps harms when anchors".split(), ["star"])
    anchors = {int(key): item.text() for key, item in place.at("anchors").items()}
    if sorted(anchors) != [1, 3, 5]:
        raise place.at("anchors").error("must describe 1, 3 and 5")
    return Indicator(
        id=place.at("id").text(),
        criterion=place.at("criterion").name("criterion", CRITERIA),
        name=place.at("name").text(),
        weight=star if place.has("star") and place.at("star").truth() else 1.0,
        helps=tuple(_source(entry, names.moves, moves) for entry in place.at("helps").entries()),
        harms=tuple(
            _source(entry, (*names.moves, *names.flags), moves) for entry in place.at("harms").entries()
        ),
        when=frozenset(place.at("when").names("tag", TAGS)),
        anchors=anchors,
        seeds=place.at("seeds").words(),
    )


def _source(place: Place, allowed: tuple[str, ...], moves: Mapping[str, Move]) -> Source:
    name, _, tag = place.text().partition("@")
    name, _, kind = name.partition(":")
    Place(place.file, place.path, name).name("move", allowed)
    if kind:
        Place(place.file, place.path, kind).name("kind", moves[name].kinds if name in moves else ())
    if tag:
        Place(place.file, place.path, tag).name("tag", TAGS)
    return Source(name, kind or None, tag or None)


def _feedback(place: Place, moves: Mapping[str, Move], flag_names: list[str]) -> FeedbackText:
    numbers = ("points", "quoted_words", "praise_from", "praise_sure", "praise_doubt")
    place.fields(["version", *numbers, "praise_first", "first", "worked", "try"])
    good = [name for name, move in moves.items() if move.kind != "X"]
    good += [f"{name}:{kind}" for name in good for kind in moves[name].kinds]
    bad = [
        *(name for name, move in moves.items() if move.kind == "X"),
        *flag_names,
        "generic_praise",
        "closed_run",
        *PROMISES.values(),
    ]
    parts: dict[str, dict[str, FeedbackEntry]] = {"worked": {}, "try": {}}
    for part, allowed in (("worked", good), ("try", bad)):
        for key, entry in place.at(part).items():
            if key not in allowed:
                Place(place.file, place.at(part).path, key).name("name", allowed)
            wanted = ["say", "why", "seeds", *(["rephrase"] if part == "try" else [])]
            entry.fields(wanted, ["quote_on", *(["only_on", "after_harm"] if part == "worked" else [])])
            quote_on = entry.at("quote_on").names("tag", TAGS) if entry.has("quote_on") else ()
            only_on = entry.at("only_on").names("tag", TAGS) if entry.has("only_on") else ()
            after_harm = entry.has("after_harm") and entry.at("after_harm").truth()
            say = entry.at("say").words()
            again = entry.at("rephrase").words() if part == "try" else ()
            for text in (*say, *again):
                _check_blanks(entry, text)
            parts[part][key] = FeedbackEntry(
                say,
                again,
                entry.at("why").text(),
                entry.at("seeds").words(),
                frozenset(quote_on),
                frozenset(only_on),
                after_harm,
            )
    return FeedbackText(
        points=place.at("points").whole(0, 5),
        quoted_words=place.at("quoted_words").whole(1, 30),
        praise_from=place.at("praise_from").number(0, 1),
        praise_sure=place.at("praise_sure").number(0, 1),
        praise_doubt=place.at("praise_doubt").number(0, 1),
        praise_first=place.at("praise_first").names("move", moves),
        first=place.at("first").names("name", parts["try"]),
        worked=parts["worked"],
        to_try=parts["try"],
    )


def _check_blanks(place: Place, text: str) -> None:
    blanks = ("q", "p", "who", "alternative")
    try:
        text.format(**{blank: "x" for blank in blanks})
    except KeyError as error:
        Place(place.file, place.path, error.args[0]).name("blank", blanks)
    except (ValueError, IndexError) as error:
        raise place.error(f"a brace is out of place in {text!r}") from error
