# SPDX-License-Identifier: GPL-3.0-or-later
"""A client that does next to nothing, so that the server is what gets measured."""

from __future__ import annotations

import itertools
import socket
import ssl
from collections.abc import Sequence
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Target:
    """A server under load. `user` may hold %d, which becomes 1..8."""

    host: str
    port: int
    tls_port: int
    user: str
    password: str

    def connect(self, number: int = 0, *, tls: bool = False) -> Connection:
        """Return a signed-in connection of account 1 + number % 8."""
        sock = socket.create_connection((self.host, self.tls_port if tls else self.port), timeout=300)
        sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        user = self.user % (1 + number % 8) if "%d" in self.user else self.user
        return Connection(unverified().wrap_socket(sock) if tls else sock, user, self.password)


class Connection:
    """One signed-in connection. A tagged NO or BAD raises RuntimeError."""

    def __init__(self, sock: socket.socket, user: str, password: str) -> None:
        self.sock = sock
        self._buffer = bytearray(1 << 20)
        self._tags = (b"Q%dq" % number for number in itertools.count(1))
        self.line()
        self.run(f'LOGIN "{user}" "{password}"')
        self.capabilities = self.text("CAPABILITY").upper().split()

    def send(self, command: str) -> bytes:
        """Send one command and return its tag."""
        tag = next(self._tags)
        self.sock.sendall(tag + b" " + command.encode() + b"\r\n")
        return tag

    def line(self) -> bytes:
        """Read until the bytes received end with a line."""
        data = b""
        while not data.endswith(b"\n"):
            data += self._receive()
        return data

    def run(self, command: str) -> None:
        """Send a command and read its whole answer, throwing it away."""
        self._until(self.send(command))

    def text(self, command: str) -> str:
        """Send a command and return its whole answer."""
        kept: list[bytes] = []
        self._until(self.send(command), kept)
        return b"".join(kept).decode("latin-1")

    def append(self, mailbox: str, messages: Sequence[bytes], batch: int = 1) -> None:
        """APPEND them all with non-synchronizing literals, `batch` of them in flight (RFC 7888, 4)."""
        for first in range(0, len(messages), batch):
            commands = [(next(self._tags), body) for body in messages[first : first + batch]]
            self.sock.sendall(
                b"".join(
                    b'%s APPEND "%s" {%d+}\r\n%s\r\n' % (tag, mailbox.encode(), len(body), body)
                    for tag, body in commands
                )
            )
            self._until(commands[-1][0])

    def close(self) -> None:
        """Leave without a LOGOUT."""
        self.sock.close()

    def _receive(self) -> bytes:
        got = self.sock.recv_into(self._buffer)
        if not got:
            raise ConnectionError("the server closed the connection")
        return bytes(self._buffer[:got])

    def _until(self, tag: bytes, kept: list[bytes] | None = None) -> None:
        end = b""
        while True:
            chunk = self._receive()
            if kept is not None:
                kept.append(chunk)
            end = (end + chunk)[-1024:]
            if not end.endswith(b"\r\n"):
                continue
            answer = end[:-2].rsplit(b"\r\n", 1)[-1]
            if answer.startswith(tag + b" "):
                if answer[len(tag) + 1 :].startswith(b"OK"):
                    return
                raise RuntimeError(answer.decode("latin-1"))


def unverified() -> ssl.SSLContext:
    """A client context for loopback, where the certificate is nobody's business."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.check_hostname = False
    context.verify_mode = ssl.CERT_NONE
    return context
