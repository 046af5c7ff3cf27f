# SPDX-License-Identifier: GPL-3.0-or-later
"""Hints between the processes that share a data directory, as unix datagrams in DATA/run.

Every server process binds a socket of its own there; who has news sends it to all of them. A hint may be lost: it
only makes news arrive sooner.
"""

from __future__ import annotations

import os
import socket
import struct
import time
from pathlib import Path
from typing import assert_never

from ikserver.model.changes import Changed, Hint, MailboxesChanged, Revoked
from ikserver.model.ids import AccountId, MailboxId, ModSeq

FORM = struct.Struct("!cqqq")
PREFIX = "hints."
TICK_NANOSECONDS = 100_000_000
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
        case unknown:
            assert_never(unknown)


def decode(datagram: bytes) -> Hint | None:
    """The hint of a datagram; None when it is not one of ours, which another version may send."""
    if len(datagram) != FORM.size:
        return None
    kind, account, first, second = FORM.unpack(datagram)
    match kind:
        case b"C":
            return Changed(AccountId(account), MailboxId(first), ModSeq(second))
        case b"M":
            return MailboxesChanged(AccountId(account))
        case b"R":
            return Revoked(AccountId(account), None if first == _ALL_DEVICES else first)
        case _:
            return None


class HintSender:
    """A `changes.Relay` to all server processes of a data directory but this one."""

    def __init__(self, directory: Path) -> None:
        directory.mkdir(mode=0o700, parents=True, exist_ok=True)
        self._folder = os.open(directory, os.O_RDONLY | os.O_DIRECTORY)
        self._socket = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM | socket.SOCK_NONBLOCK)
        self._own = f"{PREFIX}{os.getpid()}"
        self._seen_at = -1
        self._others: list[str] = []

    def send(self, hint: Hint) -> None:
        """Send and forget. Never waits."""
        datagram = encode(hint)
        for name in self._receivers():
            try:
                self._socket.sendto(datagram, address(self._folder, name))
            except ConnectionRefusedError:
                self._forget(name)
            except OSError:
                # A full buffer: that process is behind and will ask the store itself. Or it has just ended.
                continue

    def close(self) -> None:
        """Let go of the folder and the socket."""
        self._socket.close()
        os.close(self._folder)

    def _receivers(self) -> list[str]:
        changed = os.fstat(self._folder).st_mtime_ns
        # File systems tell time in ticks: a folder that changed just now may change again without a sign of it.
        if changed != self._seen_at or time.time_ns() - changed < TICK_NANOSECONDS:
            self._seen_at = changed
            names = os.listdir(self._folder)
            self._others = [name for name in names if name.startswith(PREFIX) and name != self._own]
        return self._others

    def _forget(self, name: str) -> None:
        """Nobody listens there any more: that process was killed."""
        try:
            os.unlink(name, dir_fd=self._folder)
        except FileNotFoundError:
            return


def address(folder: int, name: str) -> str:
    """A path of the socket that fits into the 108 octets of sun_path, however deep the data directory lies."""
    return f"/proc/self/fd/{folder}/{name}"
