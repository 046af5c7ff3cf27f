# SPDX-License-Identifier: GPL-3.0-or-later
"""Follows aliases, groups and redirections to where mail really goes."""

from __future__ import annotations

from dataclasses import dataclass, field

from ikserver.accounts.api import Deliver, Forward, Inactive, Local, Route, Unknown
from ikserver.accounts.names import canonical, split_detail
from ikserver.model.account import Account, Group, State
from ikserver.model.ids import AccountId
from ikserver.store.api.directory import Directory

MAX_DEPTH = 10
"""Groups in groups and redirections of redirections: beyond this many, somebody made a mistake."""

ALWAYS_READ = ("postmaster", "abuse")
"""RFC 5321, 4.5.1 and RFC 2142, 2: these always reach someone."""


async def expand(directory: Directory, address: str) -> Route:
    """The Route of a canonical address in a domain of ours; quota is not looked at."""
    target, detail = await find(directory, address)
    if target is None:
        return Unknown(address)
    if _inactive(target):
        return Inactive(address, (target.address,))
    expansion = _Expansion(directory)
    await expansion.follow(target, detail)
    if not expansion.deliveries and not expansion.forwards:
        # Redirections in a circle that keep nothing: better at the one written to than nowhere.
        if isinstance(target, Group) or not target.mailbox:
            return Inactive(address, (target.address,) if isinstance(target, Account) else ())
        expansion.deliver(target, detail)
    deliveries, forwards = expansion.deliveries.values(), expansion.forwards.values()
    return Local(address, tuple(deliveries), tuple(forwards), expansion.screened)


async def find(directory: Directory, address: str) -> tuple[Account | Group | None, str]:
    """What takes mail for a canonical address, and the detail of the address."""
    base, detail = split_detail(address)
    local, _, name = base.rpartition("@")
    target = await directory.addresses.resolve(base)
    if local in ALWAYS_READ and (target is None or _inactive(target)):
        return await directory.addresses.caretaker(name), detail
    if target is not None:
        return target, detail
    domain = await directory.domains.lookup(name)
    if domain is not None and domain.catchall:
        return await directory.addresses.resolve(f"catchall@{name}"), ""
    return None, ""


def _inactive(target: Account | Group) -> bool:
    return isinstance(target, Account) and target.state is not State.ACTIVE


@dataclass(slots=True)
class _Expansion:
    directory: Directory
    deliveries: dict[AccountId, Deliver] = field(default_factory=dict)
    forwards: dict[str, Forward] = field(default_factory=dict)
    seen: set[str] = field(default_factory=set)
    screened: str = ""

    async def follow(self, target: Account | Group, detail: str = "", depth: int = 0, by: str = "") -> None:
        """Add where mail for `target` goes, to which `by` redirects; what was followed before is passed over."""
        if target.address in self.seen or depth > MAX_DEPTH:
            return
        self.seen.add(target.address)
        if isinstance(target, Group):
            for member in target.members:
                await self._onward(member, target, depth)
        elif target.state is State.ACTIVE:
            if not target.mailbox:
                self.screened = self.screened or target.address
            elif target.keep or not target.targets:
                self.deliver(target, detail, by)
            for address in target.targets:
                await self._onward(address, target, depth)

    def deliver(self, account: Account, detail: str, by: str = "") -> None:
        """Each mailbox gets one copy."""
        self.deliveries.setdefault(account.id, Deliver(account.id, account.address, detail, by))

    async def _onward(self, text: str, by: Account | Group, depth: int) -> None:
        address = canonical(text)
        if await self.directory.domains.lookup(address.rpartition("@")[2]) is None:
            # What is left of the @ is another server's: its case is kept.
            account = by.id if isinstance(by, Account) else None
            self.forwards.setdefault(address, Forward(text, by.address, account))
            return
        target, detail = await find(self.directory, address)
        if target is not None:
            await self.follow(target, detail, depth + 1, by.address if isinstance(by, Account) else "")
