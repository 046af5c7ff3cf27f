# SPDX-License-Identifier: GPL-3.0-or-later
"""A whole server of two processes: mail goes in by submission and out to another server, and what that refuses comes
back to the inbox of its sender."""

from __future__ import annotations

import asyncio
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from smtplib import SMTP
from typing import Any

from tests.app.serving import Server, demo
from tests.outbound.far import far
from tests.support import on_loop

SETTINGS = """
smarthost = "127.0.0.1:{port}"
smarthost_verify = false
"""


def prepared(data: Path, port: int) -> dict[str, Any]:
    """A data directory with accounts whose server sends to `port`; what the demo told."""
    with demo(data, "--no-samples", "--workers", "2") as server:
        assert server.stop() == 0
    settings = data / "ikserver.toml"
    text = settings.read_text(encoding="utf-8")
    section = f"[outbound]\n{SETTINGS.format(port=port)}"
    settings.write_text(text.replace("[outbound]\nenabled = false\n", section), encoding="utf-8")
    return server.told


@contextmanager
def serving(data: Path, told: dict[str, Any]) -> Iterator[Server]:
    with subprocess.Popen([sys.executable, "-m", "ikserver", "serve", "--data", str(data)], text=True) as process:
        try:
            yield Server(process, told)
        finally:
            process.terminate()
            assert process.wait(30) == 0


def submits(server: Server, *recipients: str) -> None:
    """As alice, from this machine."""
    told = server.told
    with SMTP("127.0.0.1", told["ports"]["submission"], timeout=20) as client:
        client.login("alice@demo.test", told["password"])
        client.sendmail("alice@demo.test", recipients, "From: alice@demo.test\r\nSubject: hello\r\n\r\nHello.\r\n")


def messages(server: Server) -> int:
    """In alice's inbox."""
    with server.imap() as client:
        return int(client.select("INBOX", readonly=True)[1][0] or 0)


async def answering(server: Server) -> None:
    """Wait until it takes mail."""
    while True:
        try:
            _, writer = await asyncio.open_connection("127.0.0.1", server.told["ports"]["submission"])
        except ConnectionRefusedError:
            await asyncio.sleep(0.05)
        else:
            writer.close()
            return


@on_loop
async def test_mail_goes_out_and_what_is_refused_comes_back(tmp_path: Path) -> None:
    async with far({"RCPT TO:<gone@far.test>": "550 5.1.1 No such user"}) as there:
        told = await asyncio.to_thread(prepared, tmp_path, there.port)
        with serving(tmp_path, told) as server:
            await answering(server)
            await asyncio.to_thread(submits, server, "bob@far.test", "gone@far.test")
            while not await asyncio.to_thread(messages, server):
                await asyncio.sleep(0.2)
            subjects = await asyncio.to_thread(server.subjects)
        assert subjects == [b"Subject: Undelivered mail returned to sender"]
        (message,) = there.messages
        assert message.endswith(b"Subject: hello\r\n\r\nHello.\r\n")
        assert message.count(b"DKIM-Signature: v=1; a=") == 2
        assert b"with ESMTPA id" in message
