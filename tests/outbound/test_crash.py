# SPDX-License-Identifier: GPL-3.0-or-later
"""Killed while it sends: nothing is lost, and at most one message a connection comes twice (RFC 5321, 4.5.4.1)."""

from __future__ import annotations

import asyncio
import re
import sys
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from ikserver.store.api.queue import QueuedMessage, QueuedRecipient
from ikserver.store.embedded.queue import open_queue
from tests.outbound.far import Far, far
from tests.outbound.send_until_killed import CONNECTIONS
from tests.sources import ROOT
from tests.support import on_loop

MESSAGES = 300
KILLS = 3


async def send(root: Path, there: Far) -> asyncio.subprocess.Process:
    return await asyncio.create_subprocess_exec(
        sys.executable, "-m", "tests.outbound.send_until_killed", str(root), str(there.port), cwd=ROOT
    )


@on_loop
async def test_a_killed_sender_loses_nothing(tmp_path: Path) -> None:
    with ThreadPoolExecutor(2) as threads:
        queue = open_queue(tmp_path, threads)
        for number in range(MESSAGES):
            body = f"Subject: {number}\r\n\r\nhello\r\n".encode()
            await queue.put(QueuedMessage("a@example.org", [QueuedRecipient("b@far.test")], body))
        async with far() as there:
            for kill in range(1, KILLS + 1):
                process = await send(tmp_path, there)
                while len(there.messages) < kill * MESSAGES // (KILLS + 1):
                    await asyncio.sleep(0.001)
                process.kill()
                await process.wait()
                assert await queue.entries() != []
            process = await send(tmp_path, there)
            try:
                while await queue.entries():
                    await asyncio.sleep(0.05)
            finally:
                process.kill()
                await process.wait()
            subjects = Counter(int(re.search(rb"Subject: (\d+)", message)[1]) for message in there.messages)  # type: ignore[index]
        assert sorted(subjects) == list(range(MESSAGES))
        assert max(subjects.values()) <= 1 + KILLS
        assert len(there.messages) - MESSAGES <= KILLS * CONNECTIONS
        await queue.close()
