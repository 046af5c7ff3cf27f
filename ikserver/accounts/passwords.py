# SPDX-License-Identifier: GPL-3.0-or-later
"""Account passwords: argon2id (RFC 9106) in threads.

docs/decisions/0006-passwords.md says what the parameters cost an attacker.
"""

from __future__ import annotations

import asyncio
import secrets
from collections.abc import Callable
from concurrent.futures import Executor
from dataclasses import dataclass
from typing import TypeVar

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError

from ikserver.model.account import Credentials, ScramSalt
from protocols.sasl import Keys, Prohibited, derive, saslprep

T = TypeVar("T")

SALT_OCTETS = 16

TYPEABLE = "0123456789abcdefghjkmnpqrstvwxyz"
"""Crockford's base32: no letter that is easily taken for a digit or another one."""


@dataclass(frozen=True, slots=True)
class PasswordCosts:
    """argon2id as the second recommended option of RFC 9106, 4; `memory` in KiB.

    `iterations` is SCRAM's (RFC 7677, 4): Cyrus SASL, and so mutt and others, refuse more than 65,536.
    """

    time: int = 3
    memory: int = 65_536
    parallelism: int = 4
    iterations: int = 60_000
    scram: bool = True


def new_password() -> str:
    """A random password of 100 bits, such as 7kq2m-x0d9f-rw3c8-5nz1p."""
    return "-".join("".join(secrets.choice(TYPEABLE) for _ in range(5)) for _ in range(4))


def prepare(password: str) -> str:
    """What is hashed: the SASLprep form (RFC 4616, 2), or the password as it is where that has none."""
    try:
        return saslprep(password)
    except Prohibited:
        return password


class Passwords:
    """Makes and checks hashes. `threads` bounds how many run at once, and so the memory that they take."""

    def __init__(self, costs: PasswordCosts, threads: Executor) -> None:
        self._costs = costs
        self._threads = threads
        self._hasher = PasswordHasher(costs.time, costs.memory, costs.parallelism)
        self._decoy: str | None = None

    def new_salt(self) -> ScramSalt:
        """For a new account."""
        return ScramSalt(secrets.token_bytes(SALT_OCTETS), self._costs.iterations)

    def salt_of(self, credentials: Credentials) -> ScramSalt:
        """The salt for another password of an account: a new one when costs have changed.

        Device passwords are not known here, so keys of them hold the salt that they were made with.
        """
        scram = credentials.scram
        is_held = any(device.keys for device in credentials.devices)
        return scram if is_held or scram.iterations == self._costs.iterations else self.new_salt()

    def invented_salt(self, make: Callable[[int], bytes]) -> ScramSalt:
        """As `new_salt`, with `make(octets)` in place of chance: for a user who does not exist."""
        return ScramSalt(make(SALT_OCTETS), self._costs.iterations)

    @property
    def scram(self) -> bool:
        """Whether SCRAM keys are kept and used."""
        return self._costs.scram

    async def hash(self, password: str) -> str:
        """An argon2id hash of a password, prepared here."""
        return await self._in_thread(lambda: self._hasher.hash(prepare(password)))

    async def keys(self, password: str, scram: ScramSalt) -> Keys | None:
        """SCRAM keys of a password; None where SCRAM is off."""
        if not self._costs.scram:
            return None
        return await self._in_thread(lambda: derive(prepare(password), scram.salt, scram.iterations))

    async def verify(self, stored: str | None, password: str) -> bool:
        """Whether the password fits. With `stored` None it never does, after the time that it takes otherwise."""
        return await self._in_thread(lambda: self._verify(stored, prepare(password)))

    def is_outdated(self, stored: str) -> bool:
        """Whether a hash was made with other costs than those of today."""
        return self._hasher.check_needs_rehash(stored)

    def _verify(self, stored: str | None, password: str) -> bool:
        if stored is None:
            self._decoy = self._decoy or self._hasher.hash(secrets.token_hex())
        try:
            return self._hasher.verify(stored or self._decoy or "", password) and stored is not None
        except (VerificationError, InvalidHashError):
            return False

    async def _in_thread(self, work: Callable[[], T]) -> T:
        return await asyncio.get_running_loop().run_in_executor(self._threads, work)
