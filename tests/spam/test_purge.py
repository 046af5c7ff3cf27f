# SPDX-License-Identifier: GPL-3.0-or-later
"""Spam goes when it has been in its folder for 30 days (SPM-05), from a mailbox of 2,000 messages."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from ikserver.changes import Changes
from ikserver.model.ids import AccountId
from ikserver.spam.purge import Purge
from ikserver.store.embedded import open_mail_store
from ikserver.store.embedded.directory import open_directory
from ikserver.store.embedded.spam import open_spam
from tests.store.mails import message
from tests.support import on_loop

DAY = 86_400.0


@on_loop
async def test_what_came_30_days_ago_goes_and_what_came_29_days_ago_stays(tmp_path: Path) -> None:
    now = 1_800_000_000.0

    def clock() -> float:
        return now

    store = open_mail_store(tmp_path, Changes(), clock=clock)
    directory = open_directory(tmp_path)
    with ThreadPoolExecutor(1) as threads:
        lists = open_spam(tmp_path, threads)
        purge = Purge(store, lists, 30 * DAY, clock)
        mail = await store.mail(AccountId(1))
        inbox, junk = await mail.open("INBOX"), await mail.open("Junk")
        # Their dates say nothing: some are from the future, some were in the inbox for a year.
        old = await mail.append(junk.mailbox.id, [message(f"old {n}", date=2_000_000_000) for n in range(1000)])
        await mail.append(inbox.mailbox.id, [message(f"kept {n}", date=5) for n in range(1000)])
        now += DAY
        inbox.refresh()
        await mail.move(inbox.mailbox.id, inbox.columns.uids[:500], junk.mailbox.id)  # type: ignore[arg-type]
        now += 29 * DAY
        await purge.purge()
        junk.refresh()
        assert junk.mailbox.messages == 1500
        now += 1
        await purge.purge()
        junk.refresh()
        assert junk.mailbox.messages == 500
        assert junk.columns.uids[0] > old.uids[-1]
        now += 400 * DAY
        await purge.purge()
        inbox.refresh()
        assert (inbox.mailbox.messages, (await mail.mailbox("Junk")).messages) == (500, 0)
        assert await store.check(AccountId(1)) == []
        await lists.close()
    await store.close()
    await directory.close()
