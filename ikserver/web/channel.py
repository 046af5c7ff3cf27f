# SPDX-License-Identifier: GPL-3.0-or-later
"""Twisted's HTTP with limits: how long a request may take to come in, and how large it may be."""

from __future__ import annotations

from twisted.web.http import HTTPChannel
from twisted.web.server import Request

MAX_BODY = 64 * 1024
"""Octets of a form. Whatever takes larger bodies one day says so itself."""
MAX_FIELDS = 100
REQUEST_SECONDS = 30.0


class LimitedChannel(HTTPChannel):
    """A request has to be whole in time, however slowly it comes: octets that trickle in buy no more of it."""

    maxHeaders = MAX_FIELDS

    def resetTimeout(self) -> None:
        """Twisted calls this for whatever comes in; only the end of an answer begins the time anew."""

    def isSecure(self) -> bool:
        """Whether it is TLS, which the transport of listeners/http.py knows."""
        return bool(getattr(self.transport, "secure", False))

    def refuse(self, status: bytes) -> None:
        """Answer and close; what the client still sends is not looked at."""
        assert self.transport is not None  # noqa: S101 - it is there as long as octets come in
        self.transport.write(b"HTTP/1.1 " + status + b"\r\nConnection: close\r\nContent-Length: 0\r\n\r\n")
        self.loseConnection()  # type: ignore[no-untyped-call]


class LimitedRequest(Request):
    """A request whose body is at most MAX_BODY long, whether its length is told or not."""

    _octets = 0

    def gotLength(self, length: int | None) -> None:
        """Begin to keep the body."""
        super().gotLength(0)  # type: ignore[no-untyped-call]
        if length is not None and length > MAX_BODY:
            self._refuse(length)

    def handleContentChunk(self, data: bytes) -> None:
        """A piece of the body."""
        octets = self._octets + len(data)
        if octets > MAX_BODY:
            self._refuse(octets)
        else:
            self._octets = octets
            super().handleContentChunk(data)  # type: ignore[no-untyped-call]

    def requestReceived(self, command: bytes, path: bytes, version: bytes) -> None:
        """The whole request is there."""
        if self._octets <= MAX_BODY:
            super().requestReceived(command, path, version)  # type: ignore[no-untyped-call]

    def _refuse(self, octets: int) -> None:
        if self._octets <= MAX_BODY and isinstance(self.channel, LimitedChannel):
            self.channel.refuse(b"413 Content Too Large")
        self._octets = octets
