"""`switchback evidence`: sheets for a certification file, made and checked from the terminal."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from bot.settings import load_settings

if TYPE_CHECKING:
    from actions.records import Records


@click.group(help="Evidence of practice for a certification file. It certifies nobody.")
def evidence() -> None:
    """Group the commands."""


@evidence.command()
@click.argument("username")
@click.option(
    "--out",
    type=click.Path(dir_okay=False, path_type=Path),
    required=True,
    help="File to write: .json or .pdf.",
)
def make(username: str, out: Path) -> None:
    """Write the evidence of USERNAME's practice to a file."""
    from actions.records import open_records
    from actions.records.store import iso, utc_now
    from bot.web.evidence import sealed
    from bot.web.pdf import evidence_pdf

    if out.suffix not in (".json", ".pdf"):
        raise click.BadParameter("must end in .json or .pdf", param_hint="--out")
    settings = load_settings()
    records = open_records(settings.database_url)
    try:
        user = records.user_by_name(username)
        if user is None:
            raise click.ClickException(f"there is no account {username!r}; see: switchback users list")
        sheet = sealed(_content(records, user, settings.data), iso(utc_now()) or "")
    finally:
        records.close()
    if out.suffix == ".pdf":
        out.write_bytes(evidence_pdf(sheet, {}))
    else:
        out.write_text(json.dumps(sheet, indent=2, ensure_ascii=False) + "\n", encoding="utf-8")
    click.echo(f"{out}: SHA-256 {sheet['sha256']}")


@evidence.command()
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
def verify(file: Path) -> None:
    """Compute the hash of an evidence FILE (.json) again, and hold it against the records of this machine.

    Exit code 1 if the file was changed after it was made, or says something else than the records.
    """
    from actions.records import open_records
    from bot.web.evidence import EvidenceError, content_hash, opened

    try:
        content = opened(file.read_bytes())
    except EvidenceError as error:
        raise click.ClickException(f"{file}: {error}") from error
    click.echo(f"The content belongs to its hash: {content_hash(content)}")
    settings = load_settings()
    records = open_records(settings.database_url)
    try:
        user = records.user(str(content["trainee"]["id"]))
        if user is None:
            click.echo("The records of this machine do not know this person, so there is nothing to compare.")
            return
        mine = _content(records, user, settings.data, only=[talk["id"] for talk in content["talks"]])
    finally:
        records.close()
    differing = [part for part in mine if mine[part] != content.get(part)]
    if differing:
        raise click.ClickException(
            f"the records of this machine say something else about: {', '.join(differing)}"
        )
    click.echo("The records of this machine say the same.")


def _content(records: Records, user: Any, data: Path, only: list[str] | None = None) -> dict[str, Any]:
    from bot.web.evidence import evidence_content
    from bot.web.library import read_report_content, read_words

    words, _ = read_words(data)
    mapping = read_report_content(data).competencies
    assert mapping is not None  # `read_report_content` always reads it
    names = {name: word.name for name, word in words.indicators.items()}
    return evidence_content(records, user, mapping, names, only=only)
