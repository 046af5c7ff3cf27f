# SPDX-License-Identifier: GPL-3.0-or-later
"""Opens what a data directory holds. This is the only place that picks a back end."""

from __future__ import annotations

from collections.abc import AsyncIterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import asynccontextmanager
from dataclasses import dataclass

from ikserver.changes import Changes
from ikserver.listeners.hints import HintSender
from ikserver.settings import Settings
from ikserver.store.api.directory import Directory
from ikserver.store.api.mail import MailStore
from ikserver.store.api.queue import Queue
from ikserver.store.embedded import open_mail_store
from ikserver.store.embedded.directory import open_directory
from ikserver.store.embedded.queue import open_queue

WRITERS = 4
"""Threads that commit; more would only wait for the disk."""


@dataclass(frozen=True, slots=True)
class Stores:
    """Everything durable, and the way to tell others of a change."""

    changes: Changes
    directory: Directory
    mail: MailStore
    queue: Queue


@asynccontextmanager
async def open_stores(settings: Settings) -> AsyncIterator[Stores]:
    """Open (or make) the stores of `settings.data`; hints of changes reach a server that runs on the same data."""
    settings.data.mkdir(mode=0o700, parents=True, exist_ok=True)
    hints = HintSender(settings.data / "run")
    changes = Changes(hints)
    with ThreadPoolExecutor(WRITERS, "writer") as threads:
        directory = open_directory(settings.data, threads=threads)
        queue = open_queue(settings.data, threads)
        mail = open_mail_store(settings.data, changes, threads=threads)
        try:
            yield Stores(changes, directory, mail, queue)
        finally:
            await mail.close()
            await queue.close()
            await directory.close()
            hints.close()
