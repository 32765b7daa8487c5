"""Starts Switchback's three processes, keeps them alive, and stops them together: `switchback run`.

The web app faces people; Rasa and the action server stay on the loopback. All three start at once. A child
that dies is started again after a pause that grows with every death. One Ctrl-C (or SIGTERM) stops
everything, the web app first, so that a turn on its way is still finished by the other two.
"""

from __future__ import annotations

import asyncio
import contextlib
import signal
import sys
import threading
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path

from bot.freshness import model_sources, note_training, sources_hash, why_train
from bot.home import HomeInUse, claimed, note_children, wait_for_leftovers
from bot.logs import quiet_environment
from bot.processes import Backoff, Child, Process, answers, last_lines, port_complaints, rotate
from bot.settings import PROJECT, Settings
from bot.waiting import shown_waiting

Say = Callable[[str], None]

_LOOK_EVERY = 0.2
_STOP_SIGNALS = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)
_GIVE_UP_AFTER = 3
"""A child that dies so often before it has answered even once will not answer at all."""


def switchback_children(settings: Settings) -> list[Child]:
    """Return the three processes, in the order in which they are stopped.

    Args:
        settings: Ports, host and folders.
    """
    # SQLAlchemy comes with it; whoever only imports this module need not wait for that.
    from bot.endpoints import rasa_endpoints

    python = sys.executable
    web = [python, "-m", "uvicorn", "--factory", "bot.web.app:create_app"]
    web += ["--host", settings.host, "--port", str(settings.port), "--ws", "wsproto"]
    web += ["--timeout-graceful-shutdown", "5", "--no-access-log", "--no-server-header"]
    rasa = [python, "-m", "rasa", "run", "--interface", "127.0.0.1", "--port", str(settings.rasa_port)]
    rasa += ["--credentials", "credentials.yml", "--endpoints", str(rasa_endpoints(settings))]
    rasa += ["--model", str(settings.models), "--quiet"]
    actions = [python, "-m", "rasa_sdk", "--actions", "actions", "--port", str(settings.actions_port)]
    return [
        Child(
            "web",
            "the web app",
            tuple(web),
            f"{_address(settings)}/healthz",
            settings.port,
            "SWITCHBACK_PORT",
            host=settings.host,
        ),
        Child(
            "rasa",
            "the Rasa server",
            tuple(rasa),
            f"{settings.rasa_url}/webhooks/peer/",
            settings.rasa_port,
            "SWITCHBACK_RASA_PORT",
        ),
        Child(
            "actions",
            "the action server",
            tuple(actions),
            f"{settings.actions_url}/health",
            settings.actions_port,
            "SWITCHBACK_ACTIONS_PORT",
        ),
    ]


def children_environment(settings: Settings, environ: Mapping[str, str] | None = None) -> dict[str, str]:
    """Return the environment of the three processes: quiet, on the loopback, knowing of each other."""
    child = quiet_environment(environ)
    child["SANIC_HOST"] = "127.0.0.1"
    child["SWITCHBACK_HOME"] = str(settings.home)
    child["SWITCHBACK_DATA"] = str(settings.data)
    child["SWITCHBACK_MODELS"] = str(settings.models)
    child["SWITCHBACK_HOST"] = settings.host
    child["SWITCHBACK_PORT"] = str(settings.port)
    child["SWITCHBACK_RASA_PORT"] = str(settings.rasa_port)
    child["SWITCHBACK_ACTIONS_PORT"] = str(settings.actions_port)
    child["DATABASE_URL"] = settings.database_url
    return child


def run_switchback(
    settings: Settings,
    *,
    train: Callable[[], None],
    migrate: Callable[[], None],
    welcome: Callable[[], str | None] | None = None,
    say: Say = print,
) -> int:
    """Do everything that `switchback run` promises and return its exit code.

    Args:
        settings: Where everything is.
        train: Trains a model into `settings.models`; called only when the model is missing or stale.
        migrate: Brings the database to the present schema; must be quick when there is nothing to do.
        welcome: Gives a last line for the terminal, such as the link that makes the first instructor.
        say: Takes each line that the reader should see.

    Returns:
        0 after a stop that was asked for, 1 when Switchback could not be started.
    """
    try:
        with claimed(settings.home):
            wait_for_leftovers(settings.home)
            children = switchback_children(settings)
            if complaints := port_complaints(children):
                for complaint in complaints:
                    say(complaint)
                return 1
            with _ended_like_ctrl_c():
                train_if_stale(settings, train, say)
                migrate()
            return _supervise(settings, children, welcome, say)
    except HomeInUse as error:
        say(str(error))
        return 1
    except KeyboardInterrupt:
        say("Stopped.")
        return 1


def _supervise(
    settings: Settings, children: Sequence[Child], welcome: Callable[[], str | None] | None, say: Say
) -> int:
    def ready() -> None:
        say("")
        say(f"Switchback is ready: {_address(settings)}/")
        if welcome is not None and (line := welcome()):
            say(line)
        say("Stop it with Ctrl-C.")

    supervisor = Supervisor(children, settings.home, children_environment(settings), say, ready)
    return asyncio.run(supervisor.run())


def train_if_stale(settings: Settings, train: Callable[[], None], say: Say, project: Path = PROJECT) -> bool:
    """Train when the model is missing or older than what it was made from.

    Args:
        settings: Where models and content are.
        train: Trains a model into `settings.models`.
        say: Takes the two lines that tell of it.
        project: The checkout.

    Returns:
        Whether it was trained now.
    """
    reason = why_train(settings, project)
    if reason is None:
        return False
    say(f"Training the model, because {reason} ...")
    begun = time.monotonic()
    sources = sources_hash(model_sources(settings.data, project), project)
    with shown_waiting("training"):
        train()
    note_training(settings, sources)
    say(f"Training the model: {time.monotonic() - begun:.0f} s")
    return True


class Supervisor:
    """Keeps a set of child processes alive until it is told to stop.

    Args:
        children: In the order in which they are to be stopped.
        home: Their logs go to `logs/` in it, one file each.
        environ: Their environment.
        say: Takes each line that the reader should see.
        ready: Called once, when all of them answer for the first time.
        folder: Their working directory.
        backoff: How long to wait before a restart.
        patience: Seconds after which the reader is told that a child is slow to answer.
    """

    def __init__(
        self,
        children: Sequence[Child],
        home: Path,
        environ: Mapping[str, str],
        say: Say = print,
        ready: Callable[[], None] | None = None,
        folder: Path = PROJECT,
        backoff: Backoff | None = None,
        patience: float = 60.0,
    ) -> None:
        self._children = list(children)
        self._home = home
        self._logs = home / "logs"
        self._environ = dict(environ)
        self._tell = say
        self._ready = ready
        self._folder = folder
        self._backoff = backoff or Backoff()
        self._patience = patience
        self._running: dict[str, Process] = {}
        self._failed = False

    async def run(self) -> int:
        """Start the children, keep them alive, and stop them when a stop is asked for.

        Returns:
            0 after Ctrl-C, SIGTERM or SIGHUP; 1 when a child could not be got to answer at all.
        """
        stop = asyncio.Event()
        with _stop_on_signals(stop, self._hurry):
            answered = {child.name: asyncio.Event() for child in self._children}
            keepers = [
                asyncio.create_task(self._keep_alive(child, answered[child.name], stop))
                for child in self._children
            ]
            ready = asyncio.create_task(self._announce(answered))
            await stop.wait()
            for task in (ready, *keepers):
                task.cancel()
            results = await asyncio.gather(ready, *keepers, return_exceptions=True)
            await self._stop_all()
        for result in results:
            if isinstance(result, Exception):
                raise result
        return 1 if self._failed else 0

    async def _announce(self, answered: Mapping[str, asyncio.Event]) -> None:
        await asyncio.gather(*(event.wait() for event in answered.values()))
        if self._ready is not None:
            self._ready()

    async def _keep_alive(self, child: Child, answered: asyncio.Event, stop: asyncio.Event) -> None:
        """Start one child again and again, until cancelled. Asks for a stop if it never answers."""
        log = self._logs / f"{child.name}.log"
        backoff = self._backoff
        rotate(log)
        try:
            while True:
                process = await Process.start(child, log, self._environ, self._folder)
                self._running[child.name] = process
                note_children(self._home, (running.pid for running in self._running.values()))
                healthy_for, code = await self._live(process, log, answered, is_restart=backoff.deaths > 0)
                backoff = backoff.after_death(healthy_for)
                # Whatever it had started itself must not outlive it and hold the port.
                process.signal(signal.SIGKILL)
                if not answered.is_set() and backoff.deaths >= _GIVE_UP_AFTER:
                    self._say(f"{_capital(child.title)} does not start ({_ending(code)}); Switchback stops.")
                    self._show_log(log)
                    self._failed = True
                    return
                self._say(
                    f"{_capital(child.title)} {_ending(code)}; it is started again in {backoff.wait:g} s "
                    f"(log: {log})."
                )
                if backoff.deaths == _GIVE_UP_AFTER:
                    self._show_log(log)
                await asyncio.sleep(backoff.wait)
        except Exception:
            self._failed = True
            raise
        finally:
            # A keeper that ends for any reason but a stop ends everything: two of three are no use.
            stop.set()

    async def _live(
        self, process: Process, log: Path, answered: asyncio.Event, is_restart: bool
    ) -> tuple[float, int]:
        """Follow one life of a child.

        Returns:
            For how many seconds it had been answering, and its exit code.
        """
        child, begun = process.child, time.monotonic()
        ended = asyncio.ensure_future(process.ended())
        healthy_since = None
        is_late = False
        try:
            while not ended.done():
                if await answers(child.url) and process.is_alive:
                    healthy_since = time.monotonic()
                    again = " again" if is_restart else ""
                    self._say(f"{_capital(child.title)} answers{again}: {healthy_since - begun:.1f} s")
                    answered.set()
                    break
                if not is_late and time.monotonic() - begun > self._patience:
                    is_late = True
                    self._say(
                        f"{_capital(child.title)} has not answered for {self._patience:.0f} s; still waiting "
                        f"(log: {log})."
                    )
                await asyncio.wait({ended}, timeout=_LOOK_EVERY)
            code = await ended
        finally:
            ended.cancel()
        return (time.monotonic() - healthy_since if healthy_since is not None else 0.0), code

    async def _stop_all(self) -> None:
        """Stop the first child, then the rest at once, so that what the first still does can be finished."""
        if not self._failed:
            self._say("Stopping ...")
        alive = [process for child in self._children if (process := self._running.get(child.name))]
        alive = [process for process in alive if process.is_alive]
        first = [process for process in alive if process.child is self._children[0]]
        for process in first:
            await process.stop()
        await asyncio.gather(*(process.stop() for process in alive if process not in first))
        note_children(self._home, ())
        if not self._failed:
            self._say("Stopped.")

    def _hurry(self) -> None:
        """Kill at once: the reader has asked for a second time."""
        for process in self._running.values():
            if process.is_alive:
                process.signal(signal.SIGKILL)

    def _say(self, line: str) -> None:
        # A closed terminal or pipe must not keep the children from being stopped; nobody reads it then.
        with contextlib.suppress(OSError):
            self._tell(line)

    def _show_log(self, log: Path) -> None:
        self._say(f"The last lines of {log}:")
        for line in last_lines(log):
            self._say(f"    {line}")


@contextlib.contextmanager
def _stop_on_signals(stop: asyncio.Event, hurry: Callable[[], None]) -> Iterator[None]:
    """Have Ctrl-C, SIGTERM and a closed terminal set `stop`; the second Ctrl-C calls `hurry`."""
    loop = asyncio.get_running_loop()

    def asked() -> None:
        if stop.is_set():
            hurry()
        stop.set()

    for number in _STOP_SIGNALS:
        loop.add_signal_handler(number, asked)
    try:
        yield
    finally:
        for number in _STOP_SIGNALS:
            loop.remove_signal_handler(number)


@contextlib.contextmanager
def _ended_like_ctrl_c() -> Iterator[None]:
    """Have SIGTERM and a closed terminal raise KeyboardInterrupt, so that training's own child is stopped."""
    if threading.current_thread() is not threading.main_thread():
        # Signals are the main thread's business; there is nothing to change for another one.
        yield
        return
    before = {number: signal.signal(number, signal.default_int_handler) for number in _STOP_SIGNALS}
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


def _address(settings: Settings) -> str:
    # The wildcard is nothing to connect to; the loopback reaches it.
    host = "127.0.0.1" if settings.host in ("0.0.0.0", "::") else settings.host
    return f"http://[{host}]:{settings.port}" if ":" in host else f"http://{host}:{settings.port}"


def _ending(code: int) -> str:
    if code < 0:
        return f"was ended by {signal.Signals(-code).name}"
    return f"ended with exit code {code}"


def _capital(title: str) -> str:
    return title[:1].upper() + title[1:]
