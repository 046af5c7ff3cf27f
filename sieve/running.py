# SPDX-License-Identifier: GPL-3.0-or-later
"""Several scripts one after the other, and what becomes of their decisions (RFC 5228, 2.10)."""

from __future__ import annotations

from collections.abc import Iterable

from sieve.actions import Action, Discard, Keep, Store
from sieve.delivery import Delivery
from sieve.errors import MailboxError, SieveError, SieveRuntimeError
from sieve.message import Message
from sieve.result import Result
from sieve.script import Script
from sieve.services import Actuator

INBOX = "INBOX"


def run_sequence(scripts: Iterable[Script], delivery: Delivery, actuator: Actuator) -> Result:
    """Each script as long as the message is kept so far, then all that they decided.

    An error of one ends the sequence; it is in `result.errors`, and the message is kept.
    """
    result = delivery.result
    for script in scripts:
        result.settled = len(result.actions)
        if not result.keeps:
            break
        try:
            script.run(delivery)
        except SieveRuntimeError as error:
            result.errors.append(error)
            break
    execute(result, delivery, actuator)
    return result


def execute(result: Result, delivery: Delivery, actuator: Actuator) -> bool:
    """Do what is decided and not done yet, then the implicit keep. False when something failed; see `result.errors`.

    What cannot be stored is kept.
    """
    performing = _Performing(result, delivery, actuator)
    failures = len(result.errors)
    while result.performed < len(result.actions):
        action = result.actions[result.performed]
        result.performed += 1
        performing.attempt(action)
    if result.implicit_keep:
        performing.keep(Keep())
    return len(result.errors) == failures


class _Performing:
    def __init__(self, result: Result, delivery: Delivery, actuator: Actuator) -> None:
        self._result = result
        self._delivery = delivery
        self._actuator = actuator

    def attempt(self, action: Action) -> None:
        """One action. A mailbox that does not take the message is an error, and the message is kept."""
        try:
            self._perform(action)
        except SieveError as error:
            self._result.errors.append(error)
            if isinstance(action, Store):
                self.keep(Keep(line=action.line, message=action.message, flags=action.flags))

    def keep(self, action: Keep) -> None:
        """Once, however often it was decided."""
        if self._result.kept:
            return
        self._result.kept = True
        try:
            self._store(INBOX, action.message, action.flags, create=False)
        except MailboxError as error:
            self._result.errors.append(error)

    def _perform(self, action: Action) -> None:
        match action:
            case Keep():
                self.keep(action)
            case Store():
                self._store(action.mailbox, action.message, action.flags, create=action.create)
                self._result.kept = self._result.kept or action.mailbox.upper() == INBOX
            case Discard():
                pass
            case _:
                # An action of somebody else's extension knows what it does.
                perform = getattr(action, "perform", None)
                if perform is not None:
                    perform(self._delivery, self._actuator)

    def _store(self, mailbox: str, message: Message | None, flags: tuple[str, ...] | None, *, create: bool) -> None:
        message = message or self._delivery.message
        self._actuator.store(mailbox, message.bytes(), message.flags if flags is None else flags, create)
