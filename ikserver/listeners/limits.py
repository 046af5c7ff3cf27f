# SPDX-License-Identifier: GPL-3.0-or-later
"""How many connections at once, in all and for each client."""

from __future__ import annotations

import ipaddress
from collections import Counter
from functools import lru_cache


class ConnectionLimits:
    """Counts connections by client: an IPv4 address, or an IPv6 /64, the least that one subscriber gets.

    Loopback has only the limit of the total, because web mail and proxies connect from there for many people.
    """

    def __init__(self, total: int, per_client: int) -> None:
        self._total, self._per_client = total, per_client
        self._open: Counter[str] = Counter()
        self._count = 0

    def admit(self, host: str) -> bool:
        """Whether one more connection from `host` is welcome; if so it counts until `release`."""
        client = _client(host)
        if self._count >= self._total or (client and self._open[client] >= self._per_client):
            return False
        self._count += 1
        self._open[client] += 1
        return True

    def release(self, host: str) -> None:
        """An admitted connection from `host` has ended."""
        client = _client(host)
        self._count -= 1
        self._open[client] -= 1
        if not self._open[client]:
            del self._open[client]


@lru_cache(maxsize=1024)
def _client(host: str) -> str:
    """The key that `host` is counted under; "" for loopback and what is not an IP address (unix sockets)."""
    try:
        address = ipaddress.ip_address(host.partition("%")[0])
    except ValueError:
        return ""
    if isinstance(address, ipaddress.IPv6Address):
        if address.ipv4_mapped is None:
            return "" if address.is_loopback else str(ipaddress.ip_network((address, 64), strict=False))
        address = address.ipv4_mapped
    return "" if address.is_loopback else str(address)
