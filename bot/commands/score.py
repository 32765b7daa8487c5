"""`switchback score`: transcripts in, judgements out."""

from __future__ import annotations

import contextlib
import json
import os
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import IO, TYPE_CHECKING, Any

import click
from rich.console import Console
from rich.progress import BarColumn, Progress, TextColumn, TimeRemainingColumn

from bot.logs import quiet
from bot.settings import load_settings

if TYPE_CHECKING:
    from actions.batch import TranscriptRow


@click.command()
@click.argument("source", type=click.Path(path_type=Path, exists=True, dir_okay=False, allow_dash=True))
@click.option(
    "--out", "out", type=click.Path(path_type=Path, dir_okay=False), required=True, help="Scored replies."
)
@click.option(
    "--sessions", "sessions", type=click.Path(path_type=Path, dir_okay=False), help="Scored sessions."
)
def score(source: Path, out: Path, sessions: Path | None) -> None:
    r"""Score the trainee's replies in SOURCE, a file with one JSON object a line.

    In: {"session_id", "turn", "speaker": "trainee" or "peer", "text"}, in order, a session's rows
    together. Out: moves, scores of 0 to 100, spans and flags of every trainee row; with --sessions
    also one object a session.

    A row that can't be read stops it with exit code 2, the line's number and nothing written.
    """
    quiet()
    from actions.batch import RowError, ScoredReply, score_rows
    from actions.rubric import load_rubric
    from bot.nlu.peer_cues import read_peer_tags
    from bot.nlu.reader import load_reader

    settings = load_settings()
    if not any(settings.models.glob("*.tar.gz")):
        raise click.ClickException('there is no trained model yet; run "switchback train" first')
    rubric, reader = load_rubric(settings.data), load_reader(None, settings)
    try:
        with written_whole(out) as replies, written_whole(sessions) as ended:
            for judged in score_rows(_rows(source), rubric, reader, read_peer_tags):
                target = replies if isinstance(judged, ScoredReply) else ended
                if target is not None:
                    target.write(json.dumps(judged.to_dict(), ensure_ascii=False) + "\n")
    except RowError as error:
        click.echo(f"{source}: {error}. Nothing was written.", err=True)
        raise SystemExit(2) from error


def _rows(source: Path) -> Iterator[TranscriptRow]:
    """Give the rows of a file, with a progress bar on a terminal."""
    from actions.batch import RowError, checked_row

    is_stdin = str(source) == "-"
    total = None if is_stdin else os.path.getsize(source)
    columns = (
        TextColumn("scoring"),
        BarColumn(),
        TextColumn("{task.percentage:>3.0f} %"),
        TimeRemainingColumn(),
    )
    # On standard error and only on a terminal, so that pipes stay clean.
    bar = Progress(*columns, console=Console(stderr=True), disable=not sys.stderr.isatty() or total is None)
    opened: Any = contextlib.nullcontext(sys.stdin.buffer) if is_stdin else source.open("rb")
    with opened as file, bar:
        task = bar.add_task("", total=total)
        for number, line in enumerate(file, 1):
            bar.advance(task, len(line))
            if not line.strip():
                continue
            try:
                value = json.loads(line)
            except ValueError as error:
                raise RowError(number, f"not JSON ({error})") from error
            yield checked_row(number, value)


@contextlib.contextmanager
def written_whole(path: Path | None) -> Iterator[IO[str] | None]:
    """Give a file that appears under its name only when everything went well."""
    if path is None:
        yield None
        return
    descriptor, name = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.")
    try:
        with os.fdopen(descriptor, "w", encoding="utf-8") as file:
            yield file
        os.replace(name, path)
    except BaseException:
        os.unlink(name)
        raise
