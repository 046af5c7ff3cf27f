# SPDX-License-Identifier: GPL-3.0-or-later
"""What the server looks at, whom it tells, and what the doctor says of it."""

from __future__ import annotations

import logging
from collections.abc import AsyncIterator, Awaitable
from contextlib import asynccontextmanager
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from email import message_from_bytes
from email.policy import default
from pathlib import Path

import pytest

from ikserver.app.alerts import ledger
from ikserver.app.alerts.checks import answers, certificate, checks, disk, queue
from ikserver.app.alerts.state import Alert, Standing
from ikserver.app.alerts.watch import Watch, postmaster
from ikserver.app.doctor import Finding, Level, examine
from ikserver.app.lock import exclusive
from ikserver.app.routing import router
from ikserver.app.stores import Stores, open_stores
from ikserver.listeners.certificates import CERTIFICATE_DAYS, ensure
from ikserver.settings import Settings
from ikserver.settings.sections import Alerts, Malware, Spam, Tls
from ikserver.spam.api import FilterDown
from ikserver.store.api.queue import Backlog, Postponed, QueuedMessage, QueuedRecipient
from tests.accounts.world import populate
from tests.support import on_loop

HOST = "mail.example.org"


def settings(root: Path, **alerts: object) -> Settings:
    return Settings(data=root, hostname=HOST, alerts=Alerts(**alerts))  # type: ignore[arg-type]


@pytest.mark.parametrize(("low", "critical", "rank"), [(0, 0, None), (1 << 60, 0, 1), (1 << 60, 1 << 60, 2)])
def test_a_disk_has_two_thresholds(tmp_path: Path, low: int, critical: int, rank: int | None) -> None:
    alert = disk(settings(tmp_path, room_low=low, room_critical=critical))
    assert (alert.rank if alert else None) == rank
    if alert:
        assert f"are free for {tmp_path}" in alert.text


@pytest.mark.parametrize(
    ("left", "rank", "says"),
    [
        (31, None, ""),
        (29, 1, "ends in 29 days. Whoever renews it has not done so"),
        (13, 2, "ends in 13 days"),
        (6, 3, "ends in 6 days"),
        (0.9, 4, "ends in 1 days"),
        (-1, 5, "has ended: clients refuse to connect"),
    ],
)
def test_a_certificate_is_told_30_14_7_and_1_days_before_its_end(
    tmp_path: Path, left: float, rank: int | None, says: str
) -> None:
    made = ensure(tmp_path, [HOST])
    theirs = replace(settings(tmp_path), tls=Tls(made.certificate, made.key))
    alert = certificate(theirs, datetime.now(UTC) + timedelta(days=CERTIFICATE_DAYS - left))
    assert (alert.rank if alert else None) == rank
    if alert:
        assert says in alert.text


def test_a_renewed_certificate_that_does_not_fit_is_told(tmp_path: Path) -> None:
    made, other = ensure(tmp_path / "one", [HOST]), ensure(tmp_path / "two", [HOST])
    alert = certificate(replace(settings(tmp_path), tls=Tls(made.certificate, other.key)), datetime.now(UTC))
    assert alert is not None
    assert alert.rank == 5
    assert "cannot be used: " in alert.text


def test_a_queue_is_told_when_it_is_long_or_old(tmp_path: Path) -> None:
    given = settings(tmp_path, queue_age=3600, queue_count=10)
    assert queue(given, Backlog(0, None), 10_000) is None
    assert queue(given, Backlog(10, 9_000), 10_000) is None
    long, old = queue(given, Backlog(11, 9_000), 10_000), queue(given, Backlog(3, 1_000), 10_000)
    assert long is not None
    assert long.text.startswith("In the queue 11 recipients wait. ")
    assert old is not None
    assert old.text.startswith("In the queue the oldest of 3 waits for 2 hours. ")
    assert queue(settings(tmp_path, queue_age=0, queue_count=0), Backlog(10**6, 0), 10**9) is None


@on_loop
async def test_a_program_is_down_when_it_does_not_answer_twice() -> None:
    tries = 0

    async def ping() -> None:
        nonlocal tries
        tries += 1
        if tries in (1, 2, 3):
            raise FilterDown("nobody there")

    assert await answers("clamd", ping, again=0) == Alert("clamd", 1, "clamd does not answer: nobody there")
    assert await answers("clamd", ping, again=0) is None
    assert tries == 4


@asynccontextmanager
async def opened(given: Settings) -> AsyncIterator[Stores]:
    async with open_stores(given) as stores:
        await populate(stores.directory, "ann", domain="example.org")
        yield stores


@on_loop
async def test_only_what_is_used_is_looked_at(tmp_path: Path) -> None:
    given = settings(tmp_path)
    async with opened(given) as stores:
        assert list(checks(given, stores)) == ["disk", "certificate", "queue"]
        used = replace(given, spam=Spam(engine="spamd"), malware=Malware(clamd="/run/clamd"))
        assert list(checks(used, stores)) == ["disk", "certificate", "queue", "spamd", "clamd"]


@on_loop
async def test_what_was_tried_and_what_is_due_is_the_backlog(tmp_path: Path) -> None:
    async with opened(settings(tmp_path)) as stores:
        assert await stores.queue.backlog(0) == Backlog(0, None)
        letter = QueuedMessage("ann@example.org", [QueuedRecipient("eve@far.test")], b"Subject: x\r\n\r\n")
        later = replace(letter, not_before=4_000_000_000)
        await stores.queue.put(later)
        number = await stores.queue.put(letter)
        _, second = await stores.queue.entries()
        assert second.message == number
        now = second.queued
        assert await stores.queue.backlog(now) == Backlog(1, now)
        await stores.queue.settle([], [Postponed(second.id, "no answer", now + 3600, False)])
        assert await stores.queue.backlog(now) == Backlog(1, now)
        await stores.queue.hold(second.id)
        assert await stores.queue.backlog(now) == Backlog(0, None)


class Look:
    """A check whose result the test sets."""

    found: Alert | None = None

    def __call__(self) -> Awaitable[Alert | None]:
        return self._look()

    async def _look(self) -> Alert | None:
        if self.found is not None and self.found.rank == 99:
            raise OSError("cannot look")
        return self.found


async def letters(stores: Stores) -> list[tuple[str, str]]:
    """Recipient and subject of what is queued."""
    found = []
    for entry in await stores.queue.entries():
        body = await stores.queue.body(entry.message)
        assert isinstance(body, bytes)
        message = message_from_bytes(body, policy=default)
        assert entry.sender == ""
        assert message["Auto-Submitted"] == "auto-generated"
        found.append((entry.recipient, message["Subject"]))
    return found


@on_loop
async def test_who_runs_the_host_gets_a_mail_for_each_turn(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    given = settings(tmp_path, to=("ann@example.org", "admin@far.test"))
    (tmp_path / "run").mkdir()
    caplog.set_level(logging.INFO, "ikserver.app")
    async with opened(given) as stores:
        now, look = 1000.0, Look()
        watch = Watch(given, stores, router(given, stores), {"disk": look}, lambda: now)
        await watch.look()
        assert await letters(stores) == []

        look.found = Alert("disk", 1, "4.0 GB are free")
        now += 60.0
        await watch.look()
        now += 60.0
        await watch.look()
        begun = [(to, "[mail.example.org] Alert: disk") for to in given.alerts.to]
        assert await letters(stores) == begun
        assert [one.alert for one in ledger.read(tmp_path)] == [look.found]

        look.found = Alert("disk", 99, "")
        now = 2000.0
        await watch.look()
        assert await letters(stores) == begun

        look.found = None
        await watch.look()
        ended = [(to, "[mail.example.org] All is well again: disk") for to in given.alerts.to]
        assert await letters(stores) == begun + ended
        assert ledger.read(tmp_path) == []
    turns = [record.fields["turn"] for record in caplog.records if record.message == "alert"]  # type: ignore[attr-defined]
    assert turns == ["begun", "ended"]


@on_loop
async def test_the_postmaster_is_that_of_the_domain_of_the_host(tmp_path: Path) -> None:
    async with opened(settings(tmp_path)) as stores:
        organisation = (await stores.directory.organisations.list())[0].id
        await stores.directory.domains.add("another.test", organisation)
        assert await postmaster(stores.directory, HOST) == "postmaster@example.org"
        assert await postmaster(stores.directory, "another.test") == "postmaster@another.test"
        assert await postmaster(stores.directory, "host.elsewhere.test") == "postmaster@example.org"


@on_loop
async def test_the_doctor_tells_what_stands(tmp_path: Path) -> None:
    given = settings(tmp_path)
    async with opened(given):
        with exclusive(tmp_path):
            assert [finding.text for finding in await alerts_of(given)] == ["none stands"]
            ledger.write(tmp_path, [Standing(Alert("clamd", 1, "clamd does not answer"), 0.0, 0.0, 0.0)])
            (finding,) = await alerts_of(given)
            assert finding.level is Level.WARNING
            assert finding.text == "clamd, since 1970-01-01 00:00 UTC: clamd does not answer"
        assert await alerts_of(given) == []


async def alerts_of(given: Settings) -> list[Finding]:
    return [finding async for finding in examine(given) if finding.area == "alerts"]
