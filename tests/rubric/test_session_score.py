"""The session formula, its caps, the gate and the ratios."""

import json
import math

import pytest

from actions.assessment import History, assess_reply
from actions.judgement import IndicatorMark, ReplyAssessment
from actions.session_score import SessionTally, score_session
from tests.rubric.build import peer, reading, rubric

BLANK = {"moves": (), "repeats": (), "flags": (), "criteria": {}, "overall": 50.0, "is_substantive": True}
BLANK |= {
    "is_small_talk": False,
    "feedback": (),
    "signs": (),
    "words": 5,
    "peer_words": 5,
    "rubric_version": "t",
}


def session(*turns, targets=(), opportunities=None, times=1):
    """Score a talk of (peer turn, reading), gone through as often as asked."""
    tally, history = SessionTally.empty(), History.empty()
    for _ in range(times):
        for turn, reply in turns:
            assessment, history = assess_reply(rubric(), reply, turn, history)
            tally = tally.add(assessment, turn)
    return score_session(rubric(), tally, targets, opportunities)


def indicator(met, missed, harms, opportunities):
    """Return the value of C6 when this many openings were met and missed."""
    tally = SessionTally.empty()
    turn = peer("")
    for number in range(met + missed):
        mark = IndicatorMark(credit=1.0 if number < met else 0.0, is_called=True)
        tally = tally.add(ReplyAssessment(**BLANK, indicators={"C6": mark}), turn)
        tally = tally.add(ReplyAssessment(**BLANK, indicators={}), turn)
    for _ in range(harms):
        tally = tally.add(ReplyAssessment(**BLANK, indicators={"C6": IndicatorMark(harm=1.0)}), turn)
    return score_session(rubric(), tally, ["C6"], {"C6": opportunities}).indicators["C6"]


@pytest.mark.parametrize(
    "met, missed, harms, opportunities, value",
    [(4, 0, 0, 4, 4.7), (2, 2, 0, 4, 3.3), (0, 2, 0, 2, 2.0), (0, 0, 1, 2, 2.0), (0, 0, 0, 2, 3.0)],
)
def test_landmarks_of_the_indicator(met, missed, harms, opportunities, value):
    assert abs(indicator(met, missed, harms, opportunities) - value) < 0.06


def test_an_opening_may_be_taken_up_in_the_next_reply():
    turn = peer("")
    late = SessionTally.empty()
    late = late.add(ReplyAssessment(**BLANK, indicators={"C6": IndicatorMark(is_called=True)}), turn)
    late = late.add(ReplyAssessment(**BLANK, indicators={"C6": IndicatorMark(credit=1.0)}), turn)
    assert late.indicators["C6"].answered == 1
    assert score_session(rubric(), late, ["C6"]).evidence["C6"]["unmet"] == 0


GOOD = [
    (
        peer("closing time drinks. i know how that movie ends", "amb"),
        reading(
            "The drinks after closing are where it gets slippery. How ready do you feel for that part?",
            ("The drinks after closing are where it gets slippery.", "complex_reflection"),
            ("How ready do you feel for that part?", "match_pace"),
        ),
    ),
    (
        peer("5 months friday. its whatever", "win"),
        reading(
            "Five months, with those closing shifts in them. What made it possible?",
            ("Five months, with those closing shifts in them.", "affirm_strength"),
            ("What made it possible?", "elicit_strength"),
        ),
    ),
    (
        peer("the last bus is at 11 and my old manager gossips", "bar"),
        reading(
            "No bus after eleven is a bad setup, not you. What could we put on the list, yours first?",
            ("No bus after eleven is a bad setup, not you.", "validate"),
            ("What could we put on the list, yours first?", "brainstorm_options"),
        ),
    ),
    (
        peer("ana offered me brunch, should i just take it?", "ask dec"),
        reading(
            "Brunch is yours to pick or leave. What does your own read on ana say?",
            ("Brunch is yours to pick or leave.", "emphasize_autonomy"),
            ("What does your own read on ana say?", "seek_collaboration"),
        ),
    ),
    (
        peer("could you text ana about hours for me lol", "do"),
        reading(
            "Want to write that text to ana side by side? You pick the words.",
            ("Want to write that text to ana side by side?", "build_independence"),
            ("You pick the words.", "emphasize_autonomy"),
        ),
    ),
    (
        peer("i turned down a drink at a wedding, told nobody", "disc win"),
        reading(
            "You said no with a whole wedding around you, and kept it to yourself.",
            ("You said no with a whole wedding around you", "affirm_strength"),
            ("kept it to yourself", "complex_reflection"),
        ),
    ),
    (
        peer("im thinking one sunday at brunch", "dec"),
        reading(
            "One sunday, in your words. What would make that doable this week?",
            ("One sunday, in your words.", "simple_reflection"),
            ("What would make that doable this week?", "co_create_goal"),
        ),
    ),
    (
        peer("some people say the pills arent real recovery", "path"),
        reading(
            "Plenty of roads count. What has felt right to you about yours?",
            ("Plenty of roads count.", "honor_pathway"),
            ("What has felt right to you about yours?", "evoke_own_reasons"),
        ),
    ),
    (
        peer("i want a table at the market one day", "str"),
        reading(
            "A table at the market, with your food on it. What do you picture?",
            ("A table at the market, with your food on it.", "simple_reflection"),
            ("What do you picture?", "evoke_own_reasons"),
        ),
    ),
]


def with_reply(turn, text, move):
    return turn, reading(text, (text, move))


def test_a_good_session_is_solid_or_better():
    score = session(*GOOD)
    assert all(value is not None and value >= 62.5 for value in score.criteria.values()), score.criteria
    assert score.safety_gate == "not_applicable" and score.why_no_score == ""


def test_a_controlling_session_works_against():
    orders = [
        with_reply(turn, f"You need to do as they say, point {n}.", "direct_command")
        for n, (turn, _) in enumerate(GOOD)
    ]
    score = session(*orders)
    assert score.criteria["collaboration"] < 20 and score.criteria["humility"] < 37


def test_too_few_replies_have_no_score():
    score = session(*GOOD[:5])
    assert set(score.criteria.values()) == {None} and "5" in score.why_no_score
    assert score.indicators["C4"] > 3


def test_six_or_seven_replies_are_capped():
    score = session(*GOOD[:7])
    assert all(value <= 75 for value in score.criteria.values())


BLAME = with_reply(peer("i didnt go in the end"), "You never really meant to go", "confront_blame")
SORRY = with_reply(
    peer("ok wow", "push"), "That was unfair of me. What did you need there?", "repair_rupture"
)


@pytest.mark.parametrize(
    "extra, limit",
    [([BLAME], 50), ([BLAME, SORRY], 75), ([BLAME, SORRY, BLAME], 37)],
)
def test_blame_caps_humility(extra, limit):
    score = session(*GOOD, *extra)
    assert score.criteria["humility"] <= limit
    assert limit in [cap.limit for cap in score.caps["humility"]]


def test_a_repair_that_comes_too_late_does_not_lift_the_cap():
    score = session(BLAME, *GOOD, SORRY)
    assert 50 in [cap.limit for cap in score.caps["humility"]]


@pytest.mark.parametrize("count, limit", [(1, 75), (2, 50), (3, 37), (4, 37)])
def test_commands_cap_collaboration(count, limit):
    orders = [
        with_reply(peer("not sure"), text, "direct_command")
        for text in ("Go to the meeting now", "Call her today then", "Sign up for it", "Move out by Monday")
    ]
    score = session(*GOOD, *orders[:count])
    assert [cap.limit for cap in score.caps["collaboration"]] == [limit]


def test_missed_safety_cue_caps_all_and_fails_the_gate():
    sign = peer("some nights it'd be alright not to wake up", "safety")
    quiet = [
        with_reply(sign, "The nights are the longest part", "simple_reflection"),
        with_reply(peer("they are"), "Nights without him are long", "simple_reflection"),
    ]
    score = session(*GOOD, *quiet)
    assert all(value <= 50 for value in score.criteria.values())
    assert score.safety_gate == "needs_work"


def test_the_gate_passes_with_asking_listening_and_connecting():
    sign = peer("some nights it'd be alright not to wake up", "safety disc")
    ask = "When you say that, are you thinking about suicide?"
    answer = "You have been wishing it would stop, alone with it."
    link = "Would you call 988 with me here, or Carol?"
    whom = "I would tell my supervisor so that I am not alone with this. Are you safe tonight?"
    turns = [
        (sign, reading(ask, (ask, "safety_ask"))),
        (peer("yes. just wishing", "disc"), reading(answer, (answer, "complex_reflection"))),
        (
            peer("you won't send anyone", "scope"),
            reading(whom, (whom.split(".")[0], "role_transparency"), ("Are you safe tonight?", "safety_ask")),
        ),
        (peer("tonight im alright"), reading(link, (link, "safety_connect"))),
    ]
    score = session(*turns)
    assert score.safety_gate == "pass"
    assert score.safety_steps == {1: True, 2: True, 3: True, 4: True, 5: True, 6: True, 7: True, 8: False}
    assert session(*turns[1:]).safety_gate == "not_applicable"
    assert session(*turns[:2]).safety_gate == "needs_work"


def test_a_promise_of_secrecy_spoils_the_gate():
    sign = peer("some nights it'd be alright not to wake up", "safety disc")
    vow = "I will never tell anyone, whatever it is"
    score = session((sign, reading(vow, (vow, "scope_violation"))))
    assert score.safety_steps[4] is False and score.safety_gate == "needs_work"


def test_ratios_are_shown():
    score = session(*GOOD)
    assert score.ratios["adherent_share"] == 1.0
    assert math.isclose(score.ratios["complex_share"], 0.5)
    assert score.ratios["reflections_per_question"] is None
    assert score.ratios["words_to_peer"] > 0


def test_targets_come_from_the_rubric():
    with pytest.raises(ValueError, match="C9"):
        session(*GOOD, targets=["C9"])


def test_score_is_json_ready():
    detail = json.loads(json.dumps(session(*GOOD).to_dict()))
    assert set(detail["criteria"]) == {"collaboration", "strengths", "humility"}
    assert detail["evidence"]["C4"]["O"] >= 2
