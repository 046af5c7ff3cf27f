# SPDX-License-Identifier: GPL-3.0-or-later
"""Writes DKIM-Signature fields (RFC 6376, 5), in relaxed form, for header and body."""

from __future__ import annotations

import base64
from collections import Counter
from collections.abc import Sequence

from protocols.dkim.canonical import relaxed_field
from protocols.dkim.privatekey import SigningKey
from protocols.dkim.signature import Field, selected
from protocols.dkim.verification import Message

WIDTH = 72
NAMES = 3
"""Of h= on a line: the longest fit."""

SEALED = (
    b"from",
    b"sender",
    b"reply-to",
    b"to",
    b"cc",
    b"subject",
    b"date",
    b"message-id",
    b"mime-version",
    b"content-type",
    b"content-transfer-encoding",
)
"""What people see, or what decides how they see it. These are named once more than they are there: nobody can add one
to a signed message and have it shown instead (RFC 6376, 8.15)."""
SIGNED = (
    b"in-reply-to",
    b"references",
    b"auto-submitted",
    b"list-id",
    b"list-post",
    b"list-unsubscribe",
    b"list-unsubscribe-post",
    b"tls-report-domain",
    b"tls-report-submitter",
)
"""What is signed where it is there, and may be added by lists (RFC 6376, 5.4.1)."""


def sign(message: Message, key: SigningKey, now: int) -> bytes:
    """The whole field, to be put in front; `now` in seconds since the epoch."""
    head = f"DKIM-Signature: v=1; a={key.algorithm}; c=relaxed/relaxed; d={key.domain};\r\n\ts={key.selector}; t={now};"
    return signature_field(head, message, names_to_sign(message.fields), key)


def signature_field(head: str, message: Message, names: Sequence[bytes], key: SigningKey) -> bytes:
    """`head` is the field up to the tags h=, bh= and b=."""
    hashed = base64.b64encode(message.body_hash(relaxed=True, limit=None)).decode()
    lines = [b": ".join(names[at : at + NAMES]).decode() for at in range(0, len(names), NAMES)]
    field = f"{head}\r\n\th={_folded(lines, ':')};\r\n\tbh={hashed};\r\n\tb=".encode()
    return signed_field(field, b"".join(map(relaxed_field, selected(message.fields, names))), key)


def signed_field(field: bytes, before: bytes, key: SigningKey) -> bytes:
    """A field that ends in an empty b=, with the signature of `before` and itself (RFC 6376, 3.7)."""
    signature = base64.b64encode(key.sign(before + relaxed_field(field).removesuffix(b"\r\n"))).decode()
    lines = [signature[at : at + WIDTH] for at in range(0, len(signature), WIDTH)]
    return field + _folded(lines).encode() + b"\r\n"


def _folded(lines: Sequence[str], end: str = "") -> str:
    return f"{end}\r\n\t ".join(lines)


def names_to_sign(fields: Sequence[Field]) -> list[bytes]:
    """The value of h= for a message."""
    there = Counter(name for name, _ in fields)
    sealed = [name for name in SEALED for _ in range(there[name] + 1)]
    return sealed + [name for name in SIGNED for _ in range(there[name])]
