# SPDX-License-Identifier: GPL-3.0-or-later
"""What is recorded is found: by address, period, direction, status, correspondent and message, page by page."""

from __future__ import annotations

import random
import sqlite3
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from ikserver.model.activity import Answer, Direction, Event, Look, Place, Status, Wanted
from ikserver.store.api.activity import Activity
from ikserver.store.embedded.activity import open_activity
from ikserver.store.embedded.activity_rows import encode
from ikserver.store.embedded.activity_search import statement
from tests.activity.conftest import ALICE, BOB, NOW, STRANGER, event
from tests.support import on_loop


@on_loop
async def test_an_event_is_read_as_it_was_recorded(activity: Activity, tmp_path: Path) -> None:
    whole = event(
        1,
        status=Status.SPAM,
        header_from="Carol@far.test",
        subject="Grüße – 東京\n",
        score=7.5,
        reasons=("BAYES 3.5", "URL 4.0"),
        tls=True,
        folder="Junk",
        answer=Answer(250, "2.0.0", "Accepted", "mx.far.test"),
    )
    await activity.record([whole])
    second = open_activity(tmp_path, ThreadPoolExecutor(1))
    assert (await second.search(Wanted())).events == (whole,)
    await second.close()


@on_loop
async def test_what_is_recorded_twice_is_there_once(activity: Activity) -> None:
    await activity.record([event(), event()])
    await activity.record([event()])
    assert len((await activity.search(Wanted())).events) == 1


@on_loop
async def test_each_attempt_is_a_step(activity: Activity) -> None:
    await activity.record([event(status=Status.DEFERRED, attempt=attempt) for attempt in (1, 2, 3)])
    assert len((await activity.search(Wanted())).events) == 3


@on_loop
async def test_both_ends_belong_to_the_period(activity: Activity) -> None:
    """LOG-05."""
    await activity.record([event(number) for number in range(5)])
    found = await activity.search(Wanted(ALICE, since=NOW + 1000, until=NOW + 3000))
    assert [each.time for each in found.events] == [NOW + 3000, NOW + 2000, NOW + 1000]


@on_loop
async def test_a_trail_has_every_step_in_order_of_time(activity: Activity) -> None:
    steps = [
        event(2, message="b", message_id="<x@y>", address=BOB, status=Status.SPAM),
        event(1, message="a", message_id="<x@y>", status=Status.QUEUED),
    ]
    await activity.record([*steps, event(3)])
    assert await activity.trail("<x@y>") == [steps[1], steps[0]]
    assert await activity.trail("b") == [steps[0]]
    assert await activity.trail("") == []


@on_loop
async def test_the_log_of_a_removed_address_is_nobodys(activity: Activity) -> None:
    await activity.record([event(number) for number in range(600)])
    await activity.record([event(1, address=BOB)])
    await activity.disown(ALICE)
    assert (await activity.search(Wanted(ALICE))).events == ()
    assert {found.address for found in await activity.trail("<1@far.test>")} == {"", BOB}
    assert await activity.domains() == ["", "example.org"]


@on_loop
async def test_who_looked_is_remembered(activity: Activity) -> None:
    await activity.note_look(Look(1, "operator", "everything"))
    await activity.note_look(Look(2, "operator", "the log of alice@example.org"))
    assert [look.time for look in await activity.looks()] == [2, 1]
    await activity.purge_looks(2)
    assert [look.time for look in await activity.looks()] == [2]


def fits(event: Event, wanted: Wanted) -> bool:
    """The search as it is meant, on one event."""
    return (
        wanted.address in (None, event.address)
        and wanted.direction in (None, event.direction)
        and (wanted.since is None or wanted.since <= event.time)
        and (wanted.until is None or event.time <= wanted.until)
        and wanted.status in (None, event.status)
        and wanted.correspondent in (None, event.correspondent)
        and wanted.message_id in (None, event.message_id)
        and (not wanted.domains or event.address.rpartition("@")[2] in wanted.domains)
    )


def some_event(chosen: random.Random) -> Event:
    return event(
        chosen.randrange(20),
        address=chosen.choice([ALICE, BOB, "dave@other.test", ""]),
        direction=chosen.choice(list(Direction)),
        status=chosen.choice([Status.RECEIVED, Status.SPAM]),
        recipient=chosen.choice([BOB, STRANGER]),
    )


def some_search(chosen: random.Random) -> Wanted:
    return Wanted(
        chosen.choice([None, ALICE, BOB]),
        chosen.choice([None, *Direction]),
        chosen.choice([None, NOW + 1000 * chosen.randrange(20)]),
        chosen.choice([None, NOW + 1000 * chosen.randrange(20)]),
        chosen.choice([None, Status.SPAM]),
        chosen.choice([None, STRANGER, BOB]),
        chosen.choice([None, None, "<7@far.test>"]),
        chosen.choice([(), (), ("example.org",), ("other.test", "nobodys.test", "example.org")]),
    )


@pytest.mark.parametrize("seed", range(10))
@on_loop
async def test_pages_together_hold_what_fits_once_and_in_order(activity: Activity, seed: int) -> None:
    chosen = random.Random(seed)
    events = [some_event(chosen) for _ in range(60)]
    await activity.record(events)
    for _ in range(30):
        wanted, limit = some_search(chosen), chosen.randrange(1, 9)
        page = await activity.search(wanted, limit)
        found = list(page.events)
        while page.next is not None:
            assert len(page.events) == limit
            page = await activity.search(wanted, limit, page.next)
            found += page.events
        assert sorted(map(encode, found)) == sorted({encode(each) for each in events if fits(each, wanted)})
        assert [each.time for each in found] == sorted((each.time for each in found), reverse=True)


@pytest.mark.parametrize(
    "wanted",
    [
        Wanted(),
        Wanted(status=Status.BOUNCED),
        Wanted(ALICE, since=1, until=2, status=Status.SPAM),
        Wanted(ALICE, correspondent=STRANGER),
        Wanted(message_id="<7@far.test>"),
    ],
)
@pytest.mark.usefixtures("activity")
def test_a_page_is_read_off_an_index_without_sorting(tmp_path: Path, wanted: Wanted) -> None:
    database = sqlite3.connect(tmp_path / "server.sqlite")
    for below in (None, Place(NOW, 5)):
        query, parameters = statement(wanted, below)
        (step,) = database.execute(f"EXPLAIN QUERY PLAN {query}", (*parameters, 100)).fetchall()
        assert "USING INDEX" in step[3]
    database.close()


@pytest.mark.usefixtures("activity")
def test_the_domains_of_an_organisation_are_read_side_by_side(tmp_path: Path) -> None:
    """Only what came at the same time is sorted, not all that there is."""
    database = sqlite3.connect(tmp_path / "server.sqlite")
    query, parameters = statement(Wanted(domains=("example.org", "other.test")), None)
    steps = [row[3] for row in database.execute(f"EXPLAIN QUERY PLAN {query}", (*parameters, 100))]
    assert steps[0] == "MERGE (UNION ALL)"
    assert sum("USING INDEX activity_domain" in step for step in steps) == 2
    assert "USE TEMP B-TREE FOR ORDER BY" not in steps
    database.close()
