# SPDX-License-Identifier: GPL-3.0-or-later
"""Refusals with their response codes (RFC 5530, 3; RFC 9051, 7.1), and what the errors of other layers become."""

from __future__ import annotations

from ikserver.accounts.api import LoginDisabled, LoginLocked, LoginRefused
from ikserver.store.api.errors import CannotChange, MailboxExists, NoRoom, NoSuchMailbox, OverQuota, StoreError
from protocols.imap.errors import BadCommand, ImapError
from protocols.sasl import Cancelled, Malformed, SaslError


class Refused(ImapError):
    """NO with a response code, or none."""

    def __init__(self, text: str, code: str | None = None) -> None:
        super().__init__(text)
        self.code = code


class WrongState(BadCommand):
    """The command is not for this state of the session (RFC 9051, 3)."""


class HangUp(BadCommand):
    """After this refusal the connection ends."""


CODES: dict[type[Exception], str | None] = {
    NoSuchMailbox: "NONEXISTENT",
    MailboxExists: "ALREADYEXISTS",
    CannotChange: "CANNOT",
    OverQuota: "OVERQUOTA",
    # RFC 5530, 3: a failure that passes. OVERQUOTA would ask people to remove mail, which is of no use.
    NoRoom: "UNAVAILABLE",
    LoginLocked: "UNAVAILABLE",
    LoginDisabled: "CONTACTADMIN",
    LoginRefused: "AUTHENTICATIONFAILED",
    SaslError: None,
    StoreError: "SERVERBUG",
}
"""The first class that fits counts."""


def refusal(error: Exception) -> ImapError | None:
    """The refusal that a client hears for `error`; None when the error is no refusal but a fault of ours."""
    match error:
        case ImapError():
            return error
        case Malformed() | Cancelled():
            return BadCommand(str(error))
    for kind, code in CODES.items():
        if isinstance(error, kind):
            return Refused(str(error) or "refused", code)
    return None
