"""scripts/find-python.sh with fake interpreters: a name on PATH proves nothing."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from bot.settings import PROJECT

SCRIPT = PROJECT / "scripts" / "find-python.sh"


def program(path: Path, body: str) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(f"#!/bin/sh\n{body}\n")
    path.chmod(0o755)
    return path


def python(path: Path) -> Path:
    """Make a program that answers to `-c` as a usable Python 3.10 does: with its own path."""
    return program(path, f'[ "$1" = -c ] && echo "{path}"')


def broken_shim(path: Path) -> Path:
    return program(path, 'echo "pyenv: python3.10: command not found" >&2; exit 127')


@pytest.fixture
def machine(tmp_path):
    """An otherwise empty machine: sh's own tools in bin/, nothing that is a Python."""
    tools = tmp_path / "bin"
    tools.mkdir()
    for name in ("sh", "cat"):
        (tools / name).symlink_to(Path("/bin") / name)
    (tmp_path / "home").mkdir()
    return tmp_path


def find(machine: Path, **environ: str) -> subprocess.CompletedProcess[str]:
    environ = {"PATH": str(machine / "bin"), "HOME": str(machine / "home"), **environ}
    return subprocess.run(
        ["/bin/sh", str(SCRIPT)], env=environ, capture_output=True, text=True, timeout=20, check=False
    )


def found(machine: Path, **environ: str) -> str:
    done = find(machine, **environ)
    assert done.returncode == 0, done.stderr
    return done.stdout.strip()


def test_one_on_path_is_taken(machine):
    expected = python(machine / "bin" / "python3.10")
    assert found(machine) == str(expected)


def test_a_shim_that_fails_is_passed_over(machine):
    broken_shim(machine / "bin" / "python3.10")
    expected = python(machine / "home" / ".pyenv" / "versions" / "3.10.4" / "bin" / "python3.10")
    assert found(machine) == str(expected)


def test_the_newest_patch_release_of_pyenv_that_works(machine):
    versions = machine / "home" / ".pyenv" / "versions"
    python(versions / "3.10.9" / "bin" / "python3.10")
    expected = python(versions / "3.10.13" / "bin" / "python3.10")
    broken_shim(versions / "3.10.20" / "bin" / "python3.10")
    python(versions / "3.11.7" / "bin" / "python3.11")
    assert found(machine) == str(expected)


def test_a_moved_pyenv_is_found(machine):
    expected = python(machine / "opt" / "versions" / "3.10.1" / "bin" / "python3.10")
    assert found(machine, PYENV_ROOT=str(machine / "opt")) == str(expected)


def test_a_plain_python3_of_the_right_release_will_do(machine):
    expected = python(machine / "bin" / "python3")
    assert found(machine) == str(expected)


def test_uv_is_asked_last(machine):
    expected = python(machine / "managed" / "python3.10")
    program(machine / "bin" / "uv", f'[ "$1 $2 $3" = "python find 3.10" ] && echo "{expected}"')
    assert found(machine) == str(expected)


def test_what_uv_offers_is_checked_as_well(machine):
    shim = broken_shim(machine / "managed" / "python3.10")
    program(machine / "bin" / "uv", f'echo "{shim}"')
    assert find(machine).returncode == 1


def test_the_one_named_by_the_reader_comes_first(machine):
    python(machine / "bin" / "python3.10")
    expected = python(machine / "elsewhere" / "python")
    assert found(machine, PYTHON=str(expected)) == str(expected)


def test_one_named_by_the_reader_that_does_not_fit_is_not_replaced_in_silence(machine):
    python(machine / "bin" / "python3.10")
    done = find(machine, PYTHON="/bin/false")
    assert (done.returncode, done.stdout) == (1, "")
    assert "PYTHON=/bin/false is not a Python 3.10" in done.stderr


def test_without_any_the_message_says_how_to_get_one(machine):
    done = find(machine)
    assert (done.returncode, done.stdout) == (1, "")
    for word in ("Debian", "macOS", "WSL", "uv python install 3.10", "brew install python@3.10", "PYTHON="):
        assert word in done.stderr


@pytest.mark.parametrize(
    "fault",
    [
        "import sys; sys.version_info = (3, 11, 7, 'final', 0)",
        "import sys; sys.modules['ensurepip'] = None",
        "import sys; sys.modules['ssl'] = None",
    ],
    ids=["another-release", "no-ensurepip", "no-ssl"],
)
def test_a_real_python_with_a_fault_is_refused(machine, fault):
    real = os.path.realpath(sys.executable)
    program(machine / "bin" / "python3.10", f'exec {real} -c "{fault}\n$2"')
    assert find(machine).returncode == 1


def test_a_real_python_3_10_is_taken(machine):
    real = os.path.realpath(sys.executable)
    assert found(machine, PYTHON=real) == real
