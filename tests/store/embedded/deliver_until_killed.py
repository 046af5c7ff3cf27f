# SPDX-License-Identifier: GPL-3.0-or-later
"""The process that test_crash.py kills. Each line on standard output is a promise: `uid mark` is in INBOX for good.

python -m tests.store.embedded.deliver_until_killed DATA MARK
"""

from __future__ import annotations

import asyncio
import sys
from itertools import count
from pathlib import Path

from ikserver.changes import Changes
from ikserver.model.ids import AccountId
from ikserver.model.mail import DELETED, FlagChange, FlagMode
from ikserver.store.api.mail import Mail
from ikserver.store.embedded import open_mail_store
from tests.store.mails import message, octets

MARKED = FlagChange(FlagMode.ADD, frozenset({DELETED}))


async def deliver(mail: Mail, mark: str, lane: int) -> None:
    """Small and large messages; every seventh is expunged again and not promised."""
    for n in count():
        name = f"{mark}-{lane}-{n}"
        body = octets(name, "x" * 70_000) if n % 5 == 4 else octets(name)
        appended = await mail.deliver("INBOX", message(body))
        if n % 7 == 6:
            inbox = (await mail.mailbox("INBOX")).id
            await mail.store_flags(inbox, appended.uids, MARKED)
            await mail.expunge(inbox, appended.uids)
        else:
            print(appended.uids[0], name, flush=True)


async def main(data: Path, mark: str) -> None:
    mail = await open_mail_store(data, Changes()).mail(AccountId(1))
    await asyncio.gather(*(deliver(mail, mark, lane) for lane in range(8)))


if __name__ == "__main__":
    asyncio.run(main(Path(sys.argv[1]), sys.argv[2]))
