# SPDX-License-Identifier: GPL-3.0-or-later
"""Mailboxes that nobody has open stay in memory for a while: the next SELECT only reads what is new."""

from __future__ import annotations

from collections import OrderedDict

from ikserver.model.ids import AccountId, MailboxId
from ikserver.store.embedded.mail.live import LiveMailbox

MAX_ROWS = 2_000_000
"""In all accounts of this process; a row has 32 octets."""
MAX_MAILBOXES = 1_000


class RecentMailboxes:
    """The most recently opened ones, within these limits."""

    def __init__(self) -> None:
        self._recent: OrderedDict[tuple[AccountId, MailboxId], LiveMailbox] = OrderedDict()

    def touch(self, account: AccountId, live: LiveMailbox) -> None:
        """Somebody opens it."""
        key = account, live.mailbox.id
        self._recent[key] = live
        self._recent.move_to_end(key)
        while len(self._recent) > 1 and self._too_many():
            self._recent.popitem(last=False)

    def forget(self, account: AccountId) -> None:
        """The account was erased."""
        for key in [key for key in self._recent if key[0] == account]:
            del self._recent[key]

    def _too_many(self) -> bool:
        return len(self._recent) > MAX_MAILBOXES or sum(len(live.columns) for live in self._recent.values()) > MAX_ROWS
