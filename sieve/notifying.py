# SPDX-License-Identifier: GPL-3.0-or-later
"""Notifications (RFC 5435): by mail here (RFC 5436), in other ways by whoever offers them."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from email.utils import quote
from typing import Any

from sieve.actions import Notify
from sieve.answerable import is_automatic, owners
from sieve.composing import Mailbox, message, people, plain, readable, unstructured
from sieve.delivery import Delivery
from sieve.mailto import SCHEME, Mailto, MailtoError, parse
from sieve.message import Message
from sieve.sending import authors_of, envelope_sender
from sieve.services import Services

_SCHEME = re.compile(r"[A-Za-z][A-Za-z0-9+.-]*")
_IMPORTANCE = {
    1: ("Importance: high", "X-Priority: 1 (Highest)"),
    2: ("Importance: normal", "X-Priority: 3 (Normal)"),
    3: ("Importance: low", "X-Priority: 5 (Lowest)"),
}

Notifier = Callable[[Notify, Delivery], Any]


def scheme(method: str) -> str:
    """Of a URI, in lower case; "" when it has none."""
    name, colon, _ = method.partition(":")
    return name.lower() if colon and _SCHEME.fullmatch(name) else ""


def what_is_wrong(method: str, services: Services) -> str | None:
    """Why nobody can be notified like this; None when one can (RFC 5435, 3.2 and 4)."""
    name = scheme(method)
    if name != SCHEME:
        return None if name in methods(services) else f"there is no way of notifying by {method!r}"
    try:
        parse(method)
    except MailtoError as error:
        return str(error)
    return None


def methods(services: Services) -> Mapping[str, Notifier]:
    """Those beside mailto, by scheme. The service may be the mapping, or have it."""
    return getattr(services.notify, "methods", services.notify) or {}


def notification(action: Notify, delivery: Delivery) -> list[tuple[str | None, list[str], bytes]]:
    """The messages to send: envelope sender, recipients, message (RFC 5436, 2.7). None of them for mail of machines."""
    original = action.message or delivery.message
    mailto = parse(action.method).without(_notified_before(action, delivery))
    authors = authors_of(action.from_, delivery) or [Mailbox("", mine) for mine in owners(delivery)]
    if not mailto.recipients or not authors or is_automatic(original):
        return []
    author = authors[0]
    owner = next(iter(owners(delivery)), author.address)
    header = [
        # RFC 5436, 2.7.1: above all other fields of trace, with somebody to complain to.
        f'Auto-Submitted: auto-notified; owner-email="{quote(owner)}"',
        people("From", [author]),
        *([people("To", [Mailbox("", address) for address in mailto.to])] if mailto.to else []),
        *([people("Cc", [Mailbox("", address) for address in mailto.cc])] if mailto.cc else []),
        unstructured("Subject", _subject(action, mailto, original)),
        *(unstructured(name, value) for name, value in mailto.fields),
        *_IMPORTANCE[action.importance],
    ]
    entity = plain(_excerpt(original) if mailto.body is None else mailto.body)
    octets = message(header, entity, delivery.services.clock.now(), author.address.rpartition("@")[2])
    sender = envelope_sender(delivery.settings.notify_envelope_from, delivery, author.address)
    return [(sender, list(mailto.recipients), octets)]


def _notified_before(action: Notify, delivery: Delivery) -> set[str]:
    """RFC 5436, 2.7: whom the same scripts have told the same already."""
    found: set[str] = set()
    for before in delivery.result.actions:
        if before is action:
            break
        if not isinstance(before, Notify) or scheme(before.method) != SCHEME:
            continue
        if before.message_text == action.message_text:
            found.update(address.lower() for address in parse(before.method).recipients)
    return found


def _subject(action: Notify, mailto: Mailto, original: Message) -> str:
    """RFC 5436, 2.7: of the action, the URI, the message, in this order."""
    for subject in (action.message_text, mailto.subject):
        if subject is not None:
            return subject
    return next(iter(original.headers("subject")), "")


def _excerpt(original: Message) -> str:
    """RFC 5435, 3.6: who has written, and about what."""
    values = [(name, readable(value)) for name in ("From", "Subject") for value in original.headers(name)[:1]]
    return "\n".join(f"{name}: {value}" for name, value in values)
