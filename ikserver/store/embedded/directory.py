# SPDX-License-Identifier: GPL-3.0-or-later
"""The directory in DATA/server.sqlite, shared by every worker and by the command line."""

from __future__ import annotations

import time
from collections.abc import Callable
from concurrent.futures import Executor, ThreadPoolExecutor
from pathlib import Path

from ikserver.store.api.directory import Directory
from ikserver.store.embedded.directory_accounts import EmbeddedAccounts, EmbeddedDomains
from ikserver.store.embedded.directory_addresses import EmbeddedAddresses
from ikserver.store.embedded.directory_database import DirectoryDatabase
from ikserver.store.embedded.directory_devices import EmbeddedDevicePasswords
from ikserver.store.embedded.directory_invitations import EmbeddedInvitations
from ikserver.store.embedded.directory_origins import EmbeddedOriginPolicies
from ikserver.store.embedded.directory_people import EmbeddedOrganisations, EmbeddedPeople
from ikserver.store.embedded.server_file import FILE_NAME


def open_directory(root: Path, *, threads: Executor | None = None, clock: Callable[[], float] = time.time) -> Directory:
    """Open or make the directory of a data directory. Raises StoreBroken. Close it when done."""
    own = ThreadPoolExecutor(1, "directory") if threads is None else None
    database = DirectoryDatabase(root / FILE_NAME, threads or own)  # type: ignore[arg-type]

    async def close() -> None:
        await database.close()
        if own is not None:
            own.shutdown()

    return Directory(
        EmbeddedOrganisations(database),
        EmbeddedPeople(database),
        EmbeddedDomains(database),
        EmbeddedAccounts(database),
        EmbeddedAddresses(database),
        EmbeddedDevicePasswords(database, clock),
        EmbeddedInvitations(database),
        EmbeddedOriginPolicies(database),
        database.generation,
        close,
    )
