# SPDX-License-Identifier: GPL-3.0-or-later
"""Large bodies around a transaction: durable before it, removed again when it fails."""

from __future__ import annotations

import sqlite3
from collections.abc import AsyncIterator, Iterable, Sequence
from contextlib import asynccontextmanager

from ikserver.model.mail import Body, SpooledFile
from ikserver.store.api.errors import StoreError
from ikserver.store.embedded.database import told
from ikserver.store.embedded.mail.bodies import INLINE_BELOW, BlobFiles
from ikserver.store.embedded.mail.connections import AccountDatabase
from ikserver.store.embedded.mail.kept import Kept, M


@asynccontextmanager
async def keeping(
    database: AccountDatabase, files: BlobFiles, messages: Sequence[M]
) -> AsyncIterator[Sequence[Kept[M]]]:
    """Within the block the bodies are durable. When the block is refused they go; when it is cancelled they stay,
    because the transaction may still happen (the sweeper removes them if not)."""
    kept: list[Kept[M]] = []
    try:
        for message in messages:
            kept.append(await _keep(database, files, message))
        yield kept
    except (StoreError, sqlite3.Error, OSError) as error:
        await database.in_thread(lambda: files.discard(one.file for one in kept if one.file is not None))
        raise told(error) from error
    spooled = [body for message in messages if isinstance(body := message.body, SpooledFile)]
    if spooled:
        await database.in_thread(lambda: _remove(spooled))


async def _keep(database: AccountDatabase, files: BlobFiles, message: M) -> Kept[M]:
    body: Body = message.body
    if isinstance(body, bytes) and len(body) < INLINE_BELOW:
        return Kept(message)
    return Kept(message, await database.in_thread(lambda: files.keep(body)))


def _remove(spooled: Iterable[SpooledFile]) -> None:
    for body in spooled:
        body.path.unlink(missing_ok=True)
