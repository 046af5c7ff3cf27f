# SPDX-License-Identifier: GPL-3.0-or-later
"""What systemd wants to hear of a service: ready, stopping, alive (sd_notify(3)). Silent without systemd."""

from __future__ import annotations

import asyncio
import os
import socket


def notify(state: str) -> None:
    """Send `READY=1`, `STOPPING=1` or `WATCHDOG=1` to the socket that the environment names."""
    path = os.environ.get("NOTIFY_SOCKET", "")
    if not path:
        return
    # A name that begins with @ is in the abstract namespace.
    address = "\0" + path[1:] if path.startswith("@") else path
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM | socket.SOCK_CLOEXEC) as sender:
        sender.connect(address)
        sender.send(state.encode())


async def keep_alive() -> None:
    """Tell the watchdog twice in its period that the event loop turns, if there is a watchdog. Never returns."""
    microseconds = int(os.environ.get("WATCHDOG_USEC", "0"))
    while True:
        await asyncio.sleep(microseconds / 2_000_000 or 3600.0)
        if microseconds:
            notify("WATCHDOG=1")
