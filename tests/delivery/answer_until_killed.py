# SPDX-License-Identifier: GPL-3.0-or-later
"""The process that test_script_crash.py kills. Each line on standard output is a promise: that message was taken.

python -m tests.delivery.answer_until_killed DATA MARK
"""

from __future__ import annotations

import asyncio
import sys
from itertools import count
from pathlib import Path

from tests.delivery.scripted import MESSAGE, Home, home

SCRIPT = 'require ["vacation", "copy"]; redirect :copy "bob@else.test"; vacation "Away.";'


async def answer(ours: Home, mark: str, lane: int) -> None:
    """Each message has a sender of its own."""
    for number in count():
        name = f"{mark}-{lane}-{number}"
        message = MESSAGE.replace(b"Invoice 17", name.encode()).replace(b"17@far", name.encode() + b"@far")
        await ours.deliver(message, sender=f"{name}@far.test", id=name)
        print(name, flush=True)


async def main(data: Path, mark: str) -> None:
    async with home(data) as ours:
        await ours.script(SCRIPT)
        await asyncio.gather(*(answer(ours, mark, lane) for lane in range(4)))


if __name__ == "__main__":
    asyncio.run(main(Path(sys.argv[1]), sys.argv[2]))
