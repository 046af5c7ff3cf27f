# SPDX-License-Identifier: GPL-3.0-or-later
"""The test message of all spam filters, from SMTP to IMAP through a whole server (SPM-01 to SPM-04, SPM-11)."""

from __future__ import annotations

from tests.app.serving import Server
from tests.spam.letters import ALICE, GTUBE, found, ikserver, send, told, until


def test_spam_is_filed_into_the_spam_folder_and_other_mail_is_not(server: Server) -> None:
    send(server, "rotten", GTUBE)
    send(server, "fresh", "Good day.")
    (spam,) = found(server, "Junk", "rotten").values()
    assert b"\r\nX-Spam-Flag: YES\r\nX-Spam-Score: 1000.0\r\nX-Spam-Status: Yes, score=1000.0 required=5.0" in spam
    assert spam.startswith(b"Return-Path: <eve@far.test>\r\nX-Spam-Flag: YES\r\n")
    (ham,) = found(server, "INBOX", "fresh").values()
    assert b"\r\nX-Spam-Score: 0.0\r\nX-Spam-Status: No, score=0.0" in ham


def test_the_activity_log_says_why_it_is_spam(server: Server) -> None:
    send(server, "logged", GTUBE)

    def events() -> list[dict[str, object]]:
        every = told(server, "logs", "search", "--address", ALICE, "--status", "spam")
        return [event for event in every if event["subject"] == "logged"]

    until(lambda: bool(events()))
    (event,) = events()
    assert (event["score"], event["reasons"], event["folder"]) == (1000.0, ["GTUBE"], "Junk")


def test_verdicts_of_others_are_not_taken_for_ours(server: Server) -> None:
    send(server, "lie", "Good day.", more="X-Spam-Status: Yes, score=99\r\nx-spam-Flag: YES\r\n")
    (message,) = found(server, "INBOX", "lie").values()
    assert b"X-Orig-Status: Yes, score=99\r\nX-Orig-Flag: YES\r\n" in message
    assert message.count(b"X-Spam-") == 2


def test_a_large_message_gets_its_verdict_in_front(server: Server) -> None:
    lines = "".join(f"line {number} of a long letter about nothing\r\n" for number in range(20_000))
    send(server, "large", lines.removesuffix("\r\n"))
    (large,) = found(server, "INBOX", "large").values()
    assert large.startswith(b"Return-Path: <eve@far.test>\r\nX-Spam-Score: 0.0\r\n")
    assert large.endswith(lines.encode())


def test_the_filter_obeys_at_once_when_it_is_switched_and_the_score_stays(server: Server) -> None:
    ikserver(server, "spam", "filter", "off", "alice@demo.test")
    send(server, "let in", GTUBE)
    (spam,) = found(server, "INBOX", "let in").values()
    assert b"X-Spam-Flag: YES\r\nX-Spam-Score: 1000.0" in spam
    ikserver(server, "spam", "filter", "on", "alice@demo.test", "bob@demo.test")
    send(server, "kept out", GTUBE)
    assert len(found(server, "Junk", "kept out")) == 1


def test_the_chosen_folder_takes_the_spam(server: Server) -> None:
    """SPM-11."""
    with server.imap() as client:
        client.create("Rubbish")
    ikserver(server, "spam", "folder", "alice@demo.test", "Rubbish")
    with server.imap() as client:
        listed = [line for line in client.list()[1] if isinstance(line, bytes)]
    assert [line for line in listed if b"\\Junk" in line and b"Rubbish" in line]
    send(server, "elsewhere", GTUBE)
    assert len(found(server, "Rubbish", "elsewhere")) == 1
    ikserver(server, "spam", "folder", "alice@demo.test", "Junk")
