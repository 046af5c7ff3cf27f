# SPDX-License-Identifier: GPL-3.0-or-later
"""The octets of one arrived message, in as many copies as it has places to go to. Files are linked, not copied."""

from __future__ import annotations

import asyncio
import os
import shutil
from collections.abc import Callable
from concurrent.futures import Executor
from pathlib import Path
from typing import TypeVar

from ikserver.delivery.envelope import Arrived
from ikserver.delivery.mapped import read_mapped
from ikserver.model.mail import Body, SpooledFile
from protocols.message import Scan, scan
from protocols.message.header import header_end

T = TypeVar("T")
EXAMINED = 512 * 1024
"""Octets of a file that a filter is shown."""


class Bodies:
    """`close` removes whatever files nobody took over."""

    def __init__(self, message: Arrived, threads: Executor) -> None:
        self._body = message.body
        self._return_path = message.return_path
        self._threads = threads
        self._files: list[Path] = []

    async def scan(self) -> Scan:
        """Small ones at once, files in a thread."""
        if isinstance(self._body, SpooledFile):
            return await read_mapped(self._body.path, self._threads, scan)
        return scan(self._body)

    async def rewrite_header(self, rewritten: Callable[[bytes], bytes]) -> None:
        """Put in place of the header block what `rewritten` makes of it, which has the same length."""
        if not isinstance(self._body, SpooledFile):
            before = self._body[: header_end(self._body, 0, len(self._body))]
            after = rewritten(before)
            if after != before:
                self._body = after + self._body[len(before) :]
        else:
            await self._in_thread(_rewrite, self._body.path, rewritten)

    async def examined(self) -> bytes:
        """All octets, or those at the beginning of a file."""
        if not isinstance(self._body, SpooledFile):
            return self._body
        return await self._in_thread(_start_of, self._body.path, EXAMINED)

    async def for_mailbox(self, fields: bytes = b"") -> Body:
        """As a mailbox of ours gets it, with its Return-Path and, behind that, `fields` of its own.

        A file is the caller's to move away.
        """
        if not isinstance(self._body, SpooledFile):
            return self._body[: self._return_path] + fields + self._body[self._return_path :] if fields else self._body
        link = self._another()
        if fields:
            await self._in_thread(_copy_with, self._body.path, self._return_path, fields, link)
            return SpooledFile(link, self._body.size + len(fields))
        await self._in_thread(os.link, self._body.path, link)
        return SpooledFile(link, self._body.size)

    async def for_elsewhere(self, fields: bytes = b"") -> Body:
        """With `fields` on top and without Return-Path: whoever delivers it at last adds one (RFC 5321, 4.4)."""
        if not isinstance(self._body, SpooledFile):
            return fields + self._body[self._return_path :]
        if not self._return_path and not fields:
            return await self.for_mailbox()
        copy = self._another()
        await self._in_thread(_copy_from, self._body.path, self._return_path, fields, copy)
        return SpooledFile(copy, len(fields) + self._body.size - self._return_path)

    async def behind(self, head: bytes, start: int) -> Body:
        """`head` and, behind it, the octets from `start` on."""
        if not isinstance(self._body, SpooledFile):
            return head + self._body[start:]
        copy = self._another()
        await self._in_thread(_copy_from, self._body.path, start, head, copy)
        return SpooledFile(copy, len(head) + self._body.size - start)

    async def close(self) -> None:
        if isinstance(self._body, SpooledFile):
            await self._in_thread(_remove, [*self._files, self._body.path])

    def _another(self) -> Path:
        if not isinstance(self._body, SpooledFile):
            raise TypeError("only files have other names")
        path = self._body.path.with_suffix(f".{len(self._files)}")
        self._files.append(path)
        return path

    async def _in_thread(self, call: Callable[..., T], *arguments: object) -> T:
        return await asyncio.get_running_loop().run_in_executor(self._threads, call, *arguments)


def _start_of(path: Path, length: int) -> bytes:
    with path.open("rb") as file:
        return file.read(length)


def _rewrite(path: Path, rewritten: Callable[[bytes], bytes]) -> None:
    with path.open("r+b") as file:
        start = file.read(EXAMINED)
        before = start[: header_end(start, 0, len(start))]
        after = rewritten(before)
        if after != before:
            file.seek(0)
            file.write(after)


def _copy_from(source: Path, start: int, fields: bytes, target: Path) -> None:
    with source.open("rb") as reading, target.open("xb") as writing:
        writing.write(fields)
        reading.seek(start)
        shutil.copyfileobj(reading, writing, 256 * 1024)


def _copy_with(source: Path, at: int, fields: bytes, target: Path) -> None:
    with source.open("rb") as reading, target.open("xb") as writing:
        writing.write(reading.read(at) + fields)
        shutil.copyfileobj(reading, writing, 256 * 1024)


def _remove(paths: list[Path]) -> None:
    for path in paths:
        path.unlink(missing_ok=True)
