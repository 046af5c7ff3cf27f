# SPDX-License-Identifier: GPL-3.0-or-later
"""A whole server with the settings of a test, and what it logs."""

from __future__ import annotations

import asyncio
import subprocess
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from imaplib import IMAP4
from pathlib import Path

from ikserver.app.demo import CREDENTIALS
from ikserver.settings import FILE_NAME, load_data
from tests.app.serving import demo
from tests.smtp.house import Client

OFF = "[outbound]\nenabled = false\n"


def prepared(data: Path) -> Path:
    """A data directory with the accounts of the demo and its ports, without mail."""
    with demo(data, "--no-samples") as server:
        assert server.stop() == 0
    return data


@dataclass(frozen=True, slots=True)
class Serving:
    """One that is ready."""

    data: Path
    log: Path

    def port(self, service: str) -> int:
        (address,) = getattr(load_data(self.data).listen, service)
        return int(address.port)

    @property
    def password(self) -> str:
        return (self.data / CREDENTIALS).read_text().split()[1]

    async def smtp(self) -> Client:
        """A stranger who has said hello."""
        client = await Client.connect(self.port("smtp"))
        await client.ask("EHLO far.test")
        return client

    def logged(self, event: str) -> list[str]:
        """The lines of the log that tell of an event."""
        return [line for line in self.log.read_text(encoding="utf-8").splitlines() if f" event={event} " in line]

    def newest(self, user: str = "alice@demo.test") -> str:
        """The last message in an inbox, "" while there is none."""
        with IMAP4("127.0.0.1", self.port("imap"), timeout=20) as client:
            client.login(user, self.password)
            _, (count,) = client.select("INBOX", readonly=True)
            if count == b"0":
                return ""
            _, found = client.fetch("*", "(BODY.PEEK[])")
        assert isinstance(found[0], tuple)
        return found[0][1].decode()


@asynccontextmanager
async def serving(data: Path, settings: str, *, outbound: bool = False) -> AsyncIterator[Serving]:
    """`settings` are added to those of the demo until the block ends."""
    path, log = data / FILE_NAME, data.with_name("log")
    before = path.read_text(encoding="utf-8")
    assert OFF in before
    path.write_text((before.replace(OFF, "") if outbound else before) + settings, encoding="utf-8")
    with log.open("wb") as errors:
        process = subprocess.Popen([sys.executable, "-m", "ikserver", "serve", "--data", str(data)], stderr=errors)
    try:
        server = Serving(data, log)
        while not server.logged("ready"):
            assert process.poll() is None, log.read_text()
            await asyncio.sleep(0.05)
        yield server
    finally:
        path.write_text(before, encoding="utf-8")
        process.terminate()
        await asyncio.to_thread(process.wait, 30)
