# SPDX-License-Identifier: GPL-3.0-or-later
"""Under the conversation: pipelining, compression, slow readers, lost connections."""

from __future__ import annotations

import asyncio
import zlib

from ikserver.listeners.imap import Connection
from tests.imap_site import Site, pause
from tests.support import on_loop

COMMANDS = 1000
LONG_COMMAND = b'b ID ("name" "%b")\r\n' % (b"x" * 8000)


async def one_behind(site: Site) -> Connection:
    """The connection whose client does not read, once it is known to be behind."""
    for _ in range(1000):
        for connection in site.listeners[0].connections:
            if connection.behind:
                return connection
        await asyncio.sleep(0.005)
    raise AssertionError("nobody is behind")


BODY = b"Subject: x\r\n\r\n" + b"x" * 100_000


@on_loop
async def test_pipelined_commands_are_answered_in_order(site: Site) -> None:
    ann = await site.client(mailbox="INBOX")
    await ann.says(r"""
        C: a1 APPEND INBOX {3+}
        C: one
        C: a2 APPEND INBOX {3+}
        C: two
        C: a3 APPEND Nowhere {3+}
        C: bad
        C: a4 APPEND INBOX (\Seen) {5+}
        C: three
        C: a5 FETCH 1:3 (FLAGS)
        C: a6 FROB
        C: a7 NOOP
        S: ...
        S: a1 OK [APPENDUID ... 1] APPEND completed
        S: ...
        S: a2 OK [APPENDUID ... 2] APPEND completed
        S: ...
        S: a3 NO [TRYCREATE] ...
        S: ...
        S: a4 OK [APPENDUID ... 3] APPEND completed
        S: * 1 FETCH (FLAGS ())
        S: * 2 FETCH (FLAGS ())
        S: * 3 FETCH (FLAGS (\Seen))
        S: a5 OK FETCH completed
        S: a6 BAD ...
        S: a7 OK NOOP completed
    """)


@on_loop
async def test_compress(site: Site) -> None:
    await site.file(BODY)
    reader, writer = await asyncio.open_connection("127.0.0.1", site.plain)
    await reader.readline()
    writer.write(b"a1 LOGIN ann@demo.test secret\r\na2 COMPRESS DEFLATE\r\n")
    assert (await reader.readline()).startswith(b"a1 OK")
    assert await reader.readline() == b"a2 OK DEFLATE active\r\n"
    shrink, grow = zlib.compressobj(wbits=-15), zlib.decompressobj(-15)
    commands = b"a3 COMPRESS DEFLATE\r\na4 SELECT INBOX\r\na5 FETCH 1 BODY.PEEK[]\r\n"
    writer.write(shrink.compress(commands) + shrink.flush(zlib.Z_SYNC_FLUSH))
    heard = b""
    octets = 0
    while b"a5 OK" not in heard:
        data = await asyncio.wait_for(reader.read(65536), 10)
        octets += len(data)
        heard += grow.decompress(data)
    assert b"a3 NO [COMPRESSIONACTIVE]" in heard
    assert BODY in heard
    assert octets < 5000
    writer.close()


@on_loop
async def test_what_is_no_deflate_stream_ends_the_connection(site: Site) -> None:
    reader, writer = await asyncio.open_connection("127.0.0.1", site.plain)
    writer.write(b"a1 LOGIN ann@demo.test secret\r\na2 COMPRESS DEFLATE\r\n")
    await reader.readuntil(b"a2 OK DEFLATE active\r\n")
    writer.write(b"\xff\xff\xff\xff\xff\xff")
    grow = zlib.decompressobj(-15)
    assert grow.decompress(await asyncio.wait_for(reader.read(), 10)).startswith(b"* BYE")


@on_loop
async def test_a_client_that_does_not_read_costs_little_and_stops_nobody(site: Site) -> None:
    await site.file(*[BODY] * 30)
    reader, writer = await asyncio.open_connection("127.0.0.1", site.plain, limit=1000)
    writer.write(b"a1 LOGIN ann@demo.test secret\r\na2 SELECT INBOX\r\n" + b"a3 FETCH 1:* BODY.PEEK[]\r\n" * 20)
    ann = await site.client(mailbox="INBOX")
    await ann.says("""
        C: a1 FETCH 1:* (UID)
        S: ...
        S: a1 OK FETCH completed""")
    slow = await one_behind(site)
    assert slow.sent < 20 * 1024 * 1024
    heard = 0
    while heard < 20 * 30 * len(BODY):
        heard += len(await asyncio.wait_for(reader.read(1 << 20), 10))
    writer.close()


@on_loop
async def test_what_a_client_sends_ahead_is_bounded(site: Site) -> None:
    """While a command is answered only so much is read; the rest waits in the client's own socket."""
    await site.file(*[BODY] * 30)
    reader, writer = await asyncio.open_connection("127.0.0.1", site.plain, limit=1000)
    writer.write(b"a1 LOGIN ann@demo.test secret\r\na2 SELECT INBOX\r\n" + b"a3 FETCH 1:* BODY.PEEK[]\r\n" * 9)
    for _ in range(COMMANDS):
        writer.write(LONG_COMMAND)
    slow = await one_behind(site)
    assert slow.received < 2 * 1024 * 1024
    heard = b""
    count = 0
    while count < COMMANDS:
        heard = heard[-20:] + await asyncio.wait_for(reader.read(1 << 20), 10)
        count += heard.count(b"b OK ID completed\r\n")
        heard = heard[heard.rfind(b"\n") + 1 :]
    writer.close()


@on_loop
async def test_a_connection_that_is_lost_in_the_middle_leaves_nothing(site: Site) -> None:
    await site.file(*[BODY] * 3)
    for cut in (
        b"",
        b"a3 FETCH 1:* BODY[]\r\n",
        b"a3 IDLE\r\n",
        b"a3 APPEND INBOX {100000}\r\nxx",
        b"a3 SEARCH BODY x\r\n",
    ):
        _, writer = await asyncio.open_connection("127.0.0.1", site.plain)
        writer.write(b"a1 LOGIN ann@demo.test secret\r\na2 SELECT INBOX\r\n" + cut)
        await asyncio.sleep(0.05)
        writer.transport.abort()
    await asyncio.sleep(0.05)
    await pause()
    assert site.listeners[0].connections == set()
    assert site.changes._listeners == {}
