# SPDX-License-Identifier: GPL-3.0-or-later
"""kill -9 while scripts answer and redirect: mail once, each reply at most once, and of what was taken exactly once."""

from __future__ import annotations

import subprocess
import sys
import time
from collections import Counter
from pathlib import Path

import pytest

from tests.delivery.scripted import home
from tests.support import on_loop

ROOT = Path(__file__).parents[2]


def taken_until_killed(data: Path, seconds: float) -> set[str]:
    """What a process promised before it was killed."""
    command = [sys.executable, "-m", "tests.delivery.answer_until_killed", str(data), "m"]
    process = subprocess.Popen(command, stdout=subprocess.PIPE, cwd=ROOT, text=True)
    assert process.stdout is not None
    promises = [process.stdout.readline().strip()]
    time.sleep(seconds)
    process.kill()
    promises += process.communicate()[0].split("\n")[:-1]
    return set(promises)


@pytest.mark.parametrize("seconds", [0.05, 0.3, 0.7])
@on_loop
async def test_after_kill_9_nothing_is_lost_and_nothing_is_sent_twice(tmp_path: Path, seconds: float) -> None:
    taken = taken_until_killed(tmp_path, seconds)
    assert taken
    async with home(tmp_path) as ours:
        await ours.scripting.carrier.carry_from(await ours.stores.mail.accounts())
        stored = Counter(
            line.removeprefix(b"Subject: ").decode()
            for octets in await ours.messages()
            for line in octets.split(b"\r\n")
            if line.startswith(b"Subject: ")
        )
        queued = await ours.queued()
        answered = Counter(recipient.partition("@")[0] for sender, recipient in queued if not sender)
        sent_on = Counter(sender.rpartition("=")[2].partition("@")[0] for sender, recipient in queued if sender)
    assert set(stored.values()) == set(answered.values()) == set(sent_on.values()) == {1}
    assert taken <= stored.keys()
    assert stored.keys() == answered.keys() == sent_on.keys()
