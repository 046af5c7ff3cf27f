# SPDX-License-Identifier: GPL-3.0-or-later
"""The disk is full: clients are told to come again, nothing that was accepted is lost, and with room all goes on."""

from __future__ import annotations

import ssl
from collections.abc import Iterator
from pathlib import Path
from smtplib import SMTP, SMTP_SSL

import pytest

from tests.faults.smalldisk import SmallDisk, needs_mount, small_disk

FULL = (452, b"4.3.1 Insufficient storage; try again later")
LARGE = "A line of some length that is repeated.\r\n" * 25_000
"""More than is kept in memory, in SMTP and in IMAP."""

pytestmark = needs_mount


@pytest.fixture(scope="module")
def disk(tmp_path_factory: pytest.TempPathFactory) -> Iterator[SmallDisk]:
    with small_disk(tmp_path_factory.mktemp("small")) as disk:
        disk.server.send("before")
        yield disk


@pytest.fixture
def full(disk: SmallDisk) -> Iterator[SmallDisk]:
    """Full now, with room again behind the test."""
    disk.fill()
    try:
        yield disk
    finally:
        disk.free()


def refused(disk: SmallDisk, service: str, text: str = "Hello.\r\n", to: str = "alice@demo.test") -> list[str]:
    """Send messages until one is refused for want of room: the subjects of those that were accepted before.

    A database that has been larger may take some without more room.
    """
    accepted: list[str] = []
    with connected(disk, service) as client:
        client.ehlo()
        for number in range(200):
            subject = f"{service} {len(text)} {number}"
            client.mail("alice@demo.test")
            client.rcpt(to)
            answer = client.data(f"Subject: {subject}\r\n\r\n{text}")
            if answer[0] != 250:
                assert answer == FULL
                return accepted
            accepted.append(subject)
    raise AssertionError("the disk is not full")


def connected(disk: SmallDisk, service: str) -> SMTP:
    port = disk.server.told["ports"][service]
    if service == "smtp":
        return SMTP("127.0.0.1", port, timeout=20)
    context = ssl.create_default_context(cafile=disk.server.told["ca"])
    client = SMTP_SSL("localhost", port, timeout=20, context=context)
    client.login("alice@demo.test", disk.server.told["password"])
    return client


def subjects(disk: SmallDisk) -> set[str]:
    return {subject.decode().removeprefix("Subject: ") for subject in disk.server.subjects()}


@pytest.mark.parametrize("text", ["Hello.\r\n", LARGE], ids=["small", "large"])
def test_mail_for_a_mailbox_is_refused_for_now_and_taken_when_there_is_room(full: SmallDisk, text: str) -> None:
    accepted = refused(full, "smtp", text)
    assert full.spooled() == []
    full.free()
    full.server.send(f"after {len(text)}")
    assert {"before", *accepted, f"after {len(text)}"} <= subjects(full)


def test_the_log_says_what_it_was(full: SmallDisk) -> None:
    refused(full, "smtp")
    refused(full, "smtp", LARGE)
    assert any("there is no room left on the disk" in line for line in full.logged("delivery-failed"))
    assert any("No space left on device" in line for line in full.logged("spool-failed"))
    assert any("452 4.3.1" in line for line in full.logged("rejected"))
    assert "Traceback" not in "\n".join(full.logged("delivery-failed"))


def test_what_was_refused_is_in_the_activity_log_when_there_is_room(tmp_path: Path) -> None:
    with small_disk(tmp_path) as disk:
        disk.fill()
        refused(disk, "smtp", LARGE)
        disk.free()
        while not (events := disk.ikserver("logs", "search", "--status", "deferred")):
            continue
    assert {event["answer"]["text"] for event in events} == {"Insufficient storage; try again later"}


@pytest.mark.parametrize("text", ["Hello.\r\n", LARGE], ids=["small", "large"])
def test_mail_for_elsewhere_is_refused_for_now_and_queued_when_there_is_room(full: SmallDisk, text: str) -> None:
    refused(full, "submissions", text, to="ann@far.test")
    assert full.spooled() == []
    full.free()
    with connected(full, "submissions") as client:
        assert client.sendmail("alice@demo.test", ["ann@far.test"], f"Subject: after\r\n\r\n{text}") == {}


@pytest.mark.parametrize("text", ["Hello.\r\n", LARGE], ids=["small", "large"])
def test_append_is_refused_for_now_and_the_session_goes_on(full: SmallDisk, text: str) -> None:
    message = f"Subject: appended\r\n\r\n{text}".encode()
    with full.server.imap() as client:
        for _ in range(200):
            status, answer = client.append("Drafts", "", "", message)
            if status != "OK":
                break
        assert status == "NO"
        assert answer[0].startswith(b"[UNAVAILABLE] there is no room ")
        assert client.select("INBOX")[0] == "OK"
        assert full.spooled() == []
        full.free()
        assert client.append("Drafts", "", "", message)[0] == "OK"


def test_flags_are_not_changed_and_the_session_says_why(full: SmallDisk) -> None:
    with full.server.imap() as client:
        client.select("INBOX")
        for number in range(2_000):
            status, answer = client.store("1", "FLAGS", f"(keyword{number})")
            if status != "OK":
                break
        assert status == "NO"
        assert answer[0] == b"[UNAVAILABLE] there is no room left on the disk of the server"
        assert client.fetch("1", "(FLAGS)")[0] == "OK"


def test_what_was_accepted_is_whole_and_the_doctor_finds_no_fault(tmp_path: Path) -> None:
    with small_disk(tmp_path) as disk:
        disk.server.send("before")
        disk.fill()
        accepted = [*refused(disk, "smtp"), *refused(disk, "smtp", LARGE)]
        disk.free()
        assert {"before", *accepted} <= subjects(disk)
        assert [row for row in disk.ikserver("doctor") if row["level"] == "fault"] == []
        assert disk.server.stop() == 0
