# SPDX-License-Identifier: GPL-3.0-or-later
"""A mailbox of 2,000 messages: reports and the test message in it, and all of it moved at once."""

from __future__ import annotations

import mailbox
from pathlib import Path

from tests.app.serving import Server
from tests.spam.letters import ALICE, GTUBE, found, ikserver, send, told, until
from tests.spam.writing import corpus

MESSAGES = 2_000


def test_everything_works_in_a_mailbox_of_2000_messages(server: Server, tmp_path: Path) -> None:
    letters = list(corpus(7, MESSAGES))
    box = mailbox.mbox(tmp_path / "letters")
    for letter in letters:
        box.add(letter.octets)
    box.close()
    ikserver(server, "import", "mbox", ALICE, str(tmp_path / "letters"))
    assert found(server, "INBOX", "festival")

    send(server, "rotten", GTUBE)
    assert len(found(server, "Junk", "rotten")) == 1
    spam = [str(uid) for uid, letter in enumerate(letters, 1) if letter.spam]
    receipt = told(server, "spam", "report", ALICE, *spam[:20])
    assert len(receipt["uids"]) == 20
    with server.imap() as client:
        client.select("INBOX")
        client.store("1:50", "+FLAGS", "\\Seen")
        assert client.uid("MOVE", ",".join(spam[20:]), "Junk")[0] == "OK"
    until(lambda: told(server, "spam", "status", ALICE)[0]["learned_spam"] == len(spam))
    (row,) = told(server, "spam", "status", ALICE)
    assert row["messages"] == len(spam) + 1
    assert row["learned_ham"] > 0

    fresh = [letter for letter in corpus(8, 40) if letter.spam]
    for letter in fresh:
        send(server, "unheard of", letter.octets.partition(b"\r\n\r\n")[2].decode().strip(), sender="new@unknown.test")
    assert len(found(server, "Junk", "unheard of")) > len(fresh) / 2
    ikserver(server, "doctor")
