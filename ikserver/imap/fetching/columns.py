# SPDX-License-Identifier: GPL-3.0-or-later
"""Items that are columns in memory: UID, FLAGS, INTERNALDATE, RFC822.SIZE, MODSEQ."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from ikserver.imap.fetching.batch import Batch
from protocols.imap.responses import date_time


def decimals(numbers: Iterable[int]) -> list[bytes]:
    """Each number in decimal. To write a whole list and to cut it is the fastest way there is."""
    return str(list(numbers))[1:-1].encode("ascii").split(b", ")


class UidItem:
    """RFC 9051, 7.5.2."""

    name = b"UID"

    async def values(self, batch: Batch) -> Sequence[bytes]:
        return decimals(batch.pick(batch.view.columns.uids))


class FlagsItem:
    """Each combination of flags was rendered once."""

    name = b"FLAGS"

    async def values(self, batch: Batch) -> Sequence[bytes]:
        view = batch.view
        numbers = map(view.flagset, batch.rows) if view.stale else batch.pick(view.columns.flagsets)
        return list(map(view.opened.flags_wire().__getitem__, numbers))


class InternalDateItem:
    """RFC 9051, 2.3.3."""

    name = b"INTERNALDATE"

    async def values(self, batch: Batch) -> Sequence[bytes]:
        columns = batch.view.columns
        return list(map(date_time, batch.pick(columns.dates), batch.pick(columns.zones)))


class SizeItem:
    """RFC 9051, 2.3.4."""

    name = b"RFC822.SIZE"

    async def values(self, batch: Batch) -> Sequence[bytes]:
        return decimals(batch.pick(batch.view.columns.sizes))


class ModSeqItem:
    """RFC 7162, 3.1.4.2."""

    name = b"MODSEQ"

    async def values(self, batch: Batch) -> Sequence[bytes]:
        view = batch.view
        numbers = map(view.modseq, batch.rows) if view.stale else batch.pick(view.columns.modseqs)
        return [b"(%b)" % number for number in decimals(numbers)]
