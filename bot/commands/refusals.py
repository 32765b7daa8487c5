"""How a command says that it could not do what was asked: one line, no traceback, exit 1."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

import click

from actions.records import RecordsError


@contextmanager
def plain_refusals() -> Iterator[None]:
    """Turn what the records refuse, and settings that cannot be read, into a message for the person."""
    try:
        yield
    except (RecordsError, ValueError) as error:
        raise click.ClickException(str(error)) from error
