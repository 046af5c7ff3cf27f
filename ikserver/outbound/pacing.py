# SPDX-License-Identifier: GPL-3.0-or-later
"""How many messages a domain is sent in a minute: some large providers turn away those who are too quick."""

from __future__ import annotations

from collections import deque
from collections.abc import Collection, Mapping

MINUTE = 60.0


class Pace:
    """At most `usual` messages in any minute to a domain, or what `by_domain` says; 0 is as many as there are.

    Nothing is kept of a domain that nothing was sent to for a minute, and nothing across a restart.
    """

    def __init__(self, usual: int = 0, by_domain: Mapping[str, int] | None = None) -> None:
        self._usual = usual
        self._by_domain = {domain.lower(): most for domain, most in (by_domain or {}).items()}
        self._begun: dict[str, deque[tuple[float, int]]] = {}

    def begin(self, domain: str, messages: int, now: float) -> None:
        """Count what is sent from now on."""
        if self._most(domain):
            self._begun.setdefault(domain, deque()).append((now, messages))

    def room(self, domain: str, most: int) -> int:
        """For how many messages there is room, up to `most`, as of the last call of `full`."""
        limit = self._most(domain)
        return min(most, limit - self._count(domain)) if limit else most

    def full(self, now: float) -> Collection[str]:
        """The domains that have had their messages of this minute."""
        for domain, begun in list(self._begun.items()):
            while begun and begun[0][0] <= now - MINUTE:
                begun.popleft()
            if not begun:
                del self._begun[domain]
        return [domain for domain in self._begun if self._count(domain) >= self._most(domain)]

    def _most(self, domain: str) -> int:
        return self._by_domain.get(domain, self._usual)

    def _count(self, domain: str) -> int:
        return sum(messages for _, messages in self._begun.get(domain, ()))
