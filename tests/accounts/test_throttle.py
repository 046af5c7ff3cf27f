# SPDX-License-Identifier: GPL-3.0-or-later
"""Pauses for those who guess: by address, by client, by network; not for the owner who is elsewhere."""

from __future__ import annotations

from dataclasses import dataclass

import pytest

from ikserver.accounts.throttle import LoginLimits, Throttle
from ikserver.changes import Changes
from ikserver.listeners.hints import decode, encode
from ikserver.model.changes import Hint
from tests.accounts.conftest import Clock

LIMITS = LoginLimits(by_both=3, by_address=6, by_client=10, by_network=20, first_pause=1, longest_pause=8, forget=100)


@pytest.fixture
def throttle(clock: Clock) -> Throttle:
    return Throttle(LIMITS, clock)


def fail(throttle: Throttle, times: int, address: str, peer: str) -> None:
    for _ in range(times):
        throttle.failed(address, peer)


def test_pauses_double_up_to_the_longest_and_are_forgotten(throttle: Throttle, clock: Clock) -> None:
    pauses = []
    for _ in range(8):
        throttle.failed("alice@a.test", "192.0.2.1")
        pauses.append(throttle.pause("alice@a.test", "192.0.2.1"))
        clock.now += 8
    assert pauses == [0, 0, 1, 2, 4, 8, 8, 8]
    assert throttle.pause("alice@a.test", "192.0.2.1") == 0
    clock.now += 100
    fail(throttle, 2, "alice@a.test", "192.0.2.1")
    assert throttle.pause("alice@a.test", "192.0.2.1") == 0


def test_many_clients_that_guess_at_one_address_are_slowed_together(throttle: Throttle) -> None:
    for n in range(6):
        assert throttle.pause("alice@a.test", f"198.51.{n}.1") == 0
        throttle.failed("alice@a.test", f"198.51.{n}.1")
    assert throttle.pause("alice@a.test", "203.0.113.1") == 1
    assert throttle.pause("bob@a.test", "203.0.113.1") == 0


def test_the_owner_at_home_is_not_locked_out_by_strangers(throttle: Throttle) -> None:
    throttle.succeeded("alice@a.test", "192.0.2.1")
    fail(throttle, 50, "alice@a.test", "198.51.100.1")
    assert throttle.pause("alice@a.test", "198.51.100.1") == 8
    assert throttle.pause("alice@a.test", "203.0.113.1") == 8
    assert throttle.pause("alice@a.test", "192.0.2.1") == 0
    # But somebody who guesses from the same place as the owner is.
    fail(throttle, 3, "alice@a.test", "192.0.2.1")
    assert throttle.pause("alice@a.test", "192.0.2.1") == 1


def test_one_client_that_tries_many_addresses_is_slowed(throttle: Throttle) -> None:
    for n in range(10):
        throttle.failed(f"user{n}@a.test", "192.0.2.1")
    assert throttle.pause("new@a.test", "192.0.2.1") == 1
    assert throttle.pause("new@a.test", "192.0.2.2") == 0


@pytest.mark.parametrize(
    ("clients", "neighbour", "stranger"),
    [
        ([f"192.0.2.{n}" for n in range(20)], "192.0.2.200", "192.0.3.1"),
        ([f"::ffff:192.0.2.{n}" for n in range(20)], "192.0.2.200", "192.0.3.1"),
        ([f"2001:db8:1:{n}::1" for n in range(20)], "2001:db8:1:ff::1", "2001:db8:2::1"),
    ],
)
def test_a_network_that_tries_many_addresses_is_slowed(
    throttle: Throttle, clients: list[str], neighbour: str, stranger: str
) -> None:
    for n, client in enumerate(clients):
        throttle.failed(f"user{n}@a.test", client)
    assert throttle.pause("new@a.test", neighbour) == 1
    assert throttle.pause("new@a.test", stranger) == 0


def test_an_ipv6_client_cannot_hide_in_its_64(throttle: Throttle) -> None:
    for n in range(3):
        throttle.failed("alice@a.test", f"2001:db8::{n}")
    assert throttle.pause("alice@a.test", "2001:db8::ffff") == 1


def test_a_device_that_repeats_an_old_password_counts_once(throttle: Throttle) -> None:
    for _ in range(20):
        throttle.failed("alice@a.test", "192.0.2.1", b"old password")
    assert throttle.pause("alice@a.test", "192.0.2.1") == 0
    for guess in (b"1", b"2"):
        throttle.failed("alice@a.test", "192.0.2.1", guess)
    assert throttle.pause("alice@a.test", "192.0.2.1") == 1


def test_a_login_makes_the_address_innocent_and_not_the_client(throttle: Throttle) -> None:
    fail(throttle, 10, "alice@a.test", "192.0.2.1")
    throttle.succeeded("alice@a.test", "192.0.2.1")
    assert throttle.pause("alice@a.test", "192.0.2.1") == 0
    assert throttle.pause("bob@a.test", "192.0.2.1") == 1


def test_the_table_is_bounded_and_drops_the_oldest(clock: Clock) -> None:
    throttle = Throttle(LoginLimits(by_both=1, by_address=99, by_client=99, by_network=99, max_counts=8), clock)
    for n in range(100):
        throttle.failed(f"user{n}@a.test", f"198.51.{n}.1")
    assert throttle.pause("user0@a.test", "198.51.0.1") == 0
    assert throttle.pause("user99@a.test", "198.51.99.1") == 1
    assert len(throttle) == 8


def test_a_peer_that_is_no_ip_address_is_a_client_too(throttle: Throttle) -> None:
    fail(throttle, 3, "alice@a.test", "unix")
    assert throttle.pause("alice@a.test", "unix") == 1


def test_workers_tell_each_other_of_failures_and_of_the_end_of_them(clock: Clock) -> None:
    wire = Wire()
    workers = [Throttle(LIMITS, clock, wire.changes()) for _ in range(3)]
    for throttle in workers:
        assert throttle.pause("alice@a.test", "192.0.2.1") == 0
        throttle.failed("alice@a.test", "192.0.2.1", b"guess %d" % id(throttle))
    assert [throttle.pause("alice@a.test", "192.0.2.1") for throttle in workers] == [1, 1, 1]
    clock.now += 1
    assert wire.carried == 3
    workers[1].succeeded("alice@a.test", "192.0.2.1")
    fail(workers[2], 2, "alice@a.test", "192.0.2.1")
    assert [throttle.pause("alice@a.test", "192.0.2.1") for throttle in workers] == [0, 0, 0]
    assert wire.carried == 6


def test_logins_without_failures_are_told_to_nobody(clock: Clock) -> None:
    wire = Wire()
    throttle = Throttle(LIMITS, clock, wire.changes())
    for _ in range(3):
        assert throttle.pause("alice@a.test", "192.0.2.1") == 0
        throttle.succeeded("alice@a.test", "192.0.2.1")
    assert wire.carried == 0


class Wire:
    """Carries hints between workers, through the octets of datagrams."""

    def __init__(self) -> None:
        self.carried = 0
        self._ends: list[Changes] = []

    def changes(self) -> Changes:
        """One more end."""
        end = Changes(Relay(self, len(self._ends)))
        self._ends.append(end)
        return end

    def carry(self, hint: Hint, start: int) -> None:
        self.carried += 1
        for place, end in enumerate(self._ends):
            arrived = decode(encode(hint))
            if place != start and arrived is not None:
                end.hear(arrived)


@dataclass(frozen=True)
class Relay:
    wire: Wire
    start: int

    def send(self, hint: Hint) -> None:
        self.wire.carry(hint, self.start)
