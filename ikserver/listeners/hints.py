# SPDX-License-Identifier: GPL-3.0-or-later
"""Hints between the processes that share a data directory, as unix datagrams in DATA/run.

Every server process binds a socket of its own there; who has news sends it to all of them.
"""

from __future__ import annotations

import asyncio
import os
import socket
import struct
import time
from contextlib import suppress
from pathlib import Path
from typing import assert_never

from ikserver.model.changes import Changed, Hint, LoginFailed, LoginForgiven, MailboxesChanged, Revoked
from ikserver.model.ids import AccountId, MailboxId, ModSeq

FORM = struct.Struct("!cqqq")
PREFIX = "hints."
TICK_NANOSECONDS = 100_000_000
RETRY_SECONDS = 0.003
_ALL_DEVICES = -1


def encode(hint: Hint) -> bytes:
    """A hint as one datagram."""
    match hint:
        case Changed(account, mailbox, modseq):
            return FORM.pack(b"C", account, mailbox, modseq)
        case MailboxesChanged(account):
            return FORM.pack(b"M", account, 0, 0)
        case Revoked(account, device):
            return FORM.pack(b"R", account, _ALL_DEVICES if device is None else device, 0)
        case LoginFailed(user, client, network):
            return FORM.pack(b"L", user, client, network)
        case LoginForgiven(user, client):
            return FORM.pack(b"F", user, client, 0)
        case unknown:
            assert_never(unknown)


def decode(datagram: bytes) -> Hint | None:
    """The hint of a datagram; None when it is not one of ours, which another version may send."""
    if len(datagram) != FORM.size:
        return None
    kind, account, first, second = FORM.unpack(datagram)
    match kind:
        case b"L":
            return LoginFailed(account, first, second)
        case b"F":
            return LoginForgiven(account, first)
        case b"C":
            return Changed(AccountId(account), MailboxId(first), ModSeq(second))
        case b"M":
            return MailboxesChanged(AccountId(account))
        case b"R":
            return Revoked(AccountId(account), None if first == _ALL_DEVICES else first)
        case _:
            return None


class HintSender:
    """A `changes.Relay` to all server processes of a data directory but this one.

    The kernel keeps only some ten datagrams for a reader. What a busy one cannot take yet waits here, the latest hint
    for each mailbox, and is tried again every few milliseconds.
    """

    def __init__(self, directory: Path) -> None:
        directory.mkdir(mode=0o700, parents=True, exist_ok=True)
        self._folder = os.open(directory, os.O_RDONLY | os.O_DIRECTORY)
        self._socket = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM | socket.SOCK_NONBLOCK)
        self._own = f"{PREFIX}{os.getpid()}"
        self._seen_at = -1
        self._others: list[str] = []
        self._waiting: dict[str, dict[object, bytes]] = {}
        self._timer: asyncio.TimerHandle | None = None

    def send(self, hint: Hint) -> None:
        """Never waits."""
        datagram = encode(hint)
        subject = (hint.account, hint.mailbox) if isinstance(hint, Changed) else hint
        for name in self._receivers():
            if name in self._waiting or not self._sent(name, datagram):
                self._waiting.setdefault(name, {})[subject] = datagram
                self._try_soon()

    async def close(self) -> None:
        """Send what waits, unless nobody takes it within a second; then let go of the folder and the socket."""
        for _ in range(100):
            if not self._waiting:
                break
            await asyncio.sleep(0.01)
        if self._timer is not None:
            self._timer.cancel()
        self._socket.close()
        os.close(self._folder)

    def _try_soon(self) -> None:
        if self._timer is None:
            self._timer = asyncio.get_running_loop().call_later(RETRY_SECONDS, self._try)

    def _try(self) -> None:
        self._timer = None
        for name, datagrams in list(self._waiting.items()):
            while datagrams and self._sent(name, next(iter(datagrams.values()))):
                del datagrams[next(iter(datagrams))]
            if not datagrams:
                del self._waiting[name]
        if self._waiting:
            self._try_soon()

    def _sent(self, name: str, datagram: bytes) -> bool:
        """False when the process cannot take it yet; True also when it is gone."""
        try:
            self._socket.sendto(datagram, address(self._folder, name))
        except BlockingIOError:
            return False
        except (ConnectionRefusedError, FileNotFoundError):
            # It has ended. A name that is left is that of a process that was killed.
            with suppress(FileNotFoundError):
                os.unlink(name, dir_fd=self._folder)
        return True

    def _receivers(self) -> list[str]:
        changed = os.fstat(self._folder).st_mtime_ns
        # File systems tell time in ticks: a folder that changed just now may change again without a sign of it.
        if changed != self._seen_at or time.time_ns() - changed < TICK_NANOSECONDS:
            self._seen_at = changed
            names = os.listdir(self._folder)
            self._others = [name for name in names if name.startswith(PREFIX) and name != self._own]
        return self._others


def address(folder: int, name: str) -> str:
    """A path of the socket that fits into the 108 octets of sun_path, however deep the data directory lies."""
    return f"/proc/self/fd/{folder}/{name}"
