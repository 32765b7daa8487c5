from __future__ import annotations

import pytest

from actions.records import Records, RecordsError, UnknownMessage
from tests.records.conftest import Hands, assess, begin, line


@pytest.fixture
def talked(begun: Records) -> Records:
    begun.store_trainee_message("s1", "m1", "Hi")
    begun.store_trainee_message("s1", "m2", "How are you?")
    return begun


def test_an_assessment_comes_back_whole(talked: Records) -> None:
    detail = {"moves": [{"start": 0, "p": 0.125, "why": "é 😀 \0"}], "feedback": []}
    row = assess(talked, "m1", detail=detail)
    assert talked.assessment_of("m1", session_id="s1") == row
    assert row.detail == detail
    assert (row.collaboration, row.strengths, row.humility, row.overall) == (60.0, None, 55.0, 58.5)


def test_json_keeps_the_order_of_its_keys(talked: Records) -> None:
    assess(talked, "m1", detail={"z": 1, "a": 2, "m": 3})
    assert list(talked.assessment_of("m1", session_id="s1").detail) == ["z", "a", "m"]


def test_the_first_assessment_under_a_rubric_stays(talked: Records, clock: Hands) -> None:
    first = assess(talked, "m1", snapshot={"trust": 40})
    clock.wait(seconds=9)
    assert assess(talked, "m1", snapshot={"trust": 99}) == first
    assert talked.assessments("s1") == (first,)


def test_another_rubric_makes_another_row(talked: Records, clock: Hands) -> None:
    live = assess(talked, "m1")
    clock.wait(days=30)
    later = assess(talked, "m1", rubric_version="rubric-2")
    assert talked.assessments("s1") == (live, later)
    assert talked.assessments("s1", "rubric-2") == (later,)
    assert talked.assessment_of("m1", session_id="s1") == live
    assert talked.assessment_of("m1", "rubric-2", session_id="s1") == later


def test_the_next_turn_goes_on_from_the_last_one(talked: Records, clock: Hands) -> None:
    assert talked.last_assessment("s1") is None
    assess(talked, "m1", turn=1, snapshot={"trust": 41})
    assess(talked, "m2", turn=2, snapshot={"trust": 44})
    clock.wait(days=1)
    assess(talked, "m2", turn=2, snapshot={"trust": 0}, rubric_version="rubric-2")
    assert talked.last_assessment("s1").snapshot == {"trust": 44}
    assert talked.last_assessment("s1", "rubric-2").snapshot == {"trust": 0}


def test_only_a_reply_that_is_stored_is_assessed(talked: Records) -> None:
    talked.store_peer_lines("s1", "m1", 1, [line("p1")])
    for message_id in ("gone", "p1"):
        with pytest.raises(UnknownMessage, match="store the reply first"):
            assess(talked, message_id)


def test_an_id_in_two_sessions_needs_its_session(talked: Records) -> None:
    begin(talked, "s2")
    talked.store_trainee_message("s2", "m1", "Other")
    mine, _ = assess(talked, "m1"), assess(talked, "m1", "s2")
    assert talked.assessment_of("m1", session_id="s1") == mine
    with pytest.raises(RecordsError, match="say which session"):
        talked.assessment_of("m1")


@pytest.mark.parametrize("value", [-0.1, 100.1, float("nan"), float("inf")])
def test_a_score_out_of_bounds_is_refused(talked: Records, value: float) -> None:
    with pytest.raises(RecordsError, match="between 0 and 100"):
        assess(talked, "m1", scores={"humility": value})


def test_the_last_bit_of_a_sum_is_forgiven(talked: Records) -> None:
    assert assess(talked, "m1", scores={"humility": 100.00000000000001}).humility == 100.0


def test_a_score_with_an_unknown_name_is_refused(talked: Records) -> None:
    with pytest.raises(RecordsError, match="unknown score 'warmth'"):
        assess(talked, "m1", scores={"warmth": 4})


def test_nan_in_the_detail_is_refused_everywhere(talked: Records) -> None:
    with pytest.raises(RecordsError, match="cannot be kept"):
        assess(talked, "m1", detail={"p": float("nan")})
    assert talked.assessments("s1") == ()


def test_a_session_score_is_kept_once(begun: Records, clock: Hands) -> None:
    first = begun.store_session_score("s1", "rubric-1", {"levels": (3, 4), "caps": {}})
    clock.wait(seconds=1)
    assert begun.store_session_score("s1", "rubric-1", {"levels": [3, 4], "caps": {}}) == first
    assert begun.session_score("s1") == first
    assert (first.seq, first.model_version) == (1, "model-1")


def test_a_new_score_leaves_the_old_one(begun: Records) -> None:
    first = begun.store_session_score("s1", "rubric-1", {"overall": 40})
    second = begun.store_session_score("s1", "rubric-2", {"overall": 50})
    assert begun.session_scores("s1") == (first, second)
    assert begun.session_score("s1") == second
    assert begun.session_score("s1", "rubric-1") == first
    assert begun.session_score("s2") is None
