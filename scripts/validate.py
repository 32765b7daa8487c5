"""Run `rasa data validate` and fail on every warning, not only on those that its own switch knows.

`--fail-on-warnings` turns two of Rasa's checks into errors; unused intents, responses without a text and
the like are only warned about. Here any warning that Rasa prints, by whichever of its three ways, counts.
"""

import logging
import sys
import warnings
from pathlib import Path

# The checkout comes first and this folder not at all, as if `rasa` had been called in the checkout.
sys.path[0] = str(Path(__file__).resolve().parent.parent)

from bot.logs import is_noise, quiet  # noqa: E402


class Collector(logging.Handler):
    """Collects what Rasa logs as a warning, and what Python's warnings module prints."""

    def __init__(self) -> None:
        super().__init__(logging.WARNING)
        self.collected: list[str] = []

    def emit(self, record: logging.LogRecord) -> None:
        self.collected.append(record.getMessage())

    def watch_warnings(self) -> None:
        show = warnings.showwarning

        def showwarning(message, category, filename, lineno, file=None, line=None):  # type: ignore[no-untyped-def]
            if not is_noise(category, filename):
                self.collected.append(str(message))
            show(message, category, filename, lineno, file, line)

        warnings.showwarning = showwarning


def main() -> int:
    quiet()
    collector = Collector()
    # Structured logs end in the standard ones, so that this handler sees both.
    logging.getLogger().addHandler(collector)
    from rasa.__main__ import main as rasa

    collector.watch_warnings()
    sys.argv = ["rasa", "data", "validate", "--fail-on-warnings", *sys.argv[1:]]
    try:
        rasa()
    except SystemExit as exit_:
        if exit_.code:
            return 1
    if collector.collected:
        print(
            f"rasa data validate: {len(collector.collected)} warnings, see above; none is allowed",
            file=sys.stderr,
        )
        return 1
    print("rasa data validate: no warnings")
    return 0


if __name__ == "__main__":
    sys.exit(main())
