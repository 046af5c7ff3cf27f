# SPDX-License-Identifier: GPL-3.0-or-later
"""Fetches one small text over HTTPS, or brings one: all of HTTP that mail needs. Nothing is followed or cached."""

from __future__ import annotations

import asyncio
import re
import ssl
from dataclasses import dataclass
from urllib.parse import urlsplit

from ikserver.outbound.api import CannotSend, Dial, straight
from ikserver.outbound.demand import checked
from ikserver.outbound.routing import Routing
from protocols.smtp.mtasts import MAX_POLICY

PORT = 443
SECONDS = 30.0
PATH = "/.well-known/mta-sts.txt"
_PLAIN = re.compile(r"[!-~]*")


@dataclass(frozen=True, slots=True)
class Https:
    """`trusted` verifies the certificate, the system's authorities without it."""

    routing: Routing
    dial: Dial = straight
    trusted: ssl.SSLContext | None = None

    async def policy(self, domain: str) -> bytes:
        """The policy file of a domain (RFC 8461, 3.3). Raises OSError, also for anything but a plain text."""
        host = f"mta-sts.{domain}"
        request = f"GET {PATH} HTTP/1.0\r\nHost: {host}\r\nAccept: text/plain\r\n\r\n"
        return _text(await self._exchange(host, request.encode()))

    async def post(self, url: str, content: bytes, media_type: str) -> None:
        """Bring something to a URL that a stranger may have written, so it has to be at the usual port (RFC 8460, 5.4).
        Raises OSError when it was not taken."""
        try:
            parts = urlsplit(url)
            host, port = parts.hostname, parts.port
        except ValueError as error:
            raise OSError(f"not a URL: {url[:100]!r}") from error
        target = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
        if parts.scheme != "https" or not host or port not in (None, PORT) or not _PLAIN.fullmatch(host + target):
            raise OSError(f"not a URL that anything is brought to: {url[:100]!r}")
        head = f"POST {target} HTTP/1.0\r\nHost: {host}\r\nContent-Type: {media_type}\r\nContent-Length: {len(content)}"
        answer = await self._exchange(host, f"{head}\r\n\r\n".encode() + content)
        if not 200 <= _status(answer) < 300:
            raise OSError(f"the report was answered {_first_line(answer)!r}")

    async def _exchange(self, host: str, request: bytes) -> bytes:
        """A whole answer."""
        try:
            address = (await self.routing.addresses(host))[0]
        except CannotSend as failure:
            raise OSError(str(failure)) from failure
        return await asyncio.wait_for(self._ask(host, address, request), SECONDS)

    async def _ask(self, host: str, address: str, request: bytes) -> bytes:
        """HTTP/1.0, so that the answer ends with the connection and comes in one piece."""
        where, port = self.dial(address, PORT)
        context = self.trusted or checked()
        reader, writer = await asyncio.open_connection(where, port, ssl=context, server_hostname=host)
        try:
            writer.write(request)
            answer = b""
            while len(answer) <= 2 * MAX_POLICY and (data := await reader.read(MAX_POLICY)):
                answer += data
            return answer
        finally:
            writer.transport.abort()


def _text(answer: bytes) -> bytes:
    """The body of a 200 of type text/plain."""
    head, _, body = answer.partition(b"\r\n\r\n")
    lines = head.decode("latin-1").split("\r\n")[1:]
    fields = {name.strip().lower(): value.strip() for name, _, value in (line.partition(":") for line in lines)}
    kind = fields.get("content-type", "").partition(";")[0].strip().lower()
    if _status(answer) != 200 or kind != "text/plain":
        raise OSError(f"the policy was answered {_first_line(answer)!r} with {kind[:100]!r}")
    if len(body) > MAX_POLICY:
        raise OSError("the policy is too long")
    return body


def _status(answer: bytes) -> int:
    """0 for what is no answer of HTTP."""
    code = _first_line(answer).split(" ")[1:2]
    return int(code[0]) if code and code[0].isdecimal() else 0


def _first_line(answer: bytes) -> str:
    return answer.partition(b"\r\n")[0].decode("latin-1")[:100]
