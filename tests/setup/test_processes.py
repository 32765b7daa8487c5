import asyncio
import socket
import time

from bot.processes import Backoff, Child, Process, answers, is_port_free, last_lines, port_complaints, rotate
from tests.setup.conftest import free_port, is_running, until


def waits(backoff: Backoff, *healthy_for: float) -> list[float]:
    result = []
    for seconds in healthy_for:
        backoff = backoff.after_death(seconds)
        result.append(backoff.wait)
    return result


def test_waits_double_up_to_half_a_minute():
    assert waits(Backoff(), *[0.0] * 8) == [1, 2, 4, 8, 16, 30, 30, 30]


def test_a_minute_of_health_starts_the_waits_over():
    assert waits(Backoff(), 0, 0, 59.9, 60, 0) == [1, 2, 4, 1, 2]


def test_no_wait_before_the_first_death():
    assert Backoff().wait == 0


def test_ten_thousand_deaths_still_wait_half_a_minute():
    assert Backoff(deaths=10_000).wait == 30


def test_rotation_keeps_three_and_drops_the_oldest(tmp_path):
    log = tmp_path / "rasa.log"
    for text in "abcde":
        log.write_text(text)
        rotate(log)
    kept = {path.name: path.read_text() for path in tmp_path.iterdir()}
    assert kept == {"rasa.1.log": "e", "rasa.2.log": "d", "rasa.3.log": "c"}


def test_rotation_leaves_an_empty_or_missing_log_alone(tmp_path):
    rotate(tmp_path / "web.log")
    (tmp_path / "web.log").touch()
    rotate(tmp_path / "web.log")
    assert [path.name for path in tmp_path.iterdir()] == ["web.log"]


def test_last_lines_of_a_long_log(tmp_path):
    log = tmp_path / "web.log"
    log.write_text("".join(f"line {n} {'x' * 80}\n" for n in range(5_000)))
    lines = last_lines(log, 3)
    assert [line.split(" x")[0] for line in lines] == ["line 4997", "line 4998", "line 4999"]


def test_last_lines_of_a_missing_log_are_none(tmp_path):
    assert last_lines(tmp_path / "web.log") == []


def child(name: str, port: int) -> Child:
    return Child(name, f"the {name}", ("true",), "http://127.0.0.1/", port, f"SWITCHBACK_{name.upper()}_PORT")


def test_a_taken_port_is_named_with_the_setting_that_changes_it():
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        assert not is_port_free("127.0.0.1", port)
        (complaint,) = port_complaints([child("web", port), child("rasa", free_port())])
    assert f"Port {port} for the web is in use" in complaint
    assert "SWITCHBACK_WEB_PORT" in complaint


def test_two_children_on_one_port_are_told_apart():
    port = free_port()
    (complaint,) = port_complaints([child("web", port), child("rasa", port)])
    assert complaint == (
        f"Port {port} is given to both the web and the rasa; set SWITCHBACK_RASA_PORT to another number."
    )


def test_free_ports_are_no_complaint():
    assert port_complaints([child("web", free_port()), child("rasa", free_port())]) == []


async def test_nobody_listening_is_no_answer():
    assert not await answers(f"http://127.0.0.1:{free_port()}/", 0.5)


async def test_a_proxy_of_the_environment_is_not_asked(fake_child, tmp_path, monkeypatch):
    for name in ("http_proxy", "HTTP_PROXY", "all_proxy"):
        monkeypatch.setenv(name, f"http://127.0.0.1:{free_port()}")
    process = await Process.start(fake_child("web"), tmp_path / "web.log", {}, tmp_path)
    try:
        deadline = time.monotonic() + 10
        while not await answers(process.child.url):
            assert time.monotonic() < deadline
            await asyncio.sleep(0.05)
    finally:
        await process.stop()


async def test_output_is_added_to_the_log(fake_child, tmp_path):
    log = tmp_path / "logs" / "web.log"
    for _ in range(2):
        process = await Process.start(fake_child("web", "--die-at-once"), log, {}, tmp_path)
        assert await process.ended() == 1
    lines = log.read_text().splitlines()
    assert [line for line in lines if "cheese" in line] == ["the disk is made of cheese"] * 2
    assert sum(line.startswith("---- web started") for line in lines) == 2


async def test_a_child_that_will_not_stop_is_killed(fake_child, tmp_path):
    note = tmp_path / "note"
    stubborn = fake_child("web", "--ignore-term", "--note", str(note), grace=0.5)
    process = await Process.start(stubborn, tmp_path / "web.log", {}, tmp_path)
    until(lambda: note.exists() and "started" in note.read_text())
    await process.stop()
    assert "asked-to-stop" in note.read_text()
    assert not process.is_alive
    assert not is_running(process.pid)


async def test_a_missing_program_ends_like_any_other_death(tmp_path):
    missing = Child(
        "web", "the web app", ("no-such-program-here",), "http://127.0.0.1/", 1, "SWITCHBACK_PORT"
    )
    process = await Process.start(missing, tmp_path / "web.log", {"PATH": ""}, tmp_path)
    assert await process.ended() == 1
    assert "FileNotFoundError" in (tmp_path / "web.log").read_text()
