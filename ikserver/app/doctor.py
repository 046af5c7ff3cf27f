# SPDX-License-Identifier: GPL-3.0-or-later
"""Looks a server over, while it runs or not: permissions, certificate, ports, databases and bodies. Changes nothing."""

from __future__ import annotations

import asyncio
import os
import sqlite3
import stat
from collections.abc import AsyncIterator, Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from enum import Enum
from pathlib import Path

from ikserver.app.alerts import ledger
from ikserver.app.certificate import certificate_paths, further_paths
from ikserver.app.lock import is_running
from ikserver.app.naming import host_name
from ikserver.app.records import Record
from ikserver.app.sockets import addresses
from ikserver.app.stores import Stores, open_stores
from ikserver.listeners.certificates import ends, names_of
from ikserver.listeners.tcp import bind
from ikserver.listeners.tls import CertificateFiles
from ikserver.model.ids import AccountId
from ikserver.settings import Address, Settings, SettingsError
from ikserver.store.api.errors import StoreError
from ikserver.store.api.queue import QueueState
from ikserver.store.embedded.integrity import database_faults
from ikserver.store.embedded.server_file import FILE_NAME

CONNECT_SECONDS = 5.0
FEW_DAYS = 14


class Level(Enum):
    """A warning does not change the exit code."""

    OK = "ok"
    WARNING = "warning"
    FAULT = "fault"


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing that was looked at. `record` is what DNS should say of it."""

    area: str
    level: Level
    text: str
    record: Record | None = None


async def examine(settings: Settings) -> AsyncIterator[Finding]:
    """Everything that was looked at, as it is found."""
    if not settings.data.is_dir():
        yield Finding("data", Level.FAULT, f"{settings.data} is not there: ikserver init makes it")
        return
    for finding in (*_permissions(settings.data), *_room(settings), *_certificates(settings)):
        yield finding
    runs = is_running(settings.data)
    for finding in _alerts(settings.data) if runs else ():
        yield finding
    for name, wanted in addresses(settings.listen).items():
        for address in wanted:
            yield await _answers(name, address) if runs else _is_free(name, address)
    broken = await asyncio.to_thread(database_faults, settings.data / FILE_NAME)
    if broken:
        yield Finding("directory", Level.FAULT, f"{FILE_NAME}: {'; '.join(broken)}")
        return
    async with open_stores(settings) as stores:
        async for finding in _contents(stores):
            yield finding


def _alerts(data: Path) -> Iterator[Finding]:
    """Those that the server has told."""
    standing = ledger.read(data)
    if not standing:
        yield Finding("alerts", Level.OK, "none stands")
    for one in standing:
        since = datetime.fromtimestamp(one.since, UTC)
        yield Finding(
            "alerts", Level.WARNING, f"{one.alert.subject}, since {since:%Y-%m-%d %H:%M} UTC: {one.alert.text}"
        )


def _permissions(data: Path) -> Iterator[Finding]:
    secrets = [data, *(data / name for name in ("mail", "spool", "run"))]
    secrets += [path for folder in ("keys", "tls") for path in (data / folder).glob("*key*")]
    secrets += (data / "keys").rglob("*.pem")
    found = [_permission(path, data.stat().st_uid) for path in secrets if path.exists()]
    faults = [finding for finding in found if finding is not None]
    yield from faults or [Finding("permissions", Level.OK, f"{data} and its keys are closed to others")]


def _permission(path: Path, owner: int) -> Finding | None:
    status = path.stat()
    if status.st_uid != owner:
        return Finding("permissions", Level.FAULT, f"{path} belongs to another user than the data directory")
    # Folders inside are protected by the data directory itself.
    exposed = stat.S_IMODE(status.st_mode) & 0o077
    if exposed and (path.is_file() or path.parent.stat().st_mode & 0o077):
        return Finding("permissions", Level.FAULT, f"others can reach {path}: chmod go= {path}")
    return None


def _room(settings: Settings) -> Iterator[Finding]:
    free = os.statvfs(settings.data)
    octets = free.f_bavail * free.f_frsize
    level = Level.OK if octets >= settings.alerts.room_low else Level.WARNING
    yield Finding("room", level, f"{octets / 10**9:.1f} GB free")


def _certificates(settings: Settings) -> Iterator[Finding]:
    try:
        path, key = certificate_paths(settings)
    except SettingsError as error:
        yield Finding("certificate", Level.FAULT, str(error))
        return
    if not path.exists() and settings.tls.certificate is None:
        yield Finding("certificate", Level.WARNING, f"{path} is not there yet: the server makes it when it starts")
        return
    for pair in (path, key), *further_paths(settings):
        yield _certificate(*pair)
    try:
        names = names_of(path)
    except (OSError, ValueError):
        return
    host = host_name(settings)
    if not {host, "*." + host.partition(".")[2]} & set(names):
        yield Finding("certificate", Level.WARNING, f"{path} is for {', '.join(names)}, not for {host}")


def _certificate(path: Path, key: Path) -> Finding:
    try:
        CertificateFiles(path, key)
        left = (ends(path) - datetime.now(UTC)).days
    except (OSError, ValueError) as error:
        return Finding("certificate", Level.FAULT, f"{path} cannot be used: {error}")
    if left < 0:
        return Finding("certificate", Level.FAULT, f"{path} has ended")
    return Finding("certificate", Level.OK if left >= FEW_DAYS else Level.WARNING, f"{path} ends in {left} days")


def _is_free(name: str, address: Address) -> Finding:
    try:
        for bound in bind(address.host, address.port):
            bound.close()
    except OSError as error:
        return Finding("ports", Level.FAULT, f"{name}: {error.strerror}")
    return Finding("ports", Level.OK, f"{name}: {address} is free")


async def _answers(name: str, address: Address) -> Finding:
    host = address.host or "localhost"
    try:
        _, writer = await asyncio.wait_for(asyncio.open_connection(host, address.port), CONNECT_SECONDS)
    except (OSError, TimeoutError) as error:
        return Finding("ports", Level.FAULT, f"{name}: {address} does not answer: {error}")
    writer.close()
    return Finding("ports", Level.OK, f"{name}: {address} answers")


async def _contents(stores: Stores) -> AsyncIterator[Finding]:
    accounts = await stores.directory.accounts.list()
    yield Finding("directory", Level.OK, f"{FILE_NAME} is whole: {len(accounts)} accounts")
    waiting = await stores.queue.entries()
    given_up = sum(entry.state is QueueState.GIVEN_UP for entry in waiting)
    level = Level.WARNING if given_up else Level.OK
    yield Finding("queue", level, f"{len(waiting)} recipients wait, {given_up} were given up")
    for account in filter(lambda account: account.mailbox, accounts):
        faults = await _mail_faults(stores, account.id)
        for fault in faults:
            yield Finding("mail", Level.FAULT, f"{account.address}: {fault}")
        if not faults:
            yield Finding("mail", Level.OK, f"{account.address} is whole")
    known = {account.id for account in accounts}
    for left in sorted(set(await stores.mail.accounts()) - known):
        yield Finding("mail", Level.WARNING, f"mail/{left} is of an account that was removed")


async def _mail_faults(stores: Stores, account: AccountId) -> Sequence[str]:
    try:
        return await stores.mail.check(account)
    except (sqlite3.Error, StoreError) as error:
        return [str(error)]
