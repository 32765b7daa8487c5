"""scripts/setup.sh with a Python that only notes what it is asked to do."""

import os
import shutil
import subprocess
from pathlib import Path

import pytest

from bot.settings import PROJECT

FAKE = """#!/bin/sh
case "$*" in
-c*sysconfig*) echo .venv; exit 0 ;;
-c*) echo "$0"; exit 0 ;;
"-m uv --version") [ -e "$NOTES.uv" ] && echo "uv $UV_VERSION"; exit 0 ;;
esac
echo "$*" >> "$NOTES"
case "$*" in
*"$FAIL_ON"*) [ -z "$FAIL_ON" ] || { echo "no such luck"; exit 1; } ;;
esac
case "$*" in
"-m venv .venv") mkdir -p .venv/bin && cp "$0" .venv/bin/python ;;
*requirements-uv.lock) touch "$NOTES.uv" ;;
*encoder_build) mkdir -p models/encoder ;;
esac
"""
INSTALL_UV = "-m pip install --require-hashes -r requirements-uv.lock"
UV = "-m uv pip install --python .venv/bin/python --require-hashes --compile-bytecode -r "
PIP = "-m pip install --progress-bar on --require-hashes -r "
PIP_CHECK = "-m pip check"
PROJECT_ITSELF = "-m pip install -q --no-deps --no-build-isolation --no-index -e ."
ENCODER = "-m bot.nlu.encoder_build"


class Checkout:
    def __init__(self, folder: Path, notes: Path) -> None:
        self.folder, self.notes, self.output = folder, notes, ""

    def set_up(self, what: str = "run", fail_on: str = "", expect: int = 0) -> list[str]:
        """Run the script and return what Python was asked to do this time."""
        self.notes.write_text("")
        lock = (self.folder / "requirements-uv.lock").read_text()
        version = lock.split("uv==")[1].split()[0]
        environ = {"PATH": os.environ["PATH"], "HOME": str(self.folder), "NOTES": str(self.notes)}
        environ |= {
            "PYTHON": str(self.notes.with_name("python3.10")),
            "FAIL_ON": fail_on,
            "UV_VERSION": version,
        }
        done = subprocess.run(
            ["sh", "scripts/setup.sh", what],
            cwd=self.folder,
            env=environ,
            capture_output=True,
            text=True,
            timeout=30,
            check=False,
        )
        self.output = done.stdout + done.stderr
        assert done.returncode == expect, self.output
        return self.notes.read_text().splitlines()


@pytest.fixture
def checkout(tmp_path):
    folder = tmp_path / "checkout"
    for name in (
        "scripts/setup.sh",
        "scripts/find-python.sh",
        "scripts/switchback_quiet.pth",
        "pyproject.toml",
    ):
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        shutil.copy(PROJECT / name, folder / name)
    for name in ("bot/nlu/encoder_build.py", "bot/nlu/encoder_export.py"):
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).touch()
    for name in ("requirements.lock", "requirements-dev.lock"):
        (folder / name).write_text(f"# {name}\n")
    (folder / "requirements-uv.lock").write_text("uv==1.2.3 \\\n    --hash=sha256:00\n")
    fake = tmp_path / "python3.10"
    fake.write_text(FAKE)
    fake.chmod(0o755)
    return Checkout(folder, tmp_path / "notes")


def test_the_first_time_does_everything_in_order(checkout):
    assert checkout.set_up() == [
        "-m venv .venv",
        INSTALL_UV,
        UV + "requirements.lock",
        PIP_CHECK,
        PROJECT_ITSELF,
        ENCODER,
    ]


def test_plain_rasa_commands_do_not_call_home(checkout):
    checkout.set_up()
    assert "RASA_TELEMETRY_ENABLED" in (checkout.folder / ".venv" / "switchback_quiet.pth").read_text()


def test_one_line_a_step_with_its_duration(checkout):
    checkout.set_up()
    titles = [line.split(" ... ") for line in checkout.output.splitlines()]
    assert [title.split(" with ")[0] for title, _ in titles] == [
        "Making .venv",
        "Installing the packages of requirements.lock",
        "Installing Switchback itself",
        "Preparing the sentence encoder",
    ]
    assert all(duration.endswith(" s") for _, duration in titles)


def test_the_second_time_does_nothing(checkout):
    checkout.set_up()
    assert checkout.set_up() == []
    assert checkout.output == ""


def test_the_packages_of_the_checks_serve_for_running_too(checkout):
    checkout.set_up("dev")
    assert checkout.set_up("run") == []


def test_the_checks_add_their_packages_to_those_for_running(checkout):
    checkout.set_up("run")
    assert checkout.set_up("dev") == [UV + "requirements-dev.lock", PIP_CHECK]


@pytest.mark.parametrize(
    "name, redone",
    [
        ("requirements.lock", [UV + "requirements.lock", PIP_CHECK]),
        ("pyproject.toml", [PROJECT_ITSELF]),
        ("bot/nlu/encoder_export.py", [ENCODER]),
        ("requirements-uv.lock", []),
        ("scripts/find-python.sh", []),
    ],
)
def test_a_change_redoes_its_own_part_only(checkout, name, redone):
    checkout.set_up()
    with (checkout.folder / name).open("a") as file:
        file.write("# changed\n")
    assert checkout.set_up() == redone
    assert checkout.set_up() == []


def test_where_uv_fails_pip_installs(checkout):
    assert checkout.set_up(fail_on="-m uv pip")[2:5] == [
        UV + "requirements.lock",
        PIP + "requirements.lock",
        PIP_CHECK,
    ]
    assert checkout.set_up() == []


def test_a_failed_step_is_told_and_done_again_next_time(checkout):
    checkout.set_up(fail_on="encoder_build", expect=1)
    assert "Preparing the sentence encoder ... failed after" in checkout.output
    assert "no such luck" in checkout.output
    assert checkout.set_up() == [ENCODER]


def test_packages_that_do_not_fit_together_fail_the_set_up(checkout):
    checkout.set_up(fail_on="pip check", expect=1)
    assert UV + "requirements.lock" in checkout.set_up()


def test_a_copied_checkout_makes_its_own_environment(checkout):
    checkout.set_up()
    moved = checkout.folder.with_name("moved")
    shutil.move(checkout.folder, moved)
    checkout.folder = moved
    assert checkout.set_up()[0] == "-m venv .venv"
    assert "belongs to another place" in checkout.output


def test_an_environment_whose_python_is_gone_is_made_anew(checkout):
    checkout.set_up()
    (checkout.folder / ".venv" / "bin" / "python").unlink()
    assert checkout.set_up()[0] == "-m venv .venv"


def test_an_unknown_purpose_is_refused(checkout):
    assert checkout.set_up("walk", expect=2) == []
    assert "usage: scripts/setup.sh [run|dev]" in checkout.output
