"""`switchback new-scenario`: a file to begin with, that already runs."""

from __future__ import annotations

import re
from pathlib import Path

import click

from bot.peer.keys import SCENARIO_ID
from bot.settings import load_settings

RESERVED = frozenset({"con", "prn", "aux", "nul"})
"""Names that some computers do not allow for files."""


def create_scenario(data: Path, scenario_id: str, title: str) -> Path:
    """Write a new scenario file and return where it is.

    Raises:
        ValueError: The name will not do; says why and gives one that would.
        FileExistsError: There is such a scenario; it is left alone.
    """
    from bot.authoring.template import render_template

    if not re.match(SCENARIO_ID, scenario_id) or scenario_id in RESERVED:
        near = re.sub(r"[^a-z0-9]+", "_", scenario_id.lower()).strip("_0123456789")[:31]
        hint = f"; how about {near}?" if re.match(SCENARIO_ID, near) and near not in RESERVED else ""
        raise ValueError(
            f'"{scenario_id}" will not do: two or more of a-z, 0-9 and _, beginning with a letter{hint}'
        )
    path = data / "scenarios" / f"{scenario_id}.yml"
    text = render_template(data, scenario_id, title)
    with path.open("x", encoding="utf-8") as file:
        file.write(text)
    return path


@click.command("new-scenario")
@click.argument("name")
@click.option(
    "--title", default="A new talk", show_default=True, help="What the talk is about, in a few words."
)
def new_scenario(name: str, title: str) -> None:
    """Write data/scenarios/NAME.yml: a commented draft that you can talk to at once.

    NAME becomes the file's name and the person's id: lowercase, like a first name.
    """
    if not title.strip() or "\n" in title:
        raise click.BadParameter("must be a few words", param_hint="--title")
    try:
        path = create_scenario(load_settings().data, name, title.strip())
    except ValueError as error:
        raise click.BadParameter(str(error), param_hint="NAME") from error
    except FileExistsError as error:
        raise click.ClickException(f"there is a {name} already; {error.filename} was left alone") from error
    click.echo(f"Wrote {path}.\n")
    click.echo("Next:")
    click.echo(f"  switchback preview {name}     talk to the draft; it is read again whenever you save it")
    click.echo(f"  switchback check {name}       what is wrong or missing, with the line")
    click.echo("  docs/writing-a-scenario.md    the guide, from here to done")
