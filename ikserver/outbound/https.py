# SPDX-License-Identifier: GPL-3.0-or-later
"""Fetches one small text over HTTPS: all of HTTP that MTA-STS needs. Nothing is followed or cached (RFC 8461, 3.3)."""

from __future__ import annotations

import asyncio
import ssl
from dataclasses import dataclass

from ikserver.outbound.api import CannotSend, Dial, straight
from ikserver.outbound.demand import checked
from ikserver.outbound.routing import Routing
from protocols.smtp.mtasts import MAX_POLICY

PORT = 443
SECONDS = 30.0
PATH = "/.well-known/mta-sts.txt"


@dataclass(frozen=True, slots=True)
class Https:
    """`trusted` verifies the certificate, the system's authorities without it."""

    routing: Routing
    dial: Dial = straight
    trusted: ssl.SSLContext | None = None

    async def policy(self, domain: str) -> bytes:
        """The policy file of a domain. Raises OSError, also for anything but a plain text."""
        host = f"mta-sts.{domain}"
        try:
            address = (await self.routing.addresses(host))[0]
        except CannotSend as failure:
            raise OSError(str(failure)) from failure
        answer = await asyncio.wait_for(self._get(host, address), SECONDS)
        return _text(answer)

    async def _get(self, host: str, address: str) -> bytes:
        """A whole answer. HTTP/1.0, so that it ends with the connection and comes in one piece."""
        where, port = self.dial(address, PORT)
        context = self.trusted or checked()
        reader, writer = await asyncio.open_connection(where, port, ssl=context, server_hostname=host)
        try:
            writer.write(f"GET {PATH} HTTP/1.0\r\nHost: {host}\r\nAccept: text/plain\r\n\r\n".encode())
            answer = b""
            while len(answer) <= 2 * MAX_POLICY and (data := await reader.read(MAX_POLICY)):
                answer += data
            return answer
        finally:
            writer.transport.abort()


def _text(answer: bytes) -> bytes:
    """The body of a 200 of type text/plain."""
    head, _, body = answer.partition(b"\r\n\r\n")
    status, *lines = head.decode("latin-1").split("\r\n")
    fields = {name.strip().lower(): value.strip() for name, _, value in (line.partition(":") for line in lines)}
    kind = fields.get("content-type", "").partition(";")[0].strip().lower()
    if status.split(" ")[1:2] != ["200"] or kind != "text/plain":
        raise OSError(f"the policy was answered {status[:100]!r} with {kind[:100]!r}")
    if len(body) > MAX_POLICY:
        raise OSError("the policy is too long")
    return body
