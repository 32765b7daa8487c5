"""Shows that something long is still going on."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from contextlib import contextmanager


@contextmanager
def shown_waiting(title: str) -> Iterator[None]:
    """Show a turning wheel, the title and the time gone by while the body runs; gone afterwards.

    Where standard output is no terminal nothing is shown: a log has no use for it.
    """
    if not sys.stdout.isatty():
        yield
        return
    # Imported here: only those who wait need it.
    from rich.progress import Progress, SpinnerColumn, TextColumn, TimeElapsedColumn

    columns = (SpinnerColumn(), TextColumn("{task.description}", markup=False), TimeElapsedColumn())
    with Progress(*columns, transient=True) as progress:
        progress.add_task(title, total=None)
        yield
