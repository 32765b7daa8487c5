"""A quiet start: silence what libraries say about themselves, keep what concerns the reader.

TensorFlow, SQLAlchemy 1.4, jax, Sanic and others greet every start with pages of notes for their own
developers. None of it can be acted upon here, and it hides the one line that matters. So: deprecation
notes about other people's code are dropped, everything else stays, and whatever is said about our own
code always stays.

Call `quiet()` before the first heavy import, and give `quiet_environment()` to child processes.
"""

from __future__ import annotations

import logging
import os
import sys
import warnings
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import TextIO

from bot.settings import PROJECT

QUIET_VARIABLES: Mapping[str, str] = {
    "TF_CPP_MIN_LOG_LEVEL": "2",
    "TF_ENABLE_ONEDNN_OPTS": "0",
    "SQLALCHEMY_SILENCE_UBER_WARNING": "1",
    "RASA_TELEMETRY_ENABLED": "false",
    "LOG_LEVEL": "WARNING",
    "LOG_LEVEL_LIBRARIES": "ERROR",
    "LOG_LEVEL_MATPLOTLIB": "ERROR",
    "MPLBACKEND": "Agg",
    "MPLCONFIGDIR": str(PROJECT / ".cache" / "matplotlib"),
    "KERAS_HOME": str(PROJECT / ".cache" / "keras"),
}
"""Variables that quiet a library, or keep it from writing outside the checkout. What the reader has set
stays. oneDNN is off because its results change with the number of cores, and sessions must replay."""

_FOR_DEVELOPERS = (DeprecationWarning, PendingDeprecationWarning, FutureWarning, ImportWarning, SyntaxWarning)
_SAID_ALWAYS = ("Slot auto-fill has been removed", "'RulePolicy' is not included in the model's policy")
"""What Rasa says to everybody who has slots, or a policy of their own; neither concerns us."""
_LIBRARY_LOGGERS = ("tensorflow", "absl", "jax", "matplotlib", "apscheduler", "h5py", "numba")

ShowWarning = Callable[[Warning | str, type[Warning], str, int, TextIO | None, str | None], None]


def quiet_environment(environ: Mapping[str, str] | None = None) -> dict[str, str]:
    """Return the environment for a child process whose libraries should keep to themselves.

    Python's compiled files are allowed even where the caller forbids them: without them every start of
    Rasa would compile TensorFlow anew, which costs seven seconds.

    Args:
        environ: Variables to start from instead of this process's own.
    """
    child = dict(os.environ if environ is None else environ)
    child.pop("PYTHONDONTWRITEBYTECODE", None)
    for name, value in QUIET_VARIABLES.items():
        child.setdefault(name, value)
    child.setdefault("PYTHONUNBUFFERED", "1")
    return child


def is_noise(category: type[Warning], filename: str) -> bool:
    """Tell whether a warning is a library's note to its own developers.

    Args:
        category: The warning's class.
        filename: The file that the warning is about, as `warnings` reports it.
    """
    if issubclass(category, ResourceWarning) or not issubclass(category, _FOR_DEVELOPERS):
        return False
    return not _is_ours(filename)


def quiet() -> None:
    """Silence start-up noise in this process. Calling it again changes nothing.

    Filters alone would not do: Sanic, among others, puts filters of its own in front of ours when it is
    imported. The function that prints warnings is therefore wrapped, and decides by the file concerned.
    """
    for name, value in QUIET_VARIABLES.items():
        os.environ.setdefault(name, value)
    warnings.filterwarnings("ignore", message="pkg_resources is deprecated")
    if not getattr(warnings.showwarning, "is_switchback", False):
        warnings.showwarning = _without_noise(warnings.showwarning)  # type: ignore[assignment]
    for logger in _LIBRARY_LOGGERS:
        logging.getLogger(logger).setLevel(logging.ERROR)
    _quiet_structlog(_level(os.environ["LOG_LEVEL"]))


def _level(name: str) -> int:
    level = logging.getLevelName(name.upper())
    return level if isinstance(level, int) else logging.WARNING


def _is_ours(filename: str) -> bool:
    if filename.startswith("<frozen"):  # Python's own import machinery
        return False
    path = Path(filename)
    if not path.is_absolute():
        path = Path.cwd() / path
    return path.is_relative_to(PROJECT) and "site-packages" not in path.parts


def _without_noise(show: ShowWarning) -> ShowWarning:
    """Return a `warnings.showwarning` that drops noise and hands everything else to `show`."""

    def showwarning(
        message: Warning | str,
        category: type[Warning],
        filename: str,
        lineno: int,
        file: TextIO | None = None,
        line: str | None = None,
    ) -> None:
        if not is_noise(category, filename) and not str(message).startswith(_SAID_ALWAYS):
            show(message, category, filename, lineno, file, line)

    showwarning.is_switchback = True  # type: ignore[attr-defined]
    return showwarning


def _quiet_structlog(level: int) -> None:
    """Have Rasa's structured logs print warnings and errors only, to standard error.

    Rasa sets this up in its own command line; a program that embeds Rasa would otherwise get every
    debug event on standard output, in the middle of its own output.
    """
    import structlog

    structlog.configure(
        processors=[
            structlog.processors.add_log_level,
            structlog.dev.set_exc_info,
            structlog.dev.ConsoleRenderer(colors=False),
        ],
        wrapper_class=structlog.make_filtering_bound_logger(level),
        logger_factory=lambda *_: structlog.PrintLogger(sys.stderr),
        cache_logger_on_first_use=False,
    )
