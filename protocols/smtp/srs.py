# SPDX-License-Identifier: GPL-3.0-or-later
"""Sender Rewriting Scheme: a redirected message goes on under an address of ours, so that SPF does not refuse it, and
a bounce to that address finds the way back. After Shevek's paper of 2004; there is no RFC.

    bob@far.test          by our.test     SRS0=5dj2kqv3=aq=far.test=bob@our.test
    SRS0=…=bob@other.test by our.test     SRS1=h4w7zgt2=other.test==…=bob@our.test
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import re
from dataclasses import dataclass

_FIRST = re.compile(r"srs0[=+-](.+)", re.IGNORECASE)
_AGAIN = re.compile(r"srs1[=+-][^=]+=([^=]+)=(.+)", re.IGNORECASE)
_OURS_FIRST = re.compile(r"srs0[=+-]([a-z2-7]{8})=([a-z2-7]{2})=([^=]+)=(.+)", re.IGNORECASE)
_OURS_AGAIN = re.compile(r"srs1[=+-]([a-z2-7]{8})=([^=]+)=(.+)", re.IGNORECASE)
_SYMBOLS = "abcdefghijklmnopqrstuvwxyz234567"
_DAYS = 1024
VALID_DAYS = 21
"""Bounces come within days: nobody gives up later than that."""


@dataclass(frozen=True, slots=True)
class Srs:
    """`key` is secret: who has it can make addresses that send mail through us to anybody."""

    key: bytes

    def onward(self, sender: str, domain: str, day: int) -> str:
        """The address in `domain` that stands for a sender; `day` counts days from anywhere, the same for `back`."""
        local, _, host = sender.rpartition("@")
        if again := _AGAIN.fullmatch(local):
            # Only the first and the last one to redirect stay in it.
            return self._again(again[1], again[2], domain)
        if first := _FIRST.fullmatch(local):
            return self._again(host, f"{local[4]}{first[1]}", domain)
        when = _SYMBOLS[day % _DAYS >> 5] + _SYMBOLS[day & 31]
        return f"SRS0={self._hash(when, host, local)}={when}={host}={local}@{domain}"

    def back(self, local: str, day: int) -> str | None:
        """What the local part of such an address stands for; None when it is not ours or too old."""
        if first := _OURS_FIRST.fullmatch(local):
            mark, when, host, original = first.groups()
            made = _SYMBOLS.index(when[0].lower()) << 5 | _SYMBOLS.index(when[1].lower())
            if (day - made) % _DAYS > VALID_DAYS or not self._is(mark, when, host, original):
                return None
            return f"{original}@{host}"
        if again := _OURS_AGAIN.fullmatch(local):
            mark, host, rest = again.groups()
            return f"SRS0{rest}@{host}" if self._is(mark, host, rest) else None
        return None

    def _again(self, host: str, rest: str, domain: str) -> str:
        return f"SRS1={self._hash(host, rest)}={host}={rest}@{domain}"

    def _is(self, mark: str, *parts: str) -> bool:
        return hmac.compare_digest(mark.lower(), self._hash(*parts))

    def _hash(self, *parts: str) -> str:
        """40 bits; without case, for some servers change it."""
        digest = hmac.digest(self.key, "\0".join(parts).lower().encode(), hashlib.sha256)
        return base64.b32encode(digest[:5]).decode().lower()


def is_rewritten(local: str) -> bool:
    """Whether a local part has the form of one."""
    return _FIRST.fullmatch(local) is not None or _AGAIN.fullmatch(local) is not None
