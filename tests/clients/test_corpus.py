# SPDX-License-Identifier: GPL-3.0-or-later
"""Every message of the corpus goes in by SMTP, LMTP and APPEND, and comes back by FETCH byte for byte."""

from __future__ import annotations

import imaplib
import re
import smtplib
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from bench.servers.ours import Ours
from ikserver.spam.headers import disowned
from tests.clients.person import Person
from tests.support import SHARED, needs_shared

OWN = sorted((Path(__file__).parents[1] / "corpus" / "eml").glob("*.eml"))
LENT = sorted((SHARED / "corpus" / "eml").glob("*.eml"))
CORPUS = [pytest.param(path, id=path.name) for path in OWN]
CORPUS += [pytest.param(path, id=path.name, marks=needs_shared) for path in LENT]
# RFC 5321, 2.3.8: CR and LF occur only together; NUL is no character of mail (RFC 5322, 2.2).
FORBIDDEN = re.compile(rb"\r(?!\n)|(?<!\r)\n|\0")


@pytest.fixture(scope="module")
def reader(server: Ours) -> Person:
    server.add("reader@bench.test")
    return Person("reader@bench.test", server.ports, server.ca)


@pytest.fixture
def imap(reader: Person) -> Iterator[imaplib.IMAP4]:
    with reader.imap() as connection:
        yield connection


@pytest.mark.parametrize("path", CORPUS)
@pytest.mark.parametrize(("client", "port"), [(smtplib.SMTP, "smtp"), (smtplib.LMTP, "lmtp")], ids=["smtp", "lmtp"])
def test_a_message_comes_back_as_it_was_sent(
    client: Callable[[str, int], smtplib.SMTP], port: str, path: Path, reader: Person, imap: imaplib.IMAP4
) -> None:
    # Verdicts of others get another name, which is as long (see ikserver/spam/headers.py).
    message = disowned(on_the_wire(path))
    with client("localhost", reader.ports[port]) as sender:
        code, text = send(sender, reader.address, message)
    if FORBIDDEN.search(message):
        assert (code, text[:5]) == (550, b"5.6.0"), text
        return
    assert code == 250, text
    imap.select(readonly=True)
    stored = newest(imap)
    assert stored.endswith(b"\r\n" + message)
    ours = stored.removesuffix(message)
    assert re.match(rb"Return-Path: <friend@example\.org>\r\n", ours)
    assert b"\r\n\r\n" not in ours


@pytest.mark.parametrize("path", CORPUS)
def test_a_message_comes_back_as_it_was_appended(path: Path, reader: Person, imap: imaplib.IMAP4) -> None:
    message = on_the_wire(path)
    answer = append(imap, message)
    if b"\0" in message:
        assert answer in ("NO", "BAD")
        return
    assert answer == "OK"
    imap.select(readonly=True)
    assert newest(imap) == message


def on_the_wire(path: Path) -> bytes:
    """Return a corpus file as a mail program sends it: files with LF alone get CRLF, and the last line its end."""
    message = path.read_bytes()
    if b"\r\n" not in message:
        message = message.replace(b"\n", b"\r\n")
    return message if message.endswith(b"\r\n") else message + b"\r\n"


def send(client: smtplib.SMTP, recipient: str, message: bytes) -> tuple[int, bytes]:
    """Send exactly these bytes (smtplib would repair line ends); return the answer to the last dot."""
    client.ehlo_or_helo_if_needed()
    client.mail("friend@example.org")
    client.rcpt(recipient)
    client.docmd("DATA")
    dotted = re.sub(rb"(?m)^\.", b"..", message)
    client.send(dotted + b".\r\n")
    return client.getreply()


def append(imap: imaplib.IMAP4, message: bytes) -> str:
    """APPEND exactly these bytes (imaplib's own append would repair line ends); return OK, NO or BAD."""
    connection: Any = imap
    connection.literal = message
    try:
        return str(connection._simple_command("APPEND", "INBOX")[0])
    except imaplib.IMAP4.error:
        return "BAD"


def newest(imap: imaplib.IMAP4) -> bytes:
    """Return the whole message with the highest number."""
    part = imap.fetch("*", "(BODY.PEEK[])")[1][0]
    assert isinstance(part, tuple)
    return part[1]
