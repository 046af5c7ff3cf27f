# SPDX-License-Identifier: GPL-3.0-or-later
"""Device passwords: 130 random bits each, kept as keyed digests, so that a login costs microseconds.

Nobody can guess one, so neither a slow hash nor a salt would add anything; the key, which is not in the database,
keeps even a digest from being compared with anything.
"""

from __future__ import annotations

import secrets
from hashlib import blake2b
from hmac import compare_digest
from pathlib import Path

from ikserver.accounts.keyfile import load_key
from ikserver.accounts.lifecycle import check_mailbox
from ikserver.accounts.passwords import TYPEABLE, Passwords
from ikserver.changes import Changes
from ikserver.model.account import Credentials, DevicePassword, Scope
from ikserver.model.changes import Revoked
from ikserver.model.ids import AccountId, PersonId
from ikserver.store.api.directory import Directory, NewDevicePassword
from ikserver.store.api.errors import NotFound

KEY_FILE = "device.key"

_SYMBOLS = 26
_MISREAD = str.maketrans("oil", "011", "- ")


def new_device_password() -> str:
    """Five groups for typing, such as 7kq2m-x0d9f-….."""
    symbols = "".join(secrets.choice(TYPEABLE) for _ in range(_SYMBOLS))
    return "-".join((symbols[:5], symbols[5:10], symbols[10:15], symbols[15:20], symbols[20:]))


class DeviceKey:
    """The server's key for digests of device passwords, from DATA/keys."""

    def __init__(self, key: bytes) -> None:
        self._key = key

    @classmethod
    def load(cls, folder: Path) -> DeviceKey:
        """The key in the folder, new the first time."""
        return cls(load_key(folder, KEY_FILE))

    def digest(self, password: str) -> bytes | None:
        """What is stored of a device password, however it is typed; None for what cannot be one."""
        symbols = password.lower().translate(_MISREAD)
        if len(symbols) != _SYMBOLS or not symbols.isascii():
            return None
        return blake2b(symbols.encode(), key=self._key, digest_size=32).digest()

    def invented_salt(self, user: str, octets: int) -> bytes:
        """A salt for a user who does not exist: always the same, and no different from a real one."""
        return blake2b(user.encode(), key=self._key, digest_size=octets, person=b"invented salt").digest()


def device_of(credentials: Credentials, digest: bytes, scope: Scope) -> DevicePassword | None:
    """The device password with that digest that may be used for `scope`; takes the same time for each."""
    found = None
    for device in credentials.devices:
        if compare_digest(device.digest, digest) and scope in device.scopes:
            found = device
    return found


async def add_device_password(
    directory: Directory,
    passwords: Passwords,
    key: DeviceKey,
    address: str,
    name: str,
    *,
    person: PersonId | None = None,
    scopes: frozenset[Scope] = frozenset(Scope),
) -> str:
    """Make a device password for a canonical address and return it: it cannot be shown again. Raises StoreError.

    SCRAM clients must send it as it is printed, hyphens included; others may leave them out.
    """
    credentials = await directory.accounts.credentials(address)
    if credentials is None:
        raise NotFound(f"there is no account {address}")
    check_mailbox(credentials.account)
    password = new_device_password()
    digest = key.digest(password)
    assert digest is not None  # noqa: S101 - it was made a line ago
    keys = await passwords.keys(password, credentials.scram)
    await directory.devices.add(NewDevicePassword(credentials.account.id, person, name, digest, scopes, keys))
    return password


async def revoke_device_password(directory: Directory, changes: Changes, account: AccountId, name: str) -> None:
    """End a device password and its live sessions. Raises NotFound."""
    for device in await directory.devices.list(account):
        if device.name == name:
            await directory.devices.remove(device.id)
            changes.publish(Revoked(account, device.id))
            return
    raise NotFound(f"there is no device password named {name}")
