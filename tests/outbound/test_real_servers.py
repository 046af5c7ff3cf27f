# SPDX-License-Identifier: GPL-3.0-or-later
"""Against servers that others wrote: Postfix's smtp-sink and aiosmtpd."""

from __future__ import annotations

import asyncio
import os
import socket
from pathlib import Path
from typing import Any

import pytest
from aiosmtpd.smtp import SMTP

from tests.outbound.post import post
from tests.support import needs_program, on_loop

PATH = "/usr/sbin:/usr/bin"


def free_port() -> int:
    with socket.socket() as chooser:
        chooser.bind(("127.0.0.1", 0))
        return int(chooser.getsockname()[1])


@pytest.fixture(autouse=True)
def programs_of_the_system(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", f"{os.environ['PATH']}:{PATH}")


@needs_program("smtp-sink", "postfix")
@on_loop
async def test_postfix_takes_our_mail(tmp_path: Path) -> None:
    port = free_port()
    # It takes a user to become from root alone.
    user = ["-u", "nobody"] if os.geteuid() == 0 else []
    sink = await asyncio.create_subprocess_exec("smtp-sink", *user, f"127.0.0.1:{port}", "10")
    try:
        await listening(port)
        async with post(tmp_path, {"192.0.2.1": port}) as office:
            for number in range(20):
                assert await office.sends(f"bob{number}@far.test", "carol@far.test") == []
        assert sink.returncode is None
    finally:
        sink.kill()
        await sink.wait()


class Kept:
    """An aiosmtpd handler."""

    def __init__(self) -> None:
        self.envelopes: list[Any] = []

    async def handle_DATA(self, server: Any, session: Any, envelope: Any) -> str:
        self.envelopes.append(envelope)
        return "250 2.0.0 Kept"


@on_loop
async def test_aiosmtpd_takes_our_mail(tmp_path: Path) -> None:
    """It knows neither PIPELINING nor DSN."""
    kept = Kept()
    loop = asyncio.get_running_loop()
    server = await loop.create_server(lambda: SMTP(kept, enable_SMTPUTF8=True, loop=loop), "127.0.0.1", 0)
    port = server.sockets[0].getsockname()[1]
    body = "Subject: Grüße\r\n\r\n.a\r\n..b\r\n".encode()
    async with post(tmp_path, {"192.0.2.1": port}) as office:
        assert await office.sends("bøb@far.test", body=body, body_type="8BITMIME", smtputf8=True) == []
    (envelope,) = kept.envelopes
    assert (envelope.mail_from, envelope.rcpt_tos, envelope.content) == ("alice@example.org", ["bøb@far.test"], body)
    server.close()


async def listening(port: int) -> None:
    """Wait until somebody does."""
    while True:
        try:
            _, writer = await asyncio.open_connection("127.0.0.1", port)
        except ConnectionRefusedError:
            await asyncio.sleep(0.02)
        else:
            writer.close()
            return
