from __future__ import annotations

import json
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from actions.records import open_records
from bot import accounts
from bot.commands.backup import backup
from bot.commands.users import users
from bot.settings import load_settings
from tests.records.conftest import begin
from tests.records.test_backup import free_port

PASSWORD = "lamp river seven"

pytestmark = pytest.mark.usefixtures("quick_hash", "home")


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("SWITCHBACK_HOME", str(tmp_path))
    monkeypatch.delenv("DATABASE_URL", raising=False)
    for name in ("", "RASA_", "ACTIONS_"):
        monkeypatch.setenv(f"SWITCHBACK_{name}PORT", str(free_port()))
    return tmp_path


def run(group, *arguments: str, typed: str | None = None, code: int = 0) -> Result:
    result = CliRunner().invoke(group, arguments, input=typed)
    assert result.exit_code == code, result.output
    return result


def add(name: str = "ana", *options: str) -> Result:
    return run(users, "add", name, "--password", PASSWORD, *options)


def listed(*options: str) -> list[dict]:
    return json.loads(run(users, "list", "--json", *options).output)


@pytest.mark.parametrize("group", [users, backup])
def test_every_command_explains_itself(group) -> None:
    for name, command in group.commands.items():
        assert command.help, name
        assert "Usage" in run(group, name, "--help").output


def test_an_empty_list_says_how_to_begin() -> None:
    assert "switchback users invite" in run(users, "list").output


def test_a_password_is_asked_for_twice() -> None:
    run(users, "add", "ana", typed=f"{PASSWORD}\n{PASSWORD}\n")
    records = open_records(load_settings().database_url)
    assert accounts.sign_in(records, "ana", PASSWORD, "here").user.role == "trainee"
    records.close()


def test_people_read_a_table() -> None:
    add("ana", "--name", "Ana [b]B", "--role", "instructor")
    output = run(users, "list").output
    assert "Ana [b]B" in output
    assert "instructor" in output


def test_programs_read_json() -> None:
    add("ana", "--role", "admin")
    assert [(user["username"], user["role"]) for user in listed()] == [("ana", "admin")]


def test_guests_are_listed_on_request() -> None:
    add()
    records = open_records(load_settings().database_url)
    accounts.sign_in_guest(records)
    records.close()
    assert (len(listed()), len(listed("--guests"))) == (1, 2)


@pytest.mark.parametrize(
    "arguments, said",
    [
        (("add", "ana", "--password", PASSWORD), "is taken"),
        (("add", "ben", "--password", "short"), "at least 10"),
        (("add", "a b", "--password", PASSWORD), "2 to 64"),
        (("disable", "nobody"), "no account nobody"),
        (("set-password", "ana", "--password", "1234567890"), "guesser"),
    ],
)
def test_a_refusal_is_one_line(arguments: tuple[str, ...], said: str) -> None:
    add()
    output = run(users, *arguments, code=1).output
    assert said in output
    assert "Traceback" not in output


def test_an_invite_is_a_link_that_works() -> None:
    made = json.loads(
        run(users, "invite", "--role", "instructor", "--base-url", "http://h/", "--json").output
    )
    token = made["link"].removeprefix("http://h/invite/")
    records = open_records(load_settings().database_url)
    assert accounts.open_invite(records, token).role == "instructor"
    records.close()
    assert "works once" in run(users, "invite").output


def test_disabling_and_enabling() -> None:
    add()
    run(users, "disable", "ana")
    assert not listed()[0]["is_active"]
    assert "disabled" in run(users, "list").output
    run(users, "enable", "ana")
    assert listed()[0]["is_active"]


def test_setting_a_password() -> None:
    add()
    run(users, "set-password", "ana", typed="another lamp here\nanother lamp here\n")
    records = open_records(load_settings().database_url)
    assert accounts.sign_in(records, "ana", "another lamp here", "here")
    records.close()


def test_deleting_asks_for_the_name() -> None:
    add()
    records = open_records(load_settings().database_url)
    begin(records, "s1", user_id=records.user_by_name("ana").id)
    assert "1 practice session." in run(users, "delete", "ana", typed="yes\n", code=1).output
    assert len(listed()) == 1
    run(users, "delete", "ana", typed="ana\n")
    assert (listed(), records.session("s1")) == ([], None)
    records.close()


def test_a_backup_there_and_back() -> None:
    add("ana")
    run(backup, "create")
    add("ben")
    (made,) = json.loads(run(backup, "list", "--json").output)
    name = Path(made["file"]).name
    assert name[:30] in run(backup, "list").output
    assert "Aborted" in run(backup, "restore", name, typed="n\n", code=1).output
    assert len(listed()) == 2
    assert "1 account," in run(backup, "restore", name, typed="y\n").output
    assert [user["username"] for user in listed()] == ["ana"]


def test_a_backup_that_is_not_there() -> None:
    assert "no backups yet" in run(backup, "list").output
    assert "no records yet" in run(backup, "create", code=1).output
    assert "backup list" in run(backup, "restore", "gone.db", code=1).output


def test_a_setting_that_cannot_be_read(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SWITCHBACK_PORT", "many")
    assert "SWITCHBACK_PORT" in run(users, "list", code=1).output
