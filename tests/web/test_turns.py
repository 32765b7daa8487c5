"""Every message becomes exactly one turn, whatever dies in between."""

from __future__ import annotations

import asyncio
import uuid
from collections.abc import Callable
from typing import Any

import pytest

from actions.records import Records
from bot.web.engine import EngineAnswer, EngineFault, TurnRequest
from bot.web.problems import ProblemError
from bot.web.turns import Turns, opening_id
from tests.web import fakes


def new_id() -> str:
    return str(uuid.uuid4())


@pytest.fixture
def session_id(records: Records) -> str:
    row = records.start_session(
        new_id(), "kris", 7, scenario_version="1.0", rubric_version=fakes.RUBRIC, model_version=fakes.MODEL
    )
    return row.id


@pytest.fixture
def make_turns(records: Records, engine: fakes.FakeEngine) -> Callable[..., Turns]:
    """Each call is a web app that has just been started."""

    def make(engine_: Any = engine, **settings: Any) -> Turns:
        return Turns(records, engine_, **{"retry_seconds": 0.3, "catch_up_seconds": 0.0, **settings})

    return make


def peer_lines(records: Records, session_id: str, message_id: str) -> list[str]:
    return [row.text for row in records.messages(session_id) if row.reply_to == message_id]


def problem_of(error: pytest.ExceptionInfo[ProblemError]) -> tuple[int, str]:
    return error.value.problem.status, error.value.problem.type


async def test_double_posts_at_once_make_one_turn(make_turns, records, engine, session_id):
    turns, message_id = make_turns(), new_id()
    engine.takes_seconds = 0.05
    exchanges = await asyncio.gather(*(turns.say(session_id, message_id, "How are you?") for _ in range(8)))
    assert engine.done == [opening_id(session_id), message_id]
    assert {exchange.lines for exchange in exchanges} == {exchanges[0].lines}
    assert len(peer_lines(records, session_id, message_id)) == 2
    assert sum(row.speaker == "trainee" for row in records.messages(session_id)) == 1
    assert len(records.assessments(session_id)) == 1


async def test_double_posts_to_two_web_processes_make_one_turn(make_turns, records, engine, session_id):
    message_id = new_id()
    engine.takes_seconds = 0.05
    both = [make_turns().say(session_id, message_id, "How are you?") for _ in range(2)]
    first, second = await asyncio.gather(*both)
    assert first.lines == second.lines
    assert len(peer_lines(records, session_id, message_id)) == 2


async def test_messages_of_a_session_go_one_at_a_time_and_in_order(make_turns, engine, session_id):
    turns, ids = make_turns(), [new_id() for _ in range(4)]
    engine.takes_seconds = 0.02
    await asyncio.gather(*(turns.say(session_id, one, f"Question {one}?") for one in ids))
    assert engine.most_running == 1
    assert sorted(engine.done[1:]) == sorted(ids)


async def test_sessions_do_not_wait_for_each_other(make_turns, records, engine, session_id):
    other = records.start_session(
        new_id(), "kris", 8, scenario_version="1.0", rubric_version=fakes.RUBRIC, model_version="m"
    )
    engine.takes_seconds = 0.05
    turns = make_turns()
    await asyncio.gather(turns.say(session_id, new_id(), "Hello?"), turns.say(other.id, new_id(), "Hello?"))
    assert engine.most_running == 2


async def test_engine_down_keeps_the_message_and_engine_up_answers_it(
    make_turns, records, engine, session_id
):
    turns, message_id = make_turns(), new_id()
    await turns.begin(session_id)
    engine.is_down = True
    with pytest.raises(ProblemError) as error:
        await turns.say(session_id, message_id, "How are you?")
    assert problem_of(error) == (503, "peer-not-reachable")
    assert error.value.problem.headers["Retry-After"]
    assert [row.id for row in records.unanswered_messages(session_id)] == [message_id]
    engine.is_down = False
    exchange = await turns.say(session_id, message_id, "How are you?")
    assert exchange.turn == 1 and len(exchange.lines) == 2
    assert engine.done.count(message_id) == 1


async def test_short_outage_is_ridden_out_within_one_request(make_turns, engine, session_id):
    waited: list[float] = []

    async def sleep(seconds: float) -> None:
        waited.append(seconds)
        engine.is_down = len(waited) < 4

    turns = make_turns(retry_seconds=8.0, sleep=sleep)
    await turns.begin(session_id)
    engine.is_down = True
    exchange = await turns.say(session_id, new_id(), "How are you?")
    assert exchange.lines and waited == [0.2, 0.4, 0.8, 1.6]


async def test_engine_that_dies_after_the_turn_gives_the_same_turn(make_turns, records, engine, session_id):
    turns, message_id = make_turns(), new_id()
    await turns.begin(session_id)
    engine.dies_before_answering = 1
    exchange = await turns.say(session_id, message_id, "How are you?")
    assert engine.done.count(message_id) == 1
    assert [request.message_id for request in engine.asked].count(message_id) == 2
    assert len(records.assessments(session_id)) == 1 and exchange.turn == 1


async def test_web_app_that_died_after_storing_answers_on_reload(make_turns, records, session_id):
    await make_turns().begin(session_id)
    message_id = new_id()
    records.store_trainee_message(session_id, message_id, "How are you?")  # and then the process was killed
    assert await make_turns().catch_up(session_id)
    assert len(peer_lines(records, session_id, message_id)) == 2


async def test_older_unanswered_messages_come_first(make_turns, records, engine, session_id):
    await make_turns().begin(session_id)
    old, new = new_id(), new_id()
    records.store_trainee_message(session_id, old, "First?")
    await make_turns().say(session_id, new, "Second?")
    assert engine.done[-2:] == [old, new]


async def test_catching_up_with_a_dead_engine_says_so_quietly(make_turns, engine, session_id):
    engine.is_down = True
    assert not await make_turns().catch_up(session_id)
    engine.is_down = False
    assert await make_turns().catch_up(session_id)
    assert await make_turns().catch_up(session_id)
    assert engine.done == [opening_id(session_id)]


async def test_same_id_with_other_words_is_a_conflict(make_turns, records, session_id):
    turns, message_id = make_turns(), new_id()
    await turns.say(session_id, message_id, "How are you?")
    with pytest.raises(ProblemError) as error:
        await turns.say(session_id, message_id, "Something else")
    assert problem_of(error) == (409, "message-conflict")
    assert records.message(session_id, message_id).text == "How are you?"


@pytest.mark.parametrize(
    "text, problem", [(" \n", (422, "empty")), ("a" * 20_001, (422, "message-too-long"))]
)
async def test_words_that_cannot_be_taken_are_not_stored(make_turns, records, session_id, text, problem):
    with pytest.raises(ProblemError) as error:
        await make_turns().say(session_id, new_id(), text)
    assert problem_of(error) == problem
    assert not records.messages(session_id)


async def test_space_around_the_words_is_not_stored(make_turns, records, engine, session_id):
    turns, message_id = make_turns(), new_id()
    await turns.say(session_id, message_id, "  How are you?\n")
    await turns.say(session_id, message_id, "How are you?")
    assert records.message(session_id, message_id).text == "How are you?" == engine.asked[-1].text


async def test_pause_works_while_the_engine_is_down(make_turns, records, engine, session_id):
    turns = make_turns()
    await turns.begin(session_id)
    engine.is_down = True
    assert await turns.pause(session_id) == []
    assert records.session(session_id).is_paused
    with pytest.raises(ProblemError) as error:
        await turns.say(session_id, new_id(), "Still here?")
    assert problem_of(error) == (409, "paused")
    with pytest.raises(ProblemError) as error:
        await turns.resume(session_id)
    assert problem_of(error) == (503, "peer-not-reachable")
    assert records.session(session_id).is_paused


async def test_pause_does_not_wait_for_a_turn_under_way(make_turns, records, engine, session_id):
    turns = make_turns()
    await turns.begin(session_id)
    engine.takes_seconds = 0.3
    saying = asyncio.create_task(turns.say(session_id, new_id(), "How are you?"))
    await asyncio.sleep(0.1)
    await asyncio.wait_for(turns.pause(session_id), 0.15)
    assert records.session(session_id).is_paused
    await saying
    assert records.session(session_id).is_paused


async def test_message_caught_by_a_pause_is_answered_after_it(make_turns, records, engine, session_id):
    turns, message_id = make_turns(), new_id()
    await turns.begin(session_id)
    records.store_trainee_message(session_id, message_id, "How are you?")
    records.set_paused(session_id, True)
    with pytest.raises(ProblemError) as error:
        await turns.say(session_id, message_id, "How are you?")
    assert problem_of(error) == (409, "paused") and "is kept" in error.value.problem.detail
    assert await turns.resume(session_id) == ["Neutral voice: resume."]
    assert len(peer_lines(records, session_id, message_id)) == 2


async def test_typed_pause_word_pauses(make_turns, records, session_id):
    turns = make_turns()
    exchange = await turns.say(session_id, new_id(), "pause")
    assert records.session(session_id).is_paused
    assert exchange.lines[0].act == "utter_step_out"
    assert not records.assessments(session_id)


async def test_end_works_while_the_engine_is_down_and_is_scored_later(
    make_turns, records, engine, session_id
):
    turns = make_turns()
    await turns.say(session_id, new_id(), "How are you?")
    engine.is_down = True
    await turns.end(session_id)
    assert records.session(session_id).ending == "stopped"
    assert records.session_score(session_id) is None
    engine.is_down = False
    assert await make_turns().finish(session_id)
    await make_turns().finish(session_id)
    assert engine.done.count(f"{session_id}:end") == 1


async def test_peer_can_end_the_talk(make_turns, records, engine, session_id):
    turns, message_id = make_turns(), new_id()
    engine.next_ending = "rupture"
    await turns.say(session_id, message_id, "You should stop.")
    assert records.session(session_id).ending == "rupture"
    again = await turns.say(session_id, message_id, "You should stop.")
    assert len(again.lines) == 2
    with pytest.raises(ProblemError) as error:
        await turns.say(session_id, new_id(), "Wait!")
    assert problem_of(error) == (409, "ended")


async def test_nonsense_from_the_engine_is_not_retried_and_nothing_is_lost(make_turns, records, session_id):
    class Broken:
        tries = 0

        async def turn(self, request: TurnRequest) -> EngineAnswer:
            self.tries += 1
            raise EngineFault("not a turn")

    broken, message_id = Broken(), new_id()
    await make_turns().begin(session_id)
    with pytest.raises(ProblemError) as error:
        await make_turns(broken).say(session_id, message_id, "How are you?")
    assert problem_of(error) == (502, "peer-cannot-answer") and broken.tries == 1
    assert records.message(session_id, message_id).text == "How are you?"


async def test_message_that_cannot_be_answered_does_not_hold_up_the_next(
    make_turns, records, engine, session_id
):
    class Picky(fakes.FakeEngine):
        async def turn(self, request: TurnRequest) -> EngineAnswer:
            if request.text == "Poison":
                raise EngineFault("not this one")
            return await super().turn(request)

    turns, message_id = make_turns(Picky(records)), new_id()
    with pytest.raises(ProblemError):
        await turns.say(session_id, new_id(), "Poison")
    await turns.say(session_id, message_id, "How are you?")
    assert len(peer_lines(records, session_id, message_id)) == 2
    assert [row.text for row in records.unanswered_messages(session_id)] == ["Poison"]


async def test_silent_engine_counts_as_an_answer(make_turns, records, session_id):
    class Silent:
        async def turn(self, request: TurnRequest) -> EngineAnswer:
            return EngineAnswer(request.message_id, 3)

    await make_turns().begin(session_id)
    exchange = await make_turns(Silent()).say(session_id, new_id(), "How are you?")
    assert (exchange.turn, exchange.lines) == (3, ())
    assert not records.unanswered_messages(session_id)
