"""The report's parts: what happened, how the numbers came about, the chart, the next practice."""

from __future__ import annotations

import re
from dataclasses import replace
from types import SimpleNamespace
from xml.etree import ElementTree

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.content import ContentError
from bot.web import charts, report, session_sums, story, sums
from bot.web.report_words import read_report_words
from bot.web.story import TrustTrack
from bot.web.words import IndicatorWord
from tests.rubric.build import DATA, reading, rubric
from tests.web import fakes
from tests.web.told import judged, lines_of

HARD = ("Used twice this weekend. Wasn't gonna tell anyone.", "disc setb")
OPEN = ("Huh. Closer than most.\nMy shoulder is shot and they cut my hours", "bar")
WIN = ("Fourteen months with a dot for every day", "win str")

GOOD = reading(
    "You were carrying that alone. What do you need today?",
    ("You were carrying that alone.", "complex_reflection"),
    ("What do you need today?", "seek_collaboration"),
)
TIP = reading("Get a planner.", ("Get a planner.", "unsolicited_advice"))
PLAIN = reading("What time is it?", ("What time is it?", "closed_question"))


def one(text: str, move: str):
    return reading(text, (text, move))


TALK = [
    (*HARD, GOOD),
    (*OPEN, TIP),
    (*WIN, PLAIN),
    (*OPEN, one("What have those hours meant at home?", "open_question")),
    (*HARD, one("Go buy a calendar for the wall", "unsolicited_advice")),
    (*OPEN, one("Your pay got hit while your shoulder hurts", "simple_reflection")),
    (*WIN, one("How is the calendar going?", "open_question")),
    (
        *OPEN,
        reading(
            "They cut your pay. See a lawyer.",
            ("They cut your pay.", "complex_reflection"),
            ("See a lawyer.", "unsolicited_advice"),
        ),
    ),
]


MIXED = replace(
    TIP,
    spans=tuple(replace(span, probability=0.6) for span in TIP.spans),
    sentences=tuple(
        replace(part, moves={"unsolicited_advice": 0.6, "pressure_warn": 0.18, "validate": 0.09})
        for part in TIP.sentences
    ),
)
"""Advice, perhaps; pressure or support, less likely."""


def recomputed(text: str) -> float:
    """Work out the last sum of a step: "50 + 35.68 = 85.7." gives 85.68."""
    left = re.split(r"=", text)[0]
    plain = left.replace("×", "*").replace("÷", "/").replace("−", "-").replace("e^", "2.718281828459045**")
    return float(eval(re.sub(r"^.*?: (?:down |up )?", "", plain), {"__builtins__": {}}))  # noqa: S307


def test_the_sum_of_every_criterion_comes_to_its_score():
    for line in lines_of([*TALK, ("the bus was late", "bar", MIXED)]):
        if line["speaker"] == "peer":
            continue
        for criterion in line["sums"]["criteria"]:
            shown = [step for step in criterion["steps"] if re.match(r"^50 [+−]", step)]
            stored = story.detail_of(line)["criteria"][criterion["id"]]
            if stored["P"] or stored["N"]:
                assert recomputed(shown[-1]) == pytest.approx(stored["u"], abs=0.06)
            points = sum(float(item["points"]) for item in criterion["earned"])
            assert points == pytest.approx(stored["P"], abs=0.02)
            lost = sum(float(item["points"]) for item in criterion["lost"])
            assert lost == pytest.approx(stored["N"], abs=0.02)
        overall = line["sums"]["overall"]
        assert recomputed(overall["sum"]) == pytest.approx(story.detail_of(line)["overall"], abs=1.0)


def test_the_words_that_earned_it_stand_beside_the_points():
    first = next(line for line in lines_of(TALK) if line["speaker"] == "trainee")
    collaboration = first["sums"]["criteria"][0]
    assert [(item["words"], item["points"]) for item in collaboration["earned"]] == [
        ("What do you need today?", "2"),
        ("You were carrying that alone.", "1"),
    ]
    assert "fits what they said" in collaboration["earned"][0]["how"]


def test_it_is_told_how_sure_a_reading_is_and_what_else_was_heard():
    line = next(line for line in lines_of([("the bus was late", "bar", MIXED)]) if "sums" in line)
    collaboration, _, humility = line["sums"]["criteria"]
    assert [(item["how"], item["points"]) for item in collaboration["lost"]] == [
        ("1 point; only 60% sure, so × 0.67", "0.67"),
        ("2 points; it may also have come across so (18%), so × 0.2", "0.4"),
    ]
    assert [item["how"] for item in humility["earned"]] == [
        "1 point; it may also have come across so (9%), so × 0.1; would fit anyone, so × 0.5"
    ]


def test_constants_of_another_rubric_are_not_told():
    line = next(line for line in lines_of(TALK) if line["speaker"] == "trainee")
    detail = {**story.detail_of(line), "overall": 12.0}
    detail["criteria"] = {name: {**value, "A": 0.5, "B": 0.5} for name, value in detail["criteria"].items()}
    told = sums.reply_sums(line["row"].text, detail, rubric(), fakes.WORDS)
    assert told["overall"]["sum"] == ""
    assert "e^" not in " ".join(step for item in told["criteria"] for step in item["steps"])


@pytest.mark.parametrize("name", ["collaboration", "strengths", "humility"])
def test_the_steps_of_a_session_come_to_its_score(name):
    messages, rows, detail = judged(TALK)
    lines = report.conversation_view(messages, rows, fakes.WORDS, fakes.REPORT_CONTENT)
    steps = session_sums.criterion_sums(name, detail, lines, rubric(), fakes.WORDS)
    together = next(step for step in steps if step.startswith("Together"))
    assert recomputed(together) == pytest.approx(detail["parts"][name]["uncapped"], abs=0.4)
    held = [cap["limit"] for cap in detail["caps"][name]]
    assert any(step.startswith("Held at") for step in steps) == any(
        limit < detail["parts"][name]["uncapped"] for limit in held
    )
    broken = {**detail, "parts": {name: {"g": 1.0, "b": 1.0, "uncapped": 99.0}}}
    assert session_sums.criterion_sums(name, broken, lines, rubric(), fakes.WORDS) == []


def test_an_indicator_names_words_openings_and_its_sum():
    messages, rows, detail = judged(TALK)
    lines = report.conversation_view(messages, rows, fakes.WORDS, fakes.REPORT_CONTENT)
    told = session_sums.indicator_sums("C5", detail, lines, rubric(), fakes.WORDS)
    assert [(item["number"], item["words"]) for item in told["hindered"]] == [
        (2, "Get a planner."),
        (5, "Go buy a calendar for the wall"),
        (8, "See a lawyer."),
    ]
    assert told["left"] and "hours" in told["left"][0]["heard"]
    for step in told["steps"]:
        if step.startswith("What got in the way"):
            down = recomputed(step.partition("down ")[2])
    assert 3 - down == pytest.approx(detail["indicators"]["C5"], abs=0.02)


def test_turning_points_are_where_trust_moved_most():
    lines = lines_of(TALK, [30, 38, 31, 31.5, 40, 38, 41, 41, 41])
    points = story.turning_points(lines)
    assert [(point["number"], point["is_rise"]) for point in points] == [(1, True), (2, False), (4, True)]
    fall = points[1]
    assert (fall["before"], fall["after"], fall["change"]) == (38, 31, -7)
    assert fall["words"] == [{"text": "Get a planner.", "name": "Gave advice nobody asked for"}]
    assert fall["answer"].startswith("Fourteen months")


def test_one_fall_is_told_even_among_greater_rises():
    points = story.turning_points(lines_of(TALK, [30, 40, 50, 60, 70, 66, 76, 86, 86]))
    assert [point["number"] for point in points if not point["is_rise"]] == [5]


def test_no_turning_point_where_nothing_moved():
    assert story.turning_points(lines_of(TALK, [30] * 9)) == []
    assert story.turning_points([]) == [] and story.trust_track([]) is None


def test_strongest_moment_is_the_best_reply_with_what_it_answered():
    moment = story.strongest_moment(lines_of(TALK))
    assert moment and moment["number"] == 1 and moment["heard"].startswith("Used twice")
    assert story.strongest_moment(lines_of([(*HARD, TIP), (*OPEN, PLAIN)])) is None


def test_openings_that_went_by_come_with_the_peers_line_and_something_to_say():
    missed = story.missed_openings(lines_of(TALK), fakes.REPORT_CONTENT.words, ["C5", "S3"], "Kris")
    by_kind = {item["kind"]: item for item in missed}
    assert by_kind["missed_empathy"]["number"] == 5
    assert "Kris told you something hard" in by_kind["missed_empathy"]["say"]
    assert all(item["heard"] and item["try"] for item in missed)
    assert len({item["heard"] for item in missed}) == len(missed) <= story.MOST_MISSED


def test_an_opening_taken_up_in_time_is_none():
    taken = reading("Your hours were cut.", ("Your hours were cut.", "validate"))
    named = reading("What ways do you see?", ("What ways do you see?", "brainstorm_options"))
    lines = lines_of([(*OPEN, taken), (*OPEN, named), ("Mm.", "", PLAIN)])
    assert story.lapsed(lines, "C5") == []
    assert [number for number, _ in story.lapsed(lines_of([(*OPEN, PLAIN), ("Mm.", "", PLAIN)]), "C5")] == [1]
    assert story.lapsed(lines_of([(*OPEN, PLAIN)]), "C5") == []  # there was no time


def test_a_low_value_without_harm_accuses_nobody():
    word = IndicatorWord("No judging", {1: "Blame or labels", 3: "Neutral", 5: "The barrier named"})
    assert report.anchor_of(word, 1.7, {"N": 1.5, "unmet": 3}) == "3 openings for it went by."
    assert report.anchor_of(word, 1.7, {"N": 2.0, "unmet": 0}) == "Leaning to: blame or labels"
    assert report.anchor_of(word, 1.2, {"N": 4.0, "unmet": 1}) == "Blame or labels"
    assert report.anchor_of(word, 3.0, {}) == "Neutral"
    assert report.anchor_of(word, 3.9, {}) == "On the way to: the barrier named"
    assert report.anchor_of(word, 4.8, {}) == "The barrier named"


def someone(name: str, targets: tuple[str, ...]) -> SimpleNamespace:
    return SimpleNamespace(
        id=name, title="A talk", targets=targets, persona=SimpleNamespace(short_name=name.title())
    )


def test_next_practice_takes_up_the_weakest_aim():
    people = {
        name: someone(name, aims) for name, aims in (("ana", ("C5",)), ("ben", ("H1",)), ("cy", ("C5",)))
    }
    detail = {
        "criteria": dict.fromkeys(("collaboration", "strengths", "humility"), 70.0),
        "indicators": {"C5": 2.0, "H1": 4.0},
        "evidence": {"C5": {"N": 1.0}, "H1": {"P": 2.0}},
    }
    scenario = someone("ana", ("C5", "H1", "S3"))

    def suggest(ending: str = "good", done: tuple[str, ...] = ("ana",), **more):
        session = SimpleNamespace(scenario_id="ana", ending=ending)
        return report.next_practice(
            {**detail, **more}, session, scenario, people, done, fakes.REPORT_CONTENT, fakes.WORDS
        )

    assert (suggest()["scenario_id"], suggest()["is_again"]) == ("cy", False)
    assert suggest(done=("ana", "cy"))["scenario_id"] == "ben"
    assert suggest(done=("ana", "ben", "cy"))["is_again"]
    assert suggest(ending="rupture")["scenario_id"] == "ana"
    assert suggest(criteria={"collaboration": 20.0})["is_again"]
    assert suggest(evidence={}) is None
    assert suggest(indicators={"C5": 4.5, "H1": 4.9})["is_strong"]


TRACK = TrustTrack(28.0, ((1, 34.0), (2, 30.0), (3, 47.0), (4, 96.0)))
TURNS = [{"number": 2, "is_rise": False}, {"number": 4, "is_rise": True}]


@pytest.mark.parametrize("is_narrow", [False, True])
def test_chart_has_no_style_no_color_and_no_script(is_narrow):
    drawn = charts.trust_svg(TRACK, TURNS, (35.0, 65.0), is_narrow=is_narrow)
    root = ElementTree.fromstring(drawn)
    for element in root.iter():
        assert "style" not in element.attrib and not element.tag.endswith(("style", "script", "metadata"))
        assert element.get("fill", "none") == "none" and element.get("stroke", "none") == "none"
    texts = ["".join(element.itertext()) for element in root.iter() if element.tag.endswith("}text")]
    assert {"wary", "warming", "trusting", "2", "4"} <= set(texts)
    assert {"fill-rise", "fill-fall"} <= {
        name for e in root.iter() for name in (e.get("class") or "").split()
    }
    assert root.get("aria-hidden") == "true"


def test_charts_of_one_page_share_no_ids_and_the_same_talk_gives_the_same_bytes():
    wide, narrow = (charts.trust_svg(TRACK, TURNS, (35.0, 65.0), is_narrow=n) for n in (False, True))
    ids = [set(re.findall(r'id="([^"]+)"', drawn)) for drawn in (wide, narrow)]
    assert not ids[0] & ids[1]
    charts._svg.cache_clear()
    assert charts.trust_svg(TRACK, TURNS, (35.0, 65.0)) == wide


@settings(max_examples=12, deadline=None)
@given(
    st.floats(0, 100),
    st.lists(st.floats(0, 100), min_size=1, max_size=4),
)
def test_any_track_can_be_drawn(start, values):
    track = TrustTrack(start, tuple(enumerate(values, 1)))
    assert charts.trust_svg(track, [{"number": 1, "is_rise": True}], (35.0, 65.0)).startswith("<svg")


@pytest.mark.parametrize(
    "old, new, told",
    [
        ("  C1:\n", "  C9:\n", 'unknown key "C9"'),
        ("  missed_empathy: When", "  missed_empaty: When", 'unknown key "missed_empaty"'),
        ("    5: They steered", "    6: They steered", 'unknown key "6"'),
        ('    try: ["Where would', '    tri: ["Where would', '"try" is missing'),
        ("A win went by.", "A {win} went by.", "a blank in"),
    ],
)
def test_mistakes_in_the_reports_words_are_named(tmp_path, old, new, told):
    text = (DATA / "report.yml").read_text(encoding="utf-8")
    assert old in text
    (tmp_path / "report.yml").write_text(text.replace(old, new, 1), encoding="utf-8")
    rules = {*rubric().moves, *rubric().feedback.to_try}
    with pytest.raises(ContentError) as caught:
        read_report_words(tmp_path, rubric().indicators, rubric().flags, rubric().ratios, rules)
    assert told in str(caught.value)
