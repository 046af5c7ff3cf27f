# SPDX-License-Identifier: GPL-3.0-or-later
"""aiosmtpd's command loop on our own transport side.

What stays of aiosmtpd is the loop that reads a line, finds the method `smtp_VERB` and calls it. Replaced here: its
stream reader (`Wire`), its timer (`Watch`), its replies without enhanced codes, its STARTTLS, which only works on
asyncio's own transports, and its answers to exceptions, which show them to the client.
"""

from __future__ import annotations

import asyncio
import logging
import ssl
from collections import defaultdict
from collections.abc import Callable
from typing import Any, cast

from aiosmtpd.smtp import SMTP

from ikserver.accounts.api import LiveLogins, Login
from ikserver.smtp.limits import SmtpLimits
from ikserver.smtp.session import Session, Transaction
from ikserver.smtp.watch import Watch
from ikserver.smtp.wire import MAX_LINE, Wire
from protocols.smtp.replies import LOCAL_ERROR, LOGIN_REVOKED, SHUTTING_DOWN, TOO_MANY_ERRORS, Refused, Reply, parse

logger = logging.getLogger("ikserver.smtp")
# aiosmtpd logs command lines, which may hold passwords.
logging.getLogger("mail.log").disabled = True

_GOODBYE = "502 5.5.1 Too many unrecognized commands, goodbye."
"""What aiosmtpd says before it closes the connection of a client that talks nonsense."""
HANDSHAKE_SECONDS = 30.0
LINGER_SECONDS = 5.0


class Engine(SMTP):
    """One connection. `opened` may answer with the reply that turns it away; `ended` is called once when it is gone."""

    command_size_limit = 2_048
    """RFC 5321, 4.5.3.1.4 asks for 512; SMTPUTF8, DSN and long return paths need more."""

    def __init__(
        self,
        hostname: str,
        greeting: str,
        limits: SmtpLimits,
        *,
        secure: bool,
        peer: str | None,
        opened: Callable[[Engine], Reply | None],
        ended: Callable[[Engine], None],
    ) -> None:
        loop = asyncio.get_running_loop()
        super().__init__(object(), hostname=hostname, ident=greeting, enable_SMTPUTF8=True, loop=loop)
        self.command_size_limits = defaultdict(lambda: self.command_size_limit, AUTH=MAX_LINE)
        self.limits = limits
        self._secure = secure
        self._peer = peer
        self._opened = opened
        self._ended = ended
        self._errors = 0
        self._stop_watching: Callable[[], None] | None = None
        self.accepting = self.leaving = False
        self._watch = Watch(loop, limits.idle, limits.session, self.hang_up)
        self.wire = Wire(loop, self._watch, bare_lf=limits.normalise_line_ends)
        self.client = Session("", secure)
        self.mail = Transaction()

    # The transport's side

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        peername = transport.get_extra_info("peername")
        self._attach(transport, Session(self._peer or (peername[0] if peername else ""), self._secure))
        refusal = self._opened(self)
        if refusal is not None:
            self.log("turned-away", reason=refusal.text)
            self.hang_up(refusal)
            return
        self.log("connected", tls=self._secure)
        self._handler_coroutine = self.loop.create_task(self._handle_client())

    def data_received(self, data: bytes) -> None:
        self.wire.feed(data)

    def eof_received(self) -> bool:
        # What was sent before is still answered; a TLS transport cannot be half open.
        self.wire.end()
        return not self.client.secure

    def pause_writing(self) -> None:
        self.wire.writable(False)

    def resume_writing(self) -> None:
        self.wire.writable(True)

    def connection_lost(self, error: Exception | None) -> None:
        if self.transport is None:
            return
        self.transport = None
        self._watch.stop()
        self.wire.end()
        if self._handler_coroutine is not None and not self.accepting:
            self._handler_coroutine.cancel()
        self.new_transaction()
        self._forget_login()
        self.log("ended")
        self._ended(self)

    # For aiosmtpd's loop

    def _reset_timeout(self, duration: float | None = None) -> None:
        """The loop calls this at each command; `Watch` counts by itself."""

    async def push(self, status: Any) -> None:
        """Send a reply that aiosmtpd wrote, or that `handle_exception` gave it."""
        self.reply(TOO_MANY_ERRORS if status == _GOODBYE else parse(status))

    async def handle_exception(self, error: Exception) -> str:
        """The reply to a command that raised."""
        if not isinstance(error, Refused):
            logger.error("failed", exc_info=error, extra={"fields": {"session": self.client.id}})
            return str(LOCAL_ERROR)
        self.log("refused", reply=str(error.reply))
        await asyncio.sleep(self.limits.tarpit * (self._errors > self.limits.errors // 2))
        return str(error.reply)

    # For whoever listens

    async def leave(self, seconds: float) -> None:
        """Take leave of the client: at once, or when the message that is being stored is answered."""
        self.leaving = True
        if self.accepting and self._handler_coroutine is not None:
            await asyncio.wait({self._handler_coroutine}, timeout=seconds)
        self.hang_up(SHUTTING_DOWN)

    # For the verbs

    def reply(self, reply: Reply) -> None:
        """Send a reply. Too many errors end the session."""
        self._errors += reply.is_error
        if reply.code == 421 or self._errors >= self.limits.errors:
            self.hang_up(reply if reply.code == 421 else TOO_MANY_ERRORS)
        else:
            self.write(reply)

    def write(self, reply: Reply) -> None:
        """Send a reply that does not count, whatever it says."""
        self.wire.write(f"{reply}\r\n".encode())

    def sign_in(self, login: Login, logins: LiveLogins) -> None:
        """From here on the session is that login's, as long as it holds."""
        self.client.login = login
        self._stop_watching = logins.watch(login, lambda: self.hang_up(LOGIN_REVOKED))

    def forgive(self) -> None:
        """The client did something useful: errors are counted anew."""
        self._errors = 0

    def hang_up(self, reply: Reply) -> None:
        """Say a last word and close, even when the client does not listen."""
        transport = cast(asyncio.Transport | None, self.transport)
        if transport is None or transport.is_closing():
            return
        self.log("hung-up", reply=str(reply))
        self.write(reply)
        self.wire.close()
        self.loop.call_later(LINGER_SECONDS, transport.abort)

    def new_transaction(self) -> None:
        """Forget the message that is under way."""
        intake, self.mail = self.mail.intake, Transaction()
        if intake is not None:
            self._discarding = self.loop.create_task(intake.discard())

    async def start_tls(self, context: ssl.SSLContext, ready: Reply) -> None:
        """Begin anew under TLS. Octets that came in clear after the command are never read (RFC 3207, 4.2)."""
        self.write(ready)
        self.wire.flush()
        clear = cast(asyncio.Transport, self.transport)
        try:
            transport = await self.loop.start_tls(
                clear, self, context, server_side=True, ssl_handshake_timeout=HANDSHAKE_SECONDS
            )
        except OSError as error:
            self.log("tls-failed", reason=type(error).__name__)
            clear.abort()
            self.connection_lost(error)
            raise asyncio.CancelledError from error
        if transport is None:
            raise asyncio.CancelledError
        self._attach(transport, Session(self.client.peer, True, id=self.client.id))

    def log(self, event: str, **fields: object) -> None:
        """One line an event."""
        logger.info(event, extra={"fields": {"session": self.client.id, "peer": self.client.peer, **fields}})

    def _forget_login(self) -> None:
        if self._stop_watching is not None:
            self._stop_watching()
            self._stop_watching = None

    def _attach(self, transport: asyncio.BaseTransport, client: Session) -> None:
        self.transport = transport
        self._writer = cast(Any, transport)
        self._reader = cast(Any, self.wire)
        self.wire.attach(transport)
        self.client = client
        self.session = cast(Any, client)
        self._forget_login()
        self.new_transaction()
