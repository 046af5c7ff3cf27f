# SPDX-License-Identifier: GPL-3.0-or-later
"""The verbs of SMTP and LMTP (RFC 5321, 4.1; RFC 2033, 4). Each `smtp_VERB` is called by aiosmtpd's loop."""

from __future__ import annotations

import asyncio
import re
import ssl
from collections.abc import Callable, Sequence
from ipaddress import ip_address

from ikserver.delivery.envelope import Recipient
from ikserver.smtp.acceptance import accept
from ikserver.smtp.arrival import Arrival
from ikserver.smtp.auth import Exchange, mechanisms
from ikserver.smtp.engine import Engine
from ikserver.smtp.intake import Intake, skip_chunk, take_chunk, take_data
from ikserver.smtp.limits import SmtpBackend, SmtpLimits
from ikserver.smtp.paths import recipient_path, reverse_path
from ikserver.smtp.role import RecipientRefused, Role
from ikserver.smtp.session import Transaction
from ikserver.smtp.spool import Spool
from protocols.smtp import replies
from protocols.smtp.parameters import mail_parameters, recipient_parameters
from protocols.smtp.replies import Refused, Reply

_CHUNK = re.compile(r"([0-9]{1,20})(?: +(LAST))?", re.IGNORECASE)


class Conversation(Engine):
    """One session in one role. `tls` is what STARTTLS uses; None: it is not offered. `secure`: TLS is there already."""

    def __init__(
        self,
        role: Role,
        backend: SmtpBackend,
        limits: SmtpLimits,
        *,
        tls: ssl.SSLContext | None,
        secure: bool,
        plaintext_login: bool,
        opened: Callable[[Engine], Reply | None],
        ended: Callable[[Engine], None],
        peer: str | None = None,
    ) -> None:
        super().__init__(backend.hostname, role.greeting, limits, secure=secure, peer=peer, opened=opened, ended=ended)
        self._role = role
        self._backend = backend
        self._tls = tls
        self._plaintext_login = plaintext_login
        self._arrival: Arrival | None = None
        self._refused_recipients = 0

    # Sessions

    async def smtp_HELO(self, hostname: str) -> None:
        self._hello("HELO", hostname)
        self.client.extended_smtp = False
        self.write(Reply(250, "", self.hostname))

    async def smtp_EHLO(self, hostname: str) -> None:
        self._hello("EHLO", hostname)
        self._tell_extensions()

    async def smtp_LHLO(self, hostname: str) -> None:
        """RFC 2033, 4.1."""
        self._hello("LHLO", hostname)
        self._tell_extensions()

    async def smtp_STARTTLS(self, arg: str | None) -> None:
        """RFC 3207, 4."""
        if arg:
            raise Refused(replies.BAD_SYNTAX)
        if self.client.secure:
            raise Refused(replies.TLS_ALREADY)
        if self._tls is None:
            raise Refused(replies.NOT_HERE)
        await self.start_tls(self._tls, replies.START_TLS)

    async def smtp_AUTH(self, arg: str | None) -> None:
        """RFC 4954, 4."""
        if not self._role.authenticates:
            raise Refused(replies.NOT_HERE)
        if not self.client.host_name:
            raise Refused(replies.HELLO_FIRST)
        if self.client.login is not None:
            raise Refused(replies.AUTH_ALREADY)
        if self.mail.begun:
            raise Refused(replies.AUTH_IN_MAIL)
        if not self._may_authenticate():
            raise Refused(replies.AUTH_NEEDS_TLS)
        offered = mechanisms(scram=self.limits.scram)
        exchange = Exchange(
            self._backend.authenticator, self.client.peer, self._ask, offered, self.limits.failed_login_delay
        )
        login = await exchange.run(arg or "")
        self.sign_in(login, self._backend.changes)
        self.log("authenticated", address=login.address, peer=self.client.peer)
        self.reply(replies.AUTHENTICATED)

    async def smtp_NOOP(self, arg: str | None) -> None:
        self.reply(replies.OK)

    async def smtp_QUIT(self, arg: str | None) -> None:
        if arg:
            raise Refused(replies.BAD_SYNTAX)
        self.write(replies.BYE)
        self.wire.close()

    async def smtp_HELP(self, arg: str | None) -> None:
        self.reply(replies.HELP)

    async def smtp_VRFY(self, arg: str | None) -> None:
        """RFC 5321, 3.5.3: who exists is told to nobody."""
        self.reply(replies.NOT_VERIFIED)

    async def smtp_EXPN(self, arg: str | None) -> None:
        raise Refused(replies.NOT_HERE)

    # Transactions

    async def smtp_MAIL(self, arg: str | None) -> None:
        """RFC 5321, 4.1.1.2."""
        if not self.client.host_name:
            raise Refused(replies.HELLO_FIRST)
        if self.mail.begun:
            raise Refused(replies.NESTED_MAIL)
        path, rest = reverse_path(arg)
        parameters = mail_parameters(rest, authenticating=self._role.authenticates)
        if not parameters.smtputf8 and not (arg or "").isascii():
            raise Refused(replies.UTF8_NOT_ASKED)
        if parameters.size > self.limits.message_size:
            raise Refused(replies.TOO_LARGE)
        sender = str(path) if path is not None else ""
        await self._role.check_sender(self._backend.router, self.client.login, sender)
        self.mail = Transaction(True, sender, parameters)
        self.reply(replies.SENDER_OK)

    async def smtp_RCPT(self, arg: str | None) -> None:
        """RFC 5321, 4.1.1.3."""
        if not self.mail.begun:
            raise Refused(replies.MAIL_FIRST)
        if self.mail.intake is not None:
            raise Refused(replies.NOT_IN_BDAT)
        if len(self.mail.recipients) >= self.limits.recipients:
            raise Refused(replies.TOO_MANY_RECIPIENTS)
        path, rest = recipient_path(arg, self._backend.domain)
        recipient = str(path)
        parameters = recipient_parameters(rest)
        if not self.mail.parameters.smtputf8 and not (arg or "").isascii():
            raise Refused(replies.UTF8_NOT_ASKED)
        try:
            route = await self._backend.router.route(recipient, self.mail.parameters.size)
            accepted = Recipient(recipient, self._role.check_recipient(route), parameters.notify, parameters.orcpt)
        except RecipientRefused as refused:
            await self._refuse_recipient(recipient, refused.reply)
        else:
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

    # Their parts

    def _hello(self, verb: str, hostname: str | None) -> None:
        if verb not in self._role.hello:
            raise Refused(replies.NOT_HERE)
        if not hostname:
            raise Refused(replies.BAD_SYNTAX)
        self.new_transaction()
        self.client.host_name = hostname
        self.client.extended_smtp = True

    def _tell_extensions(self) -> None:
        lines = [self.hostname, *self._extensions(), "HELP"]
        text = "".join(f"250-{line}\r\n" for line in lines[:-1]) + f"250 {lines[-1]}\r\n"
        self.wire.write(text.encode())

    def _extensions(self) -> Sequence[str]:
        lines = ["PIPELINING", f"SIZE {self.limits.message_size}", "8BITMIME", "SMTPUTF8", "ENHANCEDSTATUSCODES"]
        lines += ["CHUNKING", "BINARYMIME", "DSN"]
        if self._tls is not None and not self.client.secure:
            lines.append("STARTTLS")
        if self._role.authenticates and self._may_authenticate():
            lines.append("AUTH " + " ".join(mechanisms(scram=self.limits.scram)))
        return lines

    def _may_authenticate(self) -> bool:
        if self.client.secure:
            return True
        return self._plaintext_login and ip_address(self.client.peer).is_loopback

    async def _ask(self, challenge: bytes) -> bytes:
        self.wire.write(b"334 " + challenge + b"\r\n")
        return (await self.wire.readuntil()).rstrip(b"\r\n")

    async def _refuse_recipient(self, address: str, reply: Reply) -> None:
        """Dead members of lists are no errors, until they look like guesses at addresses."""
        self._refused_recipients += 1
        self.log("recipient-refused", recipient=address, sender=self.mail.sender, reply=str(reply))
        if self._refused_recipients >= self.limits.refused_recipients:
            self.hang_up(replies.TOO_MANY_ERRORS)
            return
        await asyncio.sleep(self.limits.tarpit * (self._refused_recipients > self.limits.refused_recipients // 2))
        self.write(reply)

    def _check_recipients(self) -> None:
        if not self.mail.begun:
            raise Refused(replies.MAIL_FIRST)
        if not self.mail.recipients:
            raise Refused(replies.RECIPIENT_FIRST)

    def _begin(self) -> tuple[Arrival, Intake]:
        """The body that comes in now: a new one, or the one that BDAT has begun."""
        if self._arrival is None or self.mail.intake is None:
            backend, binary = self._backend, self.mail.parameters.body == "BINARYMIME"
            self._arrival = Arrival(self._role, backend, self.client, self.mail)
            spool = Spool(backend.spool, backend.threads, self.limits.memory, self._arrival.head)
            self.mail.intake = Intake(spool, self.limits, binary=binary)
        return self._arrival, self.mail.intake

    async def _finish(self, arrival: Arrival, intake: Intake) -> None:
        """Once a body is whole its acceptance goes on to the end, even when the client goes away."""
        self.accepting = True
        # What is accepted is no longer this transaction's to discard.
        self.mail.intake = None
        try:
            answers = await asyncio.shield(self.loop.create_task(accept(arrival, intake)))
        finally:
            self.accepting = False
            self.new_transaction()
        for answer in answers:
            self._log_answer(arrival, answer)
            self.reply(answer)
        if not any(answer.is_error for answer in answers):
            self.forgive()
        if self.leaving:
            self.hang_up(replies.SHUTTING_DOWN)

    def _log_answer(self, arrival: Arrival, answer: Reply) -> None:
        mail = arrival.transaction
        self.log(
            "rejected" if answer.is_error else "accepted",
            id=arrival.id,
            sender=mail.sender,
            recipients=len(mail.recipients),
            reply=str(answer),
        )
