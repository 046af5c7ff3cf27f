# SPDX-License-Identifier: GPL-3.0-or-later
"""The mail of all accounts: one folder each, opened when first asked for."""

from __future__ import annotations

import asyncio
import logging
import shutil
import sqlite3
import time
from collections import OrderedDict
from collections.abc import Callable, Sequence
from concurrent.futures import Executor
from pathlib import Path
from typing import TypeVar
from weakref import WeakValueDictionary

from ikserver.changes import Changes
from ikserver.model.ids import AccountId
from ikserver.store.api.errors import StoreError
from ikserver.store.embedded.database import told
from ikserver.store.embedded.mail.account import EmbeddedMail
from ikserver.store.embedded.mail.bodies import BlobFiles
from ikserver.store.embedded.mail.connections import AccountDatabase
from ikserver.store.embedded.mail.factcache import FactCache
from ikserver.store.embedded.mail.recent import RecentMailboxes
from ikserver.store.embedded.mail.threads import Threads

logger = logging.getLogger("ikserver.store")
T = TypeVar("T")
RECENT_ACCOUNTS = 64
"""So many accounts stay open when nobody uses them."""


class EmbeddedMailStore:
    """Implements `MailStore`. Accounts that somebody uses stay open, and the most recently used ones."""

    def __init__(self, root: Path, changes: Changes, threads: Threads, clock: Callable[[], float]) -> None:
        self._root = root
        self._changes = changes
        self._threads = threads
        self._clock = clock
        self._mailboxes = RecentMailboxes()
        self._facts = FactCache()
        self._eventful: set[AccountId] = set()
        self._open: WeakValueDictionary[AccountId, EmbeddedMail] = WeakValueDictionary()
        self._recent: OrderedDict[AccountId, EmbeddedMail] = OrderedDict()
        self._opening: dict[AccountId, asyncio.Task[EmbeddedMail]] = {}

    async def mail(self, account: AccountId) -> EmbeddedMail:
        mail = self._open.get(account) or await self._opened(account)
        self._recent[account] = mail
        self._recent.move_to_end(account)
        if len(self._recent) > RECENT_ACCOUNTS:
            self._recent.popitem(last=False)
        return mail

    async def remove(self, account: AccountId) -> None:
        mail = self._open.pop(account, None)
        self._recent.pop(account, None)
        self._mailboxes.forget(account)
        self._facts.forget(account)
        if mail is not None:
            await mail.close()
        await self._in_thread(lambda: shutil.rmtree(self._folder(account), ignore_errors=True))

    async def accounts(self) -> Sequence[AccountId]:
        """Every account that has mail here."""
        folders = await self._in_thread(lambda: list((self._root / "mail").glob("*/mail.sqlite")))
        return sorted(AccountId(int(path.parent.name)) for path in folders)

    def take_eventful(self) -> Sequence[AccountId]:
        eventful = sorted(self._eventful)
        self._eventful.clear()
        return eventful

    async def sweep(self) -> None:
        """The sweep of every account, one after the other; for every few minutes, in one process of those there are."""
        for account in await self.accounts():
            try:
                await (self._open.get(account) or await self._opened(account)).sweep()
            except (StoreError, sqlite3.Error, OSError):
                logger.exception("sweep failed", extra={"fields": {"account": account}})

    async def look(self) -> None:
        for account in list(self._open):
            mail = self._open.get(account)
            if mail is not None:
                mail.look()
            await asyncio.sleep(0)

    async def check(self, account: AccountId) -> Sequence[str]:
        """A sentence for each fault in the mail of an account; empty when all is well."""
        return await (await self.mail(account)).check()

    async def close(self) -> None:
        for mail in list(self._open.values()):
            await mail.close()
        self._recent.clear()
        self._threads.close()

    async def _opened(self, account: AccountId) -> EmbeddedMail:
        """Open an account once, however many ask at the same time."""
        task = self._opening.get(account)
        if task is None:
            task = self._opening[account] = asyncio.get_running_loop().create_task(self._make(account))
            task.add_done_callback(lambda _: self._opening.pop(account))
        return await asyncio.shield(task)

    async def _make(self, account: AccountId) -> EmbeddedMail:
        folder = self._folder(account)
        database = await self._in_thread(lambda: _open_database(folder, self._threads, self._clock))
        files = BlobFiles(folder / "blobs")
        mail = EmbeddedMail(account, database, files, self._changes, self._mailboxes, self._facts, self._eventful)
        self._open[account] = mail
        return mail

    def _folder(self, account: AccountId) -> Path:
        return self._root / "mail" / str(account)

    async def _in_thread(self, work: Callable[[], T]) -> T:
        return await asyncio.get_running_loop().run_in_executor(self._threads.reads, work)


def _open_database(folder: Path, threads: Threads, clock: Callable[[], float]) -> AccountDatabase:
    folder.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    folder.mkdir(mode=0o700, exist_ok=True)
    try:
        return AccountDatabase(folder / "mail.sqlite", threads, clock)
    except sqlite3.Error as error:
        raise told(error) from error


def open_mail_store(
    root: Path, changes: Changes, *, threads: Executor | None = None, clock: Callable[[], float] = time.time
) -> EmbeddedMailStore:
    """The mail below the data directory `root`. `threads` runs the commits; without it the store has its own."""
    return EmbeddedMailStore(root, changes, Threads(threads), clock)
