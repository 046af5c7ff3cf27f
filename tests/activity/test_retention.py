# SPDX-License-Identifier: GPL-3.0-or-later
"""How far back the log goes, and that every look into it is kept (LOG-01)."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from ikserver.activity.reading import Reading
from ikserver.activity.retention import DAY, LOOKS_DAYS, Retention
from ikserver.model.activity import Direction, Look, Wanted
from ikserver.store.api.activity import Activity
from ikserver.store.api.directory import Directory
from ikserver.store.embedded.directory import open_directory
from tests.activity.conftest import ALICE, BOB, NOW, event
from tests.support import on_loop, wait

MINUTE = 60_000
YOUNG = event(0, time=NOW - 20 * DAY + MINUTE)
OLD = event(0, time=NOW - 20 * DAY - MINUTE)


@pytest.fixture
def directory(tmp_path: Path) -> Iterator[Directory]:
    directory = open_directory(tmp_path)
    yield directory
    wait(directory.close())


@pytest.fixture
def retention(activity: Activity, directory: Directory) -> Retention:
    return Retention(activity, directory, 20)


@on_loop
async def test_twenty_days_are_found_and_kept(activity: Activity, retention: Retention) -> None:
    await activity.record([YOUNG, OLD])
    reading = Reading(activity, retention, "operator", lambda: NOW / 1000)
    assert (await reading.search(Wanted(ALICE))).events == (YOUNG,)
    assert (await reading.search(Wanted(ALICE, since=NOW - 30 * DAY))).events == (YOUNG,)
    assert (await activity.search(Wanted())).events == (YOUNG, OLD)
    await retention.purge(NOW)
    assert (await activity.search(Wanted())).events == (YOUNG,)


@on_loop
async def test_an_organisation_has_its_own_number_of_days(
    activity: Activity, directory: Directory, retention: Retention
) -> None:
    organisation = await directory.organisations.add("Example")
    await directory.organisations.change(replace(organisation, retention_days=90))
    await directory.domains.add("example.org", organisation.id)
    other = OLD._replace(address="dave@other.test")
    nobodys = OLD._replace(address="")
    await activity.record([OLD, other, nobodys])
    await retention.purge(NOW)
    assert (await activity.search(Wanted())).events == (OLD,)
    await retention.purge(NOW + 71 * DAY)
    assert (await activity.search(Wanted())).events == ()


@on_loop
async def test_more_is_purged_than_goes_into_one_transaction(activity: Activity, retention: Retention) -> None:
    await activity.record([OLD._replace(message=str(number)) for number in range(1_200)])
    await activity.record([YOUNG])
    await retention.purge(NOW)
    assert (await activity.search(Wanted(), 2_000)).events == (YOUNG,)


@on_loop
async def test_a_search_is_one_look_however_many_pages_are_read(activity: Activity, retention: Retention) -> None:
    await activity.record([event(number) for number in range(3)])
    reading = Reading(activity, retention, "ann", lambda: NOW / 1000)
    wanted = Wanted(ALICE, Direction.RECEIVED, until=NOW + 5_000, correspondent=BOB)
    await reading.search(wanted)
    first = await reading.search(Wanted(), 2)
    await reading.search(Wanted(), 2, first.next)
    await reading.trail("<1@far.test>")
    looks = await activity.looks()
    assert [look.who for look in looks] == ["ann"] * 3
    assert looks[0].what == "the trail of <1@far.test>"
    assert looks[1].what == "all logs"
    assert looks[2].what.startswith(f"the log of {ALICE}, direction received, with {BOB}, to 2026-11-24T")


@on_loop
async def test_looks_are_known_for_a_year(activity: Activity, retention: Retention) -> None:
    await activity.note_look(Look(NOW - LOOKS_DAYS * DAY - 1, "ann", "all logs"))
    await activity.note_look(Look(NOW - LOOKS_DAYS * DAY, "ben", "all logs"))
    await retention.purge(NOW)
    assert [look.who for look in await activity.looks()] == ["ben"]
