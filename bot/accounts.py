"""Who may come in: passwords, sign-ins, invites, guests.

What is kept is in `actions/records`; what is decided is here. A token is 32 random bytes, known to one
browser or one link; the records hold its hash only, so that a copy of the database opens nothing.
"""

from __future__ import annotations

import hashlib
import secrets
import unicodedata
from datetime import timedelta
from functools import lru_cache
from pathlib import Path
from typing import NamedTuple

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError

from actions.records import (
    InviteRefused,
    InviteRow,
    NameTaken,
    Records,
    RecordsError,
    ThrottleRule,
    UnknownUser,
    UserRow,
    normal_username,
)

__all__ = [
    "AccountDisabled",
    "InviteRefused",
    "NameTaken",
    "PasswordRefused",
    "SignInRefused",
    "SignedIn",
    "TooManyTries",
    "WrongPassword",
    "add_user",
    "change_password",
    "check_password",
    "first_start_link",
    "invite",
    "invite_link",
    "open_invite",
    "redeem_invite",
    "sign_in",
    "sign_in_guest",
    "sign_out",
    "sign_out_everywhere",
    "who",
]

SHORTEST_PASSWORD = 10
LONGEST_PASSWORD = 1024

IDLE = timedelta(hours=12)
"""A sign-in that is not used for so long ends."""

LIFETIME = timedelta(days=7)
"""A sign-in ends after this, used or not."""

INVITE_LIFETIME = timedelta(days=7)

THROTTLE = {
    # Somebody who mistypes has five tries; then the wait is felt by a guesser long before a person.
    "name": ThrottleRule(
        free=5,
        first_wait=timedelta(seconds=15),
        longest_wait=timedelta(minutes=15),
        memory=timedelta(hours=24),
    ),
    # A whole classroom may share one address.
    "address": ThrottleRule(
        free=30,
        first_wait=timedelta(seconds=15),
        longest_wait=timedelta(minutes=15),
        memory=timedelta(hours=1),
    ),
}

_HASHER = PasswordHasher()
"""RFC 9106's low-memory choice: argon2id, 64 MiB, 3 passes; about 50 ms on a laptop."""


class SignedIn(NamedTuple):
    """Somebody who has come in, and the token for their browser."""

    user: UserRow
    token: str


class SignInRefused(RecordsError):
    """Nobody was signed in; the message is for the person who tried.

    Attributes:
        is_throttled: Too many tries; the password was not looked at.
        wait_seconds: How long to wait before the next try.
    """

    is_throttled = False
    wait_seconds = 0


class WrongPassword(SignInRefused):
    """Name and password do not belong together; which one is wrong is not said."""


class AccountDisabled(SignInRefused):
    """The password was right, but the account has been disabled."""


class TooManyTries(SignInRefused):
    """There were too many wrong passwords for this name or from this address."""

    is_throttled = True

    def __init__(self, wait: timedelta) -> None:
        """Say how long to wait."""
        self.wait_seconds = max(1, -int(-wait.total_seconds() // 1))
        super().__init__(f"Too many wrong passwords. Wait {_in_words(self.wait_seconds)}, then try again.")


class PasswordRefused(RecordsError):
    """The password is too easy to guess; the message says what to do."""


def sign_in(
    records: Records, username: str, password: str, address: str, *, hasher: PasswordHasher = _HASHER
) -> SignedIn:
    """Sign somebody in by name and password.

    An unknown name takes as long as a wrong password, and gets the same answer.

    Args:
        records: Where accounts are.
        username: As typed.
        password: As typed.
        address: Where the request came from; wrong passwords are counted by it too.
        hasher: Parameters of the hash. A password hashed with others is hashed anew on the way.

    Raises:
        WrongPassword: Name and password do not belong together.
        TooManyTries: There must be a wait first.
        AccountDisabled: The account has been disabled.
    """
    keys = {"name": _digest(_name_key(username)), "address": _digest(address)}
    wait = records.begin_try(keys, THROTTLE)
    if wait:
        raise TooManyTries(wait)
    user = records.user_by_name(username)
    known_hash = records.password_hash("" if user is None else user.id)
    stand_in = _nobodys_hash(hasher)  # made on the first call, whoever signs in
    is_right = _is_right(hasher, known_hash or stand_in, _normal(password))
    if user is None or known_hash is None or not is_right:
        raise WrongPassword("Name and password do not match. Check both and try again.")
    records.end_try(keys)
    if not user.is_active:
        raise AccountDisabled("This account is disabled. Ask your instructor to enable it.")
    if hasher.check_needs_rehash(known_hash):
        records.set_password(user.id, hasher.hash(_normal(password)), is_rehash=True)
    return _signed_in(records, user.id)


def who(records: Records, token: str) -> UserRow | None:
    """Return who holds this token, or None when the sign-in has ended."""
    found = records.signed_in(_digest(token), IDLE)
    return None if found is None else found.user


def sign_out(records: Records, token: str) -> None:
    """End the sign-in with this token; nothing happens if it has ended."""
    records.remove_sign_in(_digest(token))


def sign_out_everywhere(records: Records, user_id: str) -> int:
    """End all sign-ins of somebody and return how many there were."""
    return records.remove_sign_ins(user_id)


def sign_in_guest(records: Records) -> SignedIn:
    """Let somebody practise without an account; what they do belongs to a row of their own."""
    name = f"guest-{secrets.token_hex(8)}"
    guest = records.create_user(name, "Guest", "trainee", None, is_guest=True)
    return _signed_in(records, guest.id)


def add_user(
    records: Records,
    username: str,
    display_name: str,
    role: str,
    password: str,
    *,
    hasher: PasswordHasher = _HASHER,
) -> UserRow:
    """Make an account with a password.

    Raises:
        PasswordRefused: The password is too easy to guess.
        NameTaken: Another account has this username.
        RecordsError: The username or the role is none.
    """
    check_password(password, username)
    return records.create_user(username, display_name, role, hasher.hash(_normal(password)))


def change_password(
    records: Records,
    user_id: str,
    password: str,
    *,
    keep_token: str | None = None,
    hasher: PasswordHasher = _HASHER,
) -> None:
    """Set a new password and sign the person out everywhere, save in the browser with `keep_token`.

    Raises:
        PasswordRefused: The password is too easy to guess.
        UnknownUser: There is no such account.
        RecordsError: The account is a guest's.
    """
    user = records.user(user_id)
    if user is None:
        raise UnknownUser("There is no such account; it may have been deleted.")
    if user.is_guest:
        raise RecordsError("A guest has no password; invite the person to an account of their own.")
    check_password(password, user.username)
    kept = None if keep_token is None else _digest(keep_token)
    records.set_password(user_id, hasher.hash(_normal(password)), keep_sign_in=kept)


def invite(
    records: Records, role: str, *, created_by: str | None = None, note: str = ""
) -> tuple[InviteRow, str]:
    """Make a one-time invite; the second value is its token, which is shown once and kept nowhere.

    Raises:
        RecordsError: There is no such role.
    """
    token = secrets.token_urlsafe(32)
    row = records.add_invite(_digest(token), role, INVITE_LIFETIME, created_by=created_by, note=note)
    return row, token


def invite_link(base_url: str, token: str) -> str:
    """Return the link to send to whoever is invited."""
    return f"{base_url.rstrip('/')}/invite/{token}"


def open_invite(records: Records, token: str) -> InviteRow | None:
    """Return the invite behind a link while it can be used, or None."""
    return records.usable_invite(_digest(token))


def redeem_invite(
    records: Records,
    token: str,
    username: str,
    display_name: str,
    password: str,
    *,
    hasher: PasswordHasher = _HASHER,
) -> SignedIn:
    """Make the account that an invite promises and sign it in.

    Raises:
        InviteRefused: The link was used, has expired or never existed.
        PasswordRefused: The password is too easy to guess; the link stays usable.
        NameTaken: The username is taken; the link stays usable.
        RecordsError: The username or the name cannot be one; the link stays usable.
    """
    if open_invite(records, token) is None:  # before the costly hash, so that guessing links costs us little
        raise InviteRefused("This link has been used or has expired; ask for a new one.")
    check_password(password, username)
    hashed = hasher.hash(_normal(password))
    user = records.redeem_invite(_digest(token), username, display_name, hashed)
    return _signed_in(records, user.id)


def first_start_link(records: Records, base_url: str, *, role: str = "instructor") -> str | None:
    """Return a one-time link that makes the first instructor, or None as soon as there is one.

    Each call makes a new link and withdraws the one before; one that was not used when the first instructor
    appears is void.
    """
    token = secrets.token_urlsafe(32)
    row = records.add_first_start_invite(_digest(token), role, INVITE_LIFETIME)
    return None if row is None else invite_link(base_url, token)


def check_password(password: str, username: str) -> None:
    """Make sure that a password is hard to guess: long, not the name, not one that everybody tries first.

    No rules about digits or signs: they make passwords hard to remember and no harder to guess
    (NIST SP 800-63B, section 5.1.1.2).

    Raises:
        PasswordRefused: It is not; the message says what to do.
    """
    normal = _normal(password)
    if len(normal) < SHORTEST_PASSWORD:
        raise PasswordRefused(
            f"Use at least {SHORTEST_PASSWORD} characters."
            " Three or four words that do not belong together work well."
        )
    if len(normal) > LONGEST_PASSWORD:
        raise PasswordRefused(f"Use at most {LONGEST_PASSWORD} characters.")
    folded = normal.casefold().strip()
    name = _name_key(username)
    # Only the name itself, once or more, or with a little around it: "ana" may be part of a sentence.
    rest = folded.replace(name, "") if name else folded
    if name and name in folded and len(rest) < SHORTEST_PASSWORD // 2:
        raise PasswordRefused("Your username is known to others. Use a password that it is no part of.")
    if folded in _common_passwords() or len(set(folded)) < 3:
        raise PasswordRefused("This password is among the first that a guesser tries. Use one of your own.")


def _signed_in(records: Records, user_id: str) -> SignedIn:
    token = secrets.token_urlsafe(32)
    return SignedIn(records.add_sign_in(user_id, _digest(token), LIFETIME).user, token)


def _digest(secret: str) -> str:
    """Return the hash under which a token is kept; it is random and long, so a quick hash is enough."""
    return hashlib.sha256(secret.encode("utf-8", "surrogatepass")).hexdigest()


def _normal(password: str) -> str:
    """Return one form for every way in which a keyboard may compose the same characters."""
    return unicodedata.normalize("NFKC", password.encode("utf-8", "replace").decode())


def _name_key(username: str) -> str:
    """Return what wrong passwords for a name are counted by, also when there can be no such name."""
    try:
        return normal_username(username)
    except RecordsError:
        return username.strip().casefold()


def _is_right(hasher: PasswordHasher, known_hash: str, password: str) -> bool:
    try:
        return hasher.verify(known_hash, password)
    except (VerificationError, InvalidHashError):
        return False


@lru_cache(maxsize=4)
def _nobodys_hash(hasher: PasswordHasher) -> str:
    """Return a hash that no password fits, to spend as much time on an unknown name as on a known one."""
    return hasher.hash(secrets.token_urlsafe(32))


@lru_cache(maxsize=1)
def _common_passwords() -> frozenset[str]:
    text = (Path(__file__).parent / "common_passwords.txt").read_text("utf-8")
    return frozenset(line.strip() for line in text.splitlines() if line.strip() and not line.startswith("#"))


def _in_words(seconds: int) -> str:
    if seconds < 60:
        return f"{seconds} second{'' if seconds == 1 else 's'}"
    minutes = -(-seconds // 60)
    return f"{minutes} minute{'' if minutes == 1 else 's'}"
