# SPDX-License-Identifier: GPL-3.0-or-later
"""Reports and their contrary, through a whole server: the message moves, its sender is listed, the filter learns."""

from __future__ import annotations

import subprocess

import pytest

from tests.app.serving import Server
from tests.spam.letters import ALICE, found, ikserver, listed, send, told, until


def learned(server: Server) -> tuple[int, int]:
    (row,) = told(server, "spam", "status", ALICE)
    return row["learned_spam"], row["learned_ham"]


def test_a_report_does_three_things_and_can_be_undone(server: Server) -> None:
    """SPM-06, SPM-07."""
    send(server, "buy this", "Cheap pills.", sender="eve@far.test")
    (uid,) = found(server, "INBOX", "buy this")
    spam, _ = learned(server)
    receipt = told(server, "spam", "report", ALICE, str(uid))
    assert (receipt["folder"], receipt["listed"]) == ("Junk", ["eve@far.test"])
    assert list(found(server, "Junk", "buy this")) == receipt["uids"]
    assert found(server, "INBOX", "buy this") == {}
    assert listed(server) == {("blocked", "eve@far.test")}
    assert learned(server)[0] == spam + 1
    send(server, "once more", "Something else.", sender="eve@far.test")
    (again,) = found(server, "Junk", "once more").values()
    assert b"tests=BLOCKED_BY_ADDRESS" in again

    ikserver(server, "spam", "undo", ALICE, str(receipt["number"]))
    assert len(found(server, "INBOX", "buy this")) == 1
    assert listed(server) == set()
    assert learned(server)[0] == spam
    with pytest.raises(subprocess.CalledProcessError):
        ikserver(server, "spam", "undo", ALICE, str(receipt["number"]))


def test_not_spam_brings_it_back_and_changes_the_list(server: Server) -> None:
    """SPM-08: the sender goes from the blocked list to the allowed one."""
    send(server, "from bea", "Hello.", sender="bea@far.test")
    (uid,) = found(server, "INBOX", "from bea")
    (moved,) = told(server, "spam", "report", ALICE, str(uid))["uids"]
    _, ham = learned(server)
    told(server, "spam", "not-spam", ALICE, str(moved))
    assert len(found(server, "INBOX", "from bea")) == 1
    assert listed(server) == {("allowed", "bea@far.test")}
    assert learned(server)[1] == ham + 1


@pytest.mark.parametrize(
    ("subject", "sender", "more"),
    [
        ("own address", ALICE, ""),
        ("own detail", "alice+x@demo.test", ""),
        ("own domain", "stranger@demo.test", ""),
        ("null sender", "", ""),
        ("mailing list", "talk@lists.far.test", "List-Post: <mailto:talk@lists.far.test>\r\n"),
        ("list by name", "talk@lists.far.test", "List-Id: Talk <talk.lists.far.test>\r\n"),
    ],
)
def test_nobody_is_listed_who_must_not_be(server: Server, subject: str, sender: str, more: str) -> None:
    """SPM-07."""
    before = listed(server)
    send(server, subject, "Hello.", sender=sender, more=more)
    (uid,) = found(server, "INBOX", subject)
    assert told(server, "spam", "report", ALICE, str(uid))["listed"] == []
    assert listed(server) == before


def test_reports_need_the_filter(server: Server) -> None:
    """SPM-09."""
    send(server, "filter off", "Hello.")
    (uid,) = found(server, "INBOX", "filter off")
    ikserver(server, "spam", "filter", "off", ALICE)
    with pytest.raises(subprocess.CalledProcessError) as refused:
        ikserver(server, "spam", "report", ALICE, str(uid))
    assert "the spam filter of alice@demo.test is off: switch it on first" in refused.value.stderr
    ikserver(server, "spam", "filter", "on", ALICE)


@pytest.mark.parametrize("verb", ["MOVE", "COPY"])
def test_moving_teaches_and_lists_nobody(server: Server, verb: str) -> None:
    """SPM-10."""
    send(server, f"by {verb}", "Hello.", sender="carl@far.test")
    (uid,) = found(server, "INBOX", f"by {verb}")
    lists, (spam, _) = listed(server), learned(server)
    with server.imap() as client:
        client.select("INBOX")
        assert client.uid(verb, str(uid), "Junk")[0] == "OK"
    until(lambda: learned(server)[0] == spam + 1)
    ((moved, _),) = found(server, "Junk", f"by {verb}").items()
    _, ham = learned(server)
    with server.imap() as client:
        client.select("Junk")
        assert client.uid("MOVE", str(moved), "INBOX")[0] == "OK"
    until(lambda: learned(server) == (spam, ham + 1))
    assert listed(server) == lists
