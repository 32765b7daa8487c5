"""`switchback backup`: copies of the records, and back."""

from __future__ import annotations

import json
from datetime import datetime
from pathlib import Path
from typing import Any

import click
from rich.console import Console
from rich.table import Table

from bot import backup as backups
from bot.commands.refusals import plain_refusals
from bot.settings import load_settings

as_json = click.option("--json", "is_json", is_flag=True, help="Print JSON for programs.")


@click.group(help="Copies of the records: accounts, sessions, assessments.")
def backup() -> None:
    """Group the commands."""


@backup.command()
@click.option(
    "--out",
    type=click.Path(path_type=Path),
    help="File or folder to write to; a dated file in backups/ beside the records if left out.",
)
@as_json
def create(out: Path | None, is_json: bool) -> None:
    """Copy the records, while people practise.

    The copy shows one moment, is checked, and gets a list of what is in it (the same name with .json).
    """
    with plain_refusals():
        made = backups.create_backup(load_settings(), out)
    if is_json:
        click.echo(json.dumps(_plain(made), indent=2))
        return
    click.echo(f"{made.file}\n{_content(made)}; {_size(made.size_bytes)}, checked.")


@backup.command("list")
@as_json
def list_all(is_json: bool) -> None:
    """List the copies in backups/, newest first."""
    with plain_refusals():
        settings = load_settings()
        found = backups.list_backups(settings)
    if is_json:
        click.echo(json.dumps([_plain(one) for one in found], indent=2))
        return
    if not found:
        click.echo("There are no backups yet. Make one with: switchback backup create")
        return
    table = Table(box=None, pad_edge=False)
    table.add_column("file", no_wrap=True)  # to be copied
    for heading in ("written", "size", "content"):
        table.add_column(heading)
    for one in found:
        written = datetime.fromtimestamp(one.file.stat().st_mtime).strftime("%Y-%m-%d %H:%M")
        table.add_row(one.file.name, written, _size(one.size_bytes), _content(one))
    click.echo(f"In {backups.backup_folder(settings)}:")
    Console(markup=False, highlight=False).print(table)


@backup.command()
@click.argument("file", type=click.Path(path_type=Path))
@click.option("--yes", is_flag=True, help="Do not ask.")
def restore(file: Path, yes: bool) -> None:
    """Put a copy in the place of the records.

    Switchback must be stopped. The records that are replaced are kept in backups/. FILE may be a name from
    `switchback backup list`.
    """
    with plain_refusals():
        settings = load_settings()
        if not file.exists() and len(file.parts) == 1:
            file = backups.backup_folder(settings) / file
        found = backups.inspect_backup(settings, file)
        if not yes:
            click.echo(f"{found.file.name}: {_content(found)}.")
            click.echo(
                "It takes the place of the records as they are now."
                " People and sessions that were deleted since it was made come back."
            )
            click.confirm("Restore it?", abort=True)
        done = backups.restore_backup(settings, file)
    if done.kept is not None:
        click.echo(f"The records from before are kept in {done.kept}")
    click.echo("Restored." + (" The next start brings the tables up to date." if done.needs_upgrade else ""))


def _plain(one: backups.Backup) -> dict[str, Any]:
    return {"file": str(one.file), "size_bytes": one.size_bytes, "manifest": one.manifest}


def _content(one: backups.Backup) -> str:
    """Return what is in a backup in a few words."""
    if one.manifest is None:
        return "no list of what is in it"
    rows = one.manifest["rows"]
    counts = (("users", "account"), ("practice_sessions", "session"), ("messages", "message"))
    return ", ".join(f"{rows[table]:,} {noun}{'' if rows[table] == 1 else 's'}" for table, noun in counts)


def _size(count: int) -> str:
    """Return a number of bytes as people say it."""
    size = float(count)
    for unit in ("bytes", "KB", "MB", "GB"):
        if size < 1024 or unit == "GB":
            break
        size /= 1024
    return f"{size:.0f} {unit}" if unit == "bytes" else f"{size:.1f} {unit}"
