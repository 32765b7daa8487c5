from __future__ import annotations

from datetime import timedelta

import pytest

from actions.records import InviteRefused, NameTaken, Records, RecordsError, UnknownUser
from tests.records.conftest import Hands

WEEK = timedelta(days=7)


def test_an_account_comes_back_without_its_hash(records: Records) -> None:
    ana = records.create_user("Ana", "Ana B.", "instructor", "the hash")
    assert records.user(ana.id) == ana
    assert (ana.username, ana.role, ana.has_password, ana.is_active) == ("ana", "instructor", True, True)
    assert "the hash" not in repr(ana)
    assert records.password_hash(ana.id) == "the hash"


@pytest.mark.parametrize("typed", ["ana", " ANA ", "Ana", "\uff21na"])
def test_a_name_is_found_however_it_is_typed(records: Records, typed: str) -> None:
    ana = records.create_user("Ana", "Ana", "trainee", None)
    assert records.user_by_name(typed) == ana
    with pytest.raises(NameTaken, match="choose another"):
        records.create_user(typed, "Another", "trainee", None)


@pytest.mark.parametrize("name", ["", "a", "two words", "x" * 65, "a\0b", "<b>", "\ud83d\ud83d"])
def test_what_is_no_username(records: Records, name: str) -> None:
    with pytest.raises(RecordsError, match="2 to 64"):
        records.create_user(name, "Ana", "trainee", None)
    assert records.user_by_name(name) is None


def test_roles_are_checked(records: Records) -> None:
    with pytest.raises(RecordsError, match="trainee, instructor, admin"):
        records.create_user("ana", "Ana", "boss", None)


def test_a_guest_stays_a_trainee(records: Records) -> None:
    with pytest.raises(RecordsError):
        records.create_user("g1", "Guest", "admin", None, is_guest=True)
    guest = records.create_user("g1", "Guest", "trainee", None, is_guest=True)
    with pytest.raises(RecordsError, match="stays a trainee"):
        records.set_role(guest.id, "instructor")


def test_accounts_are_listed_by_name(records: Records) -> None:
    ben = records.create_user("ben", "Ben", "trainee", None)
    guest = records.create_user("guest-1", "Guest", "trainee", None, is_guest=True)
    ana = records.create_user("ana", "Ana", "admin", None)
    assert records.users() == (ana, ben, guest)
    assert records.users(is_guest=False) == (ana, ben)


def test_changes_to_an_account_that_is_gone(records: Records) -> None:
    for change in (records.deactivate, records.activate):
        with pytest.raises(UnknownUser):
            change("gone")
    assert not records.delete_user("gone")


def test_disabling_signs_out(records: Records) -> None:
    ana = records.create_user("ana", "Ana", "trainee", None)
    records.add_sign_in(ana.id, "token", WEEK)
    assert not records.deactivate(ana.id).is_active
    assert records.signed_in("token", WEEK) is None
    assert records.activate(ana.id).is_active
    assert records.signed_in("token", WEEK) is None


def test_a_used_sign_in_is_noted_once_a_minute(records: Records, clock: Hands) -> None:
    ana = records.create_user("ana", "Ana", "trainee", None)
    began = records.add_sign_in(ana.id, "token", WEEK).last_seen_at
    clock.wait(seconds=59)
    assert records.signed_in("token", WEEK).last_seen_at == began
    clock.wait(seconds=1)
    assert records.signed_in("token", WEEK).last_seen_at == "2026-03-01T09:31:00.000000+00:00"


def test_a_link_makes_one_account(records: Records) -> None:
    records.add_invite("hash", "instructor", WEEK, note="Pat")
    pat = records.redeem_invite("hash", "pat", "Pat", "pw")
    assert pat.role == "instructor"
    assert records.invites()[0].used_by == pat.id
    with pytest.raises(InviteRefused):
        records.redeem_invite("hash", "sam", "Sam", "pw")


def test_a_taken_name_leaves_the_link_usable(records: Records) -> None:
    records.create_user("pat", "Pat", "trainee", None)
    records.add_invite("hash", "trainee", WEEK)
    with pytest.raises(NameTaken):
        records.redeem_invite("hash", "pat", "Pat", "pw")
    assert records.redeem_invite("hash", "pat2", "Pat", "pw").username == "pat2"


def test_a_link_expires(records: Records, clock: Hands) -> None:
    records.add_invite("hash", "trainee", WEEK)
    clock.wait(days=7)
    assert records.usable_invite("hash") is None
    with pytest.raises(InviteRefused):
        records.redeem_invite("hash", "pat", "Pat", "pw")


def test_a_link_can_be_withdrawn(records: Records) -> None:
    row = records.add_invite("hash", "trainee", WEEK)
    assert records.remove_invite(row.id)
    assert not records.remove_invite(row.id)
    assert records.usable_invite("hash") is None


def test_an_invite_outlives_who_made_it(records: Records) -> None:
    ana = records.create_user("ana", "Ana", "instructor", None)
    records.add_invite("hash", "trainee", WEEK, created_by=ana.id)
    records.delete_user(ana.id)
    assert records.usable_invite("hash").created_by is None
