# SPDX-License-Identifier: GPL-3.0-or-later
"""The test message of all spam filters, from SMTP to IMAP through a whole server (SPM-01)."""

from __future__ import annotations

from collections.abc import Iterator
from smtplib import SMTP

import pytest

from tests.app.serving import Server, demo

GTUBE = "XJS*C4JDBQADN1.NSBN3*2IDNEN*GTUBE-STANDARD-ANTI-UBE-TEST-EMAIL*C.34X"


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    with demo(tmp_path_factory.mktemp("demo"), "--no-samples") as server:
        yield server


def send(server: Server, subject: str, text: str, *, more: str = "") -> None:
    with SMTP("127.0.0.1", server.told["ports"]["smtp"], timeout=20) as client:
        body = f"From: Eve <eve@far.test>\r\nSubject: {subject}\r\n{more}\r\n{text}\r\n"
        client.sendmail("eve@far.test", ["alice@demo.test"], body)


def found(server: Server, folder: str, subject: str) -> list[bytes]:
    with server.imap() as client:
        client.select(folder, readonly=True)
        _, (numbers,) = client.search(None, "SUBJECT", f'"{subject}"')
        bodies = [client.fetch(number.decode(), "(BODY.PEEK[])")[1] for number in numbers.split()]
    return [body[0][1] for body in bodies if isinstance(body[0], tuple)]


def test_spam_is_filed_into_the_spam_folder_and_other_mail_is_not(server: Server) -> None:
    send(server, "rotten", GTUBE)
    send(server, "fresh", "Good day.")
    (spam,) = found(server, "Junk", "rotten")
    assert b"\r\nX-Spam-Flag: YES\r\nX-Spam-Score: 1000.0\r\nX-Spam-Status: Yes, score=1000.0 required=5.0" in spam
    assert spam.startswith(b"Return-Path: <eve@far.test>\r\nX-Spam-Flag: YES\r\n")
    (ham,) = found(server, "INBOX", "fresh")
    assert b"\r\nX-Spam-Score: 0.0\r\nX-Spam-Status: No, score=0.0" in ham


def test_verdicts_of_others_are_not_taken_for_ours(server: Server) -> None:
    send(server, "lie", "Good day.", more="X-Spam-Status: Yes, score=99\r\nx-spam-Flag: YES\r\n")
    (told,) = found(server, "INBOX", "lie")
    assert b"X-Orig-Status: Yes, score=99\r\nX-Orig-Flag: YES\r\n" in told
    assert told.count(b"X-Spam-") == 2


def test_a_large_message_gets_its_verdict_in_front(server: Server) -> None:
    lines = "".join(f"line {number} of a long letter about nothing\r\n" for number in range(20_000))
    send(server, "large", lines.removesuffix("\r\n"))
    (large,) = found(server, "INBOX", "large")
    assert large.startswith(b"Return-Path: <eve@far.test>\r\nX-Spam-Score: 0.0\r\n")
    assert large.endswith(lines.encode())
