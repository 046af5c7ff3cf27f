# SPDX-License-Identifier: GPL-3.0-or-later
"""The TLS context of the server, and how it follows a renewed certificate without a restart."""

from __future__ import annotations

import asyncio
import logging
import ssl
from collections.abc import Sequence
from pathlib import Path

from ikserver.aio import AsyncService
from ikserver.listeners.certificates import names_of

LOOK_SECONDS = 30.0
# Forward secrecy and authenticated encryption only; TLS 1.3 has nothing else.
CIPHERS = "ECDHE+AESGCM:ECDHE+CHACHA20"
logger = logging.getLogger("ikserver.listeners")


Files = tuple[Path, Path]
"""A certificate chain and its key, as PEM files."""


class CertificateFiles(AsyncService):
    """Certificates, and the context that shows them: of `others` the one for the name that a client asks for (SNI; RFC
    6066, 3), else the first.

    While the service runs it looks at the files every 30 seconds: new connections get a renewed certificate, those
    that are open keep theirs. A pair that does not fit together is passed over until it does.
    """

    def __init__(self, certificate: Path, key: Path, others: Sequence[Files] = ()) -> None:
        """Raises OSError, ValueError or ssl.SSLError when the files cannot be used."""
        super().__init__("certificate")
        self._pairs = [_Pair(*files) for files in ((certificate, key), *others)]
        self._timer: asyncio.TimerHandle | None = None
        self.context = self._pairs[0].context
        if others:
            self.context.sni_callback = self._choose

    async def start(self) -> None:
        """Begin to look."""
        self._timer = asyncio.get_running_loop().call_later(LOOK_SECONDS, self._look)

    async def stop(self) -> None:
        """Look no more."""
        if self._timer is not None:
            self._timer.cancel()

    def reload(self) -> bool:
        """Take the files as they are now, where they changed and fit together; tells whether any were taken."""
        return any([pair.reload() for pair in self._pairs])

    def _look(self) -> None:
        self.reload()
        self._timer = asyncio.get_running_loop().call_later(LOOK_SECONDS, self._look)

    def _choose(self, connection: ssl.SSLObject, name: str | None, context: ssl.SSLContext) -> None:
        """OpenSSL asks while the handshake goes on."""
        if name is None:
            return
        wanted = {name.lower(), f"*.{name.lower().partition('.')[2]}"}
        for pair in self._pairs:
            if wanted & pair.names:
                connection.context = pair.context
                return


class _Pair:
    """One certificate: `names` are the host names in it, lower case."""

    def __init__(self, certificate: Path, key: Path) -> None:
        self._certificate, self._key = certificate, key
        self._seen = self._state()
        self.context = _context()
        self.context.load_cert_chain(certificate, key)
        self.names = set(names_of(certificate))

    def reload(self) -> bool:
        state = self._state()
        if state == self._seen:
            return False
        try:
            _context().load_cert_chain(self._certificate, self._key)
            self.context.load_cert_chain(self._certificate, self._key)
            self.names = set(names_of(self._certificate))
        except (OSError, ValueError) as error:
            logger.warning("certificate-refused", extra={"fields": {"file": self._certificate, "reason": str(error)}})
            return False
        self._seen = state
        logger.info("certificate-reloaded", extra={"fields": {"file": self._certificate}})
        return True

    def _state(self) -> tuple[tuple[int, int], ...]:
        """Changes whenever a file does."""
        try:
            return tuple((s.st_mtime_ns, s.st_ino) for s in (self._certificate.stat(), self._key.stat()))
        except FileNotFoundError:
            return ()


def _context() -> ssl.SSLContext:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.minimum_version = ssl.TLSVersion.TLSv1_2
    context.set_ciphers(CIPHERS)
    # Renegotiation gives nothing that is needed here and costs the server most.
    context.options |= ssl.OP_NO_RENEGOTIATION | ssl.OP_CIPHER_SERVER_PREFERENCE
    return context
