# SPDX-License-Identifier: GPL-3.0-or-later
"""How each action is done: mail is stored, sent and refused by an actuator, and never lost."""

from __future__ import annotations

from sieve.actions import Action, Discard, Keep, Notify, Redirect, Reject, Store, Vacation
from sieve.answerable import why_unanswered
from sieve.delivery import Delivery
from sieve.errors import MailboxError, SieveError
from sieve.mailboxes import INBOX, canonical, has_use
from sieve.mailto import SCHEME as MAILTO
from sieve.message import Message
from sieve.notifying import methods, notification, scheme
from sieve.rejecting import letter_goes, rejection, reply_text
from sieve.result import Result, Traced
from sieve.sending import DAY, redirect_key, redirected, vacation_reply, why_not_redirected
from sieve.services import Actuator


class Performing:
    """Of what one result decided."""

    def __init__(self, result: Result, delivery: Delivery, actuator: Actuator) -> None:
        self._result = result
        self._delivery = delivery
        self._actuator = actuator
        self._tried = False

    def attempt(self, action: Action) -> None:
        """One action. When it fails that is an error, and a message that it should have taken care of is kept."""
        try:
            self._perform(action)
        except SieveError as error:
            self._result.errors.append(error)
            if not isinstance(action, Vacation | Notify):
                flags = action.flags if isinstance(action, Store) else None
                self.keep(Keep(flags, line=action.line, message=action.message))

    def keep(self, action: Keep | None = None) -> None:
        """Once, however often it was decided; when it fails it is tried again only by another `execute`."""
        if self._result.kept or self._tried:
            return
        self._tried = True
        action = action or Keep()
        try:
            self._store(INBOX, action.message, action.flags, create=False)
        except MailboxError as error:
            self._result.errors.append(error)
        else:
            self._result.kept = True

    def _perform(self, action: Action) -> None:
        match action:
            case Keep():
                self.keep(action)
            case Store():
                self._file(action)
            case Redirect():
                self._redirect(action)
            case Reject():
                self._reject(action)
            case Vacation():
                self._answer(action)
            case Notify():
                self._notify(action)
            case Discard():
                pass
            case _:
                # An action of somebody else's extension knows what it does.
                perform = getattr(action, "perform", None)
                if perform is not None:
                    perform(self._delivery, self._actuator)

    def _file(self, action: Store) -> None:
        mailbox = self._mailbox(action)
        if self._comes_again(mailbox) or (mailbox == INBOX and self._result.kept):
            return
        self._store(mailbox, action.message, action.flags, create=action.create)
        self._result.kept = self._result.kept or mailbox == INBOX

    def _comes_again(self, mailbox: str) -> bool:
        """A mailbox gets a message once (RFC 5228, 2.10.3), from the action whose flags count (RFC 5232, 3)."""
        later = self._result.actions[self._result.performed :]
        return any(isinstance(action, Store) and self._mailbox(action) == mailbox for action in later)

    def _mailbox(self, action: Store) -> str:
        """What it asks for by identifier (RFC 9042, 4) or use (RFC 8579, 4) if there is that, else its name."""
        mailboxes = self._delivery.services.mailboxes
        found: str | None = None
        if mailboxes is not None and action.mailbox_id is not None:
            found = mailboxes.by_id(action.mailbox_id)
        elif mailboxes is not None and action.special_use is not None:
            has_it = has_use(mailboxes, action.mailbox, action.special_use)
            found = None if has_it else mailboxes.special_use(action.special_use)
        return canonical(found or action.mailbox)

    def _store(self, mailbox: str, message: Message | None, flags: tuple[str, ...] | None, *, create: bool) -> None:
        message = message or self._delivery.message
        self._actuator.store(mailbox, message.bytes(), message.flags if flags is None else flags, create)

    def _redirect(self, action: Redirect) -> None:
        refusal = why_not_redirected(action, self._delivery)
        if refusal is not None:
            self._note(action, f"not redirected: {refusal}")
            self.keep(Keep(line=action.line, message=action.message))
            return
        key, duplicates = redirect_key(action, self._delivery), self._delivery.services.duplicates
        if key is not None and duplicates is not None and duplicates.seen(key, DAY, False):
            self._note(action, "not redirected: it has been sent there before")
            return
        sender, message = redirected(action, self._delivery)
        self._actuator.send(sender, [action.address], message)

    def _reject(self, action: Reject) -> None:
        # After an error the message is kept (RFC 5228, 2.10.6), and nobody is told that it was not.
        if self._result.implicit_keep:
            return
        text, sender = reply_text(action), self._delivery.envelope.sender
        if text is not None and self._actuator.refuse(text):
            return
        if sender and letter_goes(action, self._delivery):
            self._actuator.send(None, [sender], rejection(action, self._delivery))
        else:
            # RFC 5429, 2.1: when there is no letter, that is on record.
            self._note(action, "rejected without a letter")

    def _answer(self, action: Vacation) -> None:
        reply = vacation_reply(action, self._delivery)
        responses = self._delivery.services.responses
        if reply is None:
            self._note(action, f"not answered: {why_unanswered(action, self._delivery)}")
        # RFC 6131, 2: no seconds, no memory.
        elif responses is not None and action.seconds and responses.seen(reply.key, action.seconds):
            self._note(action, "not answered: it was answered lately")
        else:
            self._actuator.send(reply.sender, [reply.recipient], reply.message)
            self._copy(action.fcc, reply.message)

    def _notify(self, action: Notify) -> None:
        notify = methods(self._delivery.services).get(scheme(action.method))
        if scheme(action.method) != MAILTO and notify is not None:
            notify(action, self._delivery)
            return
        for sender, recipients, message in notification(action, self._delivery):
            self._actuator.send(sender, recipients, message)
            self._copy(action.fcc, message)

    def _copy(self, fcc: Store | None, message: bytes) -> None:
        """RFC 8580, 3: of what was sent."""
        if fcc is not None:
            self._actuator.store(self._mailbox(fcc), message, fcc.flags or (), fcc.create)

    def _note(self, action: Action, what: str) -> None:
        self._result.trace.append(Traced("", action.line, what))
