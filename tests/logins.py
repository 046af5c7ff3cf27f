# SPDX-License-Identifier: GPL-3.0-or-later
"""LiveLogins for servers that have no directory."""

from __future__ import annotations

from collections.abc import Callable

from ikserver.accounts.api import Login
from ikserver.changes import Changes
from ikserver.model.changes import Hint, Revoked


class HintedLogins:
    """Believe every hint."""

    def __init__(self, changes: Changes) -> None:
        self._changes = changes

    def watch(self, login: Login, ended: Callable[[], None]) -> Callable[[], None]:
        """See LiveLogins."""

        def hear(hint: Hint) -> None:
            if isinstance(hint, Revoked) and hint.device in (None, login.device):
                ended()

        return self._changes.subscribe(login.account, hear)
