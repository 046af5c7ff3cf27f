# SPDX-License-Identifier: GPL-3.0-or-later
"""The one bridge between Twisted's Deferreds and our coroutines, which are asyncio's (docs/decisions/0002)."""

from __future__ import annotations

import asyncio

from twisted.application.service import Service
from twisted.internet.defer import Deferred


class AsyncService(Service):
    """A Twisted Service whose start and stop are coroutines.

    Twisted does not wait for services that start: whoever starts a tree of them awaits `ready` of each.
    """

    ready: asyncio.Task[None]

    def __init__(self, title: str) -> None:
        """`title` is for people; Twisted's own `name` would have to be unique in the tree."""
        self.title = title

    async def start(self) -> None:
        """Begin to serve; raises what keeps the service from it."""

    async def stop(self) -> None:
        """End, also after a start that failed."""

    def startService(self) -> None:
        """For the service tree: begin `start` on the running loop."""
        super().startService()  # type: ignore[no-untyped-call]
        self.ready = asyncio.get_running_loop().create_task(self.start())

    def stopService(self) -> Deferred[None]:
        """For the service tree, which does wait for services that stop."""
        super().stopService()  # type: ignore[no-untyped-call]
        return Deferred.fromFuture(asyncio.get_running_loop().create_task(self.stop()))
