# SPDX-License-Identifier: GPL-3.0-or-later
"""The message as its sender sent it, behind the fields that we put in front."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence
from concurrent.futures import Executor
from dataclasses import dataclass
from mmap import mmap
from typing import TypeVar

from ikserver.delivery.mapped import read_mapped
from ikserver.model.mail import Body, SpooledFile
from protocols.dkim.signature import Field
from protocols.dkim.verification import Message
from protocols.message.header import fields, header_end
from protocols.smtp.replies import HEADER_TOO_LARGE, Refused

MAX_HEADER = 1 << 20
"""Octets: four times what any reader of the message is shown. So nothing hides behind what is looked at."""
T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Original:
    """`end` is where the header ends in `body`."""

    body: Body
    threads: Executor
    fields: Sequence[Field]
    end: int

    async def compute(self, call: Callable[[Message], T]) -> T:
        """What `call` makes of the message, in a thread."""

        def run(octets: bytes | mmap) -> T:
            return call(Message(self.fields, octets, self.end, len(octets)))

        if isinstance(self.body, SpooledFile):
            return await read_mapped(self.body.path, self.threads, run)
        return await asyncio.get_running_loop().run_in_executor(self.threads, run, self.body)


async def read_original(body: Body, head: int, threads: Executor) -> Original:
    """`head` is the size of what we put in front. Raises Refused when the header is larger than anybody needs."""

    def read(octets: bytes | mmap) -> Original:
        end = header_end(octets, head, min(len(octets), head + MAX_HEADER))
        if end - head == MAX_HEADER:
            raise Refused(HEADER_TOO_LARGE)
        return Original(body, threads, fields(octets[head:end]), end)

    return await read_mapped(body.path, threads, read) if isinstance(body, SpooledFile) else read(body)
