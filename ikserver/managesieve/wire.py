# SPDX-License-Identifier: GPL-3.0-or-later
"""The connection as a session sees it. Implemented over a socket in ikserver/listeners/managesieve.py."""

from __future__ import annotations

from typing import Protocol


class Wire(Protocol):
    """One client's connection. After `close`, `write` does nothing and the others raise ConnectionError."""

    @property
    def peer(self) -> str:
        """The client's IP address."""

    @property
    def encrypted(self) -> bool:
        """TLS is on."""

    @property
    def tls_offered(self) -> bool:
        """STARTTLS can be done here."""

    def write(self, data: bytes) -> None:
        """Send, in order, without waiting."""

    async def drain(self) -> None:
        """Returns when the client has read most of what was written. Raises ConnectionError."""

    async def read(self) -> bytes:
        """What arrived, one octet at least. Raises ConnectionError."""

    def arrived(self) -> bool:
        """Whether `read` has something without waiting."""

    async def start_tls(self) -> None:
        """Do the handshake. Raises ConnectionError when it fails."""

    def close(self) -> None:
        """Send what was written, then close."""
