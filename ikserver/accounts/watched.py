# SPDX-License-Identifier: GPL-3.0-or-later
"""Ends the sessions of logins that hold no longer. The directory says which these are, a hint only when to look."""

from __future__ import annotations

import asyncio
import logging
from collections import defaultdict
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass

from ikserver.accounts.api import Login
from ikserver.changes import Changes
from ikserver.model.account import Credentials, State
from ikserver.model.changes import Hint, Revoked
from ikserver.model.ids import AccountId
from ikserver.store.api.directory import Directory

LOOK_SECONDS = 1.0
"""How late a session ends whose hint was lost."""

logger = logging.getLogger("ikserver.accounts")


@dataclass(frozen=True, slots=True, eq=False)
class _Watch:
    login: Login
    ended: Callable[[], None]


class WatchedLogins:
    """Implements `ikserver.accounts.api.LiveLogins`, as long as `run` runs: once for all sessions of a process."""

    def __init__(self, directory: Directory, changes: Changes) -> None:
        self._directory = directory
        self._changes = changes
        self._watches: defaultdict[AccountId, set[_Watch]] = defaultdict(set)
        self._suspects: set[AccountId] = set()
        self._hinted = asyncio.Event()
        self._generation = directory.generation()

    def watch(self, login: Login, ended: Callable[[], None]) -> Callable[[], None]:
        """See LiveLogins."""
        watch = _Watch(login, ended)
        self._watches[login.account].add(watch)
        # What was changed between the check of the password and now has had its hint already.
        self._suspects.add(login.account)
        stop_hearing = self._changes.subscribe(login.account, self._hear)

        def stop() -> None:
            stop_hearing()
            self._forget(watch)

        return stop

    async def run(self) -> None:
        """Look when a hint says so, and at all logins within a second of a change of the directory."""
        while True:
            with suppress(TimeoutError):
                await asyncio.wait_for(self._hinted.wait(), LOOK_SECONDS)
            self._hinted.clear()
            try:
                await self._look()
            except Exception:
                logger.exception("login-check-failed")
                self._generation = -1

    async def _look(self) -> None:
        generation = self._directory.generation()
        accounts = [*self._suspects, *(self._watches if generation != self._generation else ())]
        self._suspects.clear()
        self._generation = generation
        for account in accounts:
            await self._look_at(account)
            # Thousands of accounts must not keep the loop from its other work.
            await asyncio.sleep(0)

    async def _look_at(self, account: AccountId) -> None:
        watches = tuple(self._watches.get(account, ()))
        # An account has one address of its own, which never changes.
        credentials = await self._directory.accounts.credentials(watches[0].login.address) if watches else None
        for watch in watches:
            if not _holds(watch.login, credentials):
                self._forget(watch)
                watch.ended()

    def _hear(self, hint: Hint) -> None:
        if isinstance(hint, Revoked):
            self._suspects.add(hint.account)
            self._hinted.set()

    def _forget(self, watch: _Watch) -> None:
        watches = self._watches[watch.login.account]
        watches.discard(watch)
        if not watches:
            del self._watches[watch.login.account]


def _holds(login: Login, credentials: Credentials | None) -> bool:
    """Whether who logged in would still be let in with what was used then."""
    return (
        credentials is not None
        and credentials.account.id == login.account
        and credentials.account.state is State.ACTIVE
        and credentials.epoch == login.epoch
        and (login.device is None or any(device.id == login.device for device in credentials.devices))
    )
