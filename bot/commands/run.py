"""`switchback run`: everything at once, until Ctrl-C."""

from __future__ import annotations

import click

from bot.logs import quiet
from bot.settings import load_settings


@click.command()
def run() -> None:
    """Start the web app, Rasa and the action server, and print the address.

    Trains first if the content changed, brings the database up to date, restarts what dies. One
    Ctrl-C stops everything. Ports and folders are set by environment variables; README.md lists them.
    """
    quiet()
    from actions.records import open_records, upgrade
    from bot.accounts import first_start_link
    from bot.commands.train import train_model
    from bot.supervisor import run_switchback

    try:
        settings = load_settings()
    except ValueError as error:
        raise click.ClickException(str(error)) from error

    def migrate() -> None:
        settings.home.mkdir(parents=True, exist_ok=True)
        upgrade(settings.database_url)

    def welcome() -> str | None:
        host = "127.0.0.1" if settings.host in ("0.0.0.0", "::") else settings.host
        link = first_start_link(open_records(settings.database_url), f"http://{host}:{settings.port}")
        return f"To become the first instructor, open this link once: {link}" if link else None

    raise SystemExit(
        run_switchback(
            settings,
            train=lambda: train_model(settings),
            migrate=migrate,
            welcome=welcome,
            say=lambda line: click.echo(line),
        )
    )
