# SPDX-License-Identifier: GPL-3.0-or-later
"""Somebody with an account: where the server is, what the password is, and a plain way to look into the mailbox."""

from __future__ import annotations

import imaplib
import smtplib
import ssl
from dataclasses import dataclass
from pathlib import Path

from bench.servers import PASSWORD


@dataclass(frozen=True, slots=True)
class Person:
    """`ports` maps what a port is for to its number on localhost; `ca` is the certificate that signs the server's."""

    address: str
    ports: dict[str, int]
    ca: Path
    password: str = PASSWORD

    def imap(self) -> imaplib.IMAP4:
        """Return a signed-in connection over TLS, with the certificate verified."""
        connection = imaplib.IMAP4_SSL("localhost", self.ports["imaps"], ssl_context=self.trust())
        connection.login(self.address, self.password)
        return connection

    def trust(self) -> ssl.SSLContext:
        """Return a client context that trusts the demo's own authority and nobody else."""
        return ssl.create_default_context(cafile=str(self.ca))

    def receives(self, *messages: bytes) -> None:
        """Deliver messages to this person by LMTP."""
        with smtplib.LMTP("localhost", self.ports["lmtp"]) as lmtp:
            for message in messages:
                lmtp.sendmail("friend@example.org", [self.address], message)

    def appends(self, mailbox: str, message: bytes, flags: str = "") -> None:
        """Save a message in a mailbox, made when it is not there."""
        with self.imap() as imap:
            imap.create(mailbox)
            assert imap.append(mailbox, flags, "", message)[0] == "OK"

    def messages(self, mailbox: str = "INBOX") -> dict[bytes, set[str]]:
        """Return the messages of a mailbox, whole, each with its flags; {} when there is no such mailbox."""
        with self.imap() as imap:
            if imap.select(mailbox, readonly=True)[0] != "OK":
                return {}
            uids = imap.uid("SEARCH", "ALL")[1][0].split()
            return {message: flags for uid in uids for message, flags in [_whole(imap, uid.decode())]}

    def subjects(self, mailbox: str = "INBOX") -> dict[str, set[str]]:
        """Return the subjects of a mailbox, each with the flags of its message."""
        return {subject(message): flags for message, flags in self.messages(mailbox).items()}


def _whole(imap: imaplib.IMAP4, uid: str) -> tuple[bytes, set[str]]:
    (head, message), *rest = imap.uid("FETCH", uid, "(FLAGS BODY.PEEK[])")[1]
    flags = imaplib.ParseFlags(head) or imaplib.ParseFlags(b"".join(part for part in rest if isinstance(part, bytes)))
    return message, {flag.decode() for flag in flags} - {"\\Recent"}


def letter(subject: str, text: str = "Good morning.") -> bytes:
    """Return a small message."""
    return (
        f"From: Friend <friend@example.org>\r\nTo: you@bench.test\r\nSubject: {subject}\r\n"
        f"Date: Tue, 24 Nov 2026 10:00:00 +0000\r\nMessage-ID: <{subject.replace(' ', '-')}@example.org>\r\n"
        f"\r\n{text}\r\n"
    ).encode()


def subject(message: bytes) -> str:
    """Return the subject of a message that `letter` made."""
    return next(line[9:].decode().strip() for line in message.splitlines() if line.startswith(b"Subject: "))
