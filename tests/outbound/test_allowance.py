# SPDX-License-Identifier: GPL-3.0-or-later
"""LIM-01: so many recipients in 24 hours, by address and by organisation."""

from __future__ import annotations

from collections.abc import AsyncIterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import asynccontextmanager
from pathlib import Path

import pytest

from ikserver.model.ids import AccountId
from ikserver.outbound.allowance import Allowance, OverLimit
from ikserver.store.api.sendings import Limits
from ikserver.store.embedded.directory import open_directory
from ikserver.store.embedded.sendings import open_sendings
from tests.accounts.world import populate
from tests.outbound.post import NOW, Clock
from tests.support import on_loop

DAY = 86_400


@asynccontextmanager
async def allowance(root: Path, limits: Limits, clock: Clock) -> AsyncIterator[tuple[Allowance, AccountId, AccountId]]:
    """For two accounts of one organisation."""
    directory = open_directory(root)
    known = await populate(directory, "alice", "bob") if not (root / "made").exists() else {}
    accounts = known or {a.address.partition("@")[0]: a for a in await directory.accounts.list()}
    (root / "made").touch()
    with ThreadPoolExecutor(2) as threads:
        sendings = open_sendings(root, threads)
        yield Allowance(sendings, directory.organisations, limits, clock), accounts["alice"].id, accounts["bob"].id
        await sendings.close()
    await directory.close()


@on_loop
async def test_the_recipient_after_the_last_has_to_wait_until_the_first_is_a_day_old(tmp_path: Path) -> None:
    clock = Clock()
    limits = Limits(account=1440, organisation=0)
    async with allowance(tmp_path, limits, clock) as (given, alice, bob):
        await given.take(alice, 40)
        clock.now = NOW + 3600
        await given.take(alice, 1400)
        with pytest.raises(OverLimit, match="limit of 1440 recipients in 24 hours is reached for your address"):
            await given.check(alice, 1)
        await given.check(bob, 1)
    # It is remembered by the disk.
    clock.now = NOW + DAY - 60
    async with allowance(tmp_path, limits, clock) as (given, alice, bob):
        with pytest.raises(OverLimit):
            await given.take(alice, 1)
        clock.now = NOW + DAY
        await given.take(alice, 40)
        with pytest.raises(OverLimit):
            await given.check(alice, 1)


@on_loop
async def test_an_organisation_has_a_limit_too(tmp_path: Path) -> None:
    async with allowance(tmp_path, Limits(account=0, organisation=10), Clock()) as (given, alice, bob):
        await given.take(alice, 6)
        await given.take(bob, 4)
        with pytest.raises(OverLimit, match="for your organisation"):
            await given.take(bob, 1)


@on_loop
async def test_without_limits_nothing_is_counted(tmp_path: Path) -> None:
    async with allowance(tmp_path, Limits(account=0, organisation=0), Clock()) as (given, alice, _):
        await given.take(alice, 1_000_000)
        await given.check(alice, 1_000_000)
