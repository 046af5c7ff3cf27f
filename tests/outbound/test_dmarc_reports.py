# SPDX-License-Identifier: GPL-3.0-or-later
"""Domains that ask for it are told once a day how mail in their name fared."""

from __future__ import annotations

from collections.abc import AsyncIterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace
from email import message_from_bytes
from email.message import Message
from email.policy import default
from pathlib import Path

import pytest

from ikserver.model.mail import SpooledFile
from ikserver.outbound.dmarcreports import DAY, MAX_ROWS, DmarcReports
from ikserver.store.api.queue import Queue
from ikserver.store.api.tallies import DmarcReport, Tallied, Tallies
from ikserver.store.embedded.queue import open_queue
from ikserver.store.embedded.tallies import open_tallies
from protocols.dmarc import Policy
from protocols.dmarc.feedback import Override, Reporter
from protocols.dmarc.report import Row, reports_in
from tests.outbound.zone import Zone
from tests.protocols_dmarc.test_writing import SEEN
from tests.smtp.house import Table
from tests.support import on_loop

TODAY = 20_000
NOON = TODAY * DAY + DAY // 2
YESTERDAY = TODAY - 1
ASKS = b"v=DMARC1; p=reject; rua=mailto:dmarc@far.test"
FORGED = replace(SEEN, source="198.51.100.7", disposition=Policy.QUARANTINE, dkim=False, override=Override.LOCAL_POLICY)


@dataclass
class Bureau:
    """Where reports are made; `now` may be set."""

    tallies: Tallies
    queue: Queue
    threads: ThreadPoolExecutor
    now: float = NOON

    async def sends(self, texts: Mapping[str, bytes], broken: Sequence[str] = ()) -> Sequence[DmarcReport]:
        """What it has sent so far, after it looked for what is due in a world with these TXT records."""
        zone = Zone(texts={name: [text] for name, text in texts.items()}, broken=broken)
        reporter = Reporter("Ours", "postmaster@mail.our.test", "mail.our.test")
        reports = DmarcReports(
            self.tallies, self.queue, Table(), zone, reporter, self.threads, lambda: self.now, lambda size: "f" * size
        )
        await reports.send_due()
        return await self.tallies.reports()

    async def mails(self) -> dict[str, bytes]:
        """What waits in the queue, by recipient."""
        found = {}
        for entry in await self.queue.entries():
            body = await self.queue.body(entry.message)
            found[entry.recipient] = body.path.read_bytes() if isinstance(body, SpooledFile) else body
            assert entry.sender == ""
        return found


@asynccontextmanager
async def bureau(root: Path, domain: str = "far.test") -> AsyncIterator[Bureau]:
    """Eight messages of yesterday and one of today are counted."""
    with ThreadPoolExecutor(2) as threads:
        tallies, queue = open_tallies(root, threads), open_queue(root, threads)
        await tallies.add({Tallied(YESTERDAY, domain, SEEN): 5, Tallied(YESTERDAY, domain, FORGED): 1})
        await tallies.add({Tallied(YESTERDAY, domain, SEEN): 2, Tallied(TODAY, domain, SEEN): 1})
        yield Bureau(tallies, queue, threads)
        await queue.close()
        await tallies.close()


def parsed(mail: bytes) -> Message:
    assert max(map(len, mail.splitlines())) <= 998
    return message_from_bytes(mail, policy=default)


@on_loop
async def test_a_domain_gets_one_report_of_the_day_that_is_over(tmp_path: Path) -> None:
    async with bureau(tmp_path) as ours:
        sent = await ours.sends({"_dmarc.far.test": ASKS})
        mails = await ours.mails()
        size = len(mails["dmarc@far.test"])
        assert sent == [DmarcReport(YESTERDAY, "far.test", 8, ("dmarc@far.test",), size, NOON)]
        (report,) = reports_in(mails["dmarc@far.test"])
        assert (report.organisation, report.domain) == ("Ours", "far.test")
        assert (report.begin, report.end) == (YESTERDAY * DAY, TODAY * DAY - 1)
        assert report.rows == (
            Row("192.0.2.1", 7, True, Policy.NONE, "news.example.org"),
            Row("198.51.100.7", 1, False, Policy.QUARANTINE, "news.example.org"),
        )
        assert await ours.sends({"_dmarc.far.test": ASKS}) == sent
        assert len(await ours.mails()) == 1


@on_loop
async def test_the_mail_is_one_that_machines_sort(tmp_path: Path) -> None:
    """RFC 7489, 7.2.1.1."""
    async with bureau(tmp_path) as ours:
        await ours.sends({"_dmarc.far.test": ASKS})
        mail = parsed((await ours.mails())["dmarc@far.test"])
        begin, end = YESTERDAY * DAY, TODAY * DAY - 1
        assert (
            mail["Subject"]
            == f"Report Domain: far.test Submitter: mail.our.test Report-ID: <{begin}.far.test@mail.our.test>"
        )
        assert mail["From"] == "Ours <postmaster@mail.our.test>"
        assert mail["To"] == "dmarc@far.test"
        assert mail["Auto-Submitted"] == "auto-generated"
        _, text, attached = mail.walk()
        assert text.get_content_type() == "text/plain"
        assert attached.get_content_type() == "application/gzip"
        assert attached.get_filename() == f"mail.our.test!far.test!{begin}!{end}.xml.gz"


@on_loop
async def test_nothing_is_due_in_the_first_hour_of_a_day(tmp_path: Path) -> None:
    """Other processes may still store what they counted."""
    async with bureau(tmp_path) as ours:
        ours.now = TODAY * DAY + 60
        assert await ours.sends({"_dmarc.far.test": ASKS}) == []
        ours.now = (TODAY + 1) * DAY + 3_600
        assert [report.day for report in await ours.sends({"_dmarc.far.test": ASKS})] == [TODAY, YESTERDAY]


VICTIM = b"v=DMARC1; p=none; rua=mailto:dmarc@victim.test"
ASKING = "far.test._report._dmarc.victim.test"


@pytest.mark.parametrize(
    ("texts", "recipients"),
    [
        ({"_dmarc.far.test": VICTIM}, ()),
        ({"_dmarc.far.test": VICTIM, ASKING: b"v=spf1 -all"}, ()),
        ({"_dmarc.far.test": VICTIM, ASKING: b"v=DMARC1"}, ("dmarc@victim.test",)),
        ({"_dmarc.far.test": VICTIM, ASKING: b"v=DMARC1; rua=mailto:in@victim.test"}, ("in@victim.test",)),
        ({"_dmarc.far.test": VICTIM, ASKING: b"v=DMARC1; rua=mailto:in@third.test"}, ()),
        ({"_dmarc.far.test": b"v=DMARC1; p=none; rua=mailto:dmarc@sub.far.test"}, ("dmarc@sub.far.test",)),
        ({"_dmarc.far.test": ASKS + b",mailto:DMARC@far.test"}, ("dmarc@far.test",)),
        ({"_dmarc.far.test": b"v=DMARC1; p=none; rua=https://far.test/"}, ()),
        ({"_dmarc.far.test": b"v=DMARC1; p=none"}, ()),
        ({}, ()),
    ],
)
@on_loop
async def test_nobody_gets_reports_that_he_has_not_asked_for(
    tmp_path: Path, texts: Mapping[str, bytes], recipients: tuple[str, ...]
) -> None:
    """RFC 7489, 7.1."""
    async with bureau(tmp_path) as ours:
        (report,) = await ours.sends(texts)
        assert report.recipients == recipients
        assert report.reason == ("" if recipients else "nobody wants it")
        assert tuple(await ours.mails()) == recipients
        assert await ours.tallies.due(TODAY) == []


@on_loop
async def test_an_address_gets_no_larger_mail_than_it_wants(tmp_path: Path) -> None:
    """RFC 7489, 7.2.1."""
    async with bureau(tmp_path) as ours:
        (report,) = await ours.sends({"_dmarc.far.test": ASKS + b"!1k,mailto:large@far.test!1m"})
        assert report.recipients == ("large@far.test",)
        assert tuple(await ours.mails()) == ("large@far.test",)


@on_loop
async def test_who_takes_nothing_so_large_is_told_that_there_is_a_report(tmp_path: Path) -> None:
    """RFC 7489, 7.2.2."""
    async with bureau(tmp_path) as ours:
        (report,) = await ours.sends({"_dmarc.far.test": ASKS + b"!100"})
        assert report.reason == "too large"
        mail = parsed((await ours.mails())["dmarc@far.test"])
        fields = dict(line.split(": ", 1) for line in str(mail.get_payload()).splitlines())
        assert fields["Report-Domain"] == "far.test"
        assert fields["Report-ID"] == f"{YESTERDAY * DAY}.far.test@mail.our.test"
        assert fields["Report-Size"] == str(report.size)
        assert fields["Submitter"] == "mail.our.test"
        assert fields["Submitting-URI"] == "mailto:dmarc@far.test"


@pytest.mark.parametrize("broken", ["_dmarc.far.test", ASKING])
@on_loop
async def test_without_dns_a_report_waits_for_some_days(tmp_path: Path, broken: str) -> None:
    async with bureau(tmp_path) as ours:
        for _ in range(3):
            assert await ours.sends({"_dmarc.far.test": VICTIM}, [broken]) == []
            ours.now += DAY
        ours.now += DAY
        assert {report.reason for report in await ours.sends({}, [broken])} == {"nobody wants it"}


@on_loop
async def test_a_domain_of_ours_gets_its_report_into_its_mailbox_and_nowhere_else(tmp_path: Path) -> None:
    async with bureau(tmp_path, "example.org") as ours:
        await ours.sends({"_dmarc.example.org": b"v=DMARC1; p=none; rua=mailto:alice@example.org"})
        (entry,) = await ours.queue.entries()
        assert (entry.recipient, entry.account) == ("alice@example.org", 1)
        assert (await ours.mails())["alice@example.org"].startswith(b"Return-Path: <>\r\nFrom: ")


@on_loop
async def test_a_flood_makes_a_report_that_says_what_it_leaves_out(tmp_path: Path) -> None:
    async with bureau(tmp_path) as ours:
        flood = [f"10.{n >> 16}.{n >> 8 & 255}.{n & 255}" for n in range(MAX_ROWS)]
        await ours.tallies.add({Tallied(YESTERDAY, "far.test", replace(FORGED, source=source)): 1 for source in flood})
        await ours.sends({"_dmarc.far.test": ASKS})
        (report,) = reports_in((await ours.mails())["dmarc@far.test"])
        assert len(report.rows) == MAX_ROWS
        assert report.rows[0].count == 7
