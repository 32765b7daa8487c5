"""Each message becomes exactly one turn, whatever dies in between.

The order is always: store the trainee's words; ask the engine under the session's lock; store
the peer's lines in one transaction; answer. A message is *answered* once the records give it a
turn. Anything stored but not answered, because a process died or Rasa was down, is asked again
with the same id, in order, before anything newer. The engine gives the same answer to the same
id, so asking again is always safe.

Pausing and ending are the trainee's right and do not wait for the engine: they are in the
records at once, and the engine is told as soon as it can be.
"""

from __future__ import annotations

import asyncio
import logging
import time
import uuid
import weakref
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Any

from starlette.concurrency import run_in_threadpool

from actions.records import MessageConflict
from bot.web.engine import Engine, EngineAnswer, EngineFault, EngineUnavailable, TurnRequest
from bot.web.problems import BUSY, NOT_FOUND, Problem, ProblemError

log = logging.getLogger(__name__)

MAX_CHARACTERS = 20_000
"""Longest reply that is taken, in code points."""

RETRY_SECONDS = 0.5
"""How long one request keeps trying to reach the engine before it answers 503; then the widget says
that it is reconnecting, which people should not have to wait for."""

CATCH_UP_SECONDS = 2.0
"""The same for a page that merely reloads."""

PAUSE_SECONDS = 2.0
"""How long a pause waits for the engine's words; it holds without them."""

FIRST_WAIT, LONGEST_WAIT = 0.2, 1.6

FAULT = Problem(
    502,
    "peer-cannot-answer",
    "The practice partner could not answer this message",
    "Your message is kept in the transcript, but it cannot be answered as it stands. "
    "Reload the page to go on, and tell the person who runs this practice site.",
)
PAUSED = Problem(
    409,
    "paused",
    "Practice is paused",
    "Nothing was sent. Your words are still in the box. Resume when you are ready.",
)
WAITING = Problem(
    409,
    "paused",
    "Practice is paused",
    "Your message is kept. It will be answered when you go on.",
)
ENDED = Problem(
    409,
    "ended",
    "This conversation has ended",
    "Nothing was sent. You can read your report or start again.",
)
CONFLICT = Problem(
    409,
    "message-conflict",
    "A different message with this id is already stored",
    "The first one is kept and was not changed. Send the new words as a new message.",
)
EMPTY = Problem(422, "empty", "There is nothing to send yet", "Write a few words first.")
TOO_LONG = Problem(
    422,
    "message-too-long",
    "Your message is too long",
    f"A message can have up to {MAX_CHARACTERS:,} characters. Nothing was sent; "
    "your words are still in the box. Shorten them and send again.",
)


@dataclass(frozen=True)
class Exchange:
    """One trainee message (or the opening) with what the peer said to it.

    Attributes:
        message_id: Id of the trainee's message.
        turn: Number of the turn.
        lines: The peer's bubbles as stored, in order.
    """

    message_id: str
    turn: int
    lines: tuple[Any, ...]


def opening_id(session_id: str) -> str:
    """Return the message id under which a session's opening is asked for and stored."""
    return f"{session_id}:begin"


def _control_id(session_id: str) -> str:
    """Return a new id for a pause or a resume; both may be told twice, so it need not be remembered."""
    return f"{session_id}:{uuid.uuid4()}"


class Turns:
    """Does turns of practice sessions, one at a time for each session."""

    def __init__(
        self,
        records: Any,
        engine: Engine,
        *,
        retry_seconds: float = RETRY_SECONDS,
        catch_up_seconds: float = CATCH_UP_SECONDS,
        sleep: Callable[[float], Awaitable[None]] = asyncio.sleep,
    ) -> None:
        """Keep what turns are made of.

        Args:
            records: Where sessions, messages and assessments are kept.
            engine: Who answers.
            retry_seconds: How long a message keeps trying to reach the engine.
            catch_up_seconds: How long a reloading page does.
            sleep: Stands in for waiting in tests.
        """
        self._records = records
        self._engine = engine
        self._retry_seconds = retry_seconds
        self._catch_up_seconds = catch_up_seconds
        self._sleep = sleep
        self._locks: weakref.WeakValueDictionary[str, asyncio.Lock] = weakref.WeakValueDictionary()
        self._told_paused: set[str] = set()

    async def begin(self, session_id: str) -> bool:
        """Make the opening if there is none yet; return whether it is there now."""
        return await self.catch_up(session_id)

    async def say(self, session_id: str, message_id: str, text: str) -> Exchange:
        """Store a message and get it answered; the same id again gives the same exchange.

        Raises:
            ProblemError: The message cannot be taken, or the engine cannot be reached (503; it is kept).
        """
        text = text.strip()  # Rasa strips too; the offsets of both must agree
        if not text:
            raise ProblemError(EMPTY)
        if len(text) > MAX_CHARACTERS:
            raise ProblemError(TOO_LONG)
        session = await self._session(session_id)
        known = await run_in_threadpool(self._records.message, session_id, message_id)
        if known is None and session.ended_at:
            raise ProblemError(ENDED)
        if known is None and session.is_paused:
            raise ProblemError(PAUSED)
        try:
            await run_in_threadpool(self._records.store_trainee_message, session_id, message_id, text)
        except MessageConflict as conflict:
            raise ProblemError(CONFLICT) from conflict
        async with self._lock(session_id):
            done = await self._exchange(session_id, message_id)
            if done is None:
                await self._answer_all(session_id, self._retry_seconds, until=message_id)
                done = await self._exchange(session_id, message_id)
            if done is None:
                session = await self._session(session_id)
                raise ProblemError(ENDED if session.ended_at else WAITING)
            return done

    async def catch_up(self, session_id: str) -> bool:
        """Answer what a dead process left unanswered, opening included; return whether all is answered.

        Never raises for a missing engine: a page must load without it. If a turn of this session is
        under way, that turn is left to do it.
        """
        lock = self._lock(session_id)
        if lock.locked():
            return False
        async with lock:
            try:
                await self._answer_all(session_id, self._catch_up_seconds)
            except ProblemError as stop:
                log.warning("session %s is not caught up: %s", session_id, stop)
                return False
            return True

    async def pause(self, session_id: str) -> list[str]:
        """Stop the role-play now, engine or no engine; return what the neutral voice says."""
        session = await self._session(session_id)
        if session.ended_at:
            raise ProblemError(ENDED)
        await run_in_threadpool(self._records.set_paused, session_id, True)
        if self._lock(session_id).locked():
            return []  # a turn is under way; `resume` tells the engine first
        async with self._lock(session_id):
            return await self._tell_paused(session_id)

    async def resume(self, session_id: str) -> list[str]:
        """Go back into the role-play.

        Raises:
            ProblemError: The engine cannot be reached (503); the session stays paused.
        """
        session = await self._session(session_id)
        if session.ended_at:
            raise ProblemError(ENDED)
        if not session.is_paused:
            return []
        async with self._lock(session_id):
            answer = await self._ask(session, "resume", _control_id(session_id), self._retry_seconds)
            self._told_paused.discard(session_id)
            await run_in_threadpool(self._records.set_paused, session_id, False)
        await self.catch_up(session_id)
        return [line["text"] for line in answer.lines]

    async def end(self, session_id: str) -> None:
        """End the session at the trainee's wish, engine or no engine."""
        session = await self._session(session_id)
        if not session.ended_at:
            await run_in_threadpool(self._records.end_session, session_id, "stopped")
        await self.finish(session_id)

    async def finish(self, session_id: str) -> bool:
        """Let the engine score an ended session if it has not; return whether the score is there."""
        session = await self._session(session_id)
        if await run_in_threadpool(self._records.session_score, session_id) is not None:
            return True
        async with self._lock(session_id):
            try:
                await self._ask(session, "end", f"{session_id}:end", self._catch_up_seconds)
            except ProblemError as stop:
                log.warning("session %s is not scored yet: %s", session_id, stop)
        return await run_in_threadpool(self._records.session_score, session_id) is not None

    # -- the steps of a turn ---------------------------------------------------------------

    async def _answer_all(self, session_id: str, seconds: float, until: str | None = None) -> None:
        """Ask the engine about everything unanswered, oldest first. The caller holds the lock."""
        session = await self._session(session_id)
        rows = await run_in_threadpool(self._records.messages, session_id)
        first = opening_id(session_id)
        if not session.ended_at and not any(row.reply_to == first for row in rows):
            await self._answer(session, "begin", first, "", seconds)
        for row in rows:
            if row.speaker != "trainee" or row.turn is not None:
                continue
            session = await self._session(session_id)
            if session.is_paused or session.ended_at:
                return
            try:
                await self._answer(session, "say", row.id, row.text, seconds)
            except ProblemError as stop:
                if stop.problem is not FAULT or row.id == until:
                    raise
                continue  # a message that cannot be answered must not hold up those after it
            if row.id == until:
                return

    async def _answer(self, session: Any, kind: str, message_id: str, text: str, seconds: float) -> None:
        """Do one turn and store its lines, then whatever else it brought about."""
        answer = await self._ask(session, kind, message_id, seconds, text)
        if not answer.lines:
            log.warning("the engine was silent about %s", message_id)
        # The engine's ids name lines of the scenario; said twice in a session they would clash.
        lines = [{**line, "id": f"{message_id}:{number}"} for number, line in enumerate(answer.lines)]
        await run_in_threadpool(self._records.store_peer_lines, session.id, message_id, answer.turn, lines)
        if answer.is_paused:
            self._told_paused.add(session.id)
            await run_in_threadpool(self._records.set_paused, session.id, True)
        if answer.ended:
            await run_in_threadpool(self._records.end_session, session.id, answer.ended)

    async def _ask(
        self, session: Any, kind: str, message_id: str, seconds: float, text: str = ""
    ) -> EngineAnswer:
        """Ask the engine, trying again with growing waits until `seconds` have gone.

        Raises:
            ProblemError: 503 if it could not be reached in time, 502 if it answered nonsense.
        """
        request = TurnRequest(session.id, message_id, kind, session.scenario_id, session.seed, text)
        deadline = time.monotonic() + seconds
        wait = FIRST_WAIT
        while True:
            try:
                return await self._engine.turn(request)
            except EngineFault as fault:
                log.error("%s of %s failed: %s", kind, message_id, fault)
                raise ProblemError(FAULT) from fault
            except EngineUnavailable as away:
                if time.monotonic() + wait > deadline:
                    log.warning("%s of %s gave up: %s", kind, message_id, away)
                    raise ProblemError(BUSY) from away
            await self._sleep(wait)
            wait = min(wait * 2, LONGEST_WAIT)

    async def _tell_paused(self, session_id: str) -> list[str]:
        """Tell the engine of a pause if it does not know; being told late or twice does no harm."""
        if session_id in self._told_paused:
            return []
        session = await self._session(session_id)
        try:
            asking = self._ask(session, "pause", _control_id(session_id), 0.5)
            answer = await asyncio.wait_for(asking, PAUSE_SECONDS)
        except (ProblemError, asyncio.TimeoutError) as stop:
            log.warning("the engine does not know yet that %s is paused: %s", session_id, stop)
            return []
        self._told_paused.add(session_id)
        return [line["text"] for line in answer.lines]

    async def _session(self, session_id: str) -> Any:
        session = await run_in_threadpool(self._records.session, session_id)
        if session is None:
            raise ProblemError(NOT_FOUND)
        return session

    async def _exchange(self, session_id: str, message_id: str) -> Exchange | None:
        message = await run_in_threadpool(self._records.message, session_id, message_id)
        if message is None or message.turn is None:
            return None
        rows = await run_in_threadpool(self._records.messages, session_id)
        return Exchange(message_id, message.turn, tuple(row for row in rows if row.reply_to == message_id))

    def _lock(self, session_id: str) -> asyncio.Lock:
        lock = self._locks.get(session_id)
        if lock is None:
            lock = self._locks[session_id] = asyncio.Lock()
        return lock
