# SPDX-License-Identifier: GPL-3.0-or-later
"""Who may be in a distribution group."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from ikserver.accounts.expansion import find
from ikserver.accounts.names import canonical
from ikserver.store.api.directory import Directory
from ikserver.store.api.errors import NotFound


async def check_members(directory: Directory, members: Iterable[str]) -> None:
    """Raises NotFound for a member in a domain of ours who does not exist: mail for the group would be lost there."""
    for member in members:
        address = canonical(member)
        if await directory.domains.lookup(address.rpartition("@")[2]) is None:
            continue
        target, _ = await find(directory, address)
        if target is None:
            raise NotFound(f"there is no address {member}")


def with_members(members: Sequence[str], joining: Sequence[str], leaving: Sequence[str]) -> list[str]:
    """The members after some have joined and left. Raises NotFound for one who leaves and was not in it."""
    left = {canonical(member): member for member in leaving}
    strangers = left.keys() - map(canonical, members)
    if strangers:
        raise NotFound(f"not in the group: {', '.join(sorted(left[stranger] for stranger in strangers))}")
    return [member for member in (*members, *joining) if canonical(member) not in left]
