"""The files of the set-up: locks that hold, targets that are listed, texts without a machine's traces."""

import re
import subprocess
from pathlib import Path

import pytest

from bot.settings import PROJECT

LOCKS = ("requirements.lock", "requirements-dev.lock", "requirements-uv.lock")
SET_UP = (
    *LOCKS,
    "Makefile",
    "pyproject.toml",
    *(f"scripts/{p.name}" for p in (PROJECT / "scripts").glob("*.sh")),
)


def pins(name: str) -> dict[str, str]:
    text = (PROJECT / name).read_text()
    return dict(re.findall(r"^([a-z0-9][a-z0-9.-]*)==(\S+)", text, re.MULTILINE))


@pytest.mark.parametrize("name", SET_UP)
def test_no_index_and_no_machine_is_named(name):
    text = (PROJECT / name).read_text()
    assert not re.search(
        r"https?://|--(extra-)?index-url|pypi|/(home|root|tmp|work|Users)/", text, re.IGNORECASE
    )


@pytest.mark.parametrize("name", LOCKS)
def test_every_pin_has_a_hash(name):
    entries = re.split(r"\n(?=[a-z0-9])", (PROJECT / name).read_text())
    pinned = [entry for entry in entries if re.match(r"[a-z0-9][a-z0-9.-]*==", entry)]
    assert pinned
    assert [entry.split()[0] for entry in pinned if "--hash=sha256:" not in entry] == []


def test_both_locks_are_one_resolution():
    run, dev = pins("requirements.lock"), pins("requirements-dev.lock")
    assert run == {name: dev[name] for name in run}
    assert run["rasa"] == "3.6.21"
    assert "pytest" in dev and "pytest" not in run


def test_every_target_with_a_help_text_is_listed():
    listed = subprocess.run(
        ["make", "-s", "help"], cwd=PROJECT, capture_output=True, text=True, check=True
    ).stdout
    for target in ("run", "test", "train", "lint", "types", "check", "e2e", "bench", "eval", "lock", "clean"):
        assert re.search(rf"^  make {target} +\S", listed, re.MULTILINE), target


@pytest.mark.parametrize("script", sorted((PROJECT / "scripts").glob("*.sh")), ids=lambda path: path.name)
def test_scripts_are_executable_and_parse(script: Path):
    assert script.stat().st_mode & 0o111
    assert subprocess.run(["sh", "-n", str(script)], check=False).returncode == 0
