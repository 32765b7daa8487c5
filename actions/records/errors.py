"""What can go wrong with the records, in words for the person who meets it.

Nothing outside `actions/records/` needs to know SQLAlchemy's exceptions.
"""

from __future__ import annotations


class RecordsError(Exception):
    """The records could not do what was asked; the message says why and what to do."""


class RecordsUnavailable(RecordsError):
    """The database cannot be reached, is busy or is full; nothing was kept, trying again is safe."""


class SchemaOutOfDate(RecordsError):
    """The database does not have the tables that this version of Switchback needs."""


class MessageConflict(RecordsError):
    """The id of a message is taken by another message of the session."""


class SessionConflict(RecordsError):
    """The id of a session is taken by a session of another trainee or scenario."""


class UnknownSession(RecordsError):
    """There is no such practice session (any more)."""


class UnknownMessage(RecordsError):
    """There is no such message in the session."""


class UnknownUser(RecordsError):
    """There is no such account (any more)."""


class NameTaken(RecordsError):
    """Another account has this username."""


class InviteRefused(RecordsError):
    """The link was used, has expired, or never existed."""
