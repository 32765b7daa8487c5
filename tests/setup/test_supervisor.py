"""The supervisor against real child processes; each test takes a second or two."""

import dataclasses
import json
import os
import signal
import subprocess
import sys
import threading
import time
from pathlib import Path

import pytest

from bot.home import HomeInUse, claimed, note_children, wait_for_leftovers
from bot.settings import PROJECT, load_settings
from bot.supervisor import children_environment, run_switchback, switchback_children
from tests.setup.conftest import free_port, is_running, until

SUPERVISED = Path(__file__).with_name("supervised.py")


class Supervised:
    """The supervisor as a process, with what it has said so far."""

    def __init__(self, folder: Path, children, first_wait: float, patience: float) -> None:
        spec = folder / "spec.json"
        spec.write_text(
            json.dumps(
                {
                    "children": [dataclasses.asdict(child) for child in children],
                    "home": str(folder),
                    "first_wait": first_wait,
                    "patience": patience,
                }
            )
        )
        self.output = folder / "said.txt"
        self.logs = folder / "logs"
        with self.output.open("wb") as output:
            self.process = subprocess.Popen(
                [sys.executable, str(SUPERVISED), str(spec)],
                stdout=output,
                stderr=subprocess.STDOUT,
                env={**os.environ, "PYTHONPATH": str(PROJECT)},
            )

    @property
    def said(self) -> str:
        return self.output.read_text()

    def until_said(self, text: str, times: int = 1) -> None:
        until(lambda: self.said.count(text) >= times, 20)

    def ask_to_stop(self, number: int = signal.SIGINT) -> int:
        self.process.send_signal(number)
        return self.process.wait(20)


@pytest.fixture
def supervise(tmp_path):
    started = []

    def start(*children, first_wait: float = 0.1, patience: float = 60.0) -> Supervised:
        started.append(Supervised(tmp_path, children, first_wait, patience))
        return started[-1]

    yield start
    for supervised in started:
        if supervised.process.poll() is None:
            supervised.process.terminate()
            supervised.process.wait(20)


def pids(note: Path) -> list[int]:
    lines = note.read_text().splitlines() if note.exists() else []
    return [int(line.split()[1]) for line in lines if line.startswith("started")]


def test_one_line_for_each_child_that_answers_then_ready(supervise, fake_child):
    supervised = supervise(fake_child("web"), fake_child("rasa", "--after", "0.5"), fake_child("actions"))
    supervised.until_said("READY")
    lines = supervised.said.splitlines()
    assert sorted(line.split(":")[0] for line in lines[:3]) == [
        "The actions answers",
        "The rasa answers",
        "The web answers",
    ]
    assert lines[3] == "READY"


def test_children_start_at_once_not_one_after_the_other(supervise, fake_child):
    begun = time.monotonic()
    supervised = supervise(*(fake_child(name, "--after", "1.5") for name in ("web", "rasa", "actions")))
    supervised.until_said("READY")
    assert time.monotonic() - begun < 4.0


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM, signal.SIGHUP])
def test_one_signal_stops_everything(supervise, fake_child, tmp_path, number):
    notes = [tmp_path / name for name in ("web.note", "rasa.note")]
    children = [fake_child(note.stem, "--note", str(note)) for note in notes]
    supervised = supervise(*children)
    supervised.until_said("READY")
    assert supervised.ask_to_stop(number) == 0
    assert supervised.said.endswith("Stopping ...\nStopped.\n")
    for note in notes:
        assert "asked-to-stop" in note.read_text()
        assert not any(is_running(pid) for pid in pids(note))


def test_the_first_child_is_stopped_before_the_others(supervise, fake_child, tmp_path):
    note = tmp_path / "note"
    web = fake_child("web", "--note", str(note), "--ignore-term", grace=1.0)
    rasa = fake_child("rasa", "--note", str(note))
    supervised = supervise(web, rasa)
    supervised.until_said("READY")
    web_pid, rasa_pid = (supervised.said, pids(note))[1]
    begun = time.monotonic()
    supervised.ask_to_stop()
    stops = [line for line in note.read_text().splitlines() if line.startswith("asked-to-stop")]
    assert {int(line.split()[1]) for line in stops} == {web_pid, rasa_pid}
    assert time.monotonic() - begun >= 1.0, "rasa must have waited for the web app's grace"


def test_a_second_ctrl_c_kills_at_once(supervise, fake_child, tmp_path):
    note = tmp_path / "note"
    supervised = supervise(fake_child("web", "--note", str(note), "--ignore-term", grace=60.0))
    supervised.until_said("READY")
    supervised.process.send_signal(signal.SIGINT)
    supervised.until_said("Stopping ...")
    assert supervised.ask_to_stop() == 0
    assert not is_running(pids(note)[0])


def test_a_killed_child_comes_back(supervise, fake_child, tmp_path):
    note = tmp_path / "note"
    supervised = supervise(fake_child("web"), fake_child("rasa", "--note", str(note)))
    supervised.until_said("READY")
    os.kill(pids(note)[0], signal.SIGKILL)
    supervised.until_said("The rasa answers again")
    assert "The rasa was ended by SIGKILL; it is started again in 0.1 s" in supervised.said
    assert str(supervised.logs / "rasa.log") in supervised.said
    assert supervised.said.count("READY") == 1
    assert "The web was" not in supervised.said
    assert len(pids(note)) == 2


def test_a_child_that_keeps_dying_shows_its_log_once(supervise, fake_child):
    supervised = supervise(fake_child("web"), fake_child("rasa", "--die-after", "0.4"))
    supervised.until_said("The rasa ended with exit code 7", 4)
    assert supervised.said.count("The last lines of") == 1
    assert supervised.process.poll() is None
    assert supervised.said.count("started again in 0.2 s") == 1
    assert supervised.said.count("started again in 0.4 s") == 1


def test_a_child_that_never_answers_ends_the_start(supervise, fake_child, tmp_path):
    note = tmp_path / "note"
    supervised = supervise(fake_child("web", "--note", str(note)), fake_child("rasa", "--die-at-once"))
    assert supervised.process.wait(20) == 1
    assert "The rasa does not start (ended with exit code 1); Switchback stops." in supervised.said
    assert "    the disk is made of cheese" in supervised.said
    assert "READY" not in supervised.said
    assert not any(is_running(pid) for pid in pids(note))


def test_a_slow_child_is_reported_and_waited_for(supervise, fake_child):
    supervised = supervise(fake_child("web", "--after", "1.5"), patience=0.5)
    supervised.until_said("READY")
    assert supervised.said.count("has not answered for") == 1


def test_killing_the_supervisor_leaves_no_orphans(supervise, fake_child, tmp_path):
    notes = [tmp_path / name for name in ("web.note", "rasa.note", "actions.note")]
    supervised = supervise(*(fake_child(note.stem, "--note", str(note)) for note in notes))
    supervised.until_said("READY")
    supervised.process.kill()
    supervised.process.wait(20)
    until(lambda: not any(is_running(pid) for note in notes for pid in pids(note)))


def test_the_watch_used_outside_linux_leaves_no_orphans_either(fake_child, tmp_path):
    note = tmp_path / "note"
    child = fake_child("web", "--note", str(note))
    program = (
        "import subprocess, sys, os, time\n"
        "watch = 'import sys; sys.path.insert(0, sys.argv[1]); from bot.tether import watch;'\n"
        "watch += 'sys.exit(watch(int(sys.argv[2]), sys.argv[3:]))'\n"
        "subprocess.Popen([sys.executable, '-c', watch, sys.argv[1], str(os.getpid()), *sys.argv[2:]])\n"
        "time.sleep(60)\n"
    )
    parent = subprocess.Popen([sys.executable, "-c", program, str(PROJECT), *child.command])
    until(lambda: bool(pids(note)))
    parent.kill()
    parent.wait(10)
    until(lambda: not is_running(pids(note)[0]))


def test_the_watch_hands_on_the_exit_code(fake_child):
    child = fake_child("web", "--die-after", "0.1")
    watch = "import os, sys; from bot.tether import watch; sys.exit(watch(os.getppid(), sys.argv[1:]))"
    done = subprocess.run([sys.executable, "-c", watch, *child.command], cwd=PROJECT, timeout=20, check=False)
    assert done.returncode == 7


def settings_in(folder: Path, **ports: int):
    given = {"SWITCHBACK_HOME": str(folder), "SWITCHBACK_MODELS": str(folder / "models")}
    return load_settings(given | {name: str(port) for name, port in ports.items()})


def test_a_taken_port_is_refused_before_anything_is_done(tmp_path, fake_child):
    import socket

    said = []
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        settings = settings_in(
            tmp_path / "home",
            SWITCHBACK_PORT=taken.getsockname()[1],
            SWITCHBACK_RASA_PORT=free_port(),
            SWITCHBACK_ACTIONS_PORT=free_port(),
        )

        def must_not_run() -> None:
            raise AssertionError("nothing may be done when a port is taken")

        assert run_switchback(settings, train=must_not_run, migrate=must_not_run, say=said.append) == 1
    assert len(said) == 1
    assert "SWITCHBACK_PORT" in said[0]


def test_a_second_one_in_the_same_folder_is_refused(tmp_path):
    said = []
    with claimed(tmp_path):
        assert (
            run_switchback(settings_in(tmp_path), train=lambda: None, migrate=lambda: None, say=said.append)
            == 1
        )
    assert len(said) == 1
    assert f"already runs from {tmp_path} (process {os.getpid()})" in said[0]


def test_the_folder_is_free_again_however_its_holder_ended(tmp_path):
    program = (
        "import sys, time, pathlib; from bot.home import claimed\n"
        "with claimed(pathlib.Path(sys.argv[1])): print('held', flush=True); time.sleep(60)"
    )
    holder = subprocess.Popen(
        [sys.executable, "-c", program, str(tmp_path)], cwd=PROJECT, stdout=subprocess.PIPE, text=True
    )
    assert holder.stdout.readline() == "held\n"
    with pytest.raises(HomeInUse), claimed(tmp_path):
        pass
    holder.kill()
    holder.communicate(timeout=10)
    with claimed(tmp_path):
        pass


def test_a_start_waits_for_what_a_killed_supervisor_left(tmp_path):
    left = subprocess.Popen(["sleep", "0.5"])
    note_children(tmp_path, [left.pid])
    reaper = threading.Thread(target=left.wait)
    reaper.start()
    assert wait_for_leftovers(tmp_path, 10)
    reaper.join()
    assert left.returncode == 0, "it must have been waited for, not killed"


@pytest.mark.parametrize("text", [None, "", "no number"])
def test_without_leftovers_there_is_no_wait(tmp_path, text):
    if text is not None:
        (tmp_path / "running.pids").write_text(text)
    begun = time.monotonic()
    assert wait_for_leftovers(tmp_path)
    assert time.monotonic() - begun < 1


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT, signal.SIGHUP])
def test_a_stop_while_training_stops_the_training_too(tmp_path, number):
    program = (
        "import subprocess, sys, json; from bot.settings import load_settings\n"
        "from bot.supervisor import run_switchback\n"
        "slow = 'import os, time; print(os.getpid(), flush=True); time.sleep(60)'\n"
        "def train(): subprocess.run([sys.executable, '-c', slow])\n"
        "settings = load_settings(json.loads(sys.argv[1]))\n"
        "sys.exit(run_switchback(settings, train=train, migrate=print, say=lambda line: None))"
    )
    given = {"SWITCHBACK_HOME": str(tmp_path / "home"), "SWITCHBACK_MODELS": str(tmp_path / "models")}
    given |= {f"SWITCHBACK_{name}PORT": str(free_port()) for name in ("", "RASA_", "ACTIONS_")}
    started = subprocess.Popen(
        [sys.executable, "-c", program, json.dumps(given)], cwd=PROJECT, stdout=subprocess.PIPE, text=True
    )
    training = int(started.stdout.readline())
    started.send_signal(number)
    started.communicate(timeout=20)
    assert started.returncode == 1
    until(lambda: not is_running(training))


def test_nothing_but_the_web_app_can_leave_the_loopback(tmp_path):
    settings = load_settings({"SWITCHBACK_HOME": str(tmp_path), "SWITCHBACK_HOST": "0.0.0.0"})
    web, rasa, actions = switchback_children(settings)
    assert web.command[web.command.index("--host") + 1] == "0.0.0.0"
    assert rasa.command[rasa.command.index("--interface") + 1] == "127.0.0.1"
    assert "--enable-api" not in rasa.command
    assert "0.0.0.0" not in (*rasa.command, *actions.command)
    assert children_environment(settings, {"SANIC_HOST": "0.0.0.0"})["SANIC_HOST"] == "127.0.0.1"


def test_the_action_server_is_found_on_another_port(tmp_path):
    from ruamel.yaml import YAML

    settings = settings_in(tmp_path, SWITCHBACK_ACTIONS_PORT=6055)
    rasa = switchback_children(settings)[1]
    endpoints = rasa.command[rasa.command.index("--endpoints") + 1]
    written = YAML(typ="safe").load(Path(endpoints))
    assert written["action_endpoint"]["url"] == "http://127.0.0.1:6055/webhook"


def test_a_new_folder_is_closed_to_others(tmp_path):
    with claimed(tmp_path / "home"):
        assert (tmp_path / "home").stat().st_mode & 0o077 == 0
