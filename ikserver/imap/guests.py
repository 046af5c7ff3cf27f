# SPDX-License-Identifier: GPL-3.0-or-later
"""How many sessions each account has here."""

from __future__ import annotations

from collections import Counter

from ikserver.imap.errors import Refused
from ikserver.model.ids import AccountId


class Guests:
    """Counts sessions that are signed in, by account. One for all listeners of a process."""

    def __init__(self, most: int) -> None:
        self._most = most
        self._here: Counter[AccountId] = Counter()

    def enter(self, account: AccountId) -> None:
        """Raises Refused when the account has as many sessions as it may have."""
        if self._here[account] >= self._most:
            raise Refused(f"more than {self._most} sessions of this account", "LIMIT")
        self._here[account] += 1

    def leave(self, account: AccountId) -> None:
        """A session that had entered is over."""
        self._here[account] -= 1
        if not self._here[account]:
            del self._here[account]
