# SPDX-License-Identifier: GPL-3.0-or-later
"""How TLS with other servers fares is counted, and reported to those who want to know (RFC 8460)."""

from __future__ import annotations

import asyncio
import ssl
from collections.abc import AsyncIterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import asynccontextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path

import pytest

from ikserver.dns.api import Tlsa
from ikserver.listeners.certificates import Material, ensure
from ikserver.model.tls import TlsWish
from ikserver.outbound.demand import Session
from ikserver.outbound.mtasts import MtaSts
from ikserver.outbound.routing import Routing
from ikserver.outbound.security import Policies
from ikserver.outbound.sending import Direct
from ikserver.outbound.tlsreports import LATEST_BEGIN, TlsReports, summaries
from ikserver.outbound.tlstally import DAY, MAX_DISTINCT, MAX_REASON, TlsTally
from ikserver.store.api.queue import Claimed
from ikserver.store.api.tlssessions import TlsSessions
from ikserver.store.embedded.stspolicies import open_sts_policies
from ikserver.store.embedded.tlssessions import open_tls_sessions
from protocols.dmarc.feedback import Reporter
from protocols.tlsrpt.model import Applied, Failure, Kind, Report, Result, Summary
from protocols.tlsrpt.report import parse_report, reports_in, unpacked
from tests.outbound.far import far
from tests.outbound.post import NOW, Post, Town, connecting, post
from tests.outbound.stsfiles import POLICY, STS, TESTING, fetching
from tests.outbound.zone import FAR, Zone
from tests.support import on_loop

HERE = "192.0.2.1"
TODAY = NOW // DAY
WANTED = {"_smtp._tls.far.test": [b"v=TLSRPTv1; rua=mailto:tls@reports.test"]}
LINES = ("version: STSv1", "mode: enforce", "mx: *.far.test", "max_age: 864000")
BY_STS = Applied(Kind.STS, "far.test", LINES, ("*.far.test",))
IN_TESTING = replace(BY_STS, text=("version: STSv1", "mode: testing", *LINES[2:]))
NO_POLICY = Applied(Kind.NONE, "far.test")


@dataclass
class Web:
    """Takes what is brought to it, unless it is down."""

    taken: list[tuple[str, bytes, str]] = field(default_factory=list)
    down: bool = False

    async def post(self, url: str, content: bytes, media_type: str) -> None:
        if self.down:
            raise OSError("down")
        self.taken.append((url, content, media_type))


@dataclass
class Bureau:
    """A sender that counts and reports, and the server that it sends to."""

    office: Post
    zone: Zone
    tally: TlsTally
    sessions: TlsSessions
    reports: TlsReports
    web: Web

    async def counted(self, day: int = TODAY) -> Sequence[Summary]:
        """What a report would say of the sessions up to now."""
        await self.tally.store()
        rows = await self.sessions.of(day, "far.test", 100)
        return summaries(rows)

    async def posted(self) -> Sequence[Claimed]:
        """Reports that wait in the queue."""
        batch = await self.office.queue.claim(1 << 40, (), lambda domain: 10)
        return [] if batch is None else batch.messages


@pytest.fixture(scope="module")
def material(tmp_path_factory: pytest.TempPathFactory) -> Material:
    return ensure(tmp_path_factory.mktemp("tls"), ["mx.far.test"])


@asynccontextmanager
async def bureau(
    root: Path,
    material: Material,
    zone: Zone = FAR,
    *,
    policy: bytes | OSError = b"",
    answers: Mapping[str, str] | None = None,
    trusted: bool = True,
    tls: bool = True,
) -> AsyncIterator[Bureau]:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(material.certificate, material.key)
    authorities = ssl.create_default_context(cafile=material.authority) if trusted else None
    zone = replace(zone, texts={**zone.texts, **WANTED})
    with ThreadPoolExecutor(1) as threads:
        kept, sessions = open_sts_policies(root, threads), open_tls_sessions(root, threads)
        async with far(answers, tls=context if tls else None) as there:
            tally = TlsTally(sessions, lambda: NOW)
            policies = Policies(zone, MtaSts(zone, fetching([policy]), kept, lambda: NOW), tally.add)
            connect = connecting({HERE: there.port}, trusted=authorities)
            async with post(root, {}, ways=Direct(Routing(zone, "mail.example.org"), connect, policies)) as office:
                web, reporter = Web(), Reporter("Example", "postmaster@mail.example.org", "mail.example.org")
                reports = TlsReports(
                    sessions,
                    office.queue,
                    Town(),
                    zone,
                    reporter,
                    web.post,
                    clock=office.clock,
                    token=lambda octets: "token",
                    begin=LATEST_BEGIN,
                )
                yield Bureau(office, zone, tally, sessions, reports, web)
        await kept.close()
        await sessions.close()


def failure(result: str, reason: str = "", count: int = 1) -> Failure:
    return Failure(result, count, "127.0.0.1", "mx.far.test", HERE, reason)


@pytest.mark.parametrize(
    ("zone", "policy", "applied"),
    [
        (FAR, b"", NO_POLICY),
        (replace(FAR, texts=STS), POLICY, BY_STS),
        (replace(FAR, texts=STS), TESTING, IN_TESTING),
        (replace(FAR, texts=STS), POLICY.replace(b"enforce", b"none"), NO_POLICY),
    ],
    ids=["no policy", "enforce", "testing", "none"],
)
@on_loop
async def test_sessions_that_succeed_are_counted_by_policy(
    tmp_path: Path, material: Material, zone: Zone, policy: bytes, applied: Applied
) -> None:
    """RFC 8460, 4.2.1."""
    async with bureau(tmp_path, material, zone, policy=policy) as here:
        await here.office.sends("bob@far.test")
        await here.office.sends("bob@far.test")
        assert await here.counted() == (Summary(applied, 2, 0),)


@on_loop
async def test_a_policy_in_testing_is_reported_on_and_demands_nothing(tmp_path: Path, material: Material) -> None:
    """RFC 8461, 5."""
    async with bureau(tmp_path, material, replace(FAR, texts=STS), policy=TESTING, trusted=False) as here:
        assert await here.office.sends("bob@far.test") == []
        (summary,) = await here.counted()
        reason = "the certificate is not valid: self-signed certificate in certificate chain"
        assert summary == Summary(IN_TESTING, 0, 1, (failure("certificate-not-trusted", reason),))


@pytest.mark.parametrize(
    ("zone", "policy", "tls", "expected"),
    [
        (FAR, b"", False, Summary(NO_POLICY, 0, 1, (failure("starttls-not-supported"),))),
        (replace(FAR, texts=STS), POLICY, False, Summary(BY_STS, 0, 1, (failure("starttls-not-supported"),))),
        (
            replace(FAR, texts=STS),
            POLICY.replace(b"*.far.test", b"*.old.test"),
            True,
            Summary(
                Applied(Kind.STS, "far.test", (*LINES[:2], "mx: *.old.test", LINES[3]), ("*.old.test",)),
                0,
                1,
                (Failure("validation-failure", 1, "", "mx.far.test", "", "the policy does not name the host"),),
            ),
        ),
        (
            replace(FAR, authentic=True, tlsas={"_25._tcp.mx.far.test": [Tlsa(3, 1, 1, b"\x01" * 32)]}),
            b"",
            True,
            Summary(
                Applied(Kind.TLSA, "mx.far.test", ("3 1 1 " + "01" * 32,)),
                0,
                1,
                (failure("validation-failure", "its certificate is not the one that DNS tells of"),),
            ),
        ),
        (
            replace(FAR, authentic=True, broken=["_25._tcp.mx.far.test"]),
            b"",
            True,
            Summary(
                Applied(Kind.TLSA, "mx.far.test"),
                0,
                1,
                (Failure("dnssec-invalid", 1, "", "mx.far.test", "", "SERVFAIL for _25._tcp.mx.far.test"),),
            ),
        ),
    ],
    ids=["no TLS", "no TLS but a policy", "another host", "DANE", "DNS"],
)
@on_loop
async def test_sessions_that_fail_are_counted_with_their_reason(
    tmp_path: Path, material: Material, zone: Zone, policy: bytes, tls: bool, expected: Summary
) -> None:
    """RFC 8460, 4.3."""
    async with bureau(tmp_path, material, zone, policy=policy, tls=tls) as here:
        await here.office.sends("bob@far.test")
        assert await here.counted() == (expected,)


@on_loop
async def test_a_policy_that_cannot_be_had_is_reported(tmp_path: Path, material: Material) -> None:
    """RFC 8460, 4.3.2.2."""
    async with bureau(tmp_path, material, replace(FAR, texts=STS), policy=OSError("down")) as here:
        assert await here.office.sends("bob@far.test") == []
        failed = Summary(
            Applied(Kind.STS, "far.test"), 0, 1, (Failure("sts-policy-fetch-error", 1, "", "mx.far.test"),)
        )
        assert set(await here.counted()) == {failed, Summary(NO_POLICY, 1, 0)}


@on_loop
async def test_a_certificate_for_another_name_is_told_as_such(
    tmp_path: Path, tmp_path_factory: pytest.TempPathFactory
) -> None:
    other = ensure(tmp_path_factory.mktemp("tls"), ["other.test"])
    async with bureau(tmp_path, other, replace(FAR, texts=STS), policy=POLICY) as here:
        await here.office.sends("bob@far.test")
        (summary,) = await here.counted()
        assert [each.result for each in summary.failures] == ["certificate-host-mismatch"]


@on_loop
async def test_a_report_goes_the_next_day_by_mail_and_once(tmp_path: Path, material: Material) -> None:
    async with bureau(tmp_path, material) as here:
        await here.office.sends("bob@far.test")
        await here.counted()
        here.office.clock.now = (TODAY + 1) * DAY + LATEST_BEGIN - 1
        await here.reports.send_due()
        assert await here.posted() == []
        here.office.clock.now += 1
        await here.reports.send_due()
        await here.reports.send_due()
        (message,) = await here.posted()
        assert message.sender == ""
        assert message.submitter == "postmaster@mail.example.org"
        assert [each.to.address for each in message.recipients] == ["tls@reports.test"]
        # RFC 8460, 5.3: no policy holds it up.
        assert message.tls is TlsWish.NOT_REQUIRED
        body = await here.office.queue.body(message.message)
        assert isinstance(body, bytes)
        (report,) = reports_in(body)
        begin = TODAY * DAY
        assert report == Report(
            "Example",
            "postmaster@mail.example.org",
            report.id,
            begin,
            begin + DAY - 1,
            (Summary(NO_POLICY, 1, 0),),
        )
        assert report.id.endswith("@mail.example.org")


@on_loop
async def test_a_report_goes_by_https_and_is_tried_again(tmp_path: Path, material: Material) -> None:
    """RFC 8460, 5.4 and 5.5."""
    async with bureau(tmp_path, material) as here:
        await here.office.sends("bob@far.test")
        await here.counted()
        here.zone.texts = {"_smtp._tls.far.test": [b"v=TLSRPTv1;rua=https://reports.test/v1"]}
        here.office.clock.now = (TODAY + 1) * DAY + LATEST_BEGIN
        here.web.down = True
        await here.reports.send_due()
        here.web.down = False
        await here.reports.send_due()
        await here.reports.send_due()
        ((url, content, media_type),) = here.web.taken
        assert (url, media_type) == ("https://reports.test/v1", "application/tlsrpt+gzip")
        assert parse_report(unpacked(content)).summaries == (Summary(NO_POLICY, 1, 0),)
        assert await here.posted() == []


@pytest.mark.parametrize("days", [1, 2, 3])
@on_loop
async def test_what_cannot_be_reported_is_dropped_in_the_end(tmp_path: Path, material: Material, days: int) -> None:
    async with bureau(tmp_path, material) as here:
        await here.office.sends("bob@far.test")
        await here.counted()
        here.zone.broken = ["_smtp._tls.far.test"]
        here.office.clock.now = (TODAY + days) * DAY + LATEST_BEGIN
        await here.reports.send_due()
        assert bool(await here.counted()) == (days < 3)


@on_loop
async def test_who_wants_no_report_gets_none(tmp_path: Path, material: Material) -> None:
    async with bureau(tmp_path, material) as here:
        await here.office.sends("bob@far.test")
        await here.counted()
        here.zone.texts = {}
        here.office.clock.now = (TODAY + 1) * DAY + LATEST_BEGIN
        await here.reports.send_due()
        assert await here.counted() == ()
        assert await here.posted() == []


@on_loop
async def test_the_way_of_a_report_is_not_reported_on(tmp_path: Path, material: Material) -> None:
    """Else each report would be the cause of the next one."""
    async with bureau(tmp_path, material) as here:
        await here.office.sends("tls@far.test", tls=TlsWish.NOT_REQUIRED)
        assert await here.counted() == ()


@on_loop
async def test_what_was_counted_is_stored_when_the_server_stops(tmp_path: Path) -> None:
    with ThreadPoolExecutor(1) as threads:
        sessions = open_tls_sessions(tmp_path, threads)
        tally = TlsTally(sessions, lambda: NOW)
        running = asyncio.create_task(tally.run())
        await asyncio.sleep(0)
        tally.add("far.test", NO_POLICY, Session("mx.far.test"))
        tally.add("far.test", NO_POLICY, Session("mx.far.test", Result.EXPIRED, reason="x" * 1000))
        running.cancel()
        await asyncio.wait({running})
        rows = await sessions.of(TODAY, "far.test", 10)
        assert {(seen.result, len(seen.reason), count) for seen, count in rows} == {
            ("", 0, 1),
            ("certificate-expired", MAX_REASON, 1),
        }
        await sessions.close()


@on_loop
async def test_a_flood_of_reasons_is_counted_up_to_a_limit(tmp_path: Path) -> None:
    with ThreadPoolExecutor(1) as threads:
        sessions = open_tls_sessions(tmp_path, threads)
        tally = TlsTally(sessions, lambda: NOW)
        for number in range(MAX_DISTINCT + 10):
            tally.add("far.test", NO_POLICY, Session("mx.far.test", Result.VALIDATION_FAILURE, reason=str(number)))
        tally.add("far.test", NO_POLICY, Session("mx.far.test", Result.VALIDATION_FAILURE, reason="1"))
        await tally.store()
        rows = await sessions.of(TODAY, "far.test", MAX_DISTINCT + 10)
        assert (len(rows), rows[0][1]) == (MAX_DISTINCT, 2)
        await sessions.close()
