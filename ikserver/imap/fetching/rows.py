# SPDX-License-Identifier: GPL-3.0-or-later
"""Rows of a mailbox become FETCH responses (RFC 9051, 7.5.2)."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterator, Sequence

from ikserver.imap.fetching.batch import PIECE, Batch, Item, LargeItem, only
from ikserver.imap.fetching.columns import decimals
from ikserver.imap.fetching.plan import Plan
from ikserver.imap.session import WRITE_OCTETS, Session
from ikserver.imap.view import View
from protocols.imap.strings import NIL


async def send_rows(session: Session, rows: Sequence[int], plan: Plan) -> bool:
    """One FETCH response for each of the ascending rows that can be read. Returns whether all could be read."""
    view, mail = session.selected, session.store
    complete = True
    for chosen in _batches(view, rows, plan):
        batch = Batch(mail, view, chosen)
        if plan.reads_octets and _is_large(view, chosen[0]):
            complete &= await _send_large(session, batch, plan.items)
        else:
            complete &= await _send_batch(session, batch, plan.items)
    return complete


def _batches(view: View, rows: Sequence[int], plan: Plan) -> Iterator[Sequence[int]]:
    """Pieces of `rows`; where octets are read a piece fills one write, or is a single message.

    Larger ones would be slower: memory that is given back and taken again for each costs more than the copying.
    """
    most = plan.rows_at_once
    if not plan.reads_octets:
        yield from (rows[start : start + most] for start in range(0, len(rows), most))
        return
    sizes = view.columns.sizes
    start = octets = 0
    for place, row in enumerate(rows):
        if place > start and (octets + sizes[row] > WRITE_OCTETS or place - start == most):
            yield rows[start:place]
            start, octets = place, 0
        octets += sizes[row]
    if rows:
        yield rows[start:]


def _is_large(view: View, row: int) -> bool:
    return view.columns.sizes[row] > PIECE


async def _send_batch(session: Session, batch: Batch, items: Sequence[Item]) -> bool:
    """Join all rows at once: the fixed text, the numbers and each item's values are every k-th piece of one list."""
    columns: list[Sequence[bytes | None]] = [decimals(batch.numbers())]
    columns += [await item.values(batch) for item in items]
    gone = {place for column in columns if not all(column) for place, value in enumerate(column) if value is None}
    if gone:
        columns = [[value for place, value in enumerate(column) if place not in gone] for column in columns]
    rows = len(columns[0])
    if rows:
        await session.stream(_join(items, columns, rows))
    return not gone


def _join(items: Sequence[Item], columns: Sequence[Sequence[bytes | None]], rows: int) -> bytes:
    pieces: list[bytes | None] = [*_frame(items)] * rows
    width = 2 * len(columns)
    for place, column in enumerate(columns):
        pieces[2 * place + 1 :: width] = column
    pieces[0] = b"* "
    pieces.append(b")\r\n")
    return b"".join(pieces)  # type: ignore[arg-type]  # rows with None were left out


def _frame(items: Sequence[Item]) -> list[bytes]:
    """The text of a row with room for the number and the values; it starts with the end of the row before."""
    frame = [b")\r\n* ", b""]
    for place, item in enumerate(items):
        frame += [b"%b%b " % (b" FETCH (" if not place else b" ", item.name), b""]
    return frame


async def _send_large(session: Session, batch: Batch, items: Sequence[Item]) -> bool:
    """One message of any size, a piece at a time. Nothing is sent before it is known that all can be told."""
    (row,) = batch.rows
    if (await batch.mail.body(batch.bodies[0])) is None:
        return False
    try:
        values = [await _large_value(item, batch) for item in items]
    except KeyError:
        return False
    opening = b"* %d FETCH (" % (row + 1)
    for item, value in zip(items, values, strict=True):
        session.send(opening + item.name + b" ")
        opening = b" "
        async for piece in value:
            await session.stream(piece)
    # The end goes with the last octets, so that no client waits for it.
    await session.stream(b")\r\n")
    return True


async def _large_value(item: Item, batch: Batch) -> AsyncIterator[bytes]:
    if isinstance(item, LargeItem):
        return await item.large(batch)
    (value,) = await item.values(batch)
    return only(value or NIL)
