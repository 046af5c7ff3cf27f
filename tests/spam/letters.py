# SPDX-License-Identifier: GPL-3.0-or-later
"""Letters to Alice of the demo, and what she finds of them."""

from __future__ import annotations

import json
import subprocess
import sys
import time
from collections.abc import Callable
from smtplib import SMTP
from typing import Any

from tests.app.serving import Server

GTUBE = "XJS*C4JDBQADN1.NSBN3*2IDNEN*GTUBE-STANDARD-ANTI-UBE-TEST-EMAIL*C.34X"
ALICE = "alice@demo.test"


def send(server: Server, subject: str, text: str, *, sender: str = "eve@far.test", more: str = "") -> None:
    """As another server does. The null sender is ""; then nobody is in From."""
    author = f"From: {sender}\r\n" if sender else ""
    with SMTP("127.0.0.1", server.told["ports"]["smtp"], timeout=20) as client:
        client.sendmail(sender, [ALICE], f"{author}Subject: {subject}\r\n{more}\r\n{text}\r\n")


def found(server: Server, folder: str, subject: str) -> dict[int, bytes]:
    """Messages by UID."""
    with server.imap() as client:
        client.select(folder, readonly=True)
        _, (uids,) = client.uid("SEARCH", "SUBJECT", f'"{subject}"')
        fetched = {int(uid): client.uid("FETCH", uid.decode(), "(BODY.PEEK[])")[1] for uid in uids.split()}
    return {uid: answer[0][1] for uid, answer in fetched.items()}


def ikserver(server: Server, *words: str) -> str:
    """What a verb prints. Raises CalledProcessError when it refuses."""
    command = [sys.executable, "-m", "ikserver", *words, "--data", server.told["data"]]
    return subprocess.run(command, capture_output=True, text=True, check=True, timeout=60).stdout


def told(server: Server, *words: str) -> Any:
    """What a verb prints as JSON."""
    return json.loads(ikserver(server, *words, "--json"))


def listed(server: Server, owner: str = ALICE) -> set[tuple[str, str]]:
    """The lists of senders."""
    return {(row["list"], row["pattern"]) for row in told(server, "spam", "senders", owner)}


def until(condition: Callable[[], bool]) -> None:
    """Lessons are learned soon after the move."""
    end = time.monotonic() + 30
    while not condition():
        assert time.monotonic() < end
        time.sleep(0.1)
