# SPDX-License-Identifier: GPL-3.0-or-later
"""Refusals with their response codes (RFC 5804, 1.3), and what the errors of other layers become."""

from __future__ import annotations

from ikserver.accounts.api import LoginLocked, LoginRefused
from ikserver.store.api.errors import (
    NoRoom,
    NoSuchScript,
    OverQuota,
    ScriptActive,
    ScriptExists,
    ScriptTooLarge,
    StoreError,
    TooManyScripts,
)
from protocols.managesieve.errors import BadCommand, ManageSieveError
from protocols.sasl import SaslError


class Refused(ManageSieveError):
    """NO with a response code, or none."""

    def __init__(self, text: str, code: str | None = None) -> None:
        super().__init__(text)
        self.code = code


class WrongState(BadCommand):
    """The command is not for this state of the session (RFC 5804, 2)."""


class HangUp(BadCommand):
    """After this refusal the connection ends."""


CODES: dict[type[Exception], str | None] = {
    NoSuchScript: "NONEXISTENT",
    ScriptExists: "ALREADYEXISTS",
    ScriptActive: "ACTIVE",
    TooManyScripts: "QUOTA/MAXSCRIPTS",
    ScriptTooLarge: "QUOTA/MAXSIZE",
    OverQuota: "QUOTA",
    NoRoom: "TRYLATER",
    LoginLocked: "TRYLATER",
    LoginRefused: None,
    SaslError: None,
    StoreError: None,
}
"""The first class that fits counts."""


def refusal(error: Exception) -> ManageSieveError | None:
    """The refusal that a client hears for `error`; None when the error is no refusal but a fault of ours."""
    if isinstance(error, ManageSieveError):
        return error
    for kind, code in CODES.items():
        if isinstance(error, kind):
            return Refused(str(error) or "refused", code)
    return None
