# SPDX-License-Identifier: GPL-3.0-or-later
"""Setting up the redirection of an address: not too many targets, and none that leads back."""

from __future__ import annotations

from collections.abc import Sequence

from ikserver.accounts.expansion import find
from ikserver.accounts.names import canonical
from ikserver.model.account import Account
from ikserver.store.api.directory import Directory
from ikserver.store.api.errors import CannotChange


async def redirect(directory: Directory, account: Account, targets: Sequence[str], keep: bool) -> None:
    """Redirect the account's mail to `targets`, here or elsewhere; `keep` says whether it stays here as well.

    Raises CannotChange for more targets than the organisation allows, for a target that comes back to the account,
    and for one in a domain of ours that does not exist.
    """
    limit = (await directory.organisations.of_account(account.id)).max_targets
    await check_targets(directory, account, targets, limit)
    await directory.accounts.redirect(account.id, targets, keep)


async def check_targets(directory: Directory, account: Account, targets: Sequence[str], limit: int) -> None:
    """Raises CannotChange as `redirect` does."""
    if len(targets) > limit:
        raise CannotChange(f"{len(targets)} targets are more than the {limit} that are allowed")
    for target in targets:
        if account.address in await _reached(directory, canonical(target)):
            raise CannotChange(f"mail redirected to {target} would come back to {account.address}")


async def _reached(directory: Directory, start: str) -> set[str]:
    """Every address of ours that mail for `start` passes. Raises CannotChange when `start` is unknown here."""
    reached: set[str] = set()
    ahead = [start]
    while ahead:
        address = ahead.pop()
        if await directory.domains.lookup(address.rpartition("@")[2]) is None:
            continue
        target, _ = await find(directory, address)
        if target is None:
            if address == start:
                raise CannotChange(f"there is no address {start}")
            continue
        if target.address not in reached:
            reached.add(target.address)
            ahead += map(canonical, target.targets if isinstance(target, Account) else target.members)
    return reached
