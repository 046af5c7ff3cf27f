# SPDX-License-Identifier: GPL-3.0-or-later
"""Device passwords: keyed digests, never the passwords."""

from __future__ import annotations

import sqlite3
import time
from collections.abc import Callable, Sequence

from ikserver.model.account import DevicePassword
from ikserver.model.ids import AccountId, DevicePasswordId
from ikserver.store.api.directory import NewDevicePassword
from ikserver.store.api.errors import Exists
from ikserver.store.embedded import directory_rows as rows
from ikserver.store.embedded.directory_database import DirectoryDatabase, found, joined

_INSERT = (
    "INSERT INTO device_passwords (account, person, name, digest, scopes, created, stored_key, server_key)"
    " VALUES (?, ?, ?, ?, ?, ?, ?, ?) RETURNING *"
)


class EmbeddedDevicePasswords:
    def __init__(self, database: DirectoryDatabase, clock: Callable[[], float] = time.time) -> None:
        self._database = database
        self._clock = clock

    async def add(self, new: NewDevicePassword) -> DevicePassword:
        scopes = joined([scope.value for scope in new.scopes])
        stored, server = (new.keys.stored, new.keys.server) if new.keys else (None, None)
        values = (
            new.account,
            new.person,
            new.name,
            new.digest,
            scopes,
            int(self._clock()),
            stored,
            server,
        )

        def insert(connection: sqlite3.Connection) -> DevicePassword:
            taken = "SELECT 1 FROM device_passwords WHERE account = ? AND name = ?"
            if connection.execute(taken, (new.account, new.name)).fetchone():
                raise Exists(f"there is a device password named {new.name} already")
            return rows.device(connection.execute(_INSERT, values).fetchone())

        return await self._database.change(insert)

    async def list(self, account: AccountId) -> Sequence[DevicePassword]:
        found_rows = self._database.all("SELECT * FROM device_passwords WHERE account = ? ORDER BY id", account)
        return [rows.device(row) for row in found_rows]

    async def remove(self, device: DevicePasswordId) -> None:
        await self._database.change(
            lambda connection: found(
                connection.execute("DELETE FROM device_passwords WHERE id = ?", (device,)), "device password"
            )
        )

    async def used(self, device: DevicePasswordId, now: int) -> None:
        await self._database.note("UPDATE device_passwords SET last_used = ? WHERE id = ?", now, device)
