"""One-time links with which one person makes one account."""

from __future__ import annotations

import uuid
from datetime import datetime, timedelta

import sqlalchemy as sa
from sqlalchemy.engine import Connection, Row

from actions.records.errors import InviteRefused
from actions.records.people import add_user_row, check_role, has_instructor
from actions.records.rows import InviteRow, UserRow
from actions.records.store import Store, iso, storable
from actions.tables import invites


def invite_row(row: Row) -> InviteRow:
    """Return a row of `invites` as a plain value."""
    return InviteRow(
        id=row.id,
        role=row.role,
        note=row.note,
        is_first_start=row.is_first_start,
        created_by=row.created_by,
        used_by=row.used_by,
        created_at=iso(row.created_at) or "",
        expires_at=iso(row.expires_at) or "",
        used_at=iso(row.used_at),
    )


class InviteRecords(Store):
    """One-time links."""

    def add_invite(
        self,
        token_hash: str,
        role: str,
        lifetime: timedelta,
        *,
        created_by: str | None = None,
        note: str = "",
    ) -> InviteRow:
        """Keep a link that makes an account.

        Raises:
            RecordsError: There is no such role.
        """
        check_role(role)
        return self._change(
            lambda tx: _add_invite(tx, self.clock(), token_hash, role, lifetime, created_by, note, False)
        )

    def add_first_start_invite(self, token_hash: str, role: str, lifetime: timedelta) -> InviteRow | None:
        """Keep the link that makes the first instructor, in place of earlier ones; None if there is one."""
        check_role(role)

        def work(tx: Connection) -> InviteRow | None:
            if has_instructor(tx):
                return None
            tx.execute(
                invites.delete().where(invites.c.is_first_start.is_(True), invites.c.used_at.is_(None))
            )
            return _add_invite(tx, self.clock(), token_hash, role, lifetime, None, "first start", True)

        return self._change(work)

    def usable_invite(self, token_hash: str) -> InviteRow | None:
        """Return the invite behind a link while it can be used, or None."""
        with self._look() as tx:
            return _usable_invite(tx, token_hash, self.clock())

    def redeem_invite(self, token_hash: str, username: str, display_name: str, password_hash: str) -> UserRow:
        """Make the account that a link promises. Of several who come at once, one gets it.

        Raises:
            InviteRefused: The link was used, has expired or never existed.
            NameTaken: The username is taken; the link stays usable.
        """

        def work(tx: Connection) -> UserRow:
            now = self.clock()
            invite = _usable_invite(tx, token_hash, now)
            if invite is None:
                raise InviteRefused("This link has been used or has expired; ask for a new one.")
            # The row changes only if nobody else has used it since; a second process waits here and gets 0.
            free = (invites.c.id == invite.id) & invites.c.used_at.is_(None)
            if tx.execute(invites.update().where(free).values(used_at=now)).rowcount != 1:
                raise InviteRefused("This link has just been used; ask for a new one.")
            user = add_user_row(tx, now, username, display_name, invite.role, password_hash)
            tx.execute(invites.update().where(invites.c.id == invite.id).values(used_by=user.id))
            return user

        return self._change(work)

    def invites(self) -> tuple[InviteRow, ...]:
        """Return all invites, newest first."""
        with self._look() as tx:
            query = sa.select(invites).order_by(invites.c.created_at.desc(), invites.c.id)
            return tuple(invite_row(row) for row in tx.execute(query))

    def remove_invite(self, invite_id: str) -> bool:
        """Withdraw a link; False if there is none."""
        return self._change(
            lambda tx: bool(tx.execute(invites.delete().where(invites.c.id == invite_id)).rowcount)
        )


def _usable_invite(tx: Connection, token_hash: str, now: datetime) -> InviteRow | None:
    query = sa.select(invites).where(
        invites.c.token_hash == token_hash, invites.c.used_at.is_(None), invites.c.expires_at > now
    )
    row = tx.execute(query).one_or_none()
    if row is None or (row.is_first_start and has_instructor(tx)):
        return None
    return invite_row(row)


def _add_invite(
    tx: Connection,
    now: datetime,
    token_hash: str,
    role: str,
    lifetime: timedelta,
    created_by: str | None,
    note: str,
    is_first_start: bool,
) -> InviteRow:
    invite_id = uuid.uuid4().hex
    tx.execute(
        invites.insert().values(
            id=invite_id,
            token_hash=token_hash,
            role=role,
            note=storable(note)[:200],
            is_first_start=is_first_start,
            created_by=created_by,
            created_at=now,
            expires_at=now + lifetime,
        )
    )
    return invite_row(tx.execute(sa.select(invites).where(invites.c.id == invite_id)).one())
