# SPDX-License-Identifier: GPL-3.0-or-later
"""Where mail for an address goes, asked at every RCPT: from memory, unless the directory has changed."""

from __future__ import annotations

from ikserver.accounts.api import Elsewhere, Local, Login, OverQuota, Route, Unknown
from ikserver.accounts.expansion import expand
from ikserver.accounts.names import canonical, canonical_domain, split_detail
from ikserver.accounts.room import QuotaCheck, Room
from ikserver.model.account import Account
from ikserver.store.api.directory import Directory

MAX_ROUTES = 20_000


class DirectoryRouter:
    """Implements `ikserver.accounts.api.Router`."""

    def __init__(self, directory: Directory, quota: QuotaCheck) -> None:
        self._directory = directory
        self._quota = quota
        self._routes: dict[str, Route] = {}
        self._generation = -1

    async def route(self, address: str, size: int = 0) -> Route:
        """See Router. `postmaster` without a domain is that of our oldest one (RFC 5321, 4.1.1.3)."""
        generation = self._directory.generation()
        if generation != self._generation or len(self._routes) >= MAX_ROUTES:
            self._routes = {}
            self._generation = generation
        routes = self._routes
        route = routes.get(address)
        if route is None:
            # A change during the wait makes a new dict; this result then goes into the old one.
            route = routes[address] = await self._resolve(address)
        return await self._with_room(route, size) if isinstance(route, Local) else route

    async def may_send_as(self, login: Login, sender: str) -> bool:
        """See Router."""
        base, _ = split_detail(canonical(sender))
        target = await self._directory.addresses.resolve(base)
        return isinstance(target, Account) and target.id == login.account

    async def is_local_domain(self, domain: str) -> bool:
        """See Router."""
        return await self._directory.domains.lookup(canonical_domain(domain)) is not None

    async def _resolve(self, address: str) -> Route:
        name = canonical(address)
        _, at, domain = name.rpartition("@")
        if not at:
            caretaker = await self._directory.addresses.caretaker(None) if domain == "postmaster" else None
            return Unknown(address) if caretaker is None else await expand(self._directory, caretaker.address)
        if await self._directory.domains.lookup(domain) is None:
            return Elsewhere(address)
        return await expand(self._directory, name)

    async def _with_room(self, route: Local, size: int) -> Route:
        """OverQuota when nobody would get the message. Copies for the others of a group wait in the retry queue."""
        if route.forwards:
            return route
        rooms = set()
        for delivery in route.deliveries:
            room = await self._quota.room(delivery.account, size)
            if room is Room.ENOUGH:
                return route
            rooms.add(room)
        owners = tuple(delivery.address for delivery in route.deliveries)
        return OverQuota(route.address, permanent=rooms == {Room.NEVER}, owners=owners)
