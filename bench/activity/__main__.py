# SPDX-License-Identifier: GPL-3.0-or-later
"""Fills a log with events of 200 addresses over 20 days, one address with a fifth of them, then asks for pages.

    python -m bench.activity 1000000

For each kind of search: the longest and the median of its first pages of 100, in milliseconds. The longest is that of
the best round: what a search costs comes again in each of them, what disturbs it does not.
"""

from __future__ import annotations

import argparse
import asyncio
import random
import tempfile
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from statistics import median

from bench.figures import Figure, Figures
from ikserver.model.activity import Direction, Event, Place, Status, Wanted
from ikserver.store.api.activity import Activity
from ikserver.store.embedded.activity import open_activity

EVENTS = 1_000_000
ADDRESSES = 200
STRANGERS = 20_000
START = 1_795_000_000_000
SPAN = 20 * 86_400_000
BATCH = 2_000
PAGES = 20
RARE = (Status.BOUNCED, Status.DISCARDED, Status.OVER_QUOTA)


def events(count: int, chosen: random.Random) -> Iterator[Event]:
    """In the order of time; the first address has a fifth of them, one in a thousand has a rare status."""
    for number in range(count):
        address = "user0@example.org" if chosen.random() < 0.2 else f"user{chosen.randrange(ADDRESSES)}@example.org"
        stranger = f"stranger{chosen.randrange(STRANGERS)}@far.test"
        sent = chosen.random() < 0.2
        usual = Status.SENT if sent else Status.RECEIVED
        yield Event(
            START + number * SPAN // count,
            Direction.SENT if sent else Direction.RECEIVED,
            chosen.choice(RARE) if chosen.random() < 0.001 else usual,
            address,
            stranger if sent else address,
            f"{number:016x}",
            sender=address if sent else stranger,
            header_from=address if sent else stranger,
            subject="A subject of the usual length, no more",
            size=chosen.randrange(1_000, 100_000),
            message_id=f"<{number}.{chosen.getrandbits(64):x}@far.test>",
            client="192.0.2.7",
            client_name="mx.far.test",
            tls=True,
            authentication="spf=pass dkim=pass dmarc=pass arc=none",
            score=0.3,
            folder="INBOX",
        )


async def fill(activity: Activity, count: int) -> None:
    made = events(count, random.Random(1))
    for _ in range(0, count, BATCH):
        await activity.record([event for _, event in zip(range(BATCH), made, strict=False)])


async def pages(activity: Activity, wanted: Wanted) -> list[float]:
    """Milliseconds of the first pages of a search, one after the other."""
    taken: list[float] = []
    below: Place | None = None
    for _ in range(PAGES):
        before = time.perf_counter()
        page = await activity.search(wanted, 100, below)
        taken.append((time.perf_counter() - before) * 1000)
        below = page.next
        if below is None:
            break
    return taken


def searches() -> dict[str, Wanted]:
    """What people ask a log, and some questions that few events answer."""
    middle = START + SPAN // 2
    return {
        "all": Wanted(),
        "address": Wanted("user7@example.org"),
        "largest": Wanted("user0@example.org"),
        "largest_hour": Wanted("user0@example.org", since=middle, until=middle + 3_600_000),
        "largest_sent": Wanted("user0@example.org", Direction.SENT),
        "largest_rare_status": Wanted("user0@example.org", status=Status.OVER_QUOTA),
        "largest_no_status": Wanted("user0@example.org", status=Status.AUTO_REPLY),
        "rare_status": Wanted(status=Status.BOUNCED),
        "correspondent": Wanted(correspondent="stranger5@far.test"),
        "largest_correspondent": Wanted("user0@example.org", correspondent="stranger5@far.test"),
        "message": Wanted(message_id="<1@far.test>"),
    }


async def measure(activity: Activity, wanted: Wanted, rounds: int) -> Figure:
    """The round whose longest page was the shortest."""
    taken = min([await pages(activity, wanted) for _ in range(rounds)], key=max)
    return {"max_ms": max(taken), "p50_ms": median(taken), "pages": len(taken)}


async def main(options: argparse.Namespace) -> None:
    figures = Figures()
    with tempfile.TemporaryDirectory(prefix="ikserver-bench-") as folder, ThreadPoolExecutor(2) as threads:
        activity = open_activity(Path(folder), threads)
        before = time.perf_counter()
        await fill(activity, options.events)
        print(f"{options.events} events recorded, {options.events / (time.perf_counter() - before):.0f} a second")
        for name, wanted in searches().items():
            figures.record(f"activity_{name}", **await measure(activity, wanted, options.rounds))
        await activity.close()
    if options.json:
        figures.write(options.json)


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        prog="python -m bench.activity", description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("events", type=int, nargs="?", default=EVENTS, help="(default %(default)s)")
    parser.add_argument("--rounds", type=int, default=3, help="how often each page is asked for (default %(default)s)")
    parser.add_argument("--json", type=Path)
    return parser.parse_args()


if __name__ == "__main__":
    asyncio.run(main(_options()))
