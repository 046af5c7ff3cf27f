# SPDX-License-Identifier: GPL-3.0-or-later
"""Every damage that we can think of is told by `check`."""

from __future__ import annotations

import sqlite3
from pathlib import Path

import pytest

from ikserver.model.ids import Uid
from ikserver.model.mail import DELETED
from ikserver.store.api.mail import MailStore
from tests.store.embedded.conftest import ANN
from tests.store.mails import message, octets
from tests.support import on_loop


async def fill(store: MailStore) -> None:
    """A shared, a large and a dropped body."""
    mail = await store.mail(ANN)
    inbox, archive = await mail.mailbox("INBOX"), await mail.mailbox("Archive")
    large = message(octets("large", "x" * 70_000))
    await mail.append(inbox.id, [message("shared"), large, message("dropped", DELETED), message("last")])
    await mail.copy(inbox.id, [Uid(1)], archive.id)
    await mail.expunge(inbox.id, None)


@pytest.mark.parametrize(
    ("damage", "told"),
    [
        ("UPDATE mailboxes SET messages = 4 WHERE name = 'INBOX'", "INBOX: messages is 3, the counter says 4"),
        ("UPDATE mailboxes SET unseen = 0 WHERE name = 'INBOX'", "INBOX: unseen is 3"),
        ("UPDATE mailboxes SET uidnext = 4 WHERE name = 'INBOX'", "UIDs do not ascend to UIDNEXT"),
        ("UPDATE mailboxes SET modseq = 1 WHERE name = 'INBOX'", "above HIGHESTMODSEQ"),
        ("UPDATE pages SET page = 7 WHERE mailbox = 1; UPDATE marks SET page = 7 WHERE mailbox = 1", "UIDs of another"),
        ("UPDATE marks SET flagsets = x'0000' WHERE mailbox = 1", "not in step"),
        ("UPDATE account SET bytes = 1", "its counters say other"),
        ("DELETE FROM shared", "share a body"),
        ("DELETE FROM dropped", "1 bodies have no message"),
        ("DELETE FROM bodies WHERE id = 1", "body 1 is missing"),
        ("UPDATE bodies SET content = x'00' WHERE id = 4", "body 4 has not the size"),
        ("DELETE FROM facts WHERE body = 4", "body 4 lacks"),
        ("DELETE FROM recent_texts WHERE body = 2", "body 2 lacks"),
    ],
)
@on_loop
async def test_damaged_rows_are_told(store: MailStore, database: sqlite3.Connection, damage: str, told: str) -> None:
    await fill(store)
    assert await store.check(ANN) == []
    database.executescript(damage)
    faults = await store.check(ANN)
    assert any(told in fault for fault in faults), faults


@on_loop
async def test_damaged_files_are_told(store: MailStore, tmp_path: Path) -> None:
    await fill(store)
    (file,) = tmp_path.glob("mail/1/blobs/*/*")
    content = file.read_bytes()
    for damaged, told in ((content[:-1] + b"!", "other content"), (content[:-1], "instead of")):
        file.write_bytes(damaged)
        assert told in (await store.check(ANN))[0]
    file.unlink()
    assert "is missing" in (await store.check(ANN))[0]


@on_loop
async def test_a_damaged_database_is_told(store: MailStore, database: sqlite3.Connection, tmp_path: Path) -> None:
    await fill(store)
    database.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    (page,) = database.execute("SELECT rootpage FROM sqlite_master WHERE name = 'marks_by_modseq'").fetchone()
    with (tmp_path / "mail/1/mail.sqlite").open("r+b") as file:
        file.seek((page - 1) * 4096)
        file.write(b"\xff" * 100)
    assert any("damaged" in fault for fault in await store.check(ANN))
