"""The command line: `switchback run | train | check | ...`.

Each command lives in `bot/commands` and is imported when it is called, so that `--help` answers at
once and nobody waits for TensorFlow in order to list users.
"""

from __future__ import annotations

import importlib
import sys
from typing import Any

import click

from bot import __version__
from bot.content import ContentError

COMMANDS = {
    "run": "Start everything and print the address.",
    "train": "Train the model if the content changed.",
    "new-scenario": "Begin a new scenario file.",
    "preview": "Talk to a draft in the browser, and see why it answers as it does.",
    "check": "Check scenarios, moves, rubric and the other content files.",
    "score": "Score transcripts of conversations.",
    "rescore": "Score the sessions in the records again under another rubric.",
    "chat": "Talk with a peer in the terminal.",
    "evidence": "Make or check a sheet of practice for a certification file.",
    "users": "Manage the people who may sign in.",
    "backup": "Save the records, and bring them back.",
}
"""Commands in the order of `--help`, with what they do."""


class LazyCommands(click.Group):
    """A group whose commands are imported when needed."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        """Return the names in order."""
        return list(COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        """Return a command, importing its module; None if there is none of this name."""
        if cmd_name not in COMMANDS:
            return None
        name = cmd_name.replace("-", "_")
        module = importlib.import_module(f"bot.commands.{name}")
        command: click.Command = getattr(module, name)
        return command

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """List the commands without importing them."""
        with formatter.section("Commands"):
            formatter.write_dl(list(COMMANDS.items()))

    def invoke(self, ctx: click.Context) -> Any:
        """Run a command; problems in content files are told without a traceback."""
        try:
            return super().invoke(ctx)
        except ContentError as error:
            lines = "\n".join(f"  {problem}" for problem in error.problems)
            raise click.ClickException(f"the content cannot be used:\n{lines}") from error
        except BrokenPipeError:
            # The reader of our output has gone (`switchback score ... | head`); that is no failure.
            sys.stderr.close()
            raise SystemExit(0) from None


@click.command(cls=LazyCommands, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(__version__, prog_name="switchback")
def main() -> None:
    """Practice conversations for people training to be peer support specialists.

    Start with "switchback run" and open the address that it prints. Everything stays on this machine.
    """


if __name__ == "__main__":
    main()
