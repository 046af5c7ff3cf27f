# SPDX-License-Identifier: GPL-3.0-or-later
"""The load: senders over SMTP and readers over IMAP who note what the server acknowledges until it dies."""

from __future__ import annotations

import imaplib
import re
import smtplib
from collections.abc import Callable
from contextlib import suppress
from typing import Any

from bench.servers import PASSWORD
from tests.crash.ledger import Found, Ledger, Token

MAILBOXES = ("INBOX", "Kept", "Copies", "Moved")
DEAD = (OSError, EOFError, imaplib.IMAP4.abort, smtplib.SMTPServerDisconnected)
"""What a client meets when the server is killed; anything else is a fault and fails the test."""


def letter(token: Token) -> bytes:
    """Return a message with the token as its subject; every tenth is so large that its body becomes a file."""
    lines = 2_600 if token.endswith("8") else 10
    return f"From: a@example.org\r\nSubject: {token}\r\n\r\n".encode() + b"some words that fill a line\r\n" * lines


def deliver(port: int, ledger: Ledger, tokens: Callable[[], Token]) -> None:
    """Send message after message; a 250 puts its token into INBOX."""
    with suppress(*DEAD), smtplib.SMTP("localhost", port, timeout=30) as smtp:
        while True:
            token = tokens()
            smtp.sendmail("a@example.org", [ledger.address], letter(token))
            ledger.places[token] = {"INBOX"}


def work(port: int, ledger: Ledger, tokens: Callable[[], Token]) -> None:
    """APPEND, STORE, COPY and MOVE, again and again; an OK is noted, and what was under way is in doubt."""
    with suppress(*DEAD):
        imap = signed_in(port, ledger.address)
        while True:
            _one_message(imap, ledger, tokens())


def _one_message(imap: imaplib.IMAP4, ledger: Ledger, token: Token) -> None:
    (answer,) = _ok(imap.append("Kept", "", "", letter(token)))
    uid = re.findall(rb"APPENDUID \d+ (\d+)", answer)[0].decode()
    ledger.places[token] = {"Kept"}
    ledger.uids.append(("Kept", int(uid)))
    _ok(imap.select("Kept"))
    _ok(imap.uid("STORE", uid, "+FLAGS.SILENT", "(\\Flagged)"))
    ledger.flagged.add(token)
    for verb, destination, places in ("COPY", "Copies", {"Kept", "Copies"}), ("MOVE", "Moved", {"Copies", "Moved"}):
        ledger.under_way = token, places
        _ok(imap.uid(verb, uid, destination))
        ledger.places[token] = places


def look(port: int, address: str) -> Found:
    """Return what is in the account's mailboxes; a message that cannot be read whole raises."""
    mailboxes, flagged = {}, {}
    with signed_in(port, address) as imap:
        for mailbox in MAILBOXES:
            _ok(imap.select(mailbox, readonly=True))
            messages = _messages(imap)
            mailboxes[mailbox] = {uid: token for uid, token, _ in messages}
            flagged[mailbox] = {token for _, token, flags in messages if "\\Flagged" in flags}
    return Found(mailboxes, flagged)


def signed_in(port: int, address: str) -> imaplib.IMAP4:
    """Return a signed-in connection whose account has all MAILBOXES."""
    imap = imaplib.IMAP4("localhost", port, timeout=30)
    imap.login(address, PASSWORD)
    for mailbox in MAILBOXES[1:]:
        imap.create(mailbox)
    return imap


def _messages(imap: imaplib.IMAP4) -> list[tuple[int, Token, str]]:
    found: list[tuple[int, Token, str]] = []
    for part in _ok(imap.uid("FETCH", "1:*", "(FLAGS BODY.PEEK[])")):
        if isinstance(part, tuple):
            head, body = part[0].decode(), part[1]
            token = re.findall(rb"Subject: (\S+)", body)[0].decode()
            assert body.endswith(letter(token)), f"{token} is not whole"
            found.append((int(re.findall(r"UID (\d+)", head)[0]), token, head))
    return found


def _ok(answer: tuple[str, Any]) -> Any:
    assert answer[0] == "OK", answer
    return answer[1]
