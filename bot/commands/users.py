"""`switchback users`: accounts and invites from the terminal, for whoever runs the machine."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict
from datetime import datetime

import click
from rich.console import Console
from rich.table import Table

from actions.records import Records, UserRow, open_records, upgrade
from actions.records.engine_events import forget_conversations
from actions.tables import ROLES
from bot import accounts
from bot.commands.refusals import plain_refusals
from bot.settings import load_settings

as_json = click.option("--json", "is_json", is_flag=True, help="Print JSON for programs.")
role_option = click.option(
    "--role",
    type=click.Choice(ROLES),
    default="trainee",
    show_default=True,
    help="Trainees practise; instructors also read every session; admins also manage accounts.",
)


@click.group(help="Accounts: who may sign in, and as what.")
def users() -> None:
    """Group the commands."""


@users.command("list")
@click.option("--guests", is_flag=True, help="Also list those who practised without an account.")
@as_json
def list_users(guests: bool, is_json: bool) -> None:
    """List the accounts."""
    with _opened() as records:
        found = records.users(is_guest=None if guests else False)
    if is_json:
        click.echo(json.dumps([asdict(user) for user in found], indent=2))
        return
    if not found:
        click.echo("There are no accounts yet. Make one with: switchback users invite --role instructor")
        return
    table = Table(box=None, pad_edge=False)
    for heading in ("username", "name", "role", "since", "last sign-in", ""):
        table.add_column(heading, overflow="fold")
    for user in found:
        table.add_row(
            user.username,
            user.display_name,
            "guest" if user.is_guest else user.role,
            _day(user.created_at),
            _day(user.last_sign_in_at),
            "" if user.is_active else "disabled",
        )
    # What people call themselves is no markup.
    Console(markup=False, highlight=False).print(table)


@users.command()
@click.argument("username")
@click.option("--name", "display_name", help="What others see; the username if left out.")
@role_option
@click.password_option(help="Asked for if left out; better so, because a command line can be read by others.")
@as_json
def add(username: str, display_name: str | None, role: str, password: str, is_json: bool) -> None:
    """Make an account with a password.

    To let people choose their own password, send them a link: switchback users invite.
    """
    with _opened() as records:
        user = accounts.add_user(records, username, display_name or username, role, password)
    _tell(user, f"{user.username} can sign in now, as {user.role}.", is_json)


@users.command()
@role_option
@click.option("--note", default="", help="Whom it is for; shown to instructors.")
@click.option("--base-url", help="Address at which people reach Switchback; this computer's if left out.")
@as_json
def invite(role: str, note: str, base_url: str | None, is_json: bool) -> None:
    """Make a link with which one person makes an account.

    It works once, for seven days, and is shown only now.
    """
    with _opened() as records:
        row, token = accounts.invite(records, role, note=note)
    settings = load_settings()
    link = accounts.invite_link(base_url or f"http://{settings.host}:{settings.port}", token)
    if is_json:
        click.echo(json.dumps({**asdict(row), "link": link}, indent=2))
        return
    click.echo(
        f"Send this link to the new {row.role}. It works once, until {_day(row.expires_at)}:\n\n  {link}\n"
    )


@users.command()
@click.argument("username")
@as_json
def disable(username: str, is_json: bool) -> None:
    """Shut an account; its sessions stay.

    Whoever is signed in with it is signed out at once.
    """
    with _opened() as records:
        user = records.deactivate(_named(records, username).id)
    _tell(user, f"{user.username} is signed out and cannot sign in.", is_json)


@users.command()
@click.argument("username")
@as_json
def enable(username: str, is_json: bool) -> None:
    """Open a disabled account again."""
    with _opened() as records:
        user = records.activate(_named(records, username).id)
    _tell(user, f"{user.username} can sign in again.", is_json)


@users.command("set-password")
@click.argument("username")
@click.password_option(help="Asked for if left out; better so, because a command line can be read by others.")
def set_password(username: str, password: str) -> None:
    """Give an account a new password and sign it out everywhere."""
    with _opened() as records:
        user = _named(records, username)
        accounts.change_password(records, user.id, password)
    click.echo(f"{user.username} has a new password and is signed out everywhere.")


@users.command()
@click.argument("username")
@click.option("--yes", is_flag=True, help="Do not ask.")
def delete(username: str, yes: bool) -> None:
    """Delete an account with all its sessions, for good.

    Backups made before still hold them; delete those too if nothing may be left.
    """
    with _opened() as records:
        user = _named(records, username)
        sessions = [session.id for session in records.sessions_of(user.id)]
        count = len(sessions)
        if not yes:
            click.echo(f"This deletes {user.display_name} with {_sessions(count)}. It cannot be undone.")
            if click.prompt("Type the username to go on", default="", show_default=False) != user.username:
                raise click.ClickException("That is another name; nothing was deleted.")
        # Rasa's copy first: should this be cut short, the account is still there to try again with.
        settings = load_settings()
        forget_conversations(settings.database_url, settings.home, sessions)
        records.delete_user(user.id)
    click.echo(f"{user.username} and {_sessions(count)} are deleted. Backups made before still hold them.")


@contextmanager
def _opened() -> Iterator[Records]:
    """Open the records; make their tables when this is the first command on a fresh clone."""
    with plain_refusals():
        url = load_settings().database_url
        upgrade(url)
        records = open_records(url)
        try:
            yield records
        finally:
            records.close()


def _named(records: Records, username: str) -> UserRow:
    user = records.user_by_name(username)
    if user is None:
        raise click.ClickException(f"There is no account {username}; `switchback users list` shows them.")
    return user


def _tell(user: UserRow, sentence: str, is_json: bool) -> None:
    click.echo(json.dumps(asdict(user), indent=2) if is_json else sentence)


def _day(moment: str | None) -> str:
    """Return a time in the machine's own zone, to the minute."""
    return "never" if moment is None else f"{datetime.fromisoformat(moment).astimezone():%Y-%m-%d %H:%M}"


def _sessions(count: int) -> str:
    return f"{count} practice session{'' if count == 1 else 's'}"
