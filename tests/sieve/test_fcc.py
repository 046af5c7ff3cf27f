# SPDX-License-Identifier: GPL-3.0-or-later
"""Copies of what scripts send (RFC 8580)."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import pytest

from sieve import Delivery, Message, Services, SieveRuntimeError, SieveSyntaxError, compile
from tests.sieve.acting import LUNCH, Actuator, Clock, Memory, act


def test_a_copy_of_an_answer() -> None:
    # RFC 8580, 5
    actuator, _ = act(
        """require ["vacation", "fcc", "mailbox", "special-use", "imap4flags"];
        vacation :days 7
                 :from "hemingway@example.com"
                 :specialuse "\\\\Sent" :create
                 :fcc "INBOX.Sent" :flags ["\\\\Seen"]
                 "Gone Fishin'";"""
    )
    copy = next(stored for stored in actuator.stored if stored.mailbox == "INBOX.Sent")
    assert copy.octets == actuator.sent[0].octets
    assert (tuple(copy.flags), copy.create) == (("\\Seen",), True)


def test_a_copy_of_a_notification() -> None:
    # RFC 8580, 6
    actuator, _ = act(
        """require ["enotify", "fcc"];
        notify :fcc "INBOX.Sent" :message "You got mail!" "mailto:ken@example.com";"""
    )
    copy = actuator.stored[0]
    assert (copy.mailbox, copy.octets) == ("INBOX.Sent", actuator.sent[0].octets)


def test_a_copy_where_the_method_has_copies() -> None:
    # RFC 8580, 6.1
    actuator, _ = act(
        """require ["enotify", "fcc"];
        if notify_method_capability "xmpp:" "fcc" "yes" {
            notify :fcc "INBOX.Sent" :message "You got mail" "xmpp:ken@example.com?message;subject=SIEVE";
        } else {
            notify :fcc "INBOX.Sent" :message "You got mail!" "mailto:ken@example.com";
        }"""
    )
    assert actuator.mailboxes == ["INBOX.Sent", "INBOX"]


@pytest.mark.parametrize(
    ("option", "mailbox"),
    [(':mailboxid "F6352ae03"', "By id"), (':mailboxid "F0"', "Sent"), (':specialuse "\\\\Sent"', "By use")],
)
def test_a_copy_into_a_mailbox_by_its_identifier_or_use(option: str, mailbox: str) -> None:
    # RFC 9042, 5 and RFC 8580, 3.1.3
    mailboxes: Any = SimpleNamespace(
        by_id={"F6352ae03": "By id"}.get, special_use={"\\Sent": "By use"}.get, metadata=lambda mailbox, entry: None
    )
    extensions = '["enotify", "fcc", "mailboxid", "special-use"]'
    script = f'require {extensions}; notify :fcc "Sent" {option} "mailto:ken@example.com";'
    assert act(script, services=Services(mailboxes=mailboxes))[0].mailboxes == [mailbox, "INBOX"]


def test_what_is_not_sent_is_not_copied() -> None:
    services = Services(responses=Memory(), clock=Clock())
    script = 'require ["vacation", "fcc"]; vacation :fcc "Sent" "Hi";'
    assert [act(script, services=services)[0].mailboxes for _ in range(2)] == [["Sent", "INBOX"], ["INBOX"]]


def test_a_copy_that_finds_no_room_does_not_keep_the_answer_from_going() -> None:
    actuator, result = act('require ["vacation", "fcc"]; vacation :fcc "Sent" "Hi";', actuator=Actuator(full=["Sent"]))
    assert (len(actuator.sent), actuator.mailboxes, len(result.errors)) == (1, ["INBOX"], 1)


def test_a_method_that_has_no_copies() -> None:
    # RFC 8580, 6
    services = Services(notify={"tel": lambda action, delivery: None})
    delivery = Delivery(Message(LUNCH), services=services)
    with pytest.raises(SieveRuntimeError, match="no copy"):
        compile('require ["enotify", "fcc"]; notify :fcc "Sent" "tel:+14085551212";').run(delivery)


@pytest.mark.parametrize(
    ("script", "problem"),
    [
        ('require "vacation"; vacation :fcc "Sent" "Hi";', 'require "fcc"'),
        ('require ["vacation", "fcc"]; vacation :create "Hi";', ":create needs :fcc beside it"),
        ('require ["vacation", "fcc"]; vacation :fcc "Sent" :create "Hi";', 'require "mailbox"'),
        ('require ["enotify", "fcc"]; notify :fcc "Sent" :flags "a" "mailto:a@x.org";', 'require "imap4flags"'),
        (
            'require ["vacation", "fcc", "mailboxid", "special-use"];'
            ' vacation :fcc "Sent" :mailboxid "F1" :specialuse "\\\\Sent" "Hi";',
            ":mailboxid cannot stand beside :specialuse",
        ),
        ('require ["fileinto", "fcc"]; fileinto :fcc "Sent" "A";', "fileinto has no argument :fcc"),
    ],
)
def test_what_cannot_stand_beside_a_copy(script: str, problem: str) -> None:
    with pytest.raises(SieveSyntaxError, match=problem):
        compile(script)
