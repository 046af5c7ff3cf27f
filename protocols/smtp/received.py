# SPDX-License-Identifier: GPL-3.0-or-later
"""Trace fields (RFC 5321, 4.4) and what is asked of a message's header at acceptance."""

from __future__ import annotations

import re
import secrets
from datetime import UTC, datetime
from email.utils import format_datetime
from functools import lru_cache
from ipaddress import ip_address
from typing import NamedTuple

MAX_HOPS = 50
"""RFC 5321, 6.3 counts Received fields to find a loop and suggests 100; 50 is what the world has settled on."""

_UNFIT = re.compile(r"[^!-'*-\[\]-~]")
_FIELD_DATE = re.compile(rb"(?:^|\n)date[ \t]*:", re.IGNORECASE)
_FIELD_MESSAGE_ID = re.compile(rb"(?:^|\n)message-id[ \t]*:", re.IGNORECASE)
_DELIVERED_TO = re.compile(rb"(?:^|\n)delivered-to:[ \t]*([^\r\n]*)", re.IGNORECASE)
_FIELD_NAME = re.compile(rb"[!-9;-~]+[ \t]*:")


class Hop(NamedTuple):
    """One passage: what the client called itself and where it came from, who we are, how and when it came."""

    hello: str
    peer: str
    host: str
    protocol: str
    id: str
    recipient: str
    seconds: float


def received(hop: Hop) -> bytes:
    """The Received field, CRLF included. `recipient` is "" when there are several: no recipient sees the others."""
    wanted = f"\r\n\tfor <{hop.recipient}>" if hop.recipient else ""
    return (
        f"Received: from {_UNFIT.sub('?', hop.hello)} ({_literal(hop.peer)})\r\n"
        f"\tby {hop.host} with {hop.protocol} id {hop.id}{wanted};\r\n"
        f"\t{_date(int(hop.seconds))}\r\n"
    ).encode()


def return_path(sender: str) -> bytes:
    """Added at final delivery and nowhere else (RFC 5321, 4.4)."""
    return f"Return-Path: <{sender}>\r\n".encode()


def header_of(data: bytes) -> bytes:
    """The header block at the start of a message, its last line end included; b"" when it starts with the body."""
    if data.startswith(b"\r\n"):
        return b""
    end = data.find(b"\r\n\r\n")
    return data if end < 0 else data[: end + 2]


def hops(header: bytes) -> int:
    return (b"\n" + header.lower()).count(b"\nreceived:")


def delivered_to(address: str) -> bytes:
    """The field by which an address that redirects a message knows it when it comes back."""
    return b"Delivered-To: " + _stamp(address) + b"\r\n"


def came_by(header: bytes, address: str) -> bool:
    """Whether an address has redirected the message before."""
    return _stamp(address) in _redirectors(header)


def comes_back(header: bytes) -> bool:
    """Whether the address that redirects it now, whose field is on top, has done so before."""
    if not header.startswith(b"Delivered-To:"):
        return False
    now, *before = _redirectors(header)
    return now in before


def _stamp(address: str) -> bytes:
    """In ASCII, whatever the address, for the message may go where nothing else is taken."""
    return address.lower().encode("ascii", "backslashreplace")


def _redirectors(header: bytes) -> list[bytes]:
    return [value.strip().lower() for value in _DELIVERED_TO.findall(header)]


def completion(data: bytes, host: str, seconds: float) -> bytes:
    """What a submitted message lacks (RFC 6409, 8.2 and 8.3): Date and Message-ID, and the empty line that parts its
    header from its body when it has no header at all."""
    header = header_of(data)
    date = b"" if _FIELD_DATE.search(header) else f"Date: {_date(int(seconds))}\r\n".encode()
    unique = secrets.token_urlsafe(18)
    message_id = b"" if _FIELD_MESSAGE_ID.search(header) else f"Message-ID: <{unique}@{host}>\r\n".encode()
    gap = b"" if _FIELD_NAME.match(data) or data.startswith(b"\r\n") else b"\r\n"
    return date + message_id + gap


@lru_cache(maxsize=4)
def _date(seconds: int) -> str:
    return format_datetime(datetime.fromtimestamp(seconds, UTC))


@lru_cache(maxsize=256)
def _literal(peer: str) -> str:
    """RFC 5321, 4.1.3; a peer without an IP address (a Unix socket) is told as it is."""
    try:
        address = ip_address(peer)
    except ValueError:
        return _UNFIT.sub("?", peer) or "local"
    return f"[IPv6:{address}]" if address.version == 6 else f"[{address}]"
