"""Takes files out of a trained Rasa archive, without running Rasa."""

from __future__ import annotations

import tarfile
from collections.abc import Callable
from pathlib import Path, PurePosixPath

from bot.freshness import newest_archive
from bot.settings import Settings


class ModelMissing(RuntimeError):
    """There is no trained archive to read with."""


def trained_archive(settings: Settings) -> Path:
    """Return the newest trained archive; raises `ModelMissing` where there is none."""
    archive = newest_archive(settings.models)
    if archive is None:
        raise ModelMissing(f"{settings.models}: no trained model; run `switchback train`")
    return archive


def unpack(archive: Path, folder: Path, is_wanted: Callable[[PurePosixPath], bool]) -> list[str]:
    """Write the wanted files of an archive into a folder, each by its bare name, and return the names.

    Args:
        archive: The archive.
        folder: Where to; it must exist. Nothing is ever written outside of it.
        is_wanted: Told each file's path in the archive.
    """
    names = []
    with tarfile.open(archive) as members:
        for member in members.getmembers():
            path = PurePosixPath(member.name)
            source = members.extractfile(member) if member.isfile() and is_wanted(path) else None
            if source is not None:
                (folder / path.name).write_bytes(source.read())
                names.append(path.name)
    return names
