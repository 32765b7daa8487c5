"""Whether the trained model still belongs to the sources: a hash of them, written beside the archive.

Rasa's own training cache knows nothing of helper modules and content files, and looking it up costs the
import of Rasa. Hashing a few dozen small files takes milliseconds, so that every start can ask.
"""

from __future__ import annotations

import hashlib
import json
import os
from collections.abc import Iterable, Iterator
from pathlib import Path

from bot.settings import PROJECT, Settings

TRAINED_FROM = ".trained-from"
"""Name of the note beside the archives: which archive was made from which sources."""

_CONTENT = (".yml", ".yaml", ".json", ".txt", ".csv")
_CODE = ("nlu", "peer", "engine")
"""Packages of `bot` that take part in training: components, the importer that compiles the scenarios."""


def model_sources(data: Path, project: Path = PROJECT) -> list[Path]:
    """Return every file that training reads, in a fixed order.

    Args:
        data: Folder of the content.
        project: Folder of `config.yml`, `domain.yml` and `bot/`.
    """
    files = {path for name in ("config.yml", "domain.yml") if (path := project / name).is_file()}
    files.update(_below(data, _CONTENT))
    for package in _CODE:
        files.update(_below(project / "bot" / package, (".py",)))
    return sorted(files)


def sources_hash(files: Iterable[Path], project: Path = PROJECT) -> str:
    """Return one hash over names and bytes of the files.

    Args:
        files: What to hash; the order does not matter.
        project: Names are taken relative to this folder, so that a moved checkout hashes the same.
    """
    total = hashlib.sha256()
    for name, path in sorted((os.path.relpath(path, project), path) for path in files):
        content = hashlib.sha256(path.read_bytes()).hexdigest()
        total.update(f"{name}\0{content}\n".encode())
    return total.hexdigest()


def newest_archive(models: Path) -> Path | None:
    """Return the archive that `rasa run` would load from the folder, or None."""
    archives = [path for path in models.glob("*.tar.gz") if path.is_file()]
    return max(archives, key=lambda path: (path.stat().st_mtime_ns, path.name), default=None)


def why_train(settings: Settings, project: Path = PROJECT) -> str | None:
    """Say why the model must be trained, or None when it need not.

    An archive that was trained by hand with `rasa train` leaves no note, hence counts as unknown; training
    again is quick then, because Rasa's cache has the parts.

    Returns:
        A reason that completes the sentence "Training, because ...".
    """
    archive = newest_archive(settings.models)
    if archive is None:
        return "there is no model yet"
    try:
        note = json.loads((settings.models / TRAINED_FROM).read_text(encoding="utf-8"))
        trained_archive, trained_sources = note["archive"], note["sources"]
    except FileNotFoundError:
        return f"it is not known what {archive.name} was trained from"
    except (ValueError, TypeError, KeyError):
        return f"{settings.models / TRAINED_FROM} cannot be read"
    if trained_archive != archive.name:
        return f"it is not known what {archive.name} was trained from"
    if trained_sources != sources_hash(model_sources(settings.data, project), project):
        return "content or configuration has changed since the last training"
    return None


def note_training(settings: Settings, sources: str) -> None:
    """Write down what the newest archive was trained from. Call it after a successful training.

    Args:
        settings: Where models are.
        sources: `sources_hash` taken *before* training began, so that a file edited meanwhile counts as
            a change.

    Raises:
        FileNotFoundError: There is no archive.
    """
    archive = newest_archive(settings.models)
    if archive is None:
        raise FileNotFoundError(f"training left no model in {settings.models}")
    note = settings.models / TRAINED_FROM
    scratch = note.with_name(f"{TRAINED_FROM}.new")
    scratch.write_text(json.dumps({"archive": archive.name, "sources": sources}) + "\n", encoding="utf-8")
    os.replace(scratch, note)


def _below(folder: Path, suffixes: tuple[str, ...]) -> Iterator[Path]:
    return (path for path in folder.rglob("*") if path.suffix in suffixes and path.is_file())
