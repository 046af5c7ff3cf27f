# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

import gzip
import time
from concurrent.futures import ThreadPoolExecutor
from datetime import date, timedelta

from ikserver.cli.reports import DAY
from ikserver.store.api.tallies import DmarcReport
from ikserver.store.embedded.tallies import open_tallies
from tests.cli.terminal import Terminal
from tests.protocols_dmarc.reporting import mail, row, xml
from tests.protocols_tlsrpt import reporting as tlsrpt
from tests.support import on_loop


@on_loop
async def test_reports_in_a_mailbox_are_summed_up(terminal: Terminal) -> None:
    folder = terminal.data.parent / "Maildir"
    for name in ("cur", "new", "tmp"):
        (folder / name).mkdir(parents=True)
    report = xml(row(count=7) + row("192.0.2.9", 2, "fail", "reject"))
    (folder / "new" / "1").write_bytes(mail(gzip.compress(report)))
    (folder / "new" / "2").write_bytes(b"Subject: no report\r\n\r\n")
    await terminal.run("org add Example")
    await terminal.run("domain add a.test --org Example")
    await terminal.run("echo secret | account add dmarc@a.test --password-stdin")
    await terminal.run(f"import maildir dmarc@a.test {folder}")
    await terminal.shows("""
        $ reports dmarc dmarc@a.test
        DOMAIN       SOURCE     MESSAGES  PASSED  QUARANTINED  REJECTED
        example.org  192.0.2.9  2         0       0            2
        example.org  192.0.2.1  7         7       0            0
        $ reports dmarc dmarc@a.test --json
        [{"domain": "example.org", "source": "192.0.2.9", "messages": 2, ...
        $ reports dmarc dmarc@a.test --mailbox Junk
        DOMAIN  SOURCE  MESSAGES  PASSED  QUARANTINED  REJECTED
        $ reports dmarc dmarc@a.test --mailbox Nowhere
        ! ikserver: there is no mailbox Nowhere
        = 1
        $ reports dmarc nobody@a.test
        ! ikserver: ...nobody@a.test...
        = 1
    """)


@on_loop
async def test_reports_on_tls_in_a_mailbox_are_summed_up(terminal: Terminal) -> None:
    folder = terminal.data.parent / "Maildir"
    for name in ("cur", "new", "tmp"):
        (folder / name).mkdir(parents=True)
    (folder / "new" / "1").write_bytes(tlsrpt.mail(gzip.compress(tlsrpt.encoded())))
    (folder / "new" / "2").write_bytes(mail(gzip.compress(xml(row(count=7)))))
    await terminal.run("org add Example")
    await terminal.run("domain add a.test --org Example")
    await terminal.run("echo secret | account add tls@a.test --password-stdin")
    await terminal.run(f"import maildir tls@a.test {folder}")
    await terminal.shows("""
        $ reports tls tls@a.test
        DOMAIN             POLICY  HOST                              RESULT                  SESSIONS
        company-y.example  sts     mx2.mail.company-y.example        starttls-not-supported  200
        company-y.example  sts     mx1.mail.company-y.example        certificate-expired     100
        company-y.example  sts     mx-backup.mail.company-y.example  validation-failure      3
        company-y.example  sts     -                                 success                 5326
        $ reports tls tls@a.test --json
        [{"domain": "company-y.example", "policy": "sts", "host": "mx2.mail.company-y.example", ...
        $ reports tls tls@a.test --mailbox Nowhere
        ! ikserver: there is no mailbox Nowhere
        = 1
    """)


@on_loop
async def test_reports_that_were_sent_are_listed(terminal: Terminal) -> None:
    await terminal.run("org add Example")
    noon = int(time.time()) // DAY * DAY + DAY // 2
    today, yesterday = noon // DAY, noon // DAY - 1
    with ThreadPoolExecutor(1) as threads:
        tallies = open_tallies(terminal.data, threads)
        await tallies.finish(DmarcReport(yesterday, "far.test", 8, ("dmarc@far.test",), 1234, noon))
        await tallies.finish(DmarcReport(today, "bank.test", 1, (), 0, noon, "nobody wants it"))
        await tallies.close()
    day, before = (date(1970, 1, 1) + timedelta(days) for days in (today, yesterday))
    await terminal.shows(f"""
        $ reports sent
        DAY         DOMAIN     MESSAGES  RECIPIENTS      SIZE  SENT                       REASON
        {day}  bank.test  1         -               0     {day}T12:00:00+00:00  nobody wants it
        {before}  far.test   8         dmarc@far.test  1234  {day}T12:00:00+00:00  -
        $ reports sent --days 0 --json
        [{{"day": "{day}", "domain": "bank.test", "messages": 1, "recipients": [], "size": 0, ...
        $ reports sent --days 0
        DAY         DOMAIN     MESSAGES  RECIPIENTS  SIZE  SENT                       REASON
        {day}  bank.test  1         -           0     {day}T12:00:00+00:00  nobody wants it
    """)
