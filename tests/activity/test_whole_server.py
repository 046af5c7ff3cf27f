# SPDX-License-Identifier: GPL-3.0-or-later
"""A whole server: what it was sent is in the log when it has ended, whichever way it ended."""

from __future__ import annotations

import json
import signal
import subprocess
import sys
from pathlib import Path
from smtplib import SMTPRecipientsRefused

import pytest

from tests.app.serving import Server, demo


def log_of(data: Path) -> list[tuple[str, str, str]]:
    """Address, status and subject of all events, the newest first."""
    command = [sys.executable, "-m", "ikserver", "logs", "search", "--limit", "0", "--json", "--data", str(data)]
    found = json.loads(subprocess.run(command, check=True, capture_output=True, text=True, timeout=60).stdout)
    return [(event["address"], event["status"], event["subject"]) for event in found]


def send_and_be_refused(server: Server) -> None:
    server.send("Hello")
    with pytest.raises(SMTPRecipientsRefused):
        server.send("Refused", "nobody@demo.test")


def test_a_server_that_is_stopped_has_logged_everything(tmp_path: Path) -> None:
    with demo(tmp_path / "data", "--no-samples") as server:
        send_and_be_refused(server)
        assert server.stop() == 0
    assert sorted(log_of(tmp_path / "data")) == [
        ("alice@demo.test", "received", "Hello"),
        ("nobody@demo.test", "rejected", ""),
    ]


def test_what_a_killed_server_delivered_is_logged_by_the_next_one(tmp_path: Path) -> None:
    with demo(tmp_path / "data", "--no-samples") as server:
        server.send("Hello")
        server.stop(signal.SIGKILL)
    with demo(tmp_path / "data", "--no-samples") as server:
        server.send("Again")
        assert server.stop() == 0
    assert sorted(subject for _, _, subject in log_of(tmp_path / "data")) == ["Again", "Hello"]
