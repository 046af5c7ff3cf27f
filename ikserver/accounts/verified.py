# SPDX-License-Identifier: GPL-3.0-or-later
"""Passwords that were found right a short while ago, so that the next connection does not wait for argon2id again."""

from __future__ import annotations

import secrets
import time
from collections.abc import Callable
from hashlib import blake2b

from ikserver.accounts.passwords import Passwords

MAX_REMEMBERED = 50_000


class VerifiedPasswords:
    """Remembers keyed digests of hash and password together: when the hash changes, nothing is remembered of it.

    The key is made with the process and never leaves it, so the digests are of no use to anyone else.
    """

    def __init__(
        self, passwords: Passwords, seconds: float = 600.0, clock: Callable[[], float] = time.monotonic
    ) -> None:
        self._passwords = passwords
        self._seconds = seconds
        self._clock = clock
        self._key = secrets.token_bytes(64)
        self._until: dict[bytes, float] = {}

    async def check(self, stored: str | None, password: str) -> bool:
        """As `Passwords.verify`, at once when the same was right a short while ago."""
        digest = self.fingerprint(stored or "", password)
        if self._until.get(digest, 0.0) > self._clock():
            return True
        right = await self._passwords.verify(stored, password)
        if right:
            self._remember(digest)
        return right

    def fingerprint(self, subject: str, password: str) -> bytes:
        """A digest that tells whether a password was tried for the same subject before, and nothing else."""
        return blake2b(f"{subject}\0{password}".encode(), key=self._key, digest_size=32).digest()

    def _remember(self, digest: bytes) -> None:
        self._until.pop(digest, None)
        self._until[digest] = self._clock() + self._seconds
        if len(self._until) > MAX_REMEMBERED:
            del self._until[next(iter(self._until))]
