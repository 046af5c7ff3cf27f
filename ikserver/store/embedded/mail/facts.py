# SPDX-License-Identifier: GPL-3.0-or-later
"""Reading facts in steps that leave the event loop to others."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Mapping, Sequence

from ikserver.model.ids import AccountId, BodyId
from ikserver.model.mail import Fact
from ikserver.store.api.mail import Render
from ikserver.store.embedded.mail.connections import AccountDatabase
from ikserver.store.embedded.mail.factcache import FactCache, Kind
from ikserver.store.embedded.mail.reading import by_body
from ikserver.store.embedded.mail.rescanning import is_stale

AT_ONCE = 512

_SELECT = {
    Fact.ENVELOPE: "SELECT body, envelope FROM facts WHERE body ",
    Fact.STRUCTURE: "SELECT body, structure FROM facts WHERE body ",
    Fact.BODY: "SELECT body, basic FROM facts WHERE body ",
    Fact.HEADERS: "SELECT body, headers FROM facts WHERE body ",
    Fact.PARTS: "SELECT body, parts FROM facts WHERE body ",
}


class Facts:
    """The facts of one account, from memory or from its database."""

    __slots__ = ("_account", "_cache", "_database")

    def __init__(self, account: AccountId, database: AccountDatabase, cache: FactCache) -> None:
        self._account, self._database, self._cache = account, database, cache

    async def read(
        self, fact: Fact, bodies: Sequence[BodyId], render: Render | None
    ) -> AsyncIterator[Sequence[bytes | None]]:
        """Pages of values in the order of `bodies`."""
        kind = Kind(self._account, fact, render)
        for start in range(0, len(bodies), AT_ONCE):
            if start:
                await asyncio.sleep(0)
            yield self._page(kind, bodies[start : start + AT_ONCE])

    def forget(self) -> None:
        """Bodies were erased."""
        self._cache.forget(self._account)

    def _page(self, kind: Kind, bodies: Sequence[BodyId]) -> Sequence[bytes | None]:
        known = self._cache.values(kind)
        try:
            return [known[body] for body in bodies]
        except KeyError:
            found = self._found(kind, [body for body in bodies if body not in known])
            return [known[body] if body in known else found.get(body) for body in bodies]

    def _found(self, kind: Kind, bodies: Sequence[BodyId]) -> Mapping[BodyId, bytes]:
        # Asked first: what is read while an older scanner's facts are made again may be of either scanner.
        stale = is_stale(self._database.reader.db)
        rows = by_body(self._database, _SELECT[kind.fact], bodies)
        render = kind.render or bytes
        found = {body: render(rows[body]) for body in bodies if body in rows}
        if not stale:
            self._cache.add(kind, found)
        return found
