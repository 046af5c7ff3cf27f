# SPDX-License-Identifier: GPL-3.0-or-later
"""One line an event, and never a secret or a body."""

from __future__ import annotations

import base64
import logging
from pathlib import Path

import pytest

from ikserver.smtp.submission import Submission
from tests.smtp.house import PASSWORD, Client, house
from tests.support import on_loop


@on_loop
async def test_what_happened_can_be_read_and_what_is_secret_cannot(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    right = base64.b64encode(f"\0alice@example.org\0{PASSWORD}".encode()).decode()
    wrong = base64.b64encode(b"\0alice@example.org\0wrong-secret").decode()
    async with house(tmp_path, role=Submission(), plaintext_login=True) as home:
        client = await Client.connect(home.port)
        await client.ask("EHLO laptop.test", f"AUTH PLAIN {wrong}", f"AUTH PLAIN {right}", f"AUHT PLAIN {right}")
        await client.ask("MAIL FROM:<alice@example.org>", "RCPT TO:<nobody@example.org>", "RCPT TO:<bob@example.org>")
        await client.ask("DATA")
        answer = await client.ask(b"Subject: private\r\n\r\nbody-secret\r\n.")
        await client.ask("QUIT")
        await client.reply()
    ours = [record for record in caplog.records if record.name == "ikserver.smtp"]
    fields = [record.__dict__["fields"] for record in ours]
    events = [record.getMessage() for record in ours]
    assert events == ["connected", "refused", "authenticated", "recipient-refused", "accepted", "ended"]
    assert {entry["peer"] for entry in fields} == {"127.0.0.1"}
    assert len({entry["session"] for entry in fields}) == 1
    assert fields[1]["reply"].startswith("535 5.7.8 ")
    assert fields[2]["address"] == "alice@example.org"
    assert fields[3]["recipient"] == "nobody@example.org"
    assert answer.endswith(fields[4]["id"])
    everything = caplog.text + repr([record.__dict__ for record in caplog.records])
    for secret in (PASSWORD, right, wrong, "wrong-secret", "body-secret", "private"):
        assert secret not in everything
