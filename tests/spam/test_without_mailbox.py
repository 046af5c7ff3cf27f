# SPDX-License-Identifier: GPL-3.0-or-later
"""RED-02: spam for an address that only redirects is refused while its sender listens, never by a report later."""

from __future__ import annotations

import smtplib
from collections.abc import Iterator
from contextlib import contextmanager

import pytest

from tests.app.serving import Server
from tests.spam.letters import ALICE, GTUBE, ikserver, told

INFO = "info@demo.test"
SPAM = f"From: eve@far.test\r\nSubject: rotten\r\n\r\n{GTUBE}\r\n"
REFUSED = "5.7.1 The message looks like spam, which this address does not send on"


@pytest.fixture(scope="module", autouse=True)
def info(server: Server) -> None:
    """Bob gets the mail of info@, and so will somebody far away, once he accepts."""
    ikserver(server, "redirect", "add", INFO, "bob@demo.test", "carol@far.test")
    ikserver(server, "queue", "drop", str(told(server, "queue", "list")[0]["id"]), "--yes")


@contextmanager
def speaking(server: Server, port: str) -> Iterator[smtplib.SMTP]:
    kind = smtplib.LMTP if port == "lmtp" else smtplib.SMTP
    with kind("127.0.0.1", server.told["ports"][port], timeout=20) as client:
        client.ehlo_or_helo_if_needed()
        yield client


@pytest.mark.parametrize("port", ["smtp", "lmtp"])
def test_spam_is_refused_and_nobody_gets_a_report(server: Server, port: str) -> None:
    with speaking(server, port) as client:
        client.mail("eve@far.test")
        assert client.rcpt(INFO)[0] == 250
        assert client.data(SPAM.encode()) == (550, REFUSED.encode())
    assert told(server, "queue", "list") == []
    with server.imap("bob@demo.test") as bob:
        for folder in ("INBOX", "Junk"):
            bob.select(folder, readonly=True)
            assert bob.search(None, "SUBJECT", "rotten") == ("OK", [b""])


def test_the_log_of_the_address_says_why(server: Server) -> None:
    with speaking(server, "smtp") as client, pytest.raises(smtplib.SMTPDataError):
        client.sendmail("eve@far.test", [INFO], SPAM.replace("rotten", "logged"))
    found = [event for event in told(server, "logs", "search", "--address", INFO) if event["subject"] == "logged"]
    assert [(event["status"], event["score"], event["reasons"]) for event in found] == [("rejected", 1000.0, ["GTUBE"])]


def test_it_shares_no_answer_with_other_addresses(server: Server) -> None:
    """RFC 5321, 4.5.3.1.10: the client sends the message again to the others."""
    with speaking(server, "smtp") as client:
        for first, second in ((ALICE, INFO), (INFO, ALICE), (INFO, "bob@demo.test")):
            client.rset()
            client.mail("eve@far.test")
            assert client.rcpt(first)[0] == 250
            assert client.rcpt(second)[0] == 452


def test_what_is_no_spam_goes_on_to_who_has_accepted(server: Server) -> None:
    with speaking(server, "smtp") as client:
        client.sendmail("eve@far.test", [INFO], SPAM.replace(GTUBE, "Good day.").replace("rotten", "fresh"))
    assert b"Subject: fresh" in server.subjects("bob@demo.test")
    assert told(server, "queue", "list") == []


def test_an_address_whose_filter_is_off_sends_all_of_it_on(server: Server) -> None:
    ikserver(server, "spam", "filter", "off", INFO)
    with speaking(server, "smtp") as client:
        client.sendmail("eve@far.test", [INFO], SPAM.replace("rotten", "wanted"))
    ikserver(server, "spam", "filter", "on", INFO)


def test_our_own_people_write_to_all_at_once(server: Server) -> None:
    with speaking(server, "submission") as client:
        client.login(ALICE, server.told["password"])
        client.sendmail(ALICE, [INFO, ALICE], f"From: {ALICE}\r\nSubject: ours\r\n\r\nHello.\r\n")
    assert b"Subject: ours" in server.subjects("bob@demo.test")
    assert b"Subject: ours" in server.subjects(ALICE)
