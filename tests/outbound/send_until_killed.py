# SPDX-License-Identifier: GPL-3.0-or-later
"""A process that sends what is in a queue: `python -m tests.outbound.send_until_killed ROOT PORT`."""

from __future__ import annotations

import asyncio
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from ikserver.outbound.api import Unsigned
from ikserver.outbound.outcomes import Outcomes
from ikserver.outbound.preparing import Preparing
from ikserver.outbound.reports import Reports
from ikserver.outbound.routing import Routing
from ikserver.outbound.runner import Outbound, OutboundLimits
from ikserver.outbound.schedule import Schedule
from ikserver.outbound.sending import Direct, Sending
from ikserver.store.embedded.queue import open_queue
from tests.outbound.post import Town, connecting
from tests.outbound.zone import FAR

CONNECTIONS = 4


async def main(root: Path, port: int) -> None:
    """Until it is killed."""
    with ThreadPoolExecutor(4) as threads:
        queue = open_queue(root, threads)
        direct = Direct(Routing(FAR, "mail.example.org"), connecting({"192.0.2.1": port}))
        sending = Sending(direct, Preparing(queue, Unsigned(), root, threads))
        outcomes = Outcomes(queue, Reports("mail.example.org", queue, Town(), threads), Schedule(), time.time)
        await Outbound(queue, sending, outcomes, OutboundLimits(10, CONNECTIONS, 20)).run()


if __name__ == "__main__":
    asyncio.run(main(Path(sys.argv[1]), int(sys.argv[2])))
