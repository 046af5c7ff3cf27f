# SPDX-License-Identifier: GPL-3.0-or-later
"""Receipts as text."""

from __future__ import annotations

import json
from collections.abc import Iterable

from ikserver.model.ids import AccountId, BodyId
from ikserver.model.spam import Listed, Receipt, Reported, Side


def encode(receipt: Receipt) -> str:
    """Text that `decode` understands."""
    return json.dumps(
        {
            "spam": receipt.spam,
            "source": receipt.source,
            "target": receipt.target,
            "messages": [(one.uid, one.body, one.learned_before) for one in receipt.messages],
            "added": [(one.side.value, one.pattern) for one in receipt.added],
            "removed": [(one.side.value, one.pattern) for one in receipt.removed],
        }
    )


def decode(account: AccountId, number: int, text: str) -> Receipt:
    """The receipt that was encoded."""
    said = json.loads(text)
    messages = tuple(Reported(uid, BodyId(body), before) for uid, body, before in said["messages"])
    added, removed = _listed(said["added"]), _listed(said["removed"])
    return Receipt(account, said["spam"], said["source"], said["target"], messages, added, removed, number)


def _listed(pairs: Iterable[tuple[str, str]]) -> tuple[Listed, ...]:
    return tuple(Listed(Side(side), pattern) for side, pattern in pairs)
