# SPDX-License-Identifier: GPL-3.0-or-later
"""Checks who signs in: account passwords, device passwords and SCRAM, with pauses for those who guess."""

from __future__ import annotations

import asyncio
import math
import time
from collections.abc import Callable, Coroutine
from typing import Any
from weakref import WeakValueDictionary

from ikserver.accounts.api import Login, LoginDisabled, LoginLocked, LoginRefused
from ikserver.accounts.devices import DeviceKey, device_of
from ikserver.accounts.names import canonical
from ikserver.accounts.passwords import Passwords
from ikserver.accounts.throttle import Throttle, client_of
from ikserver.accounts.verified import VerifiedPasswords
from ikserver.accounts.verifier import StoredVerifier, candidates
from ikserver.model.account import Credentials, DevicePassword, Scope, State
from ikserver.store.api.directory import Directory

LAST_USED_SECONDS = 3600
"""How coarse the last use of a device password is: one write an hour at most."""


class PasswordAuthenticator:
    """Implements `ikserver.accounts.api.Authenticator`."""

    def __init__(
        self,
        directory: Directory,
        passwords: Passwords,
        key: DeviceKey,
        throttle: Throttle,
        clock: Callable[[], float] = time.time,
    ) -> None:
        self._directory = directory
        self._passwords = passwords
        self._verified = VerifiedPasswords(passwords)
        self._key = key
        self._throttle = throttle
        self._clock = clock
        self._turns: WeakValueDictionary[str, asyncio.Lock] = WeakValueDictionary()
        self._later: dict[object, asyncio.Task[None]] = {}

    async def password(self, user: str, password: str, peer: str, scope: Scope = Scope.MAIL) -> Login:
        """See Authenticator. A wrong user name costs as much time as a wrong password."""
        address, credentials = await self._lookup(user)
        digest = self._key.digest(password)
        if credentials is not None and digest is not None:
            device = device_of(credentials, digest, scope)
            if device is not None:
                # Nobody guesses these, so whoever has one need not wait while others guess at the account.
                return self._admit(credentials, device, peer)
        self._wait_for(address, peer)
        stored = credentials.password if credentials else None
        if self._verified.recall(address, stored, password) is not None:
            return await self._by_account(address, credentials, password, peer)
        # One at a time for each client: it can neither have many guesses under way before the first failure counts,
        # nor keep every thread from the others.
        async with self._turns.setdefault(client_of(peer), asyncio.Lock()):
            self._wait_for(address, peer)
            return await self._by_account(address, credentials, password, peer)

    async def _by_account(self, address: str, credentials: Credentials | None, password: str, peer: str) -> Login:
        stored = credentials.password if credentials else None
        if await self._verified.check(address, stored, password):
            # Hashing takes its time: what was changed meanwhile counts.
            current = await self._directory.accounts.credentials(address)
            if current is not None and current.password == stored:
                self._renew(current, password)
                return self._admit(current, None, peer)
        raise self._refuse(address, peer, self._verified.fingerprint(address, stored, password))

    async def scram(self, user: str, peer: str, scope: Scope = Scope.MAIL) -> StoredVerifier:
        """See Authenticator."""
        generation = self._directory.generation()
        address, credentials = await self._lookup(user)
        self._wait_for(address, peer)

        def admit(device: DevicePassword | None) -> Login:
            # The client may take long to answer: a password that was revoked meanwhile must not open a session.
            if credentials is None or self._directory.generation() != generation:
                raise LoginRefused("something was changed at this moment; try again")
            return self._admit(credentials, device, peer)

        def refuse() -> LoginRefused:
            return self._refuse(address, peer, None)

        if credentials is None or not self._passwords.scram:
            scram = self._passwords.invented_salt(lambda octets: self._key.invented_salt(address, octets))
            return StoredVerifier(scram.salt, scram.iterations, (), admit, refuse)
        scram = credentials.scram
        return StoredVerifier(scram.salt, scram.iterations, candidates(credentials, scope), admit, refuse)

    async def close(self) -> None:
        """Finish what is being written in the background."""
        while self._later:
            await asyncio.wait(self._later.values())

    async def _lookup(self, user: str) -> tuple[str, Credentials | None]:
        """The address that counts for pauses, and what opens it."""
        credentials = await self._directory.accounts.credentials(canonical(user))
        return credentials.account.address if credentials else canonical(user), credentials

    def _wait_for(self, address: str, peer: str) -> None:
        """Raises LoginLocked."""
        pause = self._throttle.pause(address, peer)
        if pause > 0:
            raise LoginLocked(math.ceil(pause))

    def _admit(self, credentials: Credentials, device: DevicePassword | None, peer: str) -> Login:
        account = credentials.account
        self._throttle.succeeded(account.address, peer)
        if account.state is not State.ACTIVE:
            raise LoginDisabled("this account is not active")
        now = int(self._clock())
        if device is not None and now - (device.last_used or 0) >= LAST_USED_SECONDS:
            self._in_background(device.id, self._directory.devices.used(device.id, now))
        return Login(account.id, account.address, device.id if device else None, credentials.epoch)

    def _refuse(self, address: str, peer: str, fingerprint: bytes | None) -> LoginRefused:
        self._throttle.failed(address, peer, fingerprint)
        return LoginRefused("wrong user name or password")

    def _renew(self, credentials: Credentials, password: str) -> None:
        """Hash the password anew when costs, or whether SCRAM is on, have changed since it was set."""
        stored = credentials.password
        if stored is not None and (
            self._passwords.is_outdated(stored)
            or (credentials.keys is not None) != self._passwords.scram
            or self._passwords.salt_of(credentials) != credentials.scram
        ):
            self._in_background(stored, self._rehash(credentials, stored, password))

    async def _rehash(self, credentials: Credentials, stored: str, password: str) -> None:
        hashed = await self._passwords.hash(password)
        scram = self._passwords.salt_of(credentials)
        keys = await self._passwords.keys(password, scram)
        await self._directory.accounts.set_password(
            credentials.account.id, hashed, keys, scram=scram, instead_of=stored
        )

    def _in_background(self, subject: object, work: Coroutine[Any, Any, None]) -> None:
        """Nobody waits for `work`, which is done once for a subject however often it is asked for at the same time."""
        if subject in self._later:
            work.close()
            return
        task = asyncio.ensure_future(work)
        self._later[subject] = task
        task.add_done_callback(lambda _: self._later.pop(subject))
