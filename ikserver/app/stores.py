# SPDX-License-Identifier: GPL-3.0-or-later
"""Opens what a data directory holds. This is the only place that picks a back end."""

from __future__ import annotations

import asyncio
import sqlite3
from collections.abc import AsyncIterator
from concurrent.futures import Executor, ThreadPoolExecutor
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Protocol, TypeVar

from ikserver.changes import Changes
from ikserver.listeners.hints import HintSender
from ikserver.settings import Settings
from ikserver.store.api.activity import Activity
from ikserver.store.api.directory import Directory
from ikserver.store.api.errors import StoreBroken
from ikserver.store.api.greylist import Greylist
from ikserver.store.api.mail import MailStore
from ikserver.store.api.queue import Queue
from ikserver.store.api.scripts import GlobalScripts
from ikserver.store.api.sendings import Sendings
from ikserver.store.api.spam import SpamStore
from ikserver.store.api.stspolicies import StsPolicies
from ikserver.store.api.tallies import Tallies
from ikserver.store.api.tlssessions import TlsSessions
from ikserver.store.embedded.activity import open_activity
from ikserver.store.embedded.directory import open_directory
from ikserver.store.embedded.globalscripts import open_global_scripts
from ikserver.store.embedded.greylist import open_greylist
from ikserver.store.embedded.mail.store import open_mail_store
from ikserver.store.embedded.queue import open_queue
from ikserver.store.embedded.sendings import open_sendings
from ikserver.store.embedded.server_file import FILE_NAME
from ikserver.store.embedded.spam import open_spam
from ikserver.store.embedded.stspolicies import open_sts_policies
from ikserver.store.embedded.tallies import open_tallies
from ikserver.store.embedded.tlssessions import open_tls_sessions

COMMIT_THREADS = 8
OTHER_THREADS = 4


@dataclass(frozen=True, slots=True)
class Stores:
    """Everything durable, and the way to tell others of a change.

    `threads` is for blocking work on message bodies; commits have threads of their own, so they never wait for it.
    """

    mail: MailStore
    directory: Directory
    queue: Queue
    activity: Activity
    spam: SpamStore
    greylist: Greylist
    sendings: Sendings
    tallies: Tallies
    sts_policies: StsPolicies
    tls_sessions: TlsSessions
    global_scripts: GlobalScripts
    changes: Changes
    threads: Executor
    spool: Path


@asynccontextmanager
async def open_stores(settings: Settings) -> AsyncIterator[Stores]:
    """Open (or make) the stores of `settings.data`; hints of changes reach a server that runs on the same data.

    Raises StoreBroken, OSError.
    """
    data = settings.data
    spool = data / "spool"
    for folder in (data, spool):
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    async with AsyncExitStack() as opened:
        commits = _threads(opened, COMMIT_THREADS, "commits")
        others = _threads(opened, OTHER_THREADS, "bodies")
        sender = HintSender(run_directory(data))
        opened.push_async_callback(sender.close)
        changes = Changes(sender)
        keep = partial(_closed_at_the_end, opened)
        try:
            stores = Stores(
                directory=keep(open_directory(data, threads=commits)),
                queue=keep(open_queue(data, commits)),
                activity=keep(open_activity(data, commits)),
                spam=keep(open_spam(data, commits)),
                greylist=keep(open_greylist(data, commits, round(settings.authentication.greylist_delay))),
                sendings=keep(open_sendings(data, commits)),
                tallies=keep(open_tallies(data, commits)),
                sts_policies=keep(open_sts_policies(data, commits)),
                tls_sessions=keep(open_tls_sessions(data, commits)),
                global_scripts=keep(open_global_scripts(data, commits)),
                mail=keep(open_mail_store(data, changes, threads=commits)),
                changes=changes,
                threads=others,
                spool=spool,
            )
        except sqlite3.DatabaseError as error:
            raise StoreBroken(f"{data / FILE_NAME} cannot be used: {error}") from error
        yield stores


def has_server(data: Path) -> bool:
    """Whether a server keeps its data there."""
    return (data / FILE_NAME).exists()


def run_directory(data: Path) -> Path:
    """Where the processes of one data directory find each other."""
    return data / "run"


class _Store(Protocol):
    async def close(self) -> None: ...


S = TypeVar("S", bound=_Store)


def _closed_at_the_end(opened: AsyncExitStack, store: S) -> S:
    opened.push_async_callback(store.close)
    return store


def _threads(opened: AsyncExitStack, count: int, name: str) -> ThreadPoolExecutor:
    """A pool that ends with `opened`, without holding up the event loop while its last work is done."""
    pool = ThreadPoolExecutor(count, name)
    opened.push_async_callback(asyncio.to_thread, pool.shutdown)
    return pool
