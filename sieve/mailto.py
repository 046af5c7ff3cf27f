# SPDX-License-Identifier: GPL-3.0-or-later
"""URIs of mail (RFC 2368), as notifications use them (RFC 5436)."""

from __future__ import annotations

import re
from collections.abc import Collection, Sequence
from dataclasses import dataclass, replace
from urllib.parse import unquote_to_bytes

from sieve.composing import mailbox_list

SCHEME = "mailto"
MAX_RECIPIENTS = 8
MAX_FIELDS = 16
_URI = re.compile(r"(?:[A-Za-z0-9!$'()*+,\-./:;@_~&=]|%[0-9A-Fa-f]{2})*")
_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9-]*")
# RFC 5436, 2.7: unsafe, or of each new message its own; the last four are not a URI's to choose either.
_IGNORED = frozenset(
    ["auto-submitted", "date", "from", "message-id", "received", "bcc", "mime-version", "return-path", "sender"]
)
_IGNORED_BEGINNINGS = ("content-", "resent-", "dkim-", "arc-", "x-sieve-")


@dataclass(frozen=True, slots=True)
class Mailto:
    """`fields` are the others, by names as they are written in mail; None where the URI does not say."""

    to: tuple[str, ...] = ()
    cc: tuple[str, ...] = ()
    subject: str | None = None
    body: str | None = None
    fields: tuple[tuple[str, str], ...] = ()

    @property
    def recipients(self) -> tuple[str, ...]:
        return (*self.to, *self.cc)

    def without(self, others: Collection[str]) -> Mailto:
        """Each recipient once, and none of the others, which are in lower case."""
        known = set(others)
        to = _unknown(self.to, known)
        return replace(self, to=to, cc=_unknown(self.cc, known))


class MailtoError(ValueError):
    """The text says what is wrong with a URI."""


def parse(uri: str) -> Mailto:
    """Raises MailtoError."""
    scheme, colon, rest = uri.partition(":")
    if scheme.lower() != SCHEME or not colon:
        raise MailtoError(f"{uri!r} does not begin with mailto:")
    path, _, query = rest.partition("?")
    if not _URI.fullmatch(path) or not _URI.fullmatch(query):
        raise MailtoError(f"{uri!r} is no URI: there are characters in it that must be written as %..")
    read = _Reading(_addresses(path))
    for part in query.split("&") if query else ():
        read.field(part)
    return read.mailto()


class _Reading:
    """The fields of one URI."""

    def __init__(self, to: list[str]) -> None:
        self._to = to
        self._cc: list[str] = []
        self._texts: dict[str, str] = {}
        self._others: list[tuple[str, str]] = []

    def field(self, part: str) -> None:
        name, equals, value = part.partition("=")
        name = _decoded(name).lower()
        if not equals or not _NAME.fullmatch(name):
            raise MailtoError(f"{part!r} names no header field")
        match name:
            case "to":
                self._to += _addresses(value)
            case "cc":
                self._cc += _addresses(value)
            case "subject" | "body":
                self._texts[name] = _decoded(value)
            case _ if name not in _IGNORED and not name.startswith(_IGNORED_BEGINNINGS):
                self._others.append((name.capitalize(), _decoded(value)))

    def mailto(self) -> Mailto:
        subject, body = self._texts.get("subject"), self._texts.get("body")
        found = Mailto(tuple(self._to), tuple(self._cc), subject, body, tuple(self._others)).without(())
        if len(found.recipients) > MAX_RECIPIENTS:
            raise MailtoError(f"a notification has at most {MAX_RECIPIENTS} recipients")
        if len(found.fields) > MAX_FIELDS:
            raise MailtoError(f"a notification has at most {MAX_FIELDS} header fields of a URI")
        return found


def _addresses(text: str) -> list[str]:
    """A list as in a header field, with or without names (RFC 2368, 2)."""
    listed = _decoded(text).strip()
    found = mailbox_list(listed)
    if listed and not found:
        raise MailtoError(f"{listed!r} is no list of addresses")
    return [mailbox.address for mailbox in found]


def _unknown(addresses: Sequence[str], known: set[str]) -> tuple[str, ...]:
    """Those that are not known yet; now they are."""
    found = []
    for address in addresses:
        if address.lower() not in known:
            known.add(address.lower())
            found.append(address)
    return tuple(found)


def _decoded(text: str) -> str:
    return unquote_to_bytes(text).decode("utf-8", "replace")
