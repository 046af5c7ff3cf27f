# SPDX-License-Identifier: GPL-3.0-or-later
"""Scripts in a whole server: stored on the command line, run by what comes over LMTP and SMTP, seen over IMAP."""

from __future__ import annotations

import json
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from smtplib import LMTP, SMTP, SMTPDataError

import pytest

from tests.app.serving import Server, demo

RULES = """\
require ["fileinto", "mailbox", "imap4flags", "vacation", "reject"];
# rule:[Invoices]
if header :contains "subject" "invoice" {
    addflag "\\\\Flagged";
    fileinto :create "Money/Invoices";
    stop;
}
# rule:[Not you]
if address "from" "mallory@far.test" {
    reject "Alice does not take mail of yours.";
    stop;
}
# rule:[Holiday]
vacation :days 7 :subject "On holiday" "I am back in December.";
"""


def letter(subject: str, sender: str = "eve@far.test") -> str:
    return (
        f"From: {sender}\r\nTo: alice@demo.test\r\nSubject: {subject}\r\n"
        f"Message-ID: <{abs(hash(subject))}@far.test>\r\n\r\nHello.\r\n"
    )


@pytest.fixture(scope="module")
def data(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("sieve") / "data"


@pytest.fixture(scope="module")
def server(data: Path) -> Iterator[Server]:
    """A demo in which Alice has rules."""
    with demo(data, "--no-samples") as server:
        (data / "rules").write_text(RULES)
        ikserver(data, "sieve", "put", "alice@demo.test", "main", str(data / "rules"), "--activate")
        yield server


def ikserver(data: Path, *words: str) -> str:
    command = [sys.executable, "-m", "ikserver", *words, "--data", str(data)]
    return subprocess.run(command, check=True, capture_output=True, text=True, timeout=60).stdout


def subjects(server: Server, folder: str, user: str = "alice@demo.test") -> list[bytes]:
    with server.imap(user) as client:
        _, count = client.select(f'"{folder}"', readonly=True)
        if count == [b"0"]:
            return []
        _, found = client.fetch("1:*", "(BODY.PEEK[HEADER.FIELDS (SUBJECT)])")
    return [item[1].strip() for item in found if isinstance(item, tuple)]


def test_a_rule_files_what_comes_over_lmtp(server: Server) -> None:
    with LMTP("127.0.0.1", server.told["ports"]["lmtp"]) as client:
        client.sendmail("eve@far.test", ["alice@demo.test"], letter("Invoice 17"))
    with server.imap() as client:
        client.select('"Money/Invoices"', readonly=True)
        _, found = client.fetch("1:*", "(FLAGS)")
        assert isinstance(found[0], bytes)
        assert b"\\Flagged" in found[0]
        _, folders = client.lsub()
        assert any(b"Money/Invoices" in line for line in folders if isinstance(line, bytes))
    assert subjects(server, "Money/Invoices") == [b"Subject: Invoice 17"]


def test_a_refusal_is_heard_by_whoever_sends(server: Server) -> None:
    with SMTP("127.0.0.1", server.told["ports"]["smtp"]) as client, pytest.raises(SMTPDataError) as refused:
        client.sendmail("mallory@far.test", ["alice@demo.test"], letter("Hi", "mallory@far.test"))
    assert refused.value.smtp_code == 550
    assert refused.value.smtp_error == b"5.7.1 Alice does not take mail of yours."


def test_a_colleague_is_answered_once(server: Server) -> None:
    for number in range(2):
        with LMTP("127.0.0.1", server.told["ports"]["lmtp"]) as client:
            client.sendmail("bob@demo.test", ["alice@demo.test"], letter(f"Lunch {number}", "bob@demo.test"))
    until = time.monotonic() + 20
    while not (answers := subjects(server, "INBOX", "bob@demo.test")):
        assert time.monotonic() < until
        time.sleep(0.1)
    assert answers == [b"Subject: On holiday"]
    assert [subject for subject in subjects(server, "INBOX") if b"Lunch" in subject] == [
        b"Subject: Lunch 0",
        b"Subject: Lunch 1",
    ]


def test_the_log_tells_which_rule_did_what(server: Server, data: Path) -> None:
    """After the tests above, in the order of this file."""
    until = time.monotonic() + 20
    while True:
        found = json.loads(ikserver(data, "logs", "search", "--limit", "0", "--json"))
        told = {(event["status"], event["rule"]) for event in found if event["address"] == "alice@demo.test"}
        if len(told) >= 4 or time.monotonic() > until:
            break
        time.sleep(0.2)
    assert told >= {
        ("filed", "Invoices (main, line 5)"),
        ("rejected", "Not you (main, line 10)"),
        ("auto-reply", "Holiday (main, line 14)"),
        ("received", ""),
    }
