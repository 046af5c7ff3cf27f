# SPDX-License-Identifier: GPL-3.0-or-later
"""LIM-01: so many recipients in 24 hours, by address and by organisation."""

from __future__ import annotations

from collections.abc import AsyncIterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import asynccontextmanager
from dataclasses import replace
from pathlib import Path
from typing import NamedTuple

import pytest

from ikserver.model.ids import AccountId
from ikserver.outbound.allowance import Allowance, Gauge, OverLimit
from ikserver.store.api.directory import Directory
from ikserver.store.api.sendings import Limits
from ikserver.store.embedded.directory import open_directory
from ikserver.store.embedded.sendings import open_sendings
from tests.accounts.world import populate
from tests.outbound.post import NOW, Clock
from tests.support import on_loop

DAY = 86_400


class House(NamedTuple):
    """Two accounts of one organisation."""

    given: Allowance
    directory: Directory
    alice: AccountId
    bob: AccountId


@asynccontextmanager
async def allowance(root: Path, limits: Limits, clock: Clock) -> AsyncIterator[House]:
    directory = open_directory(root)
    known = await populate(directory, "alice", "bob") if not (root / "made").exists() else {}
    accounts = known or {a.address.partition("@")[0]: a for a in await directory.accounts.list()}
    (root / "made").touch()
    with ThreadPoolExecutor(2) as threads:
        sendings = open_sendings(root, threads)
        given = Allowance(sendings, directory.organisations, directory.accounts, limits, clock)
        yield House(given, directory, accounts["alice"].id, accounts["bob"].id)
        await sendings.close()
    await directory.close()


@on_loop
async def test_the_recipient_after_the_last_has_to_wait_until_the_first_is_a_day_old(tmp_path: Path) -> None:
    clock = Clock()
    limits = Limits(account=1440, organisation=0)
    async with allowance(tmp_path, limits, clock) as (given, _, alice, bob):
        await given.take(alice, 40)
        clock.now = NOW + 3600
        await given.take(alice, 1400)
        with pytest.raises(OverLimit, match="limit of 1440 recipients in 24 hours is reached for your address"):
            await given.check(alice, 1)
        await given.check(bob, 1)
    # It is remembered by the disk.
    clock.now = NOW + DAY - 60
    async with allowance(tmp_path, limits, clock) as (given, _, alice, bob):
        with pytest.raises(OverLimit):
            await given.take(alice, 1)
        clock.now = NOW + DAY
        await given.take(alice, 40)
        with pytest.raises(OverLimit):
            await given.check(alice, 1)


@on_loop
async def test_an_organisation_has_a_limit_too(tmp_path: Path) -> None:
    async with allowance(tmp_path, Limits(account=0, organisation=10), Clock()) as (given, _, alice, bob):
        await given.take(alice, 6)
        await given.take(bob, 4)
        with pytest.raises(OverLimit, match="for your organisation"):
            await given.take(bob, 1)


@on_loop
async def test_without_limits_nothing_is_counted(tmp_path: Path) -> None:
    async with allowance(tmp_path, Limits(account=0, organisation=0), Clock()) as (given, _, alice, _):
        await given.take(alice, 1_000_000)
        await given.check(alice, 1_000_000)


@on_loop
async def test_an_address_and_an_organisation_may_have_limits_of_their_own(tmp_path: Path) -> None:
    """They hold at once; 0 is without limit, and nothing counts what is sent without one."""
    async with allowance(tmp_path, Limits(account=5, organisation=0), Clock()) as (given, directory, alice, bob):
        organisation = await directory.organisations.of_account(alice)
        await given.take(alice, 5)
        with pytest.raises(OverLimit, match="limit of 5 "):
            await given.check(alice, 1)
        await directory.organisations.change(replace(organisation, daily_recipients_each=7))
        await given.take(alice, 2)
        with pytest.raises(OverLimit, match="limit of 7 "):
            await given.check(alice, 1)
        await directory.accounts.set_daily_recipients(alice, 9)
        await given.take(alice, 1)
        assert await given.of_account(alice) == Gauge(used=8, limit=9)
        assert await given.of_account(bob) == Gauge(used=0, limit=7)
        await directory.accounts.set_daily_recipients(alice, 0)
        await given.take(alice, 1000)
        assert await given.of_account(alice) == Gauge(used=8, limit=0)
        organisation = replace(organisation, daily_recipients=10, daily_recipients_each=0)
        await directory.organisations.change(organisation)
        await given.take(bob, 2)
        assert await given.of_organisation(organisation) == Gauge(used=10, limit=10)
        with pytest.raises(OverLimit, match="limit of 10 recipients in 24 hours is reached for your organisation"):
            await given.check(alice, 1)
