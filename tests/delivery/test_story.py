# SPDX-License-Identifier: GPL-3.0-or-later
"""What the activity log is told of a message, without a server around it."""

from __future__ import annotations

from ikserver.accounts.api import Deliver, Local
from ikserver.activity.explanation import explanation
from ikserver.delivery.envelope import Arrived, Origin, Recipient
from ikserver.delivery.filing import Filed
from ikserver.delivery.story import Story
from ikserver.model.activity import Direction, Status
from ikserver.model.authentication import Authenticated, Dmarc, Iprev, Result, Signature, Spf
from ikserver.model.ids import AccountId
from ikserver.model.spam import Hit, Level, Listed, Side, Verdict
from protocols.message import Brief

ALICE = Deliver(AccountId(1), "alice@example.org")
EXAMINED = Authenticated(
    spf=Spf(Result.SOFTFAIL, "far.test"),
    dkim=(Signature(Result.FAIL, "far.test"), Signature(Result.PASS, "other.test")),
    dmarc=Dmarc(Result.FAIL, "far.test"),
    iprev=Iprev(Result.PASS, "mx.far.test"),
)


def arrived(to: Deliver, *, submitter: str = "") -> Arrived:
    recipient = Recipient("Info@example.org", Local("info@example.org", (to,), ()))
    origin = Origin("192.0.2.7", True, submitter)
    brief = Brief("Carol@FAR.test", "Hello", "<1@far.test>")
    message = Arrived("00aa", "bounces@far.test", [recipient], b"x" * 99, 0, 12.345)
    return message._replace(authenticated=EXAMINED, origin=origin, brief=brief)


def test_spam_is_told_with_its_score_its_reasons_and_the_list() -> None:
    """LOG-08: spam."""
    hit = Hit(Level.ORGANISATION, Listed(Side.BLOCKED, "*@far.test"))
    filed = Filed("Junk", status=Status.SPAM, verdict=Verdict(9.0, 5.0, True, ("links", "words"), hit))
    (event,) = Story(arrived(ALICE)).delivered(ALICE, filed)
    assert (event.status, event.address, event.folder) == (Status.SPAM, "alice@example.org", "Junk")
    assert explanation(event) == (
        "It looks like spam (score 9.0: links, words) and is in the folder Junk."
        " The sender is blocked by the organisation: *@far.test."
    )


def test_where_it_came_from_is_told() -> None:
    (event,) = Story(arrived(ALICE)).delivered(ALICE, Filed())
    assert (event.time, event.size) == (12_345, 99)
    assert (event.sender, event.header_from, event.recipient) == (
        "bounces@far.test",
        "carol@far.test",
        "info@example.org",
    )
    assert (event.client, event.client_name, event.tls) == ("192.0.2.7", "mx.far.test", True)
    assert event.authentication == "spf=softfail dkim=pass dmarc=fail arc=none"


def test_a_redirection_among_ourselves_is_in_the_log_of_who_redirects() -> None:
    """LOG-08: redirected."""
    bob = Deliver(AccountId(2), "bob@example.org", by="info@example.org")
    received, redirected = Story(arrived(bob)).delivered(bob, Filed())
    assert (received.address, received.status) == ("bob@example.org", Status.RECEIVED)
    assert (redirected.address, redirected.status) == ("info@example.org", Status.REDIRECTED)
    assert redirected.target == "bob@example.org"


def test_what_one_of_ours_submitted_is_in_both_logs() -> None:
    """LOG-02."""
    received, sent = Story(arrived(ALICE, submitter="dave@example.org")).delivered(ALICE, Filed())
    assert (received.address, received.direction) == ("alice@example.org", Direction.RECEIVED)
    assert (sent.address, sent.direction, sent.status) == ("dave@example.org", Direction.SENT, Status.SENT)
