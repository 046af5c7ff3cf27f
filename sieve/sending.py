# SPDX-License-Identifier: GPL-3.0-or-later
"""What leaves because of a script: mail sent on, answers and notifications, each safe from loops."""

from __future__ import annotations

import json
import re
from hashlib import sha256
from typing import NamedTuple

from sieve.actions import Redirect, Vacation
from sieve.answerable import addressed, is_spam, owners, why_unanswered
from sieve.composing import Mailbox, folded, mailbox_list, message, mime, people, plain, readable, unstructured
from sieve.delivery import Delivery
from sieve.message import Message

TRACE = "X-Sieve-Redirected-From"
"""Tells who sent a message on; Pigeonhole knows it too."""
DAY = 86_400
_MESSAGE_ID = re.compile(r"<[!-;=?-~]+>")
_PLACE_OF_SUBJECT = re.compile(r"%\$|%\{subject\}")
_REFERENCES = 20
_SUBJECT = 256


class Reply(NamedTuple):
    """An answer. `key` is what must not have been answered yet."""

    sender: str | None
    recipient: str
    message: bytes
    key: str


def redirected(action: Redirect, delivery: Delivery) -> tuple[str | None, bytes]:
    """The envelope sender, and the message with its trace on top."""
    octets = (action.message or delivery.message).bytes()
    mine = owners(delivery)
    # RFC 6785, 3.4: the owner sends on what is in the mailbox.
    default = mine[0] if delivery.event and mine else delivery.envelope.sender
    sender = envelope_sender(delivery.settings.redirect_envelope_from, delivery, default)
    return sender, (b"%b: %b\r\n" % (TRACE.encode(), mine[0].encode()) if mine else b"") + octets


def why_not_redirected(action: Redirect, delivery: Delivery) -> str | None:
    """Why it would loop or do harm; None when it may go."""
    # Whatever a script has edited, the trace counts as it came.
    received = Message(delivery.message.original)
    mine = {address.lower() for address in owners(delivery)}
    if any(value.lower() in mine for value in received.headers(TRACE)):
        return "it has been sent on from here before"
    if len(received.headers("received")) > delivery.settings.redirect_max_received:
        return "it goes in circles"
    return "it is spam" if is_spam(delivery.message) else None


def redirect_key(action: Redirect, delivery: Delivery) -> str | None:
    """By what the same message to the same address is known; None for a message without an identifier."""
    identifiers = delivery.message.headers("message-id")
    return f"redirect:{_digest([identifiers[0], action.address.lower()])}" if identifiers else None


def vacation_reply(action: Vacation, delivery: Delivery) -> Reply | None:
    """RFC 5230, 5; None when this message is not to be answered."""
    sender, mine = delivery.envelope.sender, addressed(action, delivery)
    if sender is None or mine is None or why_unanswered(action, delivery) is not None:
        return None
    original = action.message or delivery.message
    header = [
        people("From", authors_of(action.from_, delivery) or [Mailbox("", mine)]),
        people("To", [_to(original, delivery, sender)]),
        unstructured("Subject", _subject(action, original, delivery)),
        *_thread(original),
        # RFC 3834, 5: nobody answers this by a machine.
        "Auto-Submitted: auto-replied",
    ]
    entity = mime(action.reason) if action.mime else plain(action.reason)
    octets = message(header, entity, delivery.services.clock.now(), mine.rpartition("@")[2])
    # RFC 5230, 5.1: the null sender, so that nothing comes back.
    from_ = mine if delivery.settings.vacation_send_from_recipient else None
    return Reply(from_, sender, octets, _response_key(action, sender))


def authors_of(text: str | None, delivery: Delivery) -> list[Mailbox]:
    """Whom `:from` names, [] for nobody or for somebody whose name is not the script's to use (RFC 5435, 3.3)."""
    allowed = delivery.settings.may_write_as
    found = mailbox_list(text) if text else []
    if allowed is not None and any(mailbox.address.lower() not in allowed for mailbox in found):
        return []
    return found


def _to(original: Message, delivery: Delivery, sender: str) -> Mailbox:
    """RFC 5230, 5.5; an operator may prefer what the header calls the sender. Never its name, a stranger's text."""
    if delivery.settings.vacation_to_header_ignore_envelope:
        for name in ("sender", "resent-from", "from"):
            for value in original.header.undecoded(name):
                if found := mailbox_list(value):
                    return Mailbox("", found[0].address)
    return Mailbox("", sender)


def _subject(action: Vacation, original: Message, delivery: Delivery) -> str:
    """RFC 5230, 5.3."""
    if action.subject is not None:
        return action.subject
    subjects = original.headers("subject")
    if not subjects:
        return delivery.settings.vacation_default_subject
    subject = readable(subjects[0])[:_SUBJECT]
    return _PLACE_OF_SUBJECT.sub(lambda _: subject, delivery.settings.vacation_subject_template)


def _thread(original: Message) -> list[str]:
    """RFC 5322, 3.6.4: what this message answers, and all that was before it."""
    own = _identifiers(original, "message-id")[:1]
    if not own:
        return []
    before = _identifiers(original, "references")
    if not before:
        answered = _identifiers(original, "in-reply-to")
        before = answered if len(answered) == 1 else []
    # The first one names the thread; of a long one the rest may be missing.
    known = [*before[:1], *before[1:][-_REFERENCES:]]
    return [folded(f"In-Reply-To: {own[0]}"), folded(f"References: {' '.join([*known, *own])}")]


def _identifiers(original: Message, name: str) -> list[str]:
    return [found for value in original.headers(name) for found in _MESSAGE_ID.findall(value)]


def _response_key(action: Vacation, sender: str) -> str:
    """RFC 5230, 4.2: which answer it is, and to whom."""
    written = action.identity or [action.handle, action.reason, action.subject, action.from_, action.mime]
    return _digest([written, sender.lower()])


def _digest(what: object) -> str:
    return sha256(json.dumps(what).encode()).hexdigest()


def envelope_sender(wish: str | None, delivery: Delivery, otherwise: str | None) -> str | None:
    """An envelope sender as an operator wants it; that of a message from the null sender stays null."""
    envelope, user = delivery.envelope, delivery.settings.user_email
    if not envelope.sender:
        return None
    if wish is None:
        return otherwise
    known = {
        "sender": envelope.sender,
        "recipient": envelope.recipient or user,
        "orig_recipient": envelope.original_recipient or envelope.recipient,
        "user_email": user or envelope.recipient,
        "postmaster": f"postmaster@{(owners(delivery) or ['localhost'])[0].rpartition('@')[2]}",
    }
    return known[wish] if wish in known else wish.strip("<>") or None
