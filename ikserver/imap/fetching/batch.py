# SPDX-License-Identifier: GPL-3.0-or-later
"""Some messages of one FETCH, and what the items read of them, once for all items."""

from __future__ import annotations

from collections.abc import AsyncIterator, Awaitable, Callable, Iterable, Sequence
from typing import Protocol, runtime_checkable

from ikserver.imap.errors import HangUp
from ikserver.imap.view import View
from ikserver.model.ids import BodyId
from ikserver.model.mail import Fact
from ikserver.store.api.mail import Mail, Render
from protocols.message import Part, unpack_parts

PIECE = 256 * 1024
"""Octets of a body that are in memory at once."""


class Item(Protocol):
    """One thing that was asked for."""

    @property
    def name(self) -> bytes:
        """As it stands in the response."""

    async def values(self, batch: Batch) -> Sequence[bytes | None]:
        """One value a row, as octets of the wire; None where the message is not there any more."""


@runtime_checkable
class LargeItem(Item, Protocol):
    """An item that can be told of a large message without having it in memory."""

    async def large(self, batch: Batch) -> AsyncIterator[bytes]:
        """The value for the one message in the batch, in pieces, once it is sure that there is one.

        Raises KeyError when the message is gone, Refused; the iterator raises HangUp.
        """


Read = Callable[[int, int], Awaitable[bytes]]
"""The octets from the first up to the second place."""


class Source:
    """The octets of one message: in memory when it is small, else read by range."""

    __slots__ = ("_body", "_mail", "_octets", "size")

    def __init__(self, mail: Mail, body: BodyId, size: int, octets: bytes | None) -> None:
        self._mail, self._body, self._octets, self.size = mail, body, octets, size

    async def read(self, start: int, end: int) -> bytes:
        """The octets from `start` up to `end`. Raises KeyError when the message is gone."""
        if self._octets is not None:
            return self._octets[start:end]
        if end - start <= PIECE:
            return await self._mail.read(self._body, start, end - start)
        pieces = [await self._mail.read(self._body, at, min(PIECE, end - at)) for at in range(start, end, PIECE)]
        return b"".join(pieces)

    async def piece(self, start: int, end: int) -> bytes:
        """As `read`, once the client has been promised these octets: only hanging up is left when they are gone."""
        try:
            return await self.read(start, end)
        except KeyError as error:
            raise HangUp("a message was erased while it was read") from error


class Batch:
    """`rows` are ascending rows of the view."""

    __slots__ = ("_facts", "_parts", "_run", "_sources", "bodies", "mail", "rows", "view")

    def __init__(self, mail: Mail, view: View, rows: Sequence[int]) -> None:
        self.mail, self.view, self.rows = mail, view, rows
        self._run = rows[-1] - rows[0] == len(rows) - 1
        self.bodies: Sequence[BodyId] = self.pick(view.columns.bodies)  # type: ignore[assignment]
        self._facts: dict[tuple[Fact, Render | None], Sequence[bytes | None]] = {}
        self._parts: list[tuple[Part, ...] | None] | None = None
        self._sources: list[Source] | None = None

    def pick(self, column: Sequence[int]) -> Sequence[int]:
        """The values of a column for these rows."""
        if self._run:
            return column[self.rows[0] : self.rows[-1] + 1]
        return [column[row] for row in self.rows]

    def numbers(self) -> Iterable[int]:
        """The sequence numbers of these rows."""
        return range(self.rows[0] + 1, self.rows[-1] + 2) if self._run else (row + 1 for row in self.rows)

    async def fact(self, fact: Fact, render: Render | None = None) -> Sequence[bytes | None]:
        """Wire bytes computed at delivery, or what `render` makes of them (see `Mail.facts`)."""
        key = fact, render
        if key not in self._facts:
            pages = [page async for page in self.mail.facts(fact, self.bodies, render)]
            self._facts[key] = pages[0] if len(pages) == 1 else [value for page in pages for value in page]
        return self._facts[key]

    async def parts(self) -> Sequence[tuple[Part, ...] | None]:
        """Where the parts of each message lie."""
        if self._parts is None:
            self._parts = [packed if packed is None else unpack_parts(packed) for packed in await self.fact(Fact.PARTS)]
        return self._parts

    async def sources(self) -> Sequence[Source]:
        """The octets of each message."""
        if self._sources is None:
            octets = await self.mail.small_bodies(self.bodies)
            sizes = self.pick(self.view.columns.sizes)
            triples = zip(self.bodies, sizes, octets, strict=True)
            self._sources = [Source(self.mail, *triple) for triple in triples]
        return self._sources


async def only(value: bytes) -> AsyncIterator[bytes]:
    """A value that is one piece."""
    yield value
