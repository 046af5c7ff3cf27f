# SPDX-License-Identifier: GPL-3.0-or-later
"""Rules in a whole server: made on the command line, changed in their script, in force for the mail that comes."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from smtplib import LMTP

import pytest

from tests.app.serving import Server, demo

ALICE = "alice@demo.test"


@pytest.fixture(scope="module")
def data(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("rules") / "data"


@pytest.fixture(scope="module")
def server(data: Path) -> Iterator[Server]:
    with demo(data, "--no-samples") as server:
        yield server


def ikserver(data: Path, *words: str) -> str:
    command = [sys.executable, "-m", "ikserver", *words, "--data", str(data)]
    return subprocess.run(command, check=True, capture_output=True, text=True, timeout=60).stdout


def send(server: Server, subject: str) -> None:
    letter = f"From: Eve <eve@far.test>\r\nTo: {ALICE}\r\nSubject: {subject}\r\n\r\nHello.\r\n"
    with LMTP("127.0.0.1", server.told["ports"]["lmtp"]) as client:
        client.sendmail("eve@far.test", [ALICE], letter)


def subjects(server: Server, folder: str) -> list[str]:
    with server.imap(ALICE) as client:
        status, count = client.select(f'"{folder}"', readonly=True)
        if status != "OK" or count == [b"0"]:
            return []
        _, found = client.fetch("1:*", "(BODY.PEEK[HEADER.FIELDS (SUBJECT)])")
    return [item[1].decode().strip().removeprefix("Subject: ") for item in found if isinstance(item, tuple)]


def test_a_rule_holds_for_the_mail_that_comes_from_then_on(server: Server, data: Path) -> None:
    send(server, "Invoice 1")
    ikserver(
        data, "rule", "add", ALICE, "Bills", *["--if", "subject", "begins", "invoice", "--move", "Bills", "--stop"]
    )
    ikserver(data, "rule", "add", ALICE, "Eve", "--if", "from", "is", "eve@far.test", "--move", "Eve")
    send(server, "Invoice 2")
    assert subjects(server, "INBOX") == ["Invoice 1"]
    assert subjects(server, "Bills") == ["Invoice 2"]
    # The first rule that stops decides.
    ikserver(data, "rule", "move", ALICE, "Eve", "1")
    ikserver(data, "rule", "off", ALICE, "Bills")
    send(server, "Invoice 3")
    assert (subjects(server, "Bills"), subjects(server, "Eve")) == (["Invoice 2"], ["Invoice 3"])


def test_the_activity_log_names_the_rule(data: Path) -> None:
    events = json.loads(ikserver(data, "logs", "search", "--limit", "0", "--json"))
    assert any("Eve (rules, line" in json.dumps(event) for event in events)


def test_what_is_changed_in_the_script_is_changed_in_the_rules(server: Server, data: Path) -> None:
    script = ikserver(data, "sieve", "get", ALICE, "rules")
    (data / "changed").write_text(script.replace('"Eve"', '"Letters"').replace("# rule:[Eve]", "# rule:[From Eve]"))
    ikserver(data, "sieve", "put", ALICE, "rules", str(data / "changed"))
    first, second = json.loads(ikserver(data, "rule", "on", ALICE, "Bills", "--json"))
    assert (first["name"], first["then"]) == ("From Eve", [{"action": "move", "value": "Letters"}])
    assert (second["name"], second["on"]) == ("Bills", True)
    send(server, "Hello")
    assert subjects(server, "Letters") == ["Hello"]
