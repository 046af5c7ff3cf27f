# SPDX-License-Identifier: GPL-3.0-or-later
"""One conversation with another server: hello, TLS, and messages one after the other (RFC 5321, 3.3)."""

from __future__ import annotations

import asyncio
import base64
import ssl
from collections.abc import Iterator, Sequence

from ikserver.model.mail import Body, SpooledFile
from ikserver.model.tls import TlsWish
from ikserver.outbound.api import CannotSend, NotSent, Outcome, Sent
from ikserver.outbound.wire import Timeouts, Wire, WireBroken
from ikserver.store.api.queue import Claimed
from protocols.smtp.client import NO_EXTENSIONS, Answer, MailFrom, RcptTo, dotted, extensions

CHUNK = 256 * 1024


class Link:
    """Open to a `host` (its name). Methods raise CannotSend with the status of what is broken; then it is closed."""

    def __init__(self, host: str, wire: Wire, timeouts: Timeouts) -> None:
        self.host = host
        self.offered = NO_EXTENSIONS
        self.secure = False
        self.usable = True
        self._stage = "the greeting"
        self._wire = wire
        self._timeouts = timeouts

    @property
    def local(self) -> str:
        """Our IP address."""
        return self._wire.local

    async def greet(self, name: str) -> None:
        """The greeting and our hello (RFC 5321, 3.1 and 3.2)."""
        greeting = await self._answer(self._timeouts.greeting)
        if not greeting.positive:
            raise CannotSend(self._refused(greeting))
        await self.hello(name)

    async def hello(self, name: str) -> None:
        """EHLO, or HELO where that is not known."""
        answer = await self._ask(f"EHLO {name}")
        if 500 <= answer.code < 505:
            self.offered = NO_EXTENSIONS
            answer = await self._ask(f"HELO {name}")
        else:
            self.offered = extensions(answer)
        if not answer.positive:
            raise CannotSend(self._refused(answer))

    async def start_tls(self, context: ssl.SSLContext) -> ssl.SSLObject:
        """STARTTLS (RFC 3207, 4); `hello` has to follow. Raises WireBroken."""
        answer = await self._ask("STARTTLS")
        if not answer.positive:
            raise WireBroken(f"STARTTLS was answered {answer}")
        session = await self._wire.start_tls(context, self.host, self._timeouts.greeting)
        self.secure = True
        self.offered = NO_EXTENSIONS
        return session

    async def sign_in(self, user: str, password: str) -> None:
        """AUTH PLAIN or LOGIN (RFC 4954, 4)."""
        if "PLAIN" in self.offered.mechanisms:
            secret = _base64(f"\0{user}\0{password}")
            answer = await self._ask(f"AUTH PLAIN {secret}")
        elif "LOGIN" in self.offered.mechanisms:
            await self._ask("AUTH LOGIN")
            await self._ask(_base64(user), "AUTH")
            answer = await self._ask(_base64(password), "AUTH")
        else:
            raise CannotSend(NotSent("4.7.0", "The server offers no way to sign in that we know", self.host))
        if not answer.positive:
            # The operator can mend that: mail waits for it.
            raise CannotSend(NotSent("4.7.8", str(answer), self.host))

    async def send(self, message: Claimed, body: Body, head: bytes, *, eight_bit: bool) -> Sequence[Outcome]:
        """One transaction: an outcome a recipient, in their order. `head` goes in front of the body."""
        size = len(head) + (len(body) if isinstance(body, bytes) else body.size)
        require_tls = message.tls is TlsWish.REQUIRED and self.secure
        envelope = MailFrom(message.sender, size, eight_bit, message.smtputf8, message.ret, message.envid, require_tls)
        wanted = [RcptTo(r.to.address, r.to.notify, r.to.orcpt) for r in message.recipients]
        sender, recipients, data = await self._envelope(envelope, wanted)
        if data is not None and data.code == 354:
            # RFC 2920, 3.1: with no recipient left, an empty message ends what was begun.
            some = sender.positive and any(answer.positive for answer in recipients)
            final = await self._body(body, head) if some else await self._body(b"", b"")
        else:
            final = data or sender
            await self._reset()
        return [self._outcome(sender, answer, final) for answer in recipients]

    async def quit(self) -> None:
        """Take leave, but do not wait long for it."""
        try:
            if self.usable:
                self._wire.write(b"QUIT\r\n")
                await self._wire.answer(self._timeouts.quit)
        except WireBroken:
            self.usable = False
        finally:
            self.close()

    def close(self) -> None:
        """At once."""
        self.usable = False
        self._wire.close()

    async def _envelope(
        self, envelope: MailFrom, wanted: Sequence[RcptTo]
    ) -> tuple[Answer, Sequence[Answer], Answer | None]:
        """The answers to MAIL, to each RCPT and to DATA, which is None where it was not said."""
        data: Answer | None
        commands = [envelope.command(self.offered), *(each.command(self.offered) for each in wanted), b"DATA\r\n"]
        if "PIPELINING" in self.offered:
            self._wire.write(b"".join(commands))
            await self._flush("MAIL")
            sender, *recipients, data = await self._answers(["MAIL", *("RCPT" for _ in wanted), "DATA"])
        else:
            mail, *rcpts, last = commands
            sender = await self._say(mail, "MAIL")
            recipients = [await self._say(each, "RCPT") for each in rcpts]
            some = sender.positive and any(answer.positive for answer in recipients)
            data = await self._say(last, "DATA", self._timeouts.data) if some else None
        if data is not None and data.code < 400 and data.code != 354:
            raise self._lost(WireBroken(f"DATA was answered {data}"))
        return sender, recipients, data

    async def _answers(self, stages: Sequence[str]) -> list[Answer]:
        """To a group of commands. A server that says 421 says nothing more (RFC 5321, 3.8)."""
        found: list[Answer] = []
        for stage in stages:
            self._stage = stage
            last = await self._answer(self._timeouts.command)
            if not self.usable:
                return found + [last] * (len(stages) - len(found))
            found.append(last)
        return found

    async def _body(self, body: Body, head: bytes) -> Answer:
        stage = "the message"
        if isinstance(body, bytes):
            self._wire.write(b"".join(dotted([head, body])))
            await self._flush(stage, self._timeouts.block)
        else:
            pieces = dotted(_pieces(head, body))
            # A disk may be slow.
            while (octets := await asyncio.to_thread(next, pieces, None)) is not None:
                self._wire.write(octets)
                await self._flush(stage, self._timeouts.block)
        self._stage = "the end of the message"
        return await self._answer(self._timeouts.end)

    async def _reset(self) -> None:
        """After a transaction that did not come to its end."""
        try:
            if self.usable:
                await self._ask("RSET")
        except CannotSend:
            # What was answered before counts; the next message finds the link closed.
            self.usable = False

    def _outcome(self, sender: Answer, recipient: Answer, final: Answer) -> Outcome:
        """What decides is the first answer that refuses."""
        refusal = next((answer for answer in (sender, recipient, final) if not answer.positive), None)
        if refusal is not None:
            return self._refused(refusal)
        return Sent(self.host, str(final), "DSN" in self.offered, self.secure)

    def _refused(self, answer: Answer) -> NotSent:
        status = answer.status if answer.code >= 400 else "4.5.0"
        return NotSent(status, str(answer), self.host)

    async def _ask(self, command: str, stage: str = "") -> Answer:
        return await self._say(command.encode() + b"\r\n", stage or command.partition(" ")[0])

    async def _say(self, command: bytes, stage: str, seconds: float | None = None) -> Answer:
        self._wire.write(command)
        await self._flush(stage)
        return await self._answer(self._timeouts.command if seconds is None else seconds)

    async def _flush(self, stage: str, seconds: float | None = None) -> None:
        self._stage = stage
        try:
            await self._wire.flush(self._timeouts.command if seconds is None else seconds)
        except WireBroken as broken:
            raise self._lost(broken) from broken

    async def _answer(self, seconds: float) -> Answer:
        try:
            answer = await self._wire.answer(seconds)
        except WireBroken as broken:
            raise self._lost(broken) from broken
        if answer.code == 421:
            self.usable = False
        return answer

    def _lost(self, broken: WireBroken) -> CannotSend:
        self.usable = False
        return CannotSend(NotSent("4.4.2", f"The connection to {self.host} failed at {self._stage}: {broken}"))


def _pieces(head: bytes, body: SpooledFile) -> Iterator[bytes]:
    yield head
    with body.path.open("rb") as file:
        while chunk := file.read(CHUNK):
            yield chunk


def _base64(text: str) -> str:
    return base64.b64encode(text.encode()).decode()
