from __future__ import annotations

import pytest

from actions.records import (
    MessageConflict,
    Records,
    RecordsError,
    SessionConflict,
    SessionRow,
    UnknownSession,
    UnknownUser,
)
from tests.records.conftest import Hands, begin, line


def test_a_session_is_kept_as_it_began(begun: Records) -> None:
    assert begun.session("s1") == SessionRow(
        id="s1",
        user_id=None,
        scenario_id="kris",
        seed=7,
        rubric_version="rubric-1",
        model_version="model-1",
        scenario_version="kris-1",
        is_score_hidden=False,
        is_paused=False,
        ending=None,
        started_at="2026-03-01T09:30:00.000000+00:00",
        updated_at="2026-03-01T09:30:00.000000+00:00",
        ended_at=None,
    )


def test_beginning_again_changes_nothing(begun: Records, clock: Hands) -> None:
    before = begun.session("s1")
    clock.wait(minutes=5)
    begin(begun, "s1")
    assert begun.session("s1") == before


def test_nobody_gets_into_another_trainees_session(records: Records) -> None:
    ana = records.create_user("ana", "Ana", "trainee", None)
    ben = records.create_user("ben", "Ben", "trainee", None)
    begin(records, "s1", user_id=ana.id)
    with pytest.raises(SessionConflict):
        begin(records, "s1", user_id=ben.id)


def test_an_id_belongs_to_one_scenario(begun: Records) -> None:
    with pytest.raises(SessionConflict):
        begin(begun, "s1", "marisol")


def test_a_session_needs_an_account_that_exists(records: Records) -> None:
    with pytest.raises(UnknownUser, match="sign in again"):
        begin(records, "s1", user_id="nobody")


@pytest.mark.parametrize("bad", ["", "x" * 201, "a\0b", "\ud83d"])
def test_an_id_that_cannot_be_stored_is_refused(records: Records, bad: str) -> None:
    with pytest.raises(RecordsError, match="is no id"):
        begin(records, bad)


def test_a_seed_beyond_the_column_is_refused(records: Records) -> None:
    with pytest.raises(RecordsError, match="too large"):
        records.start_session("s", "kris", 2**63, scenario_version="1", rubric_version="1", model_version="1")


def test_the_first_ending_stays(begun: Records, clock: Hands) -> None:
    first = begun.end_session("s1", "good")
    clock.wait(minutes=1)
    assert begun.end_session("s1", "stopped") == first
    assert (first.ending, first.ended_at) == ("good", "2026-03-01T09:30:00.000000+00:00")


def test_pausing_and_going_on(begun: Records) -> None:
    assert begun.set_paused("s1", True).is_paused
    assert not begun.set_paused("s1", False).is_paused


def test_a_session_that_has_ended_is_not_paused(begun: Records) -> None:
    begun.set_paused("s1", True)
    assert not begun.end_session("s1", "stopped").is_paused
    assert not begun.set_paused("s1", True).is_paused


def test_scores_can_be_hidden(begun: Records) -> None:
    assert begun.set_score_hidden("s1", True).is_score_hidden
    assert begun.session("s1").is_score_hidden


@pytest.mark.parametrize(
    "change",
    [
        lambda records: records.end_session("gone", "good"),
        lambda records: records.set_paused("gone", True),
        lambda records: records.set_score_hidden("gone", True),
        lambda records: records.store_trainee_message("gone", "m1", "hi"),
        lambda records: records.store_peer_lines("gone", "m1", 1, [line("p1")]),
        lambda records: records.store_session_score("gone", "rubric-1", {}),
    ],
)
def test_a_session_that_is_gone_stays_gone(records: Records, change) -> None:
    with pytest.raises(UnknownSession, match="may have been deleted"):
        change(records)


def test_a_message_sent_twice_is_one_message(begun: Records, clock: Hands) -> None:
    first = begun.store_trainee_message("s1", "m1", "How was your week?")
    clock.wait(seconds=3)
    assert begun.store_trainee_message("s1", "m1", "How was your week?") == first
    assert begun.messages("s1") == (first,)
    assert begun.message("s1", "m1") == first


def test_other_words_under_the_same_id_are_refused(begun: Records) -> None:
    begun.store_trainee_message("s1", "m1", "How was your week?")
    with pytest.raises(MessageConflict):
        begun.store_trainee_message("s1", "m1", "What happened?")


def test_message_ids_of_two_sessions_do_not_meet(begun: Records) -> None:
    begin(begun, "s2")
    begun.store_trainee_message("s1", "m1", "one")
    assert begun.store_trainee_message("s2", "m1", "two").text == "two"


def test_what_cannot_be_stored_is_marked_and_offsets_stay(begun: Records) -> None:
    sent = "a\0b\ud83dc 😀 \u200b é"
    stored = begun.store_trainee_message("s1", "m1", sent)
    assert stored.text == "a\ufffdb\ufffdc 😀 \u200b é"
    assert len(stored.text) == len(sent)
    assert begun.store_trainee_message("s1", "m1", sent) == stored


def test_a_long_message_is_kept_whole(begun: Records) -> None:
    assert begun.store_trainee_message("s1", "m1", "wort " * 40_000).text == "wort " * 40_000


def test_the_peers_answer_is_stored_once(begun: Records) -> None:
    begun.store_trainee_message("s1", "m1", "Hi")
    first = begun.store_peer_lines("s1", "m1", 1, [line("p1", "Hey."), line("p2", "What's up?")])
    again = begun.store_peer_lines("s1", "m1", 1, [line("p3", "Something else.")])
    assert again == first
    assert [(row.seq, row.id, row.position, row.reply_to, row.turn) for row in first] == [
        (2, "p1", 0, "m1", 1),
        (3, "p2", 1, "m1", 1),
    ]


def test_an_opening_answers_no_message(begun: Records) -> None:
    (row,) = begun.store_peer_lines("s1", "s1:begin", 0, [line("p0", "You the new one?")])
    assert (row.reply_to, row.turn, row.speaker) == ("s1:begin", 0, "peer")


def test_a_message_without_turn_waits_for_its_answer(begun: Records) -> None:
    begun.store_trainee_message("s1", "m1", "Hi")
    begun.store_trainee_message("s1", "m2", "You there?")
    begun.store_peer_lines("s1", "m1", 1, [line("p1")])
    assert [row.id for row in begun.unanswered_messages("s1")] == ["m2"]
    assert begun.message("s1", "m1").turn == 1


def test_an_answer_without_lines_is_an_answer(begun: Records) -> None:
    begun.store_trainee_message("s1", "m1", "pause")
    assert begun.store_peer_lines("s1", "m1", 1, []) == ()
    assert begun.store_peer_lines("s1", "m1", 1, [line("p1")]) == ()
    assert begun.unanswered_messages("s1") == ()


def test_a_line_with_a_taken_id_leaves_nothing_behind(begun: Records) -> None:
    begun.store_trainee_message("s1", "m1", "Hi")
    with pytest.raises(MessageConflict):
        begun.store_peer_lines("s1", "m1", 1, [line("p1"), line("m1")])
    assert [row.id for row in begun.messages("s1")] == ["m1"]


def test_lines_carry_the_versions_that_made_them(begun: Records) -> None:
    (row,) = begun.store_peer_lines("s1", "s1:begin", 0, [line("p")], model_version="model-2")
    assert (row.rubric_version, row.model_version, row.scenario_version) == ("rubric-1", "model-2", "kris-1")


def test_sessions_of_a_trainee_newest_first(records: Records, clock: Hands) -> None:
    ana = records.create_user("ana", "Ana", "trainee", None)
    begin(records, "s1", user_id=ana.id)
    begin(records, "other")
    clock.wait(hours=1)
    begin(records, "s2", user_id=ana.id)
    assert [session.id for session in records.sessions_of(ana.id)] == ["s2", "s1"]
