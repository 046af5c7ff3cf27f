# SPDX-License-Identifier: GPL-3.0-or-later
"""The DNS of the load generator's domain, in a thread of this process: what a server asks before it takes mail."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from contextlib import contextmanager
from threading import Thread

from tests.dns.nameserver import Zone, nameserver


@contextmanager
def names(zone: Zone) -> Iterator[int]:
    """Answer on a port of loopback, which is given."""
    loop = asyncio.new_event_loop()
    thread = Thread(target=loop.run_forever, daemon=True)
    thread.start()
    serving = nameserver(zone)
    try:
        yield asyncio.run_coroutine_threadsafe(serving.__aenter__(), loop).result().port
    finally:
        asyncio.run_coroutine_threadsafe(serving.__aexit__(None, None, None), loop).result()
        loop.call_soon_threadsafe(loop.stop)
        thread.join()
        loop.close()


def sender_zone(domain: str, selector: str, key: str, host: str = "bench.test") -> Zone:
    """A domain that sends from this machine as `host`: SPF, a DKIM key, and a DMARC policy that asks for nothing."""
    return {
        (domain, "TXT"): ['"v=spf1 ip4:127.0.0.1 -all"'],
        (f"_dmarc.{domain}", "TXT"): ['"v=DMARC1; p=none"'],
        (f"{selector}._domainkey.{domain}", "TXT"): [f'"{key[:200]}" "{key[200:]}"'],
        (host, "A"): ["127.0.0.1"],
        ("1.0.0.127.in-addr.arpa", "PTR"): [f"{host}."],
    }
