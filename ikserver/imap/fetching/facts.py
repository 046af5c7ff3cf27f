# SPDX-License-Identifier: GPL-3.0-or-later
"""Items that were rendered when the message was delivered: ENVELOPE, BODYSTRUCTURE, BODY, listed header fields."""

from __future__ import annotations

from collections.abc import Sequence

from ikserver.imap.fetching.batch import Batch
from ikserver.model.mail import Fact


class FactItem:
    """Sent as it is stored."""

    __slots__ = ("_fact", "name")

    def __init__(self, name: bytes, fact: Fact) -> None:
        self.name, self._fact = name, fact

    async def values(self, batch: Batch) -> Sequence[bytes | None]:
        return await batch.fact(self._fact)
