# SPDX-License-Identifier: GPL-3.0-or-later
"""What one or several scripts have decided about a message."""

from __future__ import annotations

from typing import NamedTuple

from sieve.actions import Action, Keep, Notify, Redirect, Reject, Vacation
from sieve.errors import SieveError, SieveRuntimeError
from sieve.settings import Settings


class Traced(NamedTuple):
    """A line that did something: what, and to what end. `script` is its name."""

    script: str
    line: int
    what: str


class Result:
    """`actions` are in order and explicit; `errors` is what went wrong while they were performed."""

    def __init__(self) -> None:
        self.actions: list[Action] = []
        self.implicit_keep = True
        self.errors: list[SieveError] = []
        self.trace: list[Traced] = []
        self.performed = 0
        """So many of `actions` are done."""
        self.kept = False
        """A keep was performed."""
        self.settled = 0
        """So many of `actions` are of earlier scripts: what a later one decides against them is dropped."""
        self._deferred: Keep | None = None

    def add(self, action: Action, settings: Settings | None = None) -> bool:
        """Decide; False when it is dropped, because an earlier script decided otherwise.

        Raises SieveRuntimeError when it conflicts with what the same script decided, or goes beyond a limit.
        """
        for number, before in enumerate(self.actions):
            conflict = action.conflict(before) or _conflict_of(before, action)
            if conflict and number < self.settled:
                return False
            if conflict:
                raise SieveRuntimeError(conflict, action.line)
            if before.same(action):
                if number >= self.performed:
                    self.actions[number] = before.merged(action)
                self._cancel(action)
                return True
        self._check_limits(action, settings or Settings())
        self.actions.append(action)
        self._cancel(action)
        return True

    def settle(self) -> None:
        """Before the next script of a sequence: an explicit keep waits, and is as good as the implicit one."""
        for number in reversed(range(self.performed, len(self.actions))):
            action = self.actions[number]
            if isinstance(action, Keep):
                self._deferred = action
                self.implicit_keep = True
                del self.actions[number]
        self.settled = len(self.actions)

    def resume(self) -> None:
        """After the last script: the keep that waited, unless a later script decided otherwise."""
        if self._deferred is not None and self.implicit_keep and not any(isinstance(one, Keep) for one in self.actions):
            self.actions.append(self._deferred)

    def _cancel(self, action: Action) -> None:
        if action.cancels:
            self.implicit_keep = False

    def _check_limits(self, action: Action, settings: Settings) -> None:
        if len(self.actions) >= settings.max_actions:
            raise SieveRuntimeError(f"too many actions (at most {settings.max_actions})", action.line)
        for kind, most, name in (
            (Redirect, settings.max_redirects, "redirects"),
            (Notify, settings.notify_max_notifications, "notifications"),
        ):
            if isinstance(action, kind) and sum(isinstance(before, kind) for before in self.actions) >= most:
                raise SieveRuntimeError(f"too many {name} (at most {most})", action.line)


def _conflict_of(before: Action, action: Action) -> str | None:
    """RFC 5429, 2.4 and RFC 5230, 4.7 name pairs: which of the two comes first does not matter."""
    return before.conflict(action) if isinstance(before, Reject | Vacation) else None
