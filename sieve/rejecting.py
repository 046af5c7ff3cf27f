# SPDX-License-Identifier: GPL-3.0-or-later
"""The letter that goes back with a message that is refused too late for the dialogue of SMTP (RFC 5429, 2)."""

from __future__ import annotations

import re

from sieve.actions import Reject
from sieve.answerable import is_spam, owners
from sieve.composing import Entity, Mailbox, folded, message, multipart, people, plain, readable, unstructured
from sieve.delivery import Delivery
from sieve.header import split
from sieve.message import Message

_WHOLE = 65_536
_XTEXT = re.compile(r"\+([0-9A-F]{2})")
_REFUSED = """\
Your message was refused by the recipient's mail filtering program.
The reason given was as follows:

"""


def rejection(action: Reject, delivery: Delivery) -> bytes:
    """A disposition notification for reject (RFC 5429, 2.2.1), a delivery report for ereject (RFC 5429, 2.1.2)."""
    owner = next(iter(owners(delivery)), "")
    domain = owner.rpartition("@")[2] or "localhost"
    host = delivery.environment.get("host") or domain
    report = _delivery(delivery, owner, host) if action.extended else _disposition(delivery, owner, host)
    kind = "delivery-status" if action.extended else "disposition-notification"
    # RFC 5429, 2.4: edits do not count.
    received = Message(delivery.message.original)
    subject = next(iter(received.headers("subject")), "")
    header = [
        people("From", [Mailbox("Mail filter", owner or f"postmaster@{domain}")]),
        people("To", [Mailbox("", delivery.envelope.sender or "")]),
        unstructured("Subject", f"Rejected: {readable(subject)[:256]}".removesuffix(": ")),
        "Auto-Submitted: auto-replied",
    ]
    body = multipart(
        f"report; report-type={kind}",
        [plain(_REFUSED + action.reason), report, _original(delivery)],
    )
    return message(header, body, delivery.services.clock.now(), domain)


def letter_goes(action: Reject, delivery: Delivery) -> bool:
    """Never to the null sender (RFC 5429, 2.2.1), for spam (RFC 5429, 1), nor as an unwanted report (RFC 3461, 4.1)."""
    notify = delivery.envelope.notify
    unwanted = action.extended and notify is not None and "FAILURE" not in notify.upper()
    return bool(delivery.envelope.sender) and not unwanted and not is_spam(delivery.message)


def reply_text(action: Reject) -> str | None:
    """What may be said in the dialogue of SMTP; None for a reason that only a letter can carry.

    RFC 5429, 2.1.1: an ereject gives up its text. RFC 5429, 2.2: a reject does not.
    """
    if action.reason.isascii():
        return action.reason
    return "The recipient's mail filter refuses this message." if action.extended else None


def _disposition(delivery: Delivery, owner: str, host: str) -> Entity:
    """RFC 8098, 3.1, with the disposition of RFC 5429, 2.2.1."""
    fields = [
        f"Reporting-UA: {host}; Sieve",
        *_recipients(delivery, owner),
        *_identifier(delivery),
        "Disposition: automatic-action/MDN-sent-automatically; deleted",
    ]
    return _fields("disposition-notification", fields)


def _delivery(delivery: Delivery, owner: str, host: str) -> Entity:
    """RFC 3464, 2.1: fields of the message, and those of its one recipient."""
    envid = delivery.envelope.envid
    fields = [
        *([f"Original-Envelope-Id: {_without_xtext(envid)}"] if envid else []),
        f"Reporting-MTA: dns; {host}",
        "",
        *_recipients(delivery, owner),
        "Action: failed",
        # RFC 5429, 2.5 recommends this code.
        "Status: 5.7.1",
        "Diagnostic-Code: smtp; 550 5.7.1 refused by the recipient's mail filter",
    ]
    return _fields("delivery-status", fields)


def _fields(kind: str, fields: list[str]) -> Entity:
    octets = "\r\n".join([*map(folded, fields), ""]).encode()
    # RFC 6533, 3 and 4: addresses in UTF-8 need the global form.
    return Entity([f"Content-Type: message/{'' if octets.isascii() else 'global-'}{kind}"], octets)


def _recipients(delivery: Delivery, owner: str) -> list[str]:
    # RFC 3464, 2.3.1: as the client gave it, with its type before it.
    original = delivery.envelope.orcpt
    fields = [f"Original-Recipient: {_without_xtext(original)}"] if original else []
    return [*fields, f"Final-Recipient: {_typed(delivery.envelope.recipient or owner)}"]


def _without_xtext(text: str) -> str:
    """RFC 3461, 4."""
    return readable(_XTEXT.sub(lambda found: chr(int(found[1], 16)), text))


def _typed(address: str) -> str:
    return f"{'rfc822' if address.isascii() else 'utf-8'}; {address}"


def _identifier(delivery: Delivery) -> list[str]:
    return [f"Original-Message-ID: {readable(value)}" for value in delivery.message.headers("message-id")[:1]]


def _original(delivery: Delivery) -> Entity:
    """RFC 5429, 2.4: as it was received. All of it, unless it is long or its sender wants the header only."""
    octets = delivery.message.original
    header = split(octets)[0]
    if delivery.message.size > _WHOLE or (delivery.envelope.ret or "").upper() == "HDRS":
        kind = "text/rfc822-headers" if header.isascii() else "message/global-headers"
        return Entity([f"Content-Type: {kind}", *_eight(header)], header)
    kind = "message/rfc822" if header.isascii() else "message/global"
    return Entity([f"Content-Type: {kind}", *_eight(octets)], octets)


def _eight(octets: bytes) -> list[str]:
    return [] if octets.isascii() else ["Content-Transfer-Encoding: 8bit"]
