# SPDX-License-Identifier: GPL-3.0-or-later
"""Sessions end when their login holds no longer, also when no hint of it arrives."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from pathlib import Path

import pytest

from ikserver.accounts import watched
from ikserver.accounts.api import Login
from ikserver.accounts.lifecycle import set_password
from ikserver.accounts.passwords import Passwords
from ikserver.accounts.watched import WatchedLogins
from ikserver.changes import Changes
from ikserver.model.account import Account, Scope, State
from ikserver.model.changes import Revoked
from ikserver.model.ids import DevicePasswordId
from ikserver.store.api.directory import Directory, NewDevicePassword
from ikserver.store.embedded.directory import open_directory
from tests.accounts.world import populate
from tests.support import on_loop

SOON = 10.0


@asynccontextmanager
async def watching(directory: Directory, changes: Changes) -> AsyncIterator[WatchedLogins]:
    logins = WatchedLogins(directory, changes)
    running = asyncio.ensure_future(logins.run())
    yield logins
    running.cancel()


async def login(directory: Directory, account: Account, device: DevicePasswordId | None = None) -> Login:
    credentials = await directory.accounts.credentials(account.address)
    assert credentials is not None
    return Login(account.id, account.address, device, credentials.epoch)


async def device(directory: Directory, account: Account, name: str) -> DevicePasswordId:
    new = NewDevicePassword(account.id, None, name, b"", frozenset(Scope), None)
    return (await directory.devices.add(new)).id


def sessions(logins: WatchedLogins, **of: Login) -> tuple[dict[str, asyncio.Event], dict[str, Callable[[], None]]]:
    """For each login by name: what is set when it has ended, and what ends the watch."""
    ended = {name: asyncio.Event() for name in of}
    return ended, {name: logins.watch(each, ended[name].set) for name, each in of.items()}


async def settle(logins: WatchedLogins, account: Account) -> None:
    """Wait until all is looked at that has happened so far: a login that never held has ended."""
    ended = asyncio.Event()
    logins.watch(Login(account.id, account.address, epoch=-1), ended.set)
    await asyncio.wait_for(ended.wait(), SOON)


@on_loop
async def test_sessions_end_though_no_hint_arrives(tmp_path: Path, directory: Directory) -> None:
    people = await populate(directory, "alice", "bob", "carol", "dave", "eve")
    phone, laptop = [await device(directory, people["eve"], name) for name in ("phone", "laptop")]
    # The one who changes it is another process, whose hints are lost.
    elsewhere = open_directory(tmp_path)
    async with watching(directory, Changes()) as logins:
        ended, _ = sessions(
            logins,
            **{name: await login(directory, account) for name, account in people.items()},
            phone=await login(directory, people["eve"], phone),
            laptop=await login(directory, people["eve"], laptop),
        )
        await settle(logins, people["dave"])
        await elsewhere.accounts.set_password(people["alice"].id, "another hash", None)
        await elsewhere.accounts.set_state(people["bob"].id, State.DISABLED)
        # He is active again before anybody could have looked.
        await elsewhere.accounts.set_state(people["bob"].id, State.ACTIVE)
        await elsewhere.accounts.remove(people["carol"].id)
        await elsewhere.devices.remove(phone)
        for name in ("alice", "bob", "carol", "phone"):
            await asyncio.wait_for(ended.pop(name).wait(), SOON)
        assert [name for name, event in ended.items() if event.is_set()] == []
    await elsewhere.close()


@on_loop
async def test_a_hint_ends_them_at_once(
    directory: Directory, passwords: Passwords, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(watched, "LOOK_SECONDS", 3600.0)
    alice = (await populate(directory, "alice"))["alice"]
    changes = Changes()
    async with watching(directory, changes) as logins:
        ended, _ = sessions(logins, alice=await login(directory, alice))
        await set_password(directory, passwords, changes, "alice@a.test", "new")
        await asyncio.wait_for(ended["alice"].wait(), SOON)


@on_loop
async def test_who_logs_in_after_the_change_stays(directory: Directory, passwords: Passwords) -> None:
    alice = (await populate(directory, "alice"))["alice"]
    changes = Changes()
    async with watching(directory, changes) as logins:
        before = await login(directory, alice)
        await set_password(directory, passwords, changes, "alice@a.test", "new")
        await settle(logins, alice)
        # One was admitted just before the change and begins to be watched only now.
        ended, _ = sessions(logins, before=before, after=await login(directory, alice))
        # A hint may come twice.
        changes.hear(Revoked(alice.id))
        await asyncio.wait_for(ended["before"].wait(), SOON)
        assert not ended["after"].is_set()


@on_loop
async def test_a_session_that_is_over_hears_nothing(directory: Directory, passwords: Passwords) -> None:
    alice = (await populate(directory, "alice"))["alice"]
    changes = Changes()
    async with watching(directory, changes) as logins:
        ended, stop = sessions(logins, over=await login(directory, alice), live=await login(directory, alice))
        stop["over"]()
        await set_password(directory, passwords, changes, "alice@a.test", "new")
        await asyncio.wait_for(ended["live"].wait(), SOON)
        assert not ended["over"].is_set()
        stop["live"]()


@on_loop
async def test_a_hash_that_is_renewed_ends_nothing(directory: Directory) -> None:
    people = await populate(directory, "alice", "bob")
    await directory.accounts.set_password(people["alice"].id, "hash", None)
    async with watching(directory, Changes()) as logins:
        ended, _ = sessions(logins, **{name: await login(directory, each) for name, each in people.items()})
        await directory.accounts.set_password(people["alice"].id, "dearer hash", None, instead_of="hash")
        await directory.accounts.set_password(people["bob"].id, "hash", None)
        await asyncio.wait_for(ended["bob"].wait(), SOON)
        assert not ended["alice"].is_set()
