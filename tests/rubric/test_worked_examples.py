"""The rubric's own worked examples come out as printed there."""

import pytest

from tests.rubric.build import flags_of, judge, moves_of, peer, reading

PEER = peer("used twice this weekend. wasnt gonna tell anyone.", "disc setb")


def scores(assessment):
    c, s, h = (assessment.criteria[key] for key in ("collaboration", "strengths", "humility"))
    return tuple(round(score.value) for score in (c, s, h)) + (round(assessment.overall),)


def test_a_listening_reply_is_strong():
    text = (
        "Thank you for telling me. You were carrying that alone and still said it out loud, "
        "thats not nothing. What do you need from today?"
    )
    assessment = judge(
        reading(
            text,
            ("You were carrying that alone", "complex_reflection"),
            ("still said it out loud, thats not nothing", "affirm_strength"),
            ("What do you need from today?", "seek_collaboration"),
            similar=0.4,
        ),
        PEER,
    )
    assert moves_of(assessment) == ["complex_reflection", "affirm_strength", "seek_collaboration"]
    assert flags_of(assessment) == []
    assert scores(assessment) == (92, 86, 92, 90)


def test_b_logistics_first_misses_the_feeling():
    text = "Have you called your sponsor? What triggered it?"
    assessment = judge(
        reading(
            text,
            ("Have you called your sponsor?", "unsolicited_advice"),
            ("What triggered it?", "open_question"),
        ),
        PEER,
    )
    assert moves_of(assessment) == ["unsolicited_advice", "open_question"]
    assert flags_of(assessment) == ["missed_empathy"]
    assert scores(assessment) == (27, 39, 27, 31)


def test_c_blame_after_a_disclosure_is_the_floor():
    assessment = judge(
        reading("So you threw away 14 months", ("So you threw away 14 months", "confront_blame")), PEER
    )
    assert moves_of(assessment) == ["confront_blame"]
    assert flags_of(assessment) == ["missed_empathy"]
    assert scores(assessment) == (11, 30, 11, 17)


@pytest.mark.parametrize(
    "credit, harm, score",
    [(1, 0, 73), (2, 0, 86), (3, 0, 92), (0, 1, 30), (0, 2, 18), (0, 3, 11), (2, 1, 52)],
)
def test_landmarks_of_the_formula(credit, harm, score):
    """The landmarks printed beside the formula."""
    import math

    from tests.rubric.build import rubric

    numbers = rubric().reply
    rise, fall = 1 - math.exp(-credit / numbers.credit_decay), 1 - math.exp(-harm / numbers.harm_decay)
    assert abs(50 + 50 * rise * (1 - fall) - 50 * fall - score) < 1
