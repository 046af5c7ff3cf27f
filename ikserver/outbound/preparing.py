# SPDX-License-Identifier: GPL-3.0-or-later
"""A queued message becomes what the next server takes: small enough, in 7 bits if it must, and signed."""

from __future__ import annotations

import asyncio
import secrets
from concurrent.futures import Executor
from dataclasses import dataclass
from mmap import mmap
from pathlib import Path

from ikserver.delivery.mapped import read_mapped
from ikserver.model.mail import Body, SpooledFile
from ikserver.outbound.api import NotSent, Signer
from ikserver.store.api.queue import Claimed, Queue
from protocols.message import scan, unpack_parts
from protocols.smtp.client import Extensions
from protocols.smtp.received import comes_back, header_of
from protocols.smtp.seven_bit import has_eight_bit, in_seven_bit

MAX_HEADER = 64 * 1024


@dataclass(frozen=True, slots=True)
class Prepared:
    """`head` goes in front of `body`. `ours` is a file to remove afterwards."""

    head: bytes
    body: Body
    eight_bit: bool
    ours: Path | None = None

    async def close(self) -> None:
        if self.ours is not None:
            await asyncio.to_thread(self.ours.unlink, missing_ok=True)


@dataclass(frozen=True, slots=True)
class Preparing:
    """`spool` is a folder for converted messages that are large."""

    queue: Queue
    signer: Signer
    spool: Path
    threads: Executor

    async def prepare(self, message: Claimed, offered: Extensions) -> Prepared | NotSent | None:
        """NotSent for what the server cannot take in any form, None for what is no longer in the queue."""
        addresses = [message.sender, *(recipient.to.address for recipient in message.recipients)]
        if message.smtputf8 and "SMTPUTF8" not in offered:
            # RFC 6531, 3.5: such a message must not be changed on the way.
            return NotSent("5.6.7", "The next server takes no addresses and header fields in other scripts (SMTPUTF8)")
        if not all(address.isascii() for address in addresses) and not message.smtputf8:
            return NotSent("5.6.7", "An address is not ASCII, and the message was sent without SMTPUTF8")
        try:
            body = await self.queue.body(message.message)
        except KeyError:
            return None
        if await self._comes_back(body):
            return NotSent("5.4.6", "The address that redirects it has done so before: it goes round in circles")
        eight_bit = message.body_type != "7BIT" and await self._has_eight_bit(body)
        ours = None
        if eight_bit and "8BITMIME" not in offered:
            body, eight_bit = await self._converted(body), False
            ours = body.path if isinstance(body, SpooledFile) else None
        head = await self.signer.sign(message, body)
        size = len(head) + (len(body) if isinstance(body, bytes) else body.size)
        prepared = Prepared(head, body, eight_bit, ours)
        if offered.max_size and size > offered.max_size:
            await prepared.close()
            return NotSent("5.3.4", f"The next server takes {offered.max_size} octets; the message has {size}")
        return prepared

    async def _comes_back(self, body: Body) -> bool:
        if isinstance(body, SpooledFile):
            return await read_mapped(body.path, self.threads, lambda octets: comes_back(header_of(octets[:MAX_HEADER])))
        return comes_back(header_of(body))

    async def _has_eight_bit(self, body: Body) -> bool:
        if isinstance(body, SpooledFile):
            return await read_mapped(body.path, self.threads, has_eight_bit)
        return has_eight_bit(body)

    async def _converted(self, body: Body) -> Body:
        if isinstance(body, SpooledFile):
            target = self.spool / f"7bit.{secrets.token_hex(8)}"
            return await read_mapped(body.path, self.threads, lambda octets: _convert(octets, target))
        return b"".join(in_seven_bit(body, unpack_parts(scan(body).parts)))


def _convert(octets: mmap, target: Path) -> SpooledFile:
    try:
        with target.open("xb") as new:
            new.writelines(in_seven_bit(octets, unpack_parts(scan(octets).parts)))
            return SpooledFile(target, new.tell())
    except BaseException:
        target.unlink(missing_ok=True)
        raise
