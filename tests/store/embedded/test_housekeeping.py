# SPDX-License-Identifier: GPL-3.0-or-later
"""Background work: packing texts, rescanning, closing what nobody uses."""

from __future__ import annotations

import asyncio
import gc
import sqlite3
from pathlib import Path

import pytest

from ikserver.changes import Changes
from ikserver.model.ids import AccountId
from ikserver.model.mail import DELETED, Fact
from ikserver.model.search import Contains, Field
from ikserver.store.embedded import EmbeddedMailStore, open_mail_store
from tests.store.embedded.conftest import ANN
from tests.store.mails import message
from tests.support import on_loop


def count(database: sqlite3.Connection, table: str) -> int:
    return int(database.execute(f"SELECT count(*) FROM {table}").fetchone()[0])  # noqa: S608


@on_loop
async def test_texts_are_packed_when_they_fill_a_page(store: EmbeddedMailStore, database: sqlite3.Connection) -> None:
    mail = await store.mail(ANN)
    inbox = await mail.mailbox("INBOX")
    await mail.append(inbox.id, [message(f"number {n}") for n in range(600)])
    await mail.close()
    assert (count(database, "texts"), count(database, "recent_texts")) == (2, 600 - 512)


@on_loop
async def test_no_text_of_a_swept_message_stays(tmp_path: Path) -> None:
    now = 1_800_000_000.0
    store = open_mail_store(tmp_path, Changes(), clock=lambda: now)
    mail = await store.mail(ANN)
    opened = await mail.open("INBOX")
    await mail.append(opened.mailbox.id, [message(f"secret {n}", DELETED) for n in range(256)] + [message("kept")])
    await store.sweep()
    await mail.expunge(opened.mailbox.id, None)
    now += 3600
    await store.sweep()
    opened.refresh()
    database = sqlite3.connect(tmp_path / "mail/1/mail.sqlite")
    for table, rows in {"texts": 0, "recent_texts": 1, "bodies": 1, "facts": 1, "dropped": 0}.items():
        assert (table, count(database, table)) == (table, rows)
    assert list(await mail.search(opened, Contains(Field.SUBJECT, "kept"))) == [0]
    assert await store.check(ANN) == []
    await store.close()


@on_loop
async def test_a_newer_scanner_makes_facts_and_texts_again(
    store: EmbeddedMailStore, database: sqlite3.Connection, monkeypatch: pytest.MonkeyPatch
) -> None:
    mail = await store.mail(ANN)
    opened = await mail.open("INBOX")
    large = message(b"Subject: large\r\n\r\n" + b"x" * 70_000)
    new = [message(f"number {n}") for n in range(300)]
    await mail.append(opened.mailbox.id, [*new, large])
    await store.sweep()
    opened.refresh()
    database.executescript("UPDATE facts SET envelope = x'00'; UPDATE recent_texts SET subject = x''")
    for module in ("appending", "rescanning"):
        monkeypatch.setattr(f"ikserver.store.embedded.mail.{module}.SCANNER", 2)
    await store.sweep()
    values = [value async for page in mail.facts(Fact.ENVELOPE, opened.columns.bodies) for value in page]  # type: ignore[arg-type]
    assert values == [one.scan.envelope for one in (*new, large)]
    assert list(await mail.search(opened, Contains(Field.SUBJECT, "number 299"))) == [299]
    assert database.execute("SELECT scanner FROM account").fetchone() == (2,)
    assert await store.check(ANN) == []


@on_loop
async def test_accounts_that_nobody_uses_are_closed(
    store: EmbeddedMailStore, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("ikserver.store.embedded.mail.store.RECENT_ACCOUNTS", 2)
    used = await store.mail(ANN)
    for number in range(2, 6):
        await store.mail(AccountId(number))
    gc.collect()
    assert sorted(store._open) == [ANN, AccountId(4), AccountId(5)]
    assert await store.mail(ANN) is used
    # Ann is the latest now, so the fourth goes, too. SQLite removes the journal with the last connection.
    journals = {ANN: True, 2: False, 3: False, 4: False, 5: True}
    for _ in range(500):
        if {n: (tmp_path / f"mail/{n}/mail.sqlite-wal").exists() for n in journals} == journals:
            break
        await asyncio.sleep(0.01)
    else:
        pytest.fail("an account that nobody uses is still open")


@on_loop
async def test_folders_are_for_the_server_alone(store: EmbeddedMailStore, tmp_path: Path) -> None:
    mail = await store.mail(ANN)
    await mail.deliver("INBOX", message(b"x" * 70_000))
    folders = [path for path in tmp_path.rglob("*") if path.is_dir()]
    assert len(folders) == 4
    assert {folder.stat().st_mode & 0o777 for folder in folders} == {0o700}
