# SPDX-License-Identifier: GPL-3.0-or-later
"""MTA-STS policies are kept in the data directory and fetched again before they are too old."""

from __future__ import annotations

import logging
import ssl
from collections.abc import AsyncIterator, Iterable
from concurrent.futures import ThreadPoolExecutor
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace
from pathlib import Path

import pytest

from ikserver.outbound.mtasts import DAY, Found, MtaSts
from ikserver.store.api.stspolicies import StsPolicies
from ikserver.store.embedded.stspolicies import open_sts_policies
from protocols.smtp.mtasts import Mode
from protocols.tlsrpt.model import Result
from tests.outbound.post import Clock
from tests.outbound.stsfiles import POLICY, STS, TESTING, fetching
from tests.outbound.zone import FAR, Zone
from tests.support import on_loop


@dataclass
class Site:
    """A sender with its data directory; `restarts` makes another one of it."""

    kept: StsPolicies
    zone: Zone
    clock: Clock
    sts: MtaSts

    def restarts(self, *answers: bytes | OSError) -> None:
        self.sts = MtaSts(self.zone, fetching(answers), self.kept, self.clock)

    async def mode(self) -> Mode | None:
        policy = (await self.sts.policy("far.test")).policy
        return None if policy is None else policy.mode


@asynccontextmanager
async def site(root: Path, answers: Iterable[bytes | OSError]) -> AsyncIterator[Site]:
    with ThreadPoolExecutor(1) as threads:
        kept = open_sts_policies(root, threads)
        zone, clock = replace(FAR, texts=dict(STS)), Clock()
        try:
            yield Site(kept, zone, clock, MtaSts(zone, fetching(answers), kept, clock))
        finally:
            await kept.close()


@on_loop
async def test_a_policy_counts_until_its_id_changes(tmp_path: Path) -> None:
    async with site(tmp_path, [POLICY, OSError("down"), TESTING]) as here:
        assert await here.mode() is Mode.ENFORCE
        assert await here.mode() is Mode.ENFORCE
        # Whoever takes the record away does not take the policy away (RFC 8461, 3.1).
        here.zone.texts = {}
        assert await here.mode() is Mode.ENFORCE
        here.zone.texts = {"_mta-sts.far.test": [b"v=STSv1; id=2;"]}
        assert await here.mode() is Mode.ENFORCE
        here.zone.texts = {"_mta-sts.far.test": [b"v=STSv1; id=3;"]}
        assert await here.mode() is Mode.TESTING


@on_loop
async def test_a_policy_survives_a_restart_and_ends_with_its_age(tmp_path: Path) -> None:
    async with site(tmp_path, [POLICY]) as here:
        assert await here.mode() is Mode.ENFORCE
        here.restarts()
        here.zone.texts = {}
        here.clock.now += 10 * DAY - 1
        assert await here.mode() is Mode.ENFORCE
        here.clock.now += 1
        assert await here.mode() is None
        await here.sts.refresh()
        assert await here.kept.find("far.test") is None


@on_loop
async def test_a_policy_is_refreshed_a_day_later_whatever_dns_says(tmp_path: Path) -> None:
    """RFC 8461, 10.2."""
    async with site(tmp_path, [POLICY, TESTING]) as here:
        assert await here.mode() is Mode.ENFORCE
        here.zone.broken = ["_mta-sts.far.test"]
        await here.sts.refresh()
        assert await here.mode() is Mode.ENFORCE
        here.clock.now += DAY + 1
        await here.sts.refresh()
        assert await here.mode() is Mode.TESTING
        here.clock.now += 10 * DAY - 1
        assert await here.mode() is Mode.TESTING


@on_loop
async def test_a_policy_that_cannot_be_refreshed_stays_and_the_log_says_so(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    """RFC 8461, 3.3."""
    caplog.set_level(logging.WARNING, "ikserver.outbound")
    async with site(tmp_path, [POLICY, OSError("down"), b"<html>", TESTING]) as here:
        assert await here.mode() is Mode.ENFORCE
        here.clock.now += 2 * DAY
        await here.sts.refresh()
        await here.sts.refresh()
        assert await here.mode() is Mode.ENFORCE
        logged = [(record.getMessage(), record.fields["days_left"]) for record in caplog.records]  # type: ignore[attr-defined]
        assert logged == [("mta-sts-not-refreshed", 8.0)] * 2
        await here.sts.refresh()
        assert await here.mode() is Mode.TESTING


@on_loop
async def test_what_nobody_writes_to_is_not_refreshed(tmp_path: Path) -> None:
    async with site(tmp_path, [POLICY.replace(b"864000", b"31557600")]) as here:
        await here.mode()
        here.clock.now += 31 * DAY
        here.restarts(TESTING)
        await here.sts.refresh()
        # Somebody does again, but not for the first time.
        assert await here.mode() is Mode.ENFORCE
        await here.sts.refresh()
        assert await here.mode() is Mode.TESTING


@pytest.mark.parametrize(
    ("answer", "result"),
    [
        (OSError("down"), Result.STS_FETCH_ERROR),
        (ssl.SSLCertVerificationError("self-signed"), Result.STS_WEBPKI_INVALID),
        (b"<html>", Result.STS_INVALID),
    ],
)
@on_loop
async def test_a_domain_whose_policy_cannot_be_had_has_none_and_is_left_alone_for_five_minutes(
    tmp_path: Path, answer: bytes | OSError, result: Result
) -> None:
    """RFC 8461, 3.3."""
    async with site(tmp_path, [answer, POLICY]) as here:
        assert await here.sts.policy("far.test") == Found(failure=result)
        here.clock.now += 299
        assert await here.sts.policy("far.test") == Found(failure=result)
        here.clock.now += 1
        assert await here.mode() is Mode.ENFORCE
