import subprocess
import sys
from pathlib import Path

import pytest

from bot.logs import QUIET_VARIABLES, is_noise, quiet_environment
from bot.settings import PROJECT

LIBRARY = "/usr/lib/python3/site-packages/tensorflow/util.py"
OURS = str(PROJECT / "bot" / "reading.py")


@pytest.mark.parametrize(
    "category, filename, expected",
    [
        (DeprecationWarning, LIBRARY, True),
        (FutureWarning, LIBRARY, True),
        (DeprecationWarning, OURS, False),
        (DeprecationWarning, "bot/reading.py", False),
        (UserWarning, LIBRARY, False),
        (RuntimeWarning, LIBRARY, False),
        (ResourceWarning, LIBRARY, False),
        (DeprecationWarning, str(PROJECT / ".venv/lib/python3.10/site-packages/keras/x.py"), True),
    ],
)
def test_only_notes_about_other_peoples_code_are_noise(category, filename, expected, monkeypatch):
    monkeypatch.chdir(PROJECT)
    assert is_noise(category, filename) is expected


def test_what_the_reader_has_set_stays():
    child = quiet_environment({"LOG_LEVEL": "DEBUG", "HOME": "/home/dana"})
    assert child["LOG_LEVEL"] == "DEBUG"
    assert child["HOME"] == "/home/dana"
    assert child["RASA_TELEMETRY_ENABLED"] == "false"
    assert child["SQLALCHEMY_SILENCE_UBER_WARNING"] == "1"


def test_children_may_use_compiled_files():
    assert "PYTHONDONTWRITEBYTECODE" not in quiet_environment({"PYTHONDONTWRITEBYTECODE": "1"})


def run(program: str, folder: Path) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-c", f"from bot.logs import quiet\nquiet()\nquiet()\n{program}"],
        cwd=PROJECT,
        env={"PATH": "/usr/bin:/bin", "HOME": str(folder)},
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )


def test_heavy_imports_say_nothing(tmp_path):
    done = run(
        "import rasa.core.agent, rasa.server, rasa_sdk.endpoint, spacy, onnxruntime, pkg_resources", tmp_path
    )
    assert (done.returncode, done.stdout, done.stderr) == (0, "", "")
    assert list(tmp_path.iterdir()) == [], "nothing may be written to the reader's home"


def test_our_own_warnings_are_heard_even_after_sanic_has_set_filters(tmp_path):
    program = (
        "import sanic, warnings, structlog, logging\n"
        "warnings.warn_explicit('old way', DeprecationWarning, 'bot/reading.py', 1)\n"
        "warnings.warn_explicit('bad data', UserWarning, '/elsewhere/site-packages/rasa/x.py', 1)\n"
        "structlog.get_logger().info('loaded')\n"
        "structlog.get_logger().warning('model is odd')\n"
        "logging.getLogger('rasa').warning('slot is odd')\n"
    )
    done = run(program, tmp_path)
    assert done.stdout == ""
    for heard in ("DeprecationWarning: old way", "UserWarning: bad data", "model is odd", "slot is odd"):
        assert heard in done.stderr
    assert "loaded" not in done.stderr


def test_what_rasa_says_to_everybody_is_not_said(tmp_path):
    program = (
        "from bot.logs import quiet; quiet()\n"
        "import warnings\n"
        "warnings.warn('Slot auto-fill has been removed in 3.0 and so on', UserWarning)\n"
        "warnings.warn('your model is too old', UserWarning)\n"
    )
    said = run(program, tmp_path).stderr
    assert "too old" in said and "auto-fill" not in said


def test_the_printing_of_warnings_is_left_alone_until_asked():
    program = "import warnings, bot.logs; print(getattr(warnings.showwarning, 'is_switchback', False))"
    done = subprocess.run(
        [sys.executable, "-c", program], cwd=PROJECT, capture_output=True, text=True, check=True
    )
    assert done.stdout.strip() == "False"


def test_every_variable_has_a_text():
    assert all(isinstance(value, str) and value for value in QUIET_VARIABLES.values())
