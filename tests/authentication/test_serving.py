# SPDX-License-Identifier: GPL-3.0-or-later
"""A whole server, in a process of its own, examines strangers as its settings say."""

from __future__ import annotations

import asyncio
import json
import re
import sqlite3
import subprocess
import sys
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path

from protocols.dmarc import Policy
from protocols.dmarc.report import Row, reports_in
from tests.app.serving import demo
from tests.dns.nameserver import nameserver
from tests.outbound.far import far
from tests.smtp.house import Client
from tests.support import on_loop

ZONE = {
    ("bank.test", "TXT"): ['"v=spf1 -all"'],
    ("_dmarc.bank.test", "TXT"): ['"v=DMARC1; p=reject"'],
}
SETTINGS = """
[dns]
nameservers = ["127.0.0.1:{port}"]

[authentication]
own_networks = []
"""


def _prepared(data: Path) -> int:
    """A data directory with accounts; the port for mail from strangers."""
    with demo(data, "--no-samples") as server:
        port: int = server.told["ports"]["smtp"]
        assert server.stop() == 0
    return port


@contextmanager
def _serving(data: Path) -> Iterator[None]:
    process = subprocess.Popen([sys.executable, "-m", "ikserver", "serve", "--data", str(data)])
    try:
        yield
    finally:
        process.terminate()
        assert process.wait(30) == 0


async def _connected(port: int) -> Client:
    while True:
        try:
            return await Client.connect(port)
        except ConnectionRefusedError:
            await asyncio.sleep(0.05)


@on_loop
async def test_a_forged_message_is_refused_and_an_honest_one_is_marked(tmp_path: Path) -> None:
    async with nameserver(ZONE) as dns:
        port = await asyncio.to_thread(_prepared, tmp_path)
        with (tmp_path / "ikserver.toml").open("a", encoding="utf-8") as file:
            file.write(SETTINGS.format(port=dns.port))
        with _serving(tmp_path):
            client = await _connected(port)
            await client.ask("EHLO far.test")
            forged = b"From: boss@bank.test\r\n\r\nHello.\r\n"
            assert (await client.deliver(forged, "alice@demo.test")).startswith("550 5.7.1 The domain bank.test ")
            honest = b"From: ann@far.test\r\n\r\nHello.\r\n"
            assert (await client.deliver(honest, "alice@demo.test")).startswith("250 2.0.0 ")
            assert await client.ask("QUIT") == "221 2.0.0 Bye"
        assert dns.asked["_dmarc.bank.test", "TXT"] == 1


REPORTED = {
    ("bank.test", "TXT"): ['"v=spf1 -all"'],
    ("_dmarc.bank.test", "TXT"): ['"v=DMARC1; p=reject; rua=mailto:dmarc@bank.test"'],
}


def _passes_a_day(data: Path) -> None:
    """As if all that is counted were of the day before."""
    with closing(sqlite3.connect(data / "server.sqlite")) as database, database:
        database.execute("UPDATE dmarc_tallies SET day = day - 2")


@on_loop
async def test_a_domain_is_told_of_mail_in_its_name_by_a_signed_report(tmp_path: Path) -> None:
    """RFC 7489, 7.2: counted by one process, stored when it stops, sent by the next."""
    async with nameserver(REPORTED) as dns, far() as there:
        port = await asyncio.to_thread(_prepared, tmp_path)
        settings = tmp_path / "ikserver.toml"
        sending = f'[outbound]\nsmarthost = "127.0.0.1:{there.port}"\nsmarthost_verify = false\n'
        text = settings.read_text(encoding="utf-8").replace("[outbound]\nenabled = false\n", sending)
        text = 'hostname = "mail.demo.test"\n' + re.sub("(?m)^hostname.*\n", "", text)
        settings.write_text(text + SETTINGS.format(port=dns.port), encoding="utf-8")
        with _serving(tmp_path):
            client = await _connected(port)
            await client.ask("EHLO far.test")
            forged = b"From: boss@bank.test\r\n\r\nHello.\r\n"
            assert (await client.deliver(forged, "alice@demo.test")).startswith("550 5.7.1 ")
            await client.ask("QUIT")
        await asyncio.to_thread(_passes_a_day, tmp_path)
        with _serving(tmp_path):
            while not there.messages:
                await asyncio.sleep(0.1)
    (mail,) = there.messages
    (report,) = reports_in(mail)
    assert (report.domain, report.organisation) == ("bank.test", "mail.demo.test")
    assert report.rows == (Row("127.0.0.1", 1, False, Policy.REJECT, "bank.test"),)
    assert mail.count(b"DKIM-Signature: v=1; a=") == 2
    assert b"d=demo.test" in mail


def _says(data: Path, *words: str) -> str:
    """What a verb prints while the server runs."""
    command = [sys.executable, "-m", "ikserver", *words, "--data", str(data)]
    return subprocess.run(command, check=True, capture_output=True, text=True).stdout


def _junk(data: Path) -> int:
    """How many messages of the log ended as spam."""
    events = json.loads(_says(data, "logs", "search", "--json"))
    return sum(event["status"] == "spam" for event in events)


@on_loop
async def test_an_organisation_changes_its_mind_while_the_server_runs(tmp_path: Path) -> None:
    async with nameserver(ZONE) as dns:
        port = await asyncio.to_thread(_prepared, tmp_path)
        with (tmp_path / "ikserver.toml").open("a", encoding="utf-8") as file:
            file.write(SETTINGS.format(port=dns.port))
        name = json.loads(_says(tmp_path, "org", "list", "--json"))[0]["name"]
        with _serving(tmp_path):
            client = await _connected(port)
            await client.ask("EHLO far.test")
            forged = b"From: boss@bank.test\r\n\r\nHello.\r\n"
            assert (await client.deliver(forged, "alice@demo.test")).startswith("550 5.7.1 ")
            await asyncio.to_thread(_says, tmp_path, "org", "strangers", name, "--dmarc", "quarantine")
            assert (await client.deliver(forged, "alice@demo.test")).startswith("250 2.0.0 ")
            while not await asyncio.to_thread(_junk, tmp_path):
                await asyncio.sleep(0.2)
            await client.ask("QUIT")
