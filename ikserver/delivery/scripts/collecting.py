# SPDX-License-Identifier: GPL-3.0-or-later
"""Writes down what scripts want, and does nothing of it."""

from __future__ import annotations

import unicodedata
from collections.abc import Collection, Sequence
from typing import NamedTuple

from sieve import MailboxError, Result
from sieve.actions import Action, Keep, Store

INBOX = "INBOX"


class Stored(NamedTuple):
    """For a mailbox. `action` is None for the implicit keep."""

    mailbox: str
    octets: bytes
    flags: Sequence[str]
    create: bool
    action: Action | None


class Sent(NamedTuple):
    """For somebody else; `sender` "" is the null one."""

    sender: str
    recipients: tuple[str, ...]
    octets: bytes
    action: Action


class Refusal(NamedTuple):
    """For the dialogue of SMTP."""

    reason: str
    action: Action


class Collecting:
    """Implements `sieve.services.Actuator`. `default` is the mailbox of what is kept; `refusable`: somebody still waits
    to hear whether the message is taken."""

    def __init__(self, result: Result, mailboxes: Collection[str], *, refusable: bool) -> None:
        self.default = INBOX
        self.stored: list[Stored] = []
        self.sent: list[Sent] = []
        self.refusal: Refusal | None = None
        self._result = result
        self._mailboxes = mailboxes
        self._refusable = refusable
        self._stored_by = 0

    def store(self, mailbox: str, message: bytes, flags: Sequence[str], create: bool) -> None:
        """Raises MailboxError for one that is not there."""
        action = self._storing(message)
        name = unicodedata.normalize("NFC", mailbox)
        if name.upper() == INBOX:
            name = self.default if action is None or isinstance(action, Keep) else INBOX
        elif name not in self._mailboxes and not create:
            raise MailboxError(f"there is no folder {mailbox}")
        self.stored.append(Stored(name, message, flags, create, action))

    def send(self, sender: str | None, recipients: Sequence[str], message: bytes) -> None:
        self.sent.append(Sent(sender or "", tuple(recipients), message, self._current()))

    def refuse(self, reason: str) -> bool:
        if self._refusable:
            self.refusal = Refusal(reason, self._current())
        return self._refusable

    def _current(self) -> Action:
        """The engine has counted it already."""
        return self._result.actions[self._result.performed - 1]

    def _storing(self, message: bytes) -> Action | None:
        """Whoever stores: an action stores once, and what comes behind the last one is the implicit keep."""
        number, action = self._result.performed, self._current() if self._result.performed else None
        first, self._stored_by = number > self._stored_by, number
        if isinstance(action, Keep | Store):
            return action if first else None
        # RFC 8580: a copy of what the action has just sent.
        is_copy = bool(self.sent) and self.sent[-1].action is action and self.sent[-1].octets == message
        return action if is_copy else None
