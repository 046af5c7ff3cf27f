# SPDX-License-Identifier: GPL-3.0-or-later
"""The receiving end of hints: a socket of our own in DATA/run, read as long as the service runs."""

from __future__ import annotations

import asyncio
import os
import socket
from collections.abc import Callable
from pathlib import Path

from ikserver.aio import AsyncService
from ikserver.listeners.hints import FORM, PREFIX, address, decode
from ikserver.model.changes import Hint

RECEIVE_BUFFER = 1 << 20


class HintReceiver(AsyncService):
    """Hands what other processes send to `hear`, while the service runs."""

    def __init__(self, directory: Path, hear: Callable[[Hint], None]) -> None:
        super().__init__("hints")
        directory.mkdir(mode=0o700, parents=True, exist_ok=True)
        self._path = directory / f"{PREFIX}{os.getpid()}"
        self._hear = hear
        self._socket: socket.socket | None = None

    async def start(self) -> None:
        """From here on other processes find us."""
        self._path.unlink(missing_ok=True)
        self._socket = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM | socket.SOCK_NONBLOCK)
        self._socket.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, RECEIVE_BUFFER)
        folder = os.open(self._path.parent, os.O_RDONLY | os.O_DIRECTORY)
        self._socket.bind(address(folder, self._path.name))
        os.close(folder)
        asyncio.get_running_loop().add_reader(self._socket.fileno(), self._read, self._socket)

    async def stop(self) -> None:
        """Stop listening and take our name away."""
        if self._socket is not None:
            asyncio.get_running_loop().remove_reader(self._socket.fileno())
            self._socket.close()
            self._socket = None
        self._path.unlink(missing_ok=True)

    def _read(self, receiving: socket.socket) -> None:
        while True:
            try:
                datagram = receiving.recv(FORM.size + 1)
            except BlockingIOError:
                return
            hint = decode(datagram)
            if hint is not None:
                self._hear(hint)
