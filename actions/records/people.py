"""Accounts and sign-ins.

What belongs here is keeping; what a good password is and how long a sign-in lasts is decided in
`bot/accounts.py`. Secrets arrive here as hashes only.
"""

from __future__ import annotations

import re
import unicodedata
import uuid
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

import sqlalchemy as sa
from sqlalchemy.engine import Connection, Row

from actions.records.errors import NameTaken, RecordsError, UnknownUser
from actions.records.rows import SignInRow, UserRow
from actions.records.store import Store, is_storable, iso, storable
from actions.tables import ROLES, sign_ins, users

_USERNAME = re.compile(r"[\w.@+-]{2,64}")
_SEEN_EVERY = timedelta(minutes=1)


def normal_username(username: str) -> str:
    """Return a username as it is kept: one form for every way of typing it, so "Ana" is "ana".

    Raises:
        RecordsError: It cannot be a username.
    """
    name = unicodedata.normalize("NFKC", username).strip().casefold()
    if not _USERNAME.fullmatch(name):
        raise RecordsError("A username has 2 to 64 letters, digits or . _ - + @ and no spaces.")
    return name


def user_row(row: Row) -> UserRow:
    """Return a row of `users` as a plain value."""
    return UserRow(
        id=row.id,
        username=row.username,
        display_name=row.display_name,
        role=row.role,
        has_password=row.password_hash is not None,
        is_guest=row.is_guest,
        is_active=row.is_active,
        created_at=iso(row.created_at) or "",
        updated_at=iso(row.updated_at) or "",
        last_sign_in_at=iso(row.last_sign_in_at),
    )


class UserRecords(Store):
    """Accounts."""

    def create_user(
        self,
        username: str,
        display_name: str,
        role: str,
        password_hash: str | None,
        *,
        is_guest: bool = False,
    ) -> UserRow:
        """Add an account.

        Raises:
            NameTaken: Another account has this username.
            RecordsError: The username or the role is none.
        """
        return self._change(
            lambda tx: add_user_row(
                tx, self.clock(), username, display_name, role, password_hash, is_guest=is_guest
            )
        )

    def user(self, user_id: str) -> UserRow | None:
        """Return an account, or None."""
        if not is_storable(user_id):
            return None
        with self._look() as tx:
            return _find_user(tx, users.c.id == user_id)

    def user_by_name(self, username: str) -> UserRow | None:
        """Return the account with this username, however it is capitalized, or None."""
        try:
            name = normal_username(username)
        except RecordsError:
            return None  # what cannot be a username is nobody's
        with self._look() as tx:
            return _find_user(tx, users.c.username == name)

    def password_hash(self, user_id: str) -> str | None:
        """Return the hash of an account's password; None without account or password."""
        with self._look() as tx:
            query = sa.select(users.c.password_hash).where(users.c.id == user_id)
            return tx.execute(query).scalar_one_or_none()

    def users(self, *, is_guest: bool | None = None) -> tuple[UserRow, ...]:
        """Return all accounts by name; only guests or only others on request."""
        query = sa.select(users).order_by(users.c.username)
        if is_guest is not None:
            query = query.where(users.c.is_guest.is_(is_guest))
        with self._look() as tx:
            return tuple(user_row(row) for row in tx.execute(query))

    def set_password(
        self, user_id: str, password_hash: str, *, keep_sign_in: str | None = None, is_rehash: bool = False
    ) -> None:
        """Change a password and sign the person out everywhere.

        Args:
            keep_sign_in: Token hash of the one sign-in that stays.
            is_rehash: The password is the same, hashed anew; sign-ins stay.

        Raises:
            UnknownUser: There is no such account.
        """

        def work(tx: Connection) -> None:
            _update_user(tx, self.clock(), user_id, password_hash=password_hash)
            if not is_rehash:
                others = sign_ins.c.user_id == user_id
                if keep_sign_in is not None:
                    others = others & (sign_ins.c.token_hash != keep_sign_in)
                tx.execute(sign_ins.delete().where(others))

        self._change(work)

    def set_display_name(self, user_id: str, display_name: str) -> UserRow:
        """Change the name that others see.

        Raises:
            UnknownUser: There is no such account.
        """
        name = _display_name(display_name)
        return self._change(lambda tx: _update_user(tx, self.clock(), user_id, display_name=name))

    def set_role(self, user_id: str, role: str) -> UserRow:
        """Make an account a trainee, instructor or admin.

        Raises:
            UnknownUser: There is no such account.
            RecordsError: There is no such role, or the account is a guest's.
        """
        check_role(role)

        def work(tx: Connection) -> UserRow:
            found = _find_user(tx, users.c.id == user_id)
            if found is not None and found.is_guest and role != "trainee":
                raise RecordsError("A guest stays a trainee; invite the person to an account of their own.")
            return _update_user(tx, self.clock(), user_id, role=role)

        return self._change(work)

    def deactivate(self, user_id: str) -> UserRow:
        """Disable an account and sign it out everywhere; its sessions stay.

        Raises:
            UnknownUser: There is no such account.
        """

        def work(tx: Connection) -> UserRow:
            tx.execute(sign_ins.delete().where(sign_ins.c.user_id == user_id))
            return _update_user(tx, self.clock(), user_id, is_active=False)

        return self._change(work)

    def activate(self, user_id: str) -> UserRow:
        """Let a disabled account sign in again.

        Raises:
            UnknownUser: There is no such account.
        """
        return self._change(lambda tx: _update_user(tx, self.clock(), user_id, is_active=True))

    def delete_user(self, user_id: str) -> bool:
        """Delete an account with every session, message, assessment and sign-in of it, for good.

        Returns:
            False if there was none.
        """

        def work(tx: Connection) -> bool:
            return bool(tx.execute(users.delete().where(users.c.id == user_id)).rowcount)

        is_deleted = self._change(work)
        if is_deleted:
            self._wipe()
        return is_deleted

    def has_instructor(self) -> bool:
        """Say whether an instructor or admin exists."""
        with self._look() as tx:
            return has_instructor(tx)


class SignInRecords(Store):
    """Who is signed in."""

    def add_sign_in(self, user_id: str, token_hash: str, lifetime: timedelta) -> SignInRow:
        """Sign somebody in.

        Raises:
            UnknownUser: There is no such account, or it is disabled.
        """

        def work(tx: Connection) -> SignInRow:
            now = self.clock()
            user = _update_user(tx, now, user_id, is_touch=False, last_sign_in_at=now)
            if not user.is_active:
                raise UnknownUser("This account is disabled; ask your instructor.")
            tx.execute(sign_ins.delete().where(sign_ins.c.expires_at <= now))
            tx.execute(
                sign_ins.insert().values(
                    token_hash=token_hash,
                    user_id=user_id,
                    created_at=now,
                    last_seen_at=now,
                    expires_at=now + lifetime,
                )
            )
            text = iso(now) or ""
            return SignInRow(user, text, text, iso(now + lifetime) or "")

        return self._change(work)

    def signed_in(self, token_hash: str, idle: timedelta) -> SignInRow | None:
        """Return the sign-in behind a token if it still holds, and note that it was used.

        Args:
            idle: A sign-in that was not used for so long has ended.
        """
        query = (
            sa.select(
                users,
                sign_ins.c.created_at.label("signed_in_at"),
                sign_ins.c.last_seen_at,
                sign_ins.c.expires_at,
            )
            .join(sign_ins, sign_ins.c.user_id == users.c.id)
            .where(sign_ins.c.token_hash == token_hash, users.c.is_active.is_(True))
        )
        with self._look() as tx:
            row = tx.execute(query).one_or_none()
        now = self.clock()
        if row is None or row.expires_at <= now or row.last_seen_at + idle <= now:
            return None
        seen = SignInRow(
            user_row(row), iso(row.signed_in_at) or "", iso(row.last_seen_at) or "", iso(row.expires_at) or ""
        )
        if row.last_seen_at + _SEEN_EVERY > now:
            return seen  # a page makes many requests; one note a minute is enough

        def work(tx: Connection) -> None:
            mine = sign_ins.c.token_hash == token_hash
            tx.execute(sign_ins.update().where(mine).values(last_seen_at=now))

        self._change(work)
        return replace(seen, last_seen_at=iso(now) or "")

    def remove_sign_in(self, token_hash: str) -> None:
        """End one sign-in; nothing happens if it has ended already."""

        def work(tx: Connection) -> None:
            tx.execute(sign_ins.delete().where(sign_ins.c.token_hash == token_hash))

        self._change(work)

    def remove_sign_ins(self, user_id: str) -> int:
        """End all sign-ins of a person and return how many there were."""

        def work(tx: Connection) -> int:
            return int(tx.execute(sign_ins.delete().where(sign_ins.c.user_id == user_id)).rowcount)

        return self._change(work)


def has_instructor(tx: Connection) -> bool:
    """Say whether an instructor or admin exists, active or not."""
    query = sa.select(sa.exists().where(users.c.role.in_(("instructor", "admin"))))
    return bool(tx.execute(query).scalar_one())


def check_role(role: str) -> None:
    """Refuse what is no role."""
    if role not in ROLES:
        raise RecordsError(f"There is no role {role!r}; the roles are {', '.join(ROLES)}.")


def _display_name(name: str) -> str:
    kept = storable(name).strip()
    if not 1 <= len(kept) <= 100:
        raise RecordsError("A name has 1 to 100 characters.")
    return kept


def _find_user(tx: Connection, condition: Any) -> UserRow | None:
    row = tx.execute(sa.select(users).where(condition)).one_or_none()
    return None if row is None else user_row(row)


def add_user_row(
    tx: Connection,
    now: datetime,
    username: str,
    display_name: str,
    role: str,
    password_hash: str | None,
    *,
    is_guest: bool = False,
) -> UserRow:
    """Add an account in a transaction; raises as `UserRecords.create_user` does."""
    name = normal_username(username)
    check_role(role)
    if is_guest and role != "trainee":
        raise RecordsError("A guest is always a trainee.")
    if _find_user(tx, users.c.username == name) is not None:
        raise NameTaken(f"The username {name} is taken; choose another.")
    user_id = uuid.uuid4().hex
    tx.execute(
        users.insert().values(
            id=user_id,
            username=name,
            display_name=_display_name(display_name),
            role=role,
            password_hash=password_hash,
            is_guest=is_guest,
            is_active=True,
            created_at=now,
            updated_at=now,
        )
    )
    return _user(tx, user_id)


def _user(tx: Connection, user_id: str) -> UserRow:
    return user_row(tx.execute(sa.select(users).where(users.c.id == user_id)).one())


def _update_user(
    tx: Connection, now: datetime, user_id: str, *, is_touch: bool = True, **values: Any
) -> UserRow:
    """Change an account; `is_touch` also notes the time of the change."""
    if is_touch:
        values["updated_at"] = now
    if tx.execute(users.update().where(users.c.id == user_id).values(**values)).rowcount != 1:
        raise UnknownUser("There is no such account; it may have been deleted.")
    return _user(tx, user_id)
