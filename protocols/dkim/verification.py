# SPDX-License-Identifier: GPL-3.0-or-later
"""Does a signature hold? Header fields and body hashes of one message, and keys by name, are given."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from mmap import mmap

from protocols.dkim.canonical import BodyForm
from protocols.dkim.errors import Unusable
from protocols.dkim.key import Key
from protocols.dkim.signature import Field, Signature

WINDOW = 256 * 1024


class Message:
    """The fields of a message, and its body `data[start:end]`, which is hashed once a form."""

    def __init__(self, fields: Sequence[Field], data: bytes | mmap, start: int, end: int) -> None:
        self.fields = fields
        self._data = data
        self._start = start
        self._end = end
        self._hashes: dict[tuple[bool, int | None], bytes] = {}

    def body_hash(self, *, relaxed: bool, limit: int | None) -> bytes:
        """SHA-256 of the canonical body."""
        key = (relaxed, limit)
        if key not in self._hashes:
            digest = hashlib.sha256()
            form = BodyForm(digest.update, relaxed=relaxed, limit=limit)
            for at in range(self._start, self._end, WINDOW):
                form.feed(self._data[at : min(at + WINDOW, self._end)])
            form.finish()
            self._hashes[key] = digest.digest()
        return self._hashes[key]

    def covers_body(self, limit: int | None, *, relaxed: bool) -> bool:
        """False when l= leaves out an end of the body that is more than nothing."""
        return limit is None or self.body_hash(relaxed=relaxed, limit=None) == self.body_hash(
            relaxed=relaxed, limit=limit
        )


def verify(message: Message, signature: Signature, key: Key) -> str:
    """ "" when it holds, else what does not (RFC 6376, 6.1.3). Raises Unusable."""
    if key.exact and signature.identity.rpartition("@")[2].lower() not in ("", signature.domain):
        raise Unusable("i= is not the domain of d=")
    if message.body_hash(relaxed=signature.relaxed_body, limit=signature.limit) != signature.body_hash:
        return "body hash did not verify"
    if not key.verifies(signature.algorithm, signature.signed(message.fields), signature.signature):
        return "signature did not verify"
    return ""
