"""`switchback rescore`: the archive judged again under another rubric, in new rows beside the old ones."""

from __future__ import annotations

import json
import sys
from collections.abc import Mapping
from datetime import datetime, timezone
from pathlib import Path
from typing import IO, TYPE_CHECKING

import click
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

from bot.commands.refusals import plain_refusals
from bot.commands.score import written_whole
from bot.logs import quiet
from bot.settings import load_settings

if TYPE_CHECKING:
    from actions.records import Records
    from actions.rescore import Changes
    from actions.rubric import Rubric
    from bot.peer.scenario import Scenario


@click.command()
@click.option(
    "--rubric",
    "rubric_file",
    type=click.Path(path_type=Path, exists=True, dir_okay=False),
    help="Judge by this file instead of data/rubric.yml.",
)
@click.option(
    "--since",
    type=click.DateTime(["%Y-%m-%d", "%Y-%m-%dT%H:%M:%S"]),
    help="Only sessions begun from then on (UTC).",
)
@click.option("--dry-run", is_flag=True, help="Only say what would change.")
@click.option(
    "--report",
    "report",
    type=click.Path(path_type=Path, dir_okay=False),
    help="Write every session that changed to this file, one JSON object a line, and the sums last.",
)
def rescore(rubric_file: Path | None, since: datetime | None, dry_run: bool, report: Path | None) -> None:
    """Score the sessions in the records again under another rubric.

    What was stored stays; the new judgements are added beside it, and pages show them from then on.
    Messages are not read anew: the stored readings are judged again, so only the rubric makes the
    difference.

    It may be interrupted at any moment and called again: it goes on where it was, and the report is the same.
    """
    quiet()
    from actions.records import open_records
    from actions.rescore import Changes
    from actions.rubric import load_rubric
    from bot.engine.content import load_cast

    settings = load_settings()
    rubric = load_rubric(settings.data, rubric_file)
    scenarios = load_cast(settings.data).scenarios
    start = since.replace(tzinfo=timezone.utc) if since is not None else None
    changes = Changes()
    with plain_refusals():
        records = open_records(settings.database_url)
        try:
            records.check_schema()
            with written_whole(report) as file:
                rescore_all(records, rubric, scenarios, changes, start, is_dry=dry_run, report=file)
        finally:
            records.close()
    _tell(changes, rubric.version, dry_run)


def rescore_all(
    records: Records,
    rubric: Rubric,
    scenarios: Mapping[str, Scenario],
    changes: Changes,
    since: datetime | None = None,
    *,
    is_dry: bool = False,
    report: IO[str] | None = None,
) -> None:
    """Judge the archive again, a page at a time.

    Args:
        records: The records.
        rubric: The rubric that judges.
        scenarios: The people of today.
        changes: Takes in what changed.
        since: Leave out sessions that began earlier.
        is_dry: Write nothing.
        report: Where to write changed sessions, or None.
    """
    from actions.rescore import StoredAssessmentError, judge_again

    columns = (
        TextColumn("scoring again"),
        BarColumn(),
        MofNCompleteColumn(),
        TextColumn("sessions"),
        TimeRemainingColumn(),
    )
    bar = Progress(*columns, console=Console(stderr=True), disable=not sys.stderr.isatty())
    with bar:
        task = bar.add_task("", total=records.archive_size(since))
        for page in records.archive(rubric.version, since):
            news = []
            for one in page:
                try:
                    news.append(judge_again(rubric, one, scenarios.get(one.session.scenario_id)))
                except StoredAssessmentError as error:
                    changes.left_out += 1
                    click.echo(f"Left out: {error}.", err=True)
            if not is_dry and any(new.replies or new.score is not None for new in news):
                records.add_scores(news, rubric.version)
            for new in news:
                change = changes.add(new)
                if report is not None and change is not None:
                    report.write(json.dumps(change) + "\n")
            bar.advance(task, len(page))
    if report is not None:
        summary = {"rubric_version": rubric.version, "is_dry_run": is_dry, **changes.to_dict()}
        report.write(json.dumps({"summary": summary}) + "\n")


def _tell(changes: Changes, rubric_version: str, is_dry: bool) -> None:
    """Say what changed."""
    from actions.rubric import CRITERIA

    would = "would be " if is_dry else ""
    click.echo(f"Rubric {rubric_version}: {changes.sessions:,} sessions, {changes.replies:,} replies.")
    click.echo(
        f"{changes.added:,} judgements of replies and {changes.added_scores:,} session scores {would}added;"
        " nothing that was there is changed."
    )
    if changes.left_out:
        click.echo(
            f"{changes.left_out:,} sessions are left out, since they were stored without what is needed."
        )
    click.echo(f"Another score: {changes.changed:,} replies.")
    for of, noun in (("reply", "reply"), ("session", "session")):
        means = ", ".join(
            f"{key} {mean:+.2f}" for key in CRITERIA if (mean := changes.mean_change(of, key)) is not None
        )
        if means:
            click.echo(f"Mean change of a {noun}: {means}.")
    if changes.compared:
        click.echo(
            f"{changes.crossed:,} of {changes.compared:,} scored sessions reached another level somewhere."
        )
    if changes.largest:
        click.echo("Largest changes of a reply:")
        for _, session, message, key, before, after in sorted(changes.largest, reverse=True)[:5]:
            click.echo(f"  {session} {message}: {key} {before:.0f} to {after:.0f}")
