# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

import asyncio
import os
import signal
import socket
import subprocess
import sys
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ikserver.changes import Changes
from ikserver.listeners.hintreceiver import HintReceiver
from ikserver.listeners.hints import HintSender, decode, encode
from ikserver.model.changes import NO_ACCOUNT, Changed, Hint, LoginFailed, LoginForgiven, MailboxesChanged, Revoked
from ikserver.model.ids import AccountId, MailboxId, ModSeq
from tests.support import on_loop

number = st.integers(0, 2**63 - 1)
ACCOUNT = AccountId(7)
HINTS: list[Hint] = [
    Changed(ACCOUNT, MailboxId(3), ModSeq(99)),
    MailboxesChanged(ACCOUNT),
    Revoked(ACCOUNT),
    Revoked(ACCOUNT, 5),
    LoginFailed(-1, 2**63 - 1, -(2**63)),
    LoginForgiven(-1, 7),
]

SEND = """
import asyncio
import sys
from pathlib import Path
from ikserver.listeners.hints import HintSender
from tests.listeners.test_hints import HINTS
sender = HintSender(Path(sys.argv[1]))
for hint in HINTS:
    sender.send(hint)
asyncio.run(sender.close())
"""

LISTEN_AND_DIE = """
import asyncio, os, signal, sys
from pathlib import Path
from ikserver.listeners.hintreceiver import HintReceiver
async def die():
    await HintReceiver(Path(sys.argv[1]), print).start()
    os.kill(os.getpid(), signal.SIGKILL)
asyncio.run(die())
"""


@given(st.builds(Changed, number, number, number) | st.builds(MailboxesChanged, number) | st.builds(Revoked, number))
def test_a_hint_arrives_as_it_was_sent(hint: Hint) -> None:
    assert decode(encode(hint)) == hint


@given(st.binary(max_size=40))
def test_a_datagram_of_someone_else_is_passed_over(datagram: bytes) -> None:
    hint = decode(datagram)
    assert hint is None or decode(encode(hint)) == hint


@on_loop
async def test_hints_of_another_process_reach_the_sessions_of_this_one(tmp_path: Path) -> None:
    # Deeper than the 108 octets that the name of a unix socket may have.
    run = tmp_path / ("deep" * 20) / ("deeper" * 20) / "run"
    heard: list[Hint] = []
    changes = Changes()
    changes.subscribe(ACCOUNT, heard.append)
    changes.subscribe(NO_ACCOUNT, heard.append)
    receiver = HintReceiver(run, changes.hear)
    await receiver.start()
    process = await asyncio.create_subprocess_exec(sys.executable, "-c", SEND, str(run))
    assert await asyncio.wait_for(process.wait(), 30) == 0
    await _until(lambda: heard == HINTS)
    await receiver.stop()
    assert list(run.iterdir()) == []


@on_loop
async def test_a_process_does_not_hear_itself_twice(tmp_path: Path) -> None:
    heard: list[Hint] = []
    sender = HintSender(tmp_path)
    changes = Changes(sender)
    changes.subscribe(ACCOUNT, heard.append)
    receiver = HintReceiver(tmp_path, changes.hear)
    await receiver.start()
    changes.publish(HINTS[0])
    await asyncio.sleep(0.02)
    assert heard == HINTS[:1]
    await receiver.stop()
    await sender.close()


@on_loop
async def test_a_process_that_was_killed_is_forgotten(tmp_path: Path) -> None:
    killed = subprocess.run([sys.executable, "-c", LISTEN_AND_DIE, str(tmp_path)], check=False)
    assert killed.returncode == -signal.SIGKILL
    assert len(os.listdir(tmp_path)) == 1
    sender = HintSender(tmp_path)
    sender.send(HINTS[0])
    assert os.listdir(tmp_path) == []
    await sender.close()


@on_loop
async def test_a_busy_process_gets_the_latest_of_each_mailbox_in_the_end(tmp_path: Path) -> None:
    sender = HintSender(tmp_path)
    heard: dict[int, int] = {}
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as busy:
        busy.bind(str(tmp_path / "hints.1"))
        busy.setblocking(False)
        for modseq in range(1, 2001):
            sender.send(Changed(ACCOUNT, MailboxId(modseq % 20), ModSeq(modseq)))

        def read() -> bool:
            with suppress(BlockingIOError):
                while True:
                    hint = decode(busy.recv(100))
                    assert isinstance(hint, Changed)
                    heard[hint.mailbox] = hint.modseq
            return sorted(heard.values()) == list(range(1981, 2001))

        await _until(read)
    await sender.close()


async def _until(condition: Callable[[], bool]) -> None:
    for _ in range(500):
        if condition():
            return
        await asyncio.sleep(0.01)
    pytest.fail("did not happen within five seconds")
