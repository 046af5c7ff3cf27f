# SPDX-License-Identifier: GPL-3.0-or-later
"""Who wants to hear of which account: hints go to the sessions of this process and to the other workers."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable
from typing import Protocol

from ikserver.model.changes import Hint
from ikserver.model.ids import AccountId

Listener = Callable[[Hint], None]
"""Called on the event loop, must return at once and must not raise."""


class Relay(Protocol):
    """Carries hints to other processes."""

    def send(self, hint: Hint) -> None: ...


class Changes:
    """Subscriptions by account. Only for the thread of the event loop."""

    def __init__(self, relay: Relay | None = None) -> None:
        self._listeners: defaultdict[AccountId, dict[object, Listener]] = defaultdict(dict)
        self._relay = relay

    def subscribe(self, account: AccountId, listener: Listener) -> Callable[[], None]:
        """Hear of `account` until the returned function is called."""
        key = object()
        self._listeners[account][key] = listener

        def stop() -> None:
            listeners = self._listeners.get(account)
            if listeners is not None:
                listeners.pop(key, None)
                if not listeners:
                    del self._listeners[account]

        return stop

    def publish(self, hint: Hint) -> None:
        """Tell the listeners here and, through the relay, everywhere else."""
        self.hear(hint)
        if self._relay is not None:
            self._relay.send(hint)

    def hear(self, hint: Hint) -> None:
        """Tell the listeners of this process only: for hints that came from elsewhere."""
        for listener in tuple(self._listeners.get(hint.account, {}).values()):
            listener(hint)
