from __future__ import annotations

from datetime import timedelta

import pytest
from argon2 import PasswordHasher

from actions.records import Records, RecordsError
from bot import accounts
from tests.records.conftest import Hands

PASSWORD = "lamp river seven"
HERE = "192.0.2.7"

pytestmark = pytest.mark.usefixtures("quick_hash")


@pytest.fixture
def ana(records: Records):
    return accounts.add_user(records, "ana", "Ana", "trainee", PASSWORD)


def fail(records: Records, times: int, name: str = "ana", address: str = HERE) -> None:
    for _ in range(times):
        with pytest.raises(accounts.WrongPassword):
            accounts.sign_in(records, name, "not the password", address)


def test_signing_in_and_out(records: Records, ana) -> None:
    user, token = accounts.sign_in(records, "Ana", PASSWORD, HERE)
    assert user.id == ana.id
    assert accounts.who(records, token) == user
    accounts.sign_out(records, token)
    assert accounts.who(records, token) is None


def test_the_token_itself_is_not_kept(records: Records, ana) -> None:
    token = accounts.sign_in(records, "ana", PASSWORD, HERE).token
    assert records.signed_in(token, timedelta(days=1)) is None


def test_a_wrong_name_sounds_like_a_wrong_password(records: Records, ana) -> None:
    said = set()
    for name, password in (("ana", "wrong password"), ("nobody", PASSWORD), ("a b", PASSWORD), ("", "")):
        with pytest.raises(accounts.WrongPassword) as refused:
            accounts.sign_in(records, name, password, HERE)
        said.add(str(refused.value))
    assert len(said) == 1


def test_an_unknown_name_costs_a_hash_too(records: Records, ana, hasher, monkeypatch) -> None:
    checked = []
    real = PasswordHasher.verify
    monkeypatch.setattr(PasswordHasher, "verify", lambda self, *a: checked.append(a[0]) or real(self, *a))
    fail(records, 1, "ana")
    fail(records, 1, "nobody")
    assert len(checked) == 2
    assert [text.split("$")[:4] for text in checked][0] == checked[1].split("$")[:4]


def test_a_guest_cannot_be_signed_in_to(records: Records) -> None:
    guest, token = accounts.sign_in_guest(records)
    assert accounts.who(records, token) == guest
    assert (guest.role, guest.is_guest) == ("trainee", True)
    fail(records, 1, guest.username)
    with pytest.raises(RecordsError, match="no password"):
        accounts.change_password(records, guest.id, PASSWORD)


def test_two_guests_are_two_people(records: Records) -> None:
    assert accounts.sign_in_guest(records).user.id != accounts.sign_in_guest(records).user.id


def test_a_disabled_account_is_told_so_only_with_its_password(records: Records, ana) -> None:
    records.deactivate(ana.id)
    with pytest.raises(accounts.AccountDisabled, match="Ask your instructor"):
        accounts.sign_in(records, "ana", PASSWORD, HERE)
    fail(records, 1)


def test_a_sign_in_ends_when_it_is_not_used(records: Records, ana, clock: Hands) -> None:
    token = accounts.sign_in(records, "ana", PASSWORD, HERE).token
    clock.wait(hours=11, minutes=59)
    assert accounts.who(records, token)
    clock.wait(hours=12)
    assert accounts.who(records, token) is None


def test_a_sign_in_ends_after_a_week_however_much_it_is_used(records: Records, ana, clock: Hands) -> None:
    token = accounts.sign_in(records, "ana", PASSWORD, HERE).token
    for _ in range(13):
        clock.wait(hours=11)
        assert accounts.who(records, token)
    clock.wait(days=1, hours=2)
    assert accounts.who(records, token) is None


def test_old_sign_ins_are_swept_up(records: Records, ana, clock: Hands) -> None:
    accounts.sign_in(records, "ana", PASSWORD, HERE)
    clock.wait(days=8)
    accounts.sign_in(records, "ana", PASSWORD, HERE)
    assert accounts.sign_out_everywhere(records, ana.id) == 1


def test_after_five_wrong_ones_there_is_a_growing_wait(records: Records, ana, clock: Hands) -> None:
    fail(records, 6)
    waits = []
    for _ in range(8):
        with pytest.raises(accounts.TooManyTries) as refused:
            accounts.sign_in(records, "ana", PASSWORD, HERE)
        waits.append(refused.value.wait_seconds)
        clock.wait(seconds=waits[-1])
        fail(records, 1)
    assert waits == [15, 30, 60, 120, 240, 480, 900, 900]
    assert refused.value.is_throttled
    assert "Wait 15 minutes" in str(refused.value)


def test_a_try_during_the_wait_does_not_make_it_longer(records: Records, ana, clock: Hands) -> None:
    fail(records, 6)
    for _ in range(20):
        with pytest.raises(accounts.TooManyTries):
            accounts.sign_in(records, "ana", "guess", HERE)
    clock.wait(seconds=15)
    assert accounts.sign_in(records, "ana", PASSWORD, HERE).user.id == ana.id


def test_the_right_password_clears_the_count(records: Records, ana) -> None:
    for _ in range(3):
        fail(records, 5)
        accounts.sign_in(records, "ana", PASSWORD, HERE)


def test_names_that_do_not_exist_are_throttled_alike(records: Records) -> None:
    fail(records, 6, "nobody")
    with pytest.raises(accounts.TooManyTries):
        accounts.sign_in(records, " NOBODY", PASSWORD, "192.0.2.8")


def test_an_address_is_throttled_over_many_names(records: Records, ana) -> None:
    for number in range(31):
        fail(records, 1, f"name{number}")
    with pytest.raises(accounts.TooManyTries):
        accounts.sign_in(records, "ana", PASSWORD, HERE)
    assert accounts.sign_in(records, "ana", PASSWORD, "192.0.2.8")


def test_own_sign_ins_do_not_clear_an_address(records: Records, ana) -> None:
    for number in range(30):
        fail(records, 1, f"name{number}")
        accounts.sign_in(records, "ana", PASSWORD, HERE)
    fail(records, 1, "name30")
    with pytest.raises(accounts.TooManyTries):
        accounts.sign_in(records, "ana", PASSWORD, HERE)


def test_wrong_tries_are_forgotten_in_time(records: Records, ana, clock: Hands) -> None:
    fail(records, 5)
    clock.wait(hours=24)
    fail(records, 5)


def test_a_password_is_hashed_anew_when_the_parameters_change(records: Records, ana, hasher) -> None:
    before = records.password_hash(ana.id)
    stronger = PasswordHasher(time_cost=2, memory_cost=16, parallelism=1)
    token = accounts.sign_in(records, "ana", PASSWORD, HERE, hasher=hasher).token
    assert records.password_hash(ana.id) == before
    accounts.sign_in(records, "ana", PASSWORD, HERE, hasher=stronger)
    assert "m=16,t=2" in records.password_hash(ana.id)
    assert accounts.who(records, token)


def test_a_new_password_signs_out_all_but_this_browser(records: Records, ana) -> None:
    here = accounts.sign_in(records, "ana", PASSWORD, HERE).token
    elsewhere = accounts.sign_in(records, "ana", PASSWORD, HERE).token
    accounts.change_password(records, ana.id, "quite another one", keep_token=here)
    assert accounts.who(records, here)
    assert accounts.who(records, elsewhere) is None
    fail(records, 0)
    assert accounts.sign_in(records, "ana", "quite another one", HERE)


def test_one_password_on_two_keyboards(records: Records) -> None:
    accounts.add_user(records, "ana", "Ana", "trainee", "caf\u00e9 caf\u00e9 caf\u00e9")
    assert accounts.sign_in(records, "ana", "cafe\u0301 cafe\u0301 cafe\u0301", HERE)


@pytest.mark.parametrize(
    "password, hint",
    [
        ("short", "at least 10"),
        ("x" * 1025, "at most 1024"),
        ("1234567890", "first that a guesser"),
        ("PassWord123", "first that a guesser"),
        ("abababababab", "first that a guesser"),
        ("annabella", "at least 10"),
        ("annabella1", "username"),
        ("ANNABELLA annabella", "username"),
    ],
)
def test_passwords_that_are_refused(password: str, hint: str) -> None:
    with pytest.raises(accounts.PasswordRefused, match=hint):
        accounts.check_password(password, "Annabella")


@pytest.mark.parametrize("password", ["annabella likes long walks", "seven blue chairs", "ääääööööüü"])
def test_passwords_that_are_taken(password: str) -> None:
    accounts.check_password(password, "Annabella")


def test_an_invite_makes_an_account_and_signs_it_in(records: Records) -> None:
    row, token = accounts.invite(records, "instructor", note="Pat")
    assert accounts.open_invite(records, token) == row
    assert accounts.invite_link("http://host:8000/", token) == f"http://host:8000/invite/{token}"
    pat, signed_in = accounts.redeem_invite(records, token, "pat", "Pat", PASSWORD)
    assert (pat.role, accounts.who(records, signed_in)) == ("instructor", pat)
    with pytest.raises(accounts.InviteRefused):
        accounts.redeem_invite(records, token, "sam", "Sam", PASSWORD)


def test_a_poor_password_leaves_the_invite_usable(records: Records) -> None:
    token = accounts.invite(records, "trainee")[1]
    with pytest.raises(accounts.PasswordRefused):
        accounts.redeem_invite(records, token, "pat", "Pat", "1234567890")
    assert accounts.redeem_invite(records, token, "pat", "Pat", PASSWORD)


def token_of(link: str | None) -> str:
    assert link is not None
    return link.rsplit("/", 1)[1]


def test_the_first_start_makes_the_first_instructor(records: Records) -> None:
    link = accounts.first_start_link(records, "http://127.0.0.1:8000")
    pat = accounts.redeem_invite(records, token_of(link), "pat", "Pat", PASSWORD).user
    assert pat.role == "instructor"
    assert accounts.first_start_link(records, "http://127.0.0.1:8000") is None


def test_a_second_start_voids_the_first_link(records: Records) -> None:
    old = accounts.first_start_link(records, "http://h")
    new = accounts.first_start_link(records, "http://h")
    assert accounts.open_invite(records, token_of(old)) is None
    assert accounts.open_invite(records, token_of(new))


def test_the_first_start_link_is_void_once_there_is_an_instructor(records: Records) -> None:
    link = accounts.first_start_link(records, "http://h")
    accounts.add_user(records, "pat", "Pat", "admin", PASSWORD)
    with pytest.raises(accounts.InviteRefused):
        accounts.redeem_invite(records, token_of(link), "eve", "Eve", PASSWORD)
