# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

import os
import signal
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.app.serving import demo


def _children(process: int) -> set[int]:
    return {int(number) for number in Path(f"/proc/{process}/task/{process}/children").read_text().split()}


def test_a_worker_that_is_killed_is_replaced_and_no_connection_is_refused(tmp_path: Path) -> None:
    with demo(tmp_path / "data", "--no-samples", "--workers", "2") as server:
        before = _children(server.process.pid)
        assert len(before) == 2
        killed = min(before)
        os.kill(killed, signal.SIGKILL)
        # Whichever worker the kernel chooses for a connection, it is answered: at once or after the restart.
        for number in range(6):
            server.send(f"Message {number}")
        _eventually(lambda: len(_children(server.process.pid) - {killed}) == 2)
        assert len(server.subjects()) == 6
        assert server.stop() == 0


def test_news_of_one_worker_reaches_clients_of_the_other(tmp_path: Path) -> None:
    with demo(tmp_path / "data", "--no-samples", "--workers", "2") as server:
        # With eight connections it is all but certain that both workers have one.
        clients = [server.imap() for _ in range(8)]
        for client in clients:
            client.select("INBOX")
            client.send(b"x IDLE\r\n")
            assert client.readline().startswith(b"+ ")
        server.send("To all")
        for client in clients:
            assert client.readline() == b"* 1 EXISTS\r\n"
            client.shutdown()


def test_workers_end_when_their_supervisor_is_killed(tmp_path: Path) -> None:
    with demo(tmp_path / "data", "--no-samples", "--workers", "2") as server:
        workers = _children(server.process.pid)
        server.stop(signal.SIGKILL)
        _eventually(lambda: not any(Path(f"/proc/{worker}/exe").exists() for worker in workers))


def _eventually(condition: Callable[[], bool]) -> None:
    for _ in range(1000):
        if condition():
            return
        time.sleep(0.01)
    pytest.fail("did not happen within ten seconds")
