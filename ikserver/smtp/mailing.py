# SPDX-License-Identifier: GPL-3.0-or-later
"""The verbs that carry a message: MAIL, RCPT, DATA, BDAT, RSET (RFC 5321, 3.3; RFC 3030, 2)."""

from __future__ import annotations

import asyncio
import re
from collections.abc import Callable, Sequence

from ikserver.delivery.envelope import Recipient
from ikserver.model.activity import Event
from ikserver.smtp import allowance
from ikserver.smtp.acceptance import accept
from ikserver.smtp.arrival import Arrival
from ikserver.smtp.engine import Engine
from ikserver.smtp.intake import Intake, skip_chunk, take_chunk, take_data
from ikserver.smtp.limits import SmtpBackend, SmtpLimits
from ikserver.smtp.paths import recipient_path, reverse_path
from ikserver.smtp.refusals import refused_message, refused_recipient
from ikserver.smtp.role import RecipientRefused, Role
from ikserver.smtp.session import Transaction
from ikserver.smtp.spool import Spool
from protocols.smtp import replies
from protocols.smtp.parameters import MailParameters, mail_parameters, recipient_parameters
from protocols.smtp.replies import Refused, Reply

_CHUNK = re.compile(r"([0-9]{1,20})(?: +(LAST))?", re.IGNORECASE)


class Mailing(Engine):
    """A session that can carry messages, one after the other."""

    def __init__(
        self,
        role: Role,
        backend: SmtpBackend,
        limits: SmtpLimits,
        *,
        secure: bool,
        peer: str | None,
        opened: Callable[[Engine], Reply | None],
        ended: Callable[[Engine], None],
    ) -> None:
        super().__init__(backend.hostname, role.greeting, limits, secure=secure, peer=peer, opened=opened, ended=ended)
        self.role = role
        self.backend = backend
        self._arrival: Arrival | None = None
        self._refused_recipients = 0

    async def smtp_MAIL(self, arg: str | None) -> None:
        """RFC 5321, 4.1.1.2."""
        if not self.client.host_name:
            raise Refused(replies.HELLO_FIRST)
        if self.mail.begun:
            raise Refused(replies.NESTED_MAIL)
        path, rest = reverse_path(arg)
        parameters = mail_parameters(rest, authenticating=self.role.authenticates)
        if not parameters.smtputf8 and not (arg or "").isascii():
            raise Refused(replies.UTF8_NOT_ASKED)
        if parameters.require_tls and not self.client.secure:
            raise Refused(replies.TLS_NEEDED)
        if parameters.size > self.limits.message_size:
            raise Refused(replies.TOO_LARGE)
        if parameters.hold:
            await self._check_hold(parameters)
        sender = str(path) if path is not None else ""
        await self.role.check_sender(self.backend.router, self.client.login, sender)
        self.mail = Transaction(True, sender, parameters)
        self.reply(replies.SENDER_OK)

    async def smtp_RCPT(self, arg: str | None) -> None:
        """RFC 5321, 4.1.1.3."""
        if not self.mail.begun:
            raise Refused(replies.MAIL_FIRST)
        if self.mail.intake is not None:
            raise Refused(replies.NOT_IN_BDAT)
        if len(self.mail.recipients) >= self.limits.recipients:
            # RFC 5321, 4.5.3.1.10: no error; the client sends the message again to the others.
            self.write(replies.TOO_MANY_RECIPIENTS)
            return
        path, rest = recipient_path(arg, self.backend.domain)
        recipient = str(path)
        parameters = recipient_parameters(rest)
        if not self.mail.parameters.smtputf8 and not (arg or "").isascii():
            raise Refused(replies.UTF8_NOT_ASKED)
        route = await self.backend.router.route(recipient, self.mail.parameters.size)
        try:
            await allowance.check(self.backend.allowance, self.client.login, len(self.mail.recipients) + 1)
            accepted = Recipient(recipient, self.role.check_recipient(route), parameters.notify, parameters.orcpt)
        except RecipientRefused as refused:
            now = int(self.backend.clock() * 1000)
            self._note(refused_recipient(self.client, self.mail.sender, recipient, route, refused.reply, now))
            await self._refuse_recipient(recipient, refused.reply)
        else:
            if self.client.login is None and _must_be_alone(self.mail.recipients, accepted):
                # Only so can its spam be refused, and nobody else's.
                self.write(replies.TOO_MANY_RECIPIENTS)
                return
            self.mail.recipients.append(accepted)
            self.reply(replies.RECIPIENT_OK)

    async def smtp_DATA(self, arg: str | None) -> None:
        """RFC 5321, 4.1.1.4."""
        if arg:
            raise Refused(replies.BAD_SYNTAX)
        self._check_recipients()
        if self.mail.intake is not None:
            raise Refused(replies.NOT_IN_BDAT)
        if self.mail.parameters.body == "BINARYMIME":
            raise Refused(replies.BINARY_NEEDS_BDAT)
        arrival, intake = self._begin()
        self.write(replies.SEND_DATA)
        await take_data(self.wire, intake)
        await self._finish(arrival, intake)

    async def smtp_BDAT(self, arg: str | None) -> None:
        """RFC 3030, 2. The octets follow at once, whatever is answered."""
        chunk = _CHUNK.fullmatch(arg or "")
        if chunk is None:
            raise Refused(replies.BAD_SYNTAX)
        size = int(chunk[1])
        try:
            self._check_recipients()
        except Refused:
            await skip_chunk(self.wire, size)
            raise
        arrival, intake = self._begin()
        await take_chunk(self.wire, intake, size)
        if chunk[2]:
            await self._finish(arrival, intake)
        elif intake.problem is not None:
            raise intake.problem
        else:
            self.reply(replies.chunk_received(size))

    async def smtp_RSET(self, arg: str | None) -> None:
        if arg:
            raise Refused(replies.BAD_SYNTAX)
        self.new_transaction()
        self.reply(replies.OK)

    async def _refuse_recipient(self, address: str, reply: Reply) -> None:
        """Dead members of lists are no errors, until they look like guesses at addresses."""
        self._refused_recipients += 1
        self.log("recipient-refused", recipient=address, sender=self.mail.sender, reply=str(reply))
        if self._refused_recipients >= self.limits.refused_recipients:
            self.hang_up(replies.TOO_MANY_ERRORS)
            return
        await asyncio.sleep(self.limits.tarpit * (self._refused_recipients > self.limits.refused_recipients // 2))
        self.write(reply)

    async def _check_hold(self, parameters: MailParameters) -> None:
        """How long it may wait, and how much of what somebody sends may wait at a time (RFC 4865, 6)."""
        now = self.backend.clock()
        if parameters.release(now) > now + self.limits.hold:
            raise Refused(replies.HELD_TOO_LONG)
        login, most = self.client.login, self.limits.held_size
        if login is None or not most:
            return
        held = await self.backend.inbound.held(login.address)
        if held >= most or held + parameters.size > most:
            raise Refused(replies.HELD_TOO_MUCH)

    def _check_recipients(self) -> None:
        if not self.mail.begun:
            raise Refused(replies.MAIL_FIRST)
        if not self.mail.recipients:
            raise Refused(replies.RECIPIENT_FIRST)

    def _begin(self) -> tuple[Arrival, Intake]:
        """The body that comes in now: a new one, or the one that BDAT has begun."""
        if self._arrival is None or self.mail.intake is None:
            backend, binary = self.backend, self.mail.parameters.body == "BINARYMIME"
            self._arrival = Arrival(self.role, backend, self.client, self.mail)
            spool = Spool(backend.spool, backend.threads, self.limits.memory, self._arrival.head)
            self.mail.intake = Intake(spool, self.limits, binary=binary)
        return self._arrival, self.mail.intake

    async def _finish(self, arrival: Arrival, intake: Intake) -> None:
        """Answer a whole body. While we are `accepting` nothing cancels us, even when the client goes away."""
        self.accepting = True
        # What is accepted is no longer this transaction's to discard.
        self.mail.intake = None
        try:
            answers = await accept(arrival, intake)
        finally:
            self.accepting = False
            self.new_transaction()
        self._note(refused_message(arrival, answers))
        for answer in answers:
            self._log_answer(arrival, answer)
            self.write(answer)
        if not all(answer.is_error for answer in answers):
            self.forgive()
            self._refused_recipients = 0
        if self.leaving:
            self.hang_up(replies.SHUTTING_DOWN)

    def _note(self, refusals: Sequence[Event]) -> None:
        if self.backend.journal is not None:
            self.backend.journal.note(refusals)

    def _log_answer(self, arrival: Arrival, answer: Reply) -> None:
        mail = arrival.transaction
        self.log(
            "rejected" if answer.is_error else "accepted",
            id=arrival.id,
            sender=mail.sender,
            recipients=len(mail.recipients),
            reply=str(answer),
        )


def _must_be_alone(others: Sequence[Recipient], recipient: Recipient) -> bool:
    """Whether it and those before it have no answer in common: spam is refused to some addresses and taken for others
    (RFC 5321, 4.2.5)."""
    return bool(others) and bool(recipient.screened or others[-1].screened)
