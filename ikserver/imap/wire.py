# SPDX-License-Identifier: GPL-3.0-or-later
"""The connection as a session sees it. Implemented over a socket in ikserver/listeners/imap.py."""

from __future__ import annotations

from typing import Protocol


class Wire(Protocol):
    """One client's connection. After `close` all methods do nothing."""

    @property
    def peer(self) -> str:
        """The client's IP address."""

    @property
    def encrypted(self) -> bool:
        """TLS is on."""

    @property
    def compressed(self) -> bool:
        """COMPRESS is on (RFC 4978)."""

    @property
    def tls_offered(self) -> bool:
        """STARTTLS can be done here."""

    @property
    def behind(self) -> bool:
        """So much is unsent that nothing should be written that can wait."""

    def write(self, data: bytes) -> None:
        """Send, in order, without waiting."""

    async def drain(self) -> None:
        """Returns when the client is not behind. Raises ConnectionError when it is gone."""

    def hold(self) -> None:
        """Read nothing from the client until `resume`."""

    def resume(self) -> None: ...

    async def start_tls(self) -> None:
        """Do the handshake. Raises ConnectionError when it fails."""

    def compress(self, leftover: bytes) -> None:
        """From here on both directions are DEFLATE streams; `leftover` came early and belongs to the client's."""

    def close(self) -> None:
        """Send what was written, then close."""
