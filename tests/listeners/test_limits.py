# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

from ikserver.listeners.limits import ConnectionLimits


def test_one_client_has_only_so_many_connections() -> None:
    limits = ConnectionLimits(total=10, per_client=2)
    assert [limits.admit("192.0.2.1") for _ in range(3)] == [True, True, False]
    assert limits.admit("192.0.2.2")
    limits.release("192.0.2.1")
    assert limits.admit("192.0.2.1")


def test_all_addresses_of_one_ipv6_network_are_one_client() -> None:
    limits = ConnectionLimits(total=10, per_client=1)
    assert limits.admit("2001:db8::1")
    assert not limits.admit("2001:db8::2:1")
    assert limits.admit("2001:db8:0:1::1")
    assert limits.admit("::ffff:192.0.2.1")
    assert not limits.admit("192.0.2.1")


def test_loopback_is_bounded_only_by_the_total() -> None:
    limits = ConnectionLimits(total=3, per_client=1)
    assert [limits.admit(host) for host in ("127.0.0.1", "127.0.0.1", "::1", "192.0.2.1")] == [True, True, True, False]
    limits.release("127.0.0.1")
    assert limits.admit("192.0.2.1")
