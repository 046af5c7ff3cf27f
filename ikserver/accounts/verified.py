# SPDX-License-Identifier: GPL-3.0-or-later
"""Passwords that were checked a short while ago, so that the next connection does not wait for argon2id again.

Wrong ones are remembered as well: a device with a forgotten password tries it for ever, and must not keep us busy.
"""

from __future__ import annotations

import secrets
import time
from collections.abc import Callable
from hashlib import blake2b
from typing import NamedTuple

from ikserver.accounts.passwords import Passwords

MAX_REMEMBERED = 50_000


class _Answer(NamedTuple):
    right: bool
    until: float


class VerifiedPasswords:
    """Remembers keyed digests of address, hash and password together: a changed hash makes everything else unknown.

    The key is made with the process and never leaves it, so the digests are of no use to anyone else. The address is
    part of them because users who do not exist have no hash, and must not be told from others by a faster answer.
    """

    def __init__(
        self, passwords: Passwords, seconds: float = 600.0, clock: Callable[[], float] = time.monotonic
    ) -> None:
        self._passwords = passwords
        self._seconds = seconds
        self._clock = clock
        self._key = secrets.token_bytes(64)
        self._answers: dict[bytes, _Answer] = {}

    def recall(self, address: str, stored: str | None, password: str) -> bool | None:
        """Whether the password was right a short while ago; None when it was not checked then."""
        answer = self._answers.get(self.fingerprint(address, stored, password))
        return answer.right if answer is not None and answer.until > self._clock() else None

    async def check(self, address: str, stored: str | None, password: str) -> bool:
        """As `Passwords.verify`, unless `recall` knows."""
        right = self.recall(address, stored, password)
        if right is None:
            right = await self._passwords.verify(stored, password)
            self._remember(self.fingerprint(address, stored, password), right)
        return right

    def fingerprint(self, address: str, stored: str | None, password: str) -> bytes:
        """A digest that tells whether the same was tried before, and nothing else."""
        return blake2b(f"{address}\0{stored or ''}\0{password}".encode(), key=self._key, digest_size=32).digest()

    def _remember(self, digest: bytes, right: bool) -> None:
        self._answers.pop(digest, None)
        self._answers[digest] = _Answer(right, self._clock() + self._seconds)
        if len(self._answers) > MAX_REMEMBERED:
            del self._answers[next(iter(self._answers))]
