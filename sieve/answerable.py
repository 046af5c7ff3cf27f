# SPDX-License-Identifier: GPL-3.0-or-later
"""Whether a machine may answer a message (RFC 5230, 4.5 and 4.6; RFC 3834, 2), or send it on."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from sieve.actions import Vacation
from sieve.addresses import addresses, is_address, split_detail
from sieve.delivery import Delivery
from sieve.message import Message

_ROBOT = re.compile(
    r"mailer-daemon|listserv|majordomo|(?:no|do[-_.]?not)[-_.]?reply|owner-.*|.*-request|(?:.*-)?bounces?(?:[-+].*)?"
)
_TO_PEOPLE = ("to", "cc", "bcc", "resent-to", "resent-cc", "resent-bcc")
_OF_LISTS = (
    "list-id",
    "list-help",
    "list-subscribe",
    "list-unsubscribe",
    "list-post",
    "list-owner",
    "list-archive",
)
_SUPPRESSES = re.compile(r"\b(?:all|oof|autoreply)\b", re.IGNORECASE)
_COMMENT = re.compile(r"\([^()]*\)")


def owners(delivery: Delivery, more: Sequence[str] = ()) -> list[str]:
    """The addresses of whom the script belongs to, the one to which this message came first."""
    envelope, settings = delivery.envelope, delivery.settings
    original = envelope.original_recipient if settings.vacation_use_original_recipient else None
    return [address for address in (envelope.recipient, original, settings.user_email, *more) if address]


def addressed(action: Vacation, delivery: Delivery) -> str | None:
    """The owner's address that the message names, which is also the best to answer from; None when it names none."""
    delimiter = delivery.settings.recipient_delimiter
    mine = owners(delivery, action.addresses)
    if not delivery.settings.vacation_check_recipient:
        return mine[0] if mine else None
    message = action.message or delivery.message
    named = {_without_detail(address, delimiter) for address in _named(message)}
    return next((address for address in mine if _without_detail(address, delimiter) in named), None)


def why_unanswered(action: Vacation, delivery: Delivery) -> str | None:
    """Why nobody gets an answer; None when the sender gets one."""
    sender, delimiter = delivery.envelope.sender, delivery.settings.recipient_delimiter
    message = action.message or delivery.message
    if not sender or not is_address(sender):
        return "it came from no address"
    if _ROBOT.fullmatch(sender.rpartition("@")[0].lower()):
        return "its sender is no person"
    if _without_detail(sender, delimiter) in {
        _without_detail(mine, delimiter) for mine in owners(delivery, action.addresses)
    }:
        return "it came from the owner"
    if is_spam(message):
        return "it is spam"
    if addressed(action, delivery) is None:
        return "it names no address of the owner"
    return _why_automatic(message)


def is_automatic(message: Message) -> bool:
    """RFC 3834, 5: a machine has written it, and says so."""
    return any(
        _COMMENT.sub("", value).partition(";")[0].strip().lower() != "no" for value in message.headers("auto-submitted")
    )


def is_spam(message: Message) -> bool:
    """Has the filter before us called it so?"""
    return any(value.lower().startswith("yes") for value in message.headers("x-spam-flag"))


def _why_automatic(message: Message) -> str | None:
    if any(message.headers(name) for name in _OF_LISTS):
        return "it came through a list"
    if any(value.lower() in ("bulk", "list", "junk") for value in message.headers("precedence")):
        return "it went to many"
    if is_automatic(message):
        return "a machine has written it"
    if any(_SUPPRESSES.search(value) for value in message.headers("x-auto-response-suppress")):
        return "its sender wants no answers of machines"
    return None


def _named(message: Message) -> Iterator[str]:
    for name in _TO_PEOPLE:
        # Not decoded: what an encoded word says is somebody's name and no address (RFC 2047, 5).
        for value in message.header.undecoded(name):
            yield from addresses(value)


def _without_detail(address: str, delimiter: str) -> str:
    """RFC 5233, 4: what stands behind the delimiter is for the owner's own use."""
    local, _, domain = address.lower().rpartition("@")
    return f"{split_detail(local, delimiter)[0]}@{domain}"
