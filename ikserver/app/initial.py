# SPDX-License-Identifier: GPL-3.0-or-later
"""What a new server has before its first start."""

from __future__ import annotations

from ikserver.accounts.devices import DeviceKey
from ikserver.app.certificate import certificate_files
from ikserver.app.stores import open_stores
from ikserver.settings import Settings


async def initialise(settings: Settings) -> None:
    """Make the data directory, its keys, certificate and databases; what is there is kept.

    Raises OSError, SettingsError, StoreBroken.
    """
    async with open_stores(settings):
        DeviceKey.load(settings.data / "keys")
        certificate_files(settings)
