# SPDX-License-Identifier: GPL-3.0-or-later
"""Small messages for the tests of the store, as the real scanner sees them."""

from __future__ import annotations

from pathlib import Path

from ikserver.model.mail import NewMessage, SpooledFile
from protocols.message import scan


def octets(
    subject: str = "hello", body: str = "Good day.", *, sender: str = "ann@example.org", more: str = ""
) -> bytes:
    """A message of one text part; `more` is further header lines."""
    head = f"From: Ann <{sender}>\nTo: Bob <bob@example.net>\nSubject: {subject}\n{more}"
    kind = "MIME-Version: 1.0\nContent-Type: text/plain; charset=utf-8\nContent-Transfer-Encoding: 8bit\n"
    return f"{head}{kind}\n{body}\n".replace("\n", "\r\n").encode()


def message(data: bytes | str = "hello", *flags: str, date: int = 1_790_000_000, zone: int = 60) -> NewMessage:
    """Ready to be stored; text is the subject of a small message."""
    body = octets(data) if isinstance(data, str) else data
    return NewMessage(body, scan(body), frozenset(flags), date, zone)


def spooled(folder: Path, data: bytes, name: str = "spooled") -> NewMessage:
    """A message whose body waits in a file."""
    path = folder / name
    path.write_bytes(data)
    return NewMessage(SpooledFile(path, len(data)), scan(data), frozenset(), 1_790_000_000, 0)
