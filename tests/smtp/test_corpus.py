# SPDX-License-Identifier: GPL-3.0-or-later
"""Every message of the shared corpus goes in by SMTP and by LMTP, and is stored octet by octet."""

from __future__ import annotations

from pathlib import Path

from ikserver.smtp.lmtp import Lmtp
from ikserver.smtp.mx import Mx
from ikserver.smtp.role import Role
from protocols.smtp.dots import stuff
from protocols.smtp.hygiene import is_clean, normalise
from tests.smtp.house import Client, house, received_body
from tests.support import SHARED, needs_shared, on_loop


def corpus() -> list[bytes]:
    """As it can travel: with CRLF, and with a line end at its end."""
    found = (normalise(path.read_bytes()) for path in sorted((SHARED / "corpus" / "eml").rglob("*")) if path.is_file())
    return [message if message.endswith(b"\r\n") else message + b"\r\n" for message in found]


async def round_trip(root: Path, role: Role, hello: str) -> None:
    async with house(root, role=role) as home:
        client = await Client.connect(home.port)
        await client.ask(hello)
        sent = corpus()
        assert len(sent) > 10
        for message in sent:
            await client.ask("MAIL FROM:<a@far.test>", "RCPT TO:<alice@example.org>", "DATA")
            client.writer.write(stuff(message))
            assert (await client.reply()).startswith("250 2.0.0 ")
        assert [received_body(stored) for stored in await home.inbox()] == sent
        assert all(map(is_clean, sent))


@needs_shared
@on_loop
async def test_by_smtp(tmp_path: Path) -> None:
    await round_trip(tmp_path, Mx(), "EHLO far.test")


@needs_shared
@on_loop
async def test_by_lmtp(tmp_path: Path) -> None:
    await round_trip(tmp_path, Lmtp(), "LHLO far.test")
