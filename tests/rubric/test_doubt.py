"""A score is an expectation: readings count by how sure they are, others by how likely they are."""

from dataclasses import replace

import pytest

from bot.reading import Sentence
from tests.rubric.build import judge, moves_of, peer, reading, rubric

TEXT = "Maybe the mornings are worth a look."
KEYS = ("collaboration", "strengths", "humility")


def sure_to(probability, move):
    known = reading(TEXT, (TEXT, move))
    return replace(known, spans=tuple(replace(span, probability=probability) for span in known.spans))


def heard(**likely):
    return replace(reading(TEXT), sentences=(Sentence(0, len(TEXT), likely),))


def values(assessment):
    return [assessment.criteria[key].value for key in KEYS]


def test_a_reading_counts_in_proportion_to_how_sure_it_is():
    humility = [judge(sure_to(p, "unsolicited_advice")).criteria["humility"] for p in (0.45, 0.9, 0.99)]
    assert [score.harm for score in humility] == [pytest.approx(0.5), 1, 1]
    credits = [judge(sure_to(p, "match_pace")).criteria["collaboration"].credit for p in (0.45, 0.9)]
    assert credits == [pytest.approx(1.0), 2]


def test_what_words_may_have_been_counts_by_how_likely_it_is():
    (move,) = judge(heard(give_information=0.5, unsolicited_advice=0.36)).faint
    assert (move.move, move.is_faint, move.sureness) == ("unsolicited_advice", True, 0.4)
    assert move.harm == {"collaboration": pytest.approx(0.4), "humility": pytest.approx(0.4)}
    likely = [judge(heard(unsolicited_advice=p)).criteria["humility"].value for p in (0.0, 0.1, 0.2, 0.3)]
    assert likely == sorted(likely, reverse=True) and len(set(likely)) == 4
    assert judge(heard(validate=0.3)).criteria["humility"].value > 50


def test_unlikely_readings_and_those_that_decide_nothing_are_left_out():
    assert judge(heard(unsolicited_advice=0.04, honor_pathway=0.3, confront_blame=0.3)).faint == ()


def test_no_flag_feedback_indicator_or_limit_rests_on_a_faint_reading():
    faint = judge(heard(direct_command=0.45, encourage_isolation=0.3, affirm_strength=0.2))
    assert {move.move for move in faint.faint} == {"direct_command", "encourage_isolation", "affirm_strength"}
    plain = judge(heard())
    assert values(faint) != values(plain)
    for name in ("moves", "repeats", "flags", "feedback", "indicators", "signs", "breaks", "is_substantive"):
        assert getattr(faint, name) == getattr(plain, name), name
    assert not any(score.caps for score in faint.criteria.values())


def test_a_turn_is_not_answered_by_what_only_may_have_been_an_answer():
    told = peer("the bus never comes", "bar")
    assert judge(heard(validate=0.2), told).criteria["humility"].unmet > 0


def test_the_rules_of_context_hold_for_faint_readings():
    asked = peer("what should i do?", "ask")
    (move,) = judge(heard(unsolicited_advice=0.4, validate=0.01), asked).faint or (None,)
    assert move is None or not move.harm


def test_a_move_that_counts_is_not_counted_again_faintly():
    both = "Maybe the mornings. Maybe the evenings."
    known = reading(both, ("Maybe the mornings.", "unsolicited_advice"))
    known = replace(
        known, sentences=tuple(replace(part, moves={"unsolicited_advice": 0.6}) for part in known.sentences)
    )
    assessment = judge(known)
    assert moves_of(assessment) == ["unsolicited_advice"] and assessment.faint == ()


def test_greetings_stay_neutral_whatever_else_they_may_have_been():
    hello = reading("hey there", mentions=(("hey", "greeting"),))
    hello = replace(hello, sentences=(Sentence(0, 9, {"affirm_strength": 0.3}),))
    assessment = judge(hello)
    assert assessment.is_small_talk and values(assessment) == [50, 50, 50] and assessment.faint == ()


@pytest.mark.parametrize("move", sorted(rubric().reply.doubt["uncoded"]))
def test_blame_and_its_like_are_coded_only_where_they_are_sure(move):
    assert moves_of(judge(sure_to(0.55, move))) == []
    assert moves_of(judge(sure_to(0.6, move))) == [move]
