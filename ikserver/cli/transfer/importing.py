# SPDX-License-Identifier: GPL-3.0-or-later
"""Brings found messages into an account, batch by batch."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from email.parser import BytesHeaderParser
from itertools import groupby
from pathlib import Path

from ikserver.cli.transfer.found import Found
from ikserver.cli.transfer.journal import Batch, Journal
from ikserver.cli.transfer.lines import PIECE, as_body, scan_body, with_crlf
from ikserver.model.ids import BodyId
from ikserver.model.mail import Body, Mailbox, NewMessage, SpooledFile
from ikserver.store.api.errors import NoSuchMailbox
from ikserver.store.api.mail import Mail
from protocols.message.date import parse_date

MAX_MESSAGES = 100
MAX_OCTETS = 8 * 1024 * 1024
"""A batch shares one commit; it ends with the message that reaches either."""

MAX_HEADER = 64 * 1024


@dataclass(frozen=True, slots=True)
class Import:
    """One run. `into` is the mailbox that stands for the source's root; `step(n)` is called as n messages are done."""

    mail: Mail
    journal: Journal
    into: str
    spool: Path
    step: Callable[[int], None]

    async def run(self, messages: Sequence[Found]) -> int:
        """Import what the journal does not know; returns how many. Raises StoreError, OSError."""
        await self._settle_doubt({message.key: message for message in messages})
        new = [message for message in messages if message.key not in self.journal.done]
        self.step(len(messages) - len(new))
        for mailbox, group in groupby(new, key=lambda message: message.mailbox):
            target = await self._mailbox(mailbox)
            for batch in _batches(group, self.spool):
                target = await self._store(target, batch)
        return len(new)

    async def _store(self, target: Mailbox, batch: dict[str, NewMessage]) -> Mailbox:
        """Returns the mailbox as it is then."""
        self.journal.begin(Batch(target.name, target.uidnext, list(batch)))
        try:
            await self.mail.append(target.id, list(batch.values()))
        except BaseException:
            _discard([message.body for message in batch.values()])
            raise
        self.journal.end()
        self.step(len(batch))
        return await self.mail.mailbox(target.name)

    async def _mailbox(self, name: str) -> Mailbox:
        """The mailbox of a folder of the source; made and subscribed to when it is not there."""
        full = _joined(self.into, name)
        try:
            return await self.mail.mailbox(full)
        except NoSuchMailbox:
            return await self.mail.create(full, subscribe=True)

    async def _settle_doubt(self, messages: dict[str, Found]) -> None:
        """An earlier run ended between storing a batch and saying so: look whether its first message is there."""
        batch = self.journal.in_doubt
        if batch is None:
            return
        first = messages.get(batch.keys[0])
        if first is not None and await self._is_stored(first, batch):
            self.journal.end()
        else:
            self.journal.forget()

    async def _is_stored(self, message: Found, batch: Batch) -> bool:
        try:
            opened = await self.mail.open(batch.mailbox)
        except NoSuchMailbox:
            return False
        body = as_body(with_crlf(message.lines()), self.spool)
        try:
            columns = opened.columns
            for uid, size, stored in zip(columns.uids, columns.sizes, columns.bodies, strict=True):
                if uid >= batch.uidnext and size == _size(body) and await self._is_same(BodyId(stored), body):
                    return True
            return False
        finally:
            opened.close()
            _discard([body])

    async def _is_same(self, stored: BodyId, body: Body) -> bool:
        if isinstance(body, bytes):
            return await self.mail.read(stored) == body
        with body.path.open("rb") as file:
            for start in range(0, body.size, PIECE):
                if await self.mail.read(stored, start, PIECE) != file.read(PIECE):
                    return False
        return True


def _batches(messages: Iterator[Found], spool: Path) -> Iterator[dict[str, NewMessage]]:
    """The messages read, by key, in batches."""
    batch: dict[str, NewMessage] = {}
    octets = 0
    for message in messages:
        batch[message.key] = new = _read(message, spool)
        octets += new.scan.size
        if len(batch) >= MAX_MESSAGES or octets >= MAX_OCTETS:
            yield batch
            batch, octets = {}, 0
    if batch:
        yield batch


def _read(message: Found, spool: Path) -> NewMessage:
    body = as_body(with_crlf(message.lines()), spool)
    scanned = scan_body(body)
    arrived = message.arrived
    if arrived is None:
        arrived = _received(body) or scanned.sent or int(time.time())
    return NewMessage(body, scanned, message.flags, arrived)


def _received(body: Body) -> int | None:
    """The time in the topmost Received field (RFC 5321, 4.4)."""
    if isinstance(body, SpooledFile):
        with body.path.open("rb") as file:
            start = file.read(MAX_HEADER)
    else:
        start = body[:MAX_HEADER]
    field = str(BytesHeaderParser().parsebytes(start).get("Received", ""))
    date = parse_date(field.rpartition(";")[2].encode("utf-8", "replace"))
    return None if date is None else date[0]


def _discard(bodies: Sequence[Body]) -> None:
    for body in bodies:
        if isinstance(body, SpooledFile):
            body.path.unlink(missing_ok=True)


def _joined(into: str, name: str) -> str:
    if not name:
        return into
    return name if into == "INBOX" else f"{into}/{name}"


def _size(body: Body) -> int:
    return body.size if isinstance(body, SpooledFile) else len(body)
