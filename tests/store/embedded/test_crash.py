# SPDX-License-Identifier: GPL-3.0-or-later
"""kill -9 under load: what was promised is there, and nothing is broken."""

from __future__ import annotations

import subprocess
import sys
import time
from pathlib import Path

from ikserver.changes import Changes
from ikserver.model.ids import AccountId, BodyId
from ikserver.store.embedded import open_mail_store
from tests.support import on_loop

ROUNDS = 3
ROOT = Path(__file__).parents[3]
ANN = AccountId(1)


def delivered_until_killed(data: Path, mark: str, seconds: float) -> dict[int, str]:
    """UIDs and names that a process promised before it was killed."""
    command = [sys.executable, "-m", "tests.store.embedded.deliver_until_killed", str(data), mark]
    process = subprocess.Popen(command, stdout=subprocess.PIPE, cwd=ROOT, text=True)
    assert process.stdout is not None
    promises = [process.stdout.readline()]
    time.sleep(seconds)
    process.kill()
    promises += process.communicate()[0].splitlines()
    return {int(uid): name for uid, name in (line.split() for line in promises if line.count("-") == 2)}


@on_loop
async def test_kill_9_loses_nothing_that_was_promised(tmp_path: Path) -> None:
    promised: dict[int, str] = {}
    for n in range(ROUNDS):
        new = delivered_until_killed(tmp_path, f"round{n}", 0.2 + n / 10)
        assert new
        assert min(new) > max(promised, default=0), "UIDs only ascend"
        promised |= new
        store = open_mail_store(tmp_path, Changes())
        mail = await store.mail(ANN)
        opened = await mail.open("INBOX")
        bodies = dict(zip(opened.columns.uids, opened.columns.bodies, strict=True))
        for uid, name in promised.items():
            assert f"\r\nSubject: {name}\r\n".encode() in await mail.read(BodyId(bodies[uid]))
        assert await store.check(ANN) == []
        await store.close()


@on_loop
async def test_files_that_a_crash_left_are_swept_after_an_hour(tmp_path: Path) -> None:
    delivered_until_killed(tmp_path, "round", 0.1)
    folder = tmp_path / "mail" / "1" / "blobs" / "ab"
    folder.mkdir(exist_ok=True)
    orphan = folder / f"ab{'0' * 38}.{'1' * 16}"
    orphan.write_bytes(b"half a mess")
    for later, left in ((0, True), (2 * 3600, False)):
        store = open_mail_store(tmp_path, Changes(), clock=lambda later=later: time.time() + later)  # type: ignore[misc]
        await store.sweep()
        assert orphan.exists() == left
        assert await store.check(ANN) == []
        await store.close()
