# SPDX-License-Identifier: GPL-3.0-or-later
"""What the verbs change counts at once in a server that runs on the same data."""

from __future__ import annotations

import imaplib
import smtplib
import ssl
from collections.abc import Iterator
from pathlib import Path

import pytest

from bench.servers import DOMAIN, running
from bench.servers.ours import Ours

CAROL = f"carol@{DOMAIN}"


@pytest.fixture
def server(tmp_path: Path) -> Iterator[Ours]:
    server = Ours(tmp_path / "ours", users=())
    with running(server):
        yield server


def log_in(server: Ours, password: str) -> imaplib.IMAP4_SSL:
    trust = ssl.create_default_context(cafile=server.ca)
    client = imaplib.IMAP4_SSL("127.0.0.1", server.ports["imaps"], ssl_context=trust, timeout=10)
    client.login(CAROL, password)
    return client


def send(server: Ours, recipient: str) -> tuple[int, str]:
    """The server's answer to the recipient, or to the message when it took the recipient."""
    with smtplib.SMTP("127.0.0.1", server.ports["smtp"], timeout=10) as client:
        client.ehlo()
        client.mail("ann@b.test")
        code, text = client.rcpt(recipient)
        if code == 250:
            code, text = client.data("Subject: hello\r\n\r\ntext\r\n")
    return code, text.decode().partition(" ")[0]


def is_cut_off(client: imaplib.IMAP4_SSL) -> bool:
    try:
        client.noop()
    except (imaplib.IMAP4.abort, OSError):
        return True
    return False


def messages(client: imaplib.IMAP4_SSL) -> int:
    _, (count,) = client.select()
    return int(count or b"0")


def test_an_account_from_its_first_to_its_last_minute(server: Ours) -> None:
    assert send(server, CAROL) == (550, "5.1.1")
    server.run("account", "add", CAROL, "--password-stdin", text="geheim\n")
    assert send(server, CAROL) == (250, "2.0.0")
    client = log_in(server, "geheim")
    assert messages(client) == 1

    assert send(server, f"info@{DOMAIN}") == (550, "5.1.1")
    server.run("alias", "add", f"info@{DOMAIN}", CAROL)
    server.run("group", "add", f"team@{DOMAIN}", f"info@{DOMAIN}", CAROL)
    for recipient in (f"Info@{DOMAIN}", f"team@{DOMAIN}", f"carol+tag@{DOMAIN}"):
        assert send(server, recipient) == (250, "2.0.0")
    assert messages(client) == 4

    server.run("account", "quota", CAROL, "1K")
    phone = server.run("account", "device-password", CAROL, "--name", "phone").strip()
    laptop = server.run("account", "device-password", CAROL, "--name", "laptop").strip()
    on_phone, on_laptop = log_in(server, phone), log_in(server, laptop)
    # DEV-01: revoking one ends its sessions; the others live on.
    server.run("account", "device-password", CAROL, "--revoke", "phone")
    assert is_cut_off(on_phone)
    assert not is_cut_off(on_laptop)
    with pytest.raises(imaplib.IMAP4.error):
        log_in(server, phone)

    server.run("account", "disable", CAROL)
    assert is_cut_off(client)
    assert is_cut_off(on_laptop)
    assert send(server, CAROL) == (550, "5.2.1")
    with pytest.raises(imaplib.IMAP4.error):
        log_in(server, laptop)

    server.run("account", "enable", CAROL)
    server.run("account", "password", CAROL, "--password-stdin", text="anders\n")
    with pytest.raises(imaplib.IMAP4.error):
        log_in(server, "geheim")
    client = log_in(server, "anders")
    server.run("account", "remove", CAROL, "--yes")
    assert is_cut_off(client)
    assert send(server, CAROL) == (550, "5.1.1")


def test_mail_that_is_imported_is_seen_by_an_open_session(server: Ours, tmp_path: Path) -> None:
    server.run("account", "add", CAROL, "--password-stdin", text="geheim\n")
    client = log_in(server, "geheim")
    assert messages(client) == 0
    (tmp_path / "Maildir" / "cur").mkdir(parents=True)
    for n in range(3):
        (tmp_path / "Maildir" / "cur" / f"{n}:2,S").write_bytes(b"Subject: old\n\ntext\n")
    server.run("import", "maildir", CAROL, str(tmp_path / "Maildir"))
    client.noop()
    assert client.response("EXISTS")[1][-1] == b"3"
