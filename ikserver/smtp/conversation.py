# SPDX-License-Identifier: GPL-3.0-or-later
"""A whole conversation: the verbs of a session, beside those of mailing.py that carry a message."""

from __future__ import annotations

import ssl
from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from ipaddress import ip_address

from ikserver.smtp.auth import Exchange, mechanisms
from ikserver.smtp.engine import Engine
from ikserver.smtp.limits import SmtpBackend, SmtpLimits
from ikserver.smtp.mailing import Mailing
from ikserver.smtp.role import Role
from protocols.smtp import replies
from protocols.smtp.replies import Refused, Reply


class Conversation(Mailing):
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
        super().__init__(role, backend, limits, secure=secure, peer=peer, opened=opened, ended=ended)
        self._tls = tls
        self._plaintext_login = plaintext_login

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
        if not self.role.authenticates:
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
            self.backend.authenticator, self.client.peer, self._ask, offered, self.limits.failed_login_delay
        )
        login = await exchange.run(arg or "")
        self.sign_in(login, self.backend.logins)
        self.log("authenticated", address=login.address)
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

    def _hello(self, verb: str, hostname: str | None) -> None:
        if verb not in self.role.hello:
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
        if self.client.secure:
            lines.append("REQUIRETLS")
        if self.role.authenticates:
            latest = datetime.fromtimestamp(self.backend.clock() + self.limits.hold, UTC)
            lines.append(f"FUTURERELEASE {self.limits.hold} {latest:%Y-%m-%dT%H:%M:%SZ}")
        if self.role.authenticates and self._may_authenticate():
            lines.append("AUTH " + " ".join(mechanisms(scram=self.limits.scram)))
        return lines

    def _may_authenticate(self) -> bool:
        if self.client.secure:
            return True
        return self._plaintext_login and ip_address(self.client.peer).is_loopback

    async def _ask(self, challenge: bytes) -> bytes:
        self.wire.write(b"334 " + challenge + b"\r\n")
        return (await self.wire.readuntil()).rstrip(b"\r\n")
