"""Backups of the records: a copy taken while people practise, with a list of what is in it."""

from __future__ import annotations

import json
import os
import shutil
import socket
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timezone
from pathlib import Path
from typing import Any

from actions.records import RecordsError, head_revision, known_revisions
from actions.records.files import (
    content_of,
    dated,
    integrity_problem,
    is_in_use,
    settle,
    sha256_of,
    snapshot,
)
from actions.records.store import URL, parse_url, sqlite_file
from bot.settings import Settings

FORMAT = "switchback-backup/1"


class BackupError(RecordsError):
    """A backup could not be made or restored; the message says why and what to do."""


@dataclass(frozen=True)
class Backup:
    """A backup on disk.

    Attributes:
        manifest: What is in it, as written when it was made; None if the list is missing.
    """

    file: Path
    size_bytes: int
    manifest: Mapping[str, Any] | None


@dataclass(frozen=True)
class Restored:
    """What a restore did.

    Attributes:
        kept: Where the replaced database is now; None if there was none.
        needs_upgrade: The backup is of an older revision; the next start brings it up to date.
    """

    kept: Path | None
    needs_upgrade: bool


def backup_folder(settings: Settings) -> Path:
    """Return the folder of backups: beside the database, or in the home folder."""
    file = sqlite_file(settings.database_url)
    return (settings.home if file is None else file.parent) / "backups"


def create_backup(settings: Settings, out: Path | None = None) -> Backup:
    """Copy the records as of this moment, while the app runs, check the copy and write down what is in it.

    Args:
        settings: Where things are.
        out: File to write, or a folder; a dated file in `backups/` if left out.

    Raises:
        BackupError: There is no SQLite file to copy, or `out` is taken.
        RecordsError: The database is damaged or no database of ours.
    """
    source = _database(settings)
    if not source.exists():
        raise BackupError("There are no records yet; start Switchback with `make run` first.")
    content_of(source)
    folder = backup_folder(settings) if out is None else out
    target = out if out is not None and not out.is_dir() else dated(folder, source.stem)
    if target.exists() or _manifest_file(target).exists():
        raise BackupError(f"{target} exists; choose another name, nothing was overwritten.")
    snapshot(source, target)
    content = content_of(target)
    manifest = {
        "format": FORMAT,
        "created_at": datetime.now(timezone.utc).isoformat(timespec="seconds"),
        "file": target.name,
        "size_bytes": target.stat().st_size,
        "sha256": sha256_of(target),
        "revision": content.revision,
        "rows": content.rows,
        "versions": content.versions,
        # Which scenarios and rubric were in force, so that old scores can be explained.
        "content": {
            str(file.relative_to(settings.data)): sha256_of(file)
            for file in sorted(settings.data.rglob("*.yml"))
        },
    }
    partial = target.with_name(target.name + ".json.partial")
    partial.write_text(json.dumps(manifest, indent=2) + "\n", "utf-8")
    settle(partial, _manifest_file(target))
    return Backup(target, target.stat().st_size, manifest)


def list_backups(settings: Settings) -> list[Backup]:
    """Return the backups in `backups/`, newest first; also the copies made before a change of the tables."""
    files = [file for file in backup_folder(settings).glob("*.db") if file.is_file()]
    files.sort(key=lambda file: (file.stat().st_mtime_ns, file.name), reverse=True)
    return [Backup(file, file.stat().st_size, _read_manifest(file)) for file in files]


def inspect_backup(settings: Settings, file: Path) -> Backup:
    """Return a backup after checking that it can be restored.

    Raises:
        BackupError: It is missing, damaged, changed since it was made, or from a newer version.
        RecordsError: It is not a database of ours.
    """
    _database(settings)
    if not file.is_file():
        raise BackupError(f"There is no file {file}; `switchback backup list` shows the backups.")
    manifest = _read_manifest(file)
    if manifest is not None and manifest.get("sha256") != sha256_of(file):
        raise BackupError(f"{file.name} has changed since it was made; take another backup.")
    content = content_of(file)
    problem = integrity_problem(file)
    if problem:
        raise BackupError(f"{file.name} is damaged ({problem}); take another backup.")
    if content.revision not in known_revisions():
        raise BackupError(
            f"{file.name} is from a newer Switchback (revision {content.revision}); update the program first."
        )
    return Backup(file, file.stat().st_size, manifest)


def restore_backup(settings: Settings, file: Path) -> Restored:
    """Put a backup in the place of the records; the records that were there are kept in `backups/`.

    Raises:
        BackupError: Switchback is running, or the backup cannot be restored; nothing was changed.
    """
    backup = inspect_backup(settings, file)
    target = _database(settings)
    if is_running(settings) or is_in_use(target):
        raise BackupError("Switchback is running. Stop it (Ctrl-C where it was started), then restore again.")
    if file.exists() and target.exists() and file.samefile(target):
        raise BackupError(f"{file.name} is the database itself; choose a backup.")
    target.parent.mkdir(parents=True, exist_ok=True)
    partial = target.with_name(target.name + ".partial")
    kept = None
    try:
        partial.touch(mode=0o600)
        shutil.copyfile(backup.file, partial)
        if target.exists():
            _give_like(partial, target)
            kept = dated(backup_folder(settings), target.stem, "-replaced")
            kept.parent.mkdir(parents=True, exist_ok=True)
            _move(target, kept)
        settle(partial, target)
    except OSError as error:
        if kept is not None and kept.exists() and not target.exists():
            _move(kept, target)
        raise BackupError(f"The backup could not be put in place ({error}); nothing was changed.") from error
    finally:
        partial.unlink(missing_ok=True)
    return Restored(kept, content_of(target).revision != head_revision())


def is_running(settings: Settings) -> bool:
    """Say whether one of Switchback's processes answers at its port."""
    host = {"0.0.0.0": "127.0.0.1", "::": "::1"}.get(settings.host, settings.host)
    places = [(host, settings.port), ("127.0.0.1", settings.rasa_port), ("127.0.0.1", settings.actions_port)]
    return any(_answers(*place) for place in places)


def pg_dump_command(url: str) -> str:
    """Return the command that backs a PostgreSQL database up; the password is left for the person to give."""
    return f"pg_dump --format=custom --file=switchback.dump {_for_people(url)}"


def pg_restore_command(url: str) -> str:
    """Return the command that puts the result of `pg_dump_command` back."""
    return f"pg_restore --clean --if-exists --single-transaction --dbname={_for_people(url)} switchback.dump"


def _for_people(url: str) -> str:
    """Return a PostgreSQL address as its own tools take it, without password."""
    known = parse_url(url)
    shown = URL.create(
        "postgresql", known.username, None, known.host, known.port, known.database, known.query
    )
    return f"'{shown.render_as_string()}'"


def _database(settings: Settings) -> Path:
    """Return the SQLite file of the records."""
    url = settings.database_url
    file = sqlite_file(url)
    if file is None:
        raise BackupError(
            "The records are in PostgreSQL, which has its own tools for backups. To back up:\n"
            f"  {pg_dump_command(url)}\n"
            "To restore, with Switchback stopped:\n"
            f"  {pg_restore_command(url)}\n"
            "Give the password in PGPASSWORD or ~/.pgpass."
        )
    return file


def _answers(host: str, port: int) -> bool:
    try:
        with socket.create_connection((host, port), timeout=0.5):
            return True
    except OSError:
        return False


def _move(source: Path, target: Path) -> None:
    """Move a database with what a crash may have left beside it."""
    for end in ("-wal", "-shm", ""):
        part = source.with_name(source.name + end)
        if part.exists():
            part.replace(target.with_name(target.name + end))


def _give_like(file: Path, model: Path) -> None:
    """Give a file the owner and mode of another: whoever restores as root must not lock the app out."""
    like = model.stat()
    file.chmod(like.st_mode & 0o777)
    if os.name == "posix" and (file.stat().st_uid, file.stat().st_gid) != (like.st_uid, like.st_gid):
        os.chown(file, like.st_uid, like.st_gid)


def _manifest_file(file: Path) -> Path:
    return file.with_name(file.name + ".json")


def _read_manifest(file: Path) -> Mapping[str, Any] | None:
    path = _manifest_file(file)
    if not path.is_file():
        return None
    try:
        found = json.loads(path.read_text("utf-8"))
    except ValueError as error:
        raise BackupError(
            f"{path.name} cannot be read ({error}); move it away to go on without it."
        ) from error
    if not isinstance(found, dict) or found.get("format") != FORMAT:
        raise BackupError(f"{path.name} is no list of a backup; move it away to go on without it.")
    return found
