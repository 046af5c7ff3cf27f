# SPDX-License-Identifier: GPL-3.0-or-later
"""Which hosts are tried for a domain, and when none can be."""

from __future__ import annotations

from pathlib import Path

import pytest

from ikserver.outbound.api import CannotSend
from ikserver.outbound.routing import Routing, Smarthost
from ikserver.outbound.sending import Through
from tests.outbound.far import ALL, far
from tests.outbound.post import connecting, post
from tests.outbound.zone import Zone
from tests.support import on_loop

ME = "mail.example.org"


def routing(zone: Zone) -> Routing:
    chances = iter([0.9, 0.1, 0.5, 0.3])
    return Routing(zone, ME, chance=lambda: next(chances))


@on_loop
async def test_hosts_come_by_preference_and_by_chance_within_one() -> None:
    zone = Zone(mxs={"far.test": [(20, "last.test"), (10, "first.test"), (10, "second.test")]})
    assert (await routing(zone).hosts("far.test")).names == ("first.test", "second.test", "last.test")
    zone = Zone(mxs={"far.test": [(10, "first.test"), (10, "second.test")]})
    assert (await routing(zone).hosts("far.test")).names == ("second.test", "first.test")


@on_loop
async def test_without_mx_the_domain_itself_is_the_host() -> None:
    """RFC 5321, 5.1."""
    hosts = await routing(Zone(a_records={"far.test": ["192.0.2.1"]})).hosts("far.test")
    assert (hosts.names, hosts.by_mx) == (("far.test",), False)


@on_loop
async def test_what_is_not_better_than_ourselves_is_cut_off() -> None:
    """RFC 5321, 5.1: a backup server sends to better ones only."""
    zone = Zone(mxs={"far.test": [(10, "best.test"), (20, ME), (20, "same.test"), (30, "worse.test")]})
    assert (await routing(zone).hosts("far.test")).names == ("best.test",)


@pytest.mark.parametrize(
    ("domain", "status"),
    [
        ("nowhere.test", "5.1.2"),
        ("closed.test", "5.1.10"),
        ("ours.test", "5.4.6"),
        ("broken.test", "4.4.3"),
    ],
)
@on_loop
async def test_a_domain_that_has_no_way_to_it(domain: str, status: str) -> None:
    zone = Zone(mxs={"closed.test": [(0, "")], "ours.test": [(10, ME), (20, "worse.test")]}, broken=["broken.test"])
    with pytest.raises(CannotSend) as refused:
        await routing(zone).hosts(domain)
    assert refused.value.outcome.status == status


@on_loop
async def test_both_families_take_turns() -> None:
    zone = Zone(
        a_records={"mx.test": ["192.0.2.1", "192.0.2.2"], "old.test": ["192.0.2.3"]},
        aaaa_records={"mx.test": ["2001:db8::1"]},
        broken=["lost.test"],
    )
    assert await routing(zone).addresses("mx.test") == ["2001:db8::1", "192.0.2.1", "192.0.2.2"]
    assert await routing(zone).addresses("old.test") == ["192.0.2.3"]
    assert await routing(zone).addresses("192.0.2.9") == ["192.0.2.9"]
    for host, status in ("lost.test", "4.4.3"), ("none.test", "5.4.4"):
        with pytest.raises(CannotSend) as refused:
            await routing(zone).addresses(host)
        assert refused.value.outcome.status == status


@on_loop
async def test_the_next_host_is_tried_when_one_does_not_answer_or_refuses(tmp_path: Path) -> None:
    zone = Zone(
        mxs={"far.test": [(1, "dead.test"), (2, "gone.test"), (3, "busy.test"), (4, "good.test")]},
        a_records={"dead.test": ["192.0.2.9"], "busy.test": ["192.0.2.2"], "good.test": ["192.0.2.1"]},
    )
    async with (
        far({"greeting": "554 5.3.2 Not today"}) as busy,
        far() as good,
        post(tmp_path, {"192.0.2.1": good.port, "192.0.2.2": busy.port}, zone=zone) as office,
    ):
        assert await office.sends("bob@far.test") == []
        assert (busy.connections, len(good.messages)) == (1, 1)


@on_loop
async def test_while_one_host_may_take_it_later_mail_waits(tmp_path: Path) -> None:
    zone = Zone(
        mxs={"far.test": [(1, "dead.test"), (2, "closed.test")]},
        a_records={"dead.test": ["192.0.2.9"], "closed.test": ["192.0.2.1"]},
    )
    async with (
        far({"greeting": "554 5.3.2 No mail here"}) as closed,
        post(tmp_path, {"192.0.2.1": closed.port}, zone=zone) as office,
    ):
        (left,) = await office.sends("bob@far.test")
        assert left.last_error.startswith("4.4.1 dead.test (192.0.2.9) does not answer")
        assert closed.connections == 1


@on_loop
async def test_a_host_that_takes_no_mail_is_believed(tmp_path: Path) -> None:
    """RFC 7504, 2: 521 at the greeting."""
    async with (
        far({"greeting": "521 5.3.2 No mail here"}) as there,
        post(tmp_path, {"192.0.2.1": there.port}) as office,
    ):
        await office.sends("bob@far.test")
        assert "Status: 5.3.2\r\n" in await office.report()


@on_loop
async def test_an_address_literal_needs_no_dns(tmp_path: Path) -> None:
    async with far() as there, post(tmp_path, {"192.0.2.1": there.port, "2001:db8::1": there.port}) as office:
        assert await office.sends("bob@[192.0.2.1]", "bob@[IPv6:2001:db8::1]") == []
        assert len(there.messages) == 2


@on_loop
async def test_a_domain_that_takes_no_mail_is_told_at_once(tmp_path: Path) -> None:
    async with post(tmp_path, {}, zone=Zone(mxs={"closed.test": [(0, "")]})) as office:
        await office.sends("bob@closed.test")
        report = await office.report()
        assert "Status: 5.1.10\r\n" in report
        assert "The domain closed.test takes no mail" in report


@on_loop
async def test_a_smarthost_takes_all_mail_after_signing_in(tmp_path: Path) -> None:
    hub = Smarthost("192.0.2.1", 587, "user", "secret", verify=False)
    async with far(offers=[*ALL, "AUTH LOGIN PLAIN"]) as there:
        link = connecting({"192.0.2.1": there.port})
        async with post(tmp_path, {}, ways=Through(hub, routing(Zone()), link)) as office:
            (left,) = await office.sends("bob@far.test")
            # Nobody is told the password without TLS.
            assert left.last_error.startswith("4.7.4 192.0.2.1 offers no TLS")
            assert there.heard == ["EHLO mail.example.org", "QUIT"]
