# SPDX-License-Identifier: GPL-3.0-or-later
"""Adds a set to an ARC chain (RFC 8617, 5.1): what we found, and our word that we passed it on like this."""

from __future__ import annotations

from collections.abc import Sequence

from protocols.dkim.arc import MAX_SETS, Chain
from protocols.dkim.canonical import relaxed_field
from protocols.dkim.privatekey import SigningKey
from protocols.dkim.signature import Field
from protocols.dkim.signing import names_to_sign, signature_field, signed_field
from protocols.dkim.verification import Message


def seal(message: Message, chain: Chain | None, results: bytes, key: SigningKey, now: int) -> bytes:
    """The three fields of the next set, to be put in front; b"" when the chain is as long as it may be.

    `chain` must have been found valid, or there is none. `results` is the value of our Authentication-Results, with its
    line end; `now` in seconds since the epoch.
    """
    covered = [] if chain is None else list(chain.covered)
    instance = len(covered) // 3 + 1
    if instance > MAX_SETS:
        return b""
    found = f"ARC-Authentication-Results: i={instance};".encode() + results
    head = f"ARC-Message-Signature: i={instance}; a={key.algorithm}; c=relaxed/relaxed;"
    head += f"\r\n\td={key.domain}; s={key.selector}; t={now};"
    signature = signature_field(head, message, _names(message.fields), key)
    begun = f"ARC-Seal: i={instance}; a={key.algorithm}; cv={'pass' if chain else 'none'};"
    begun += f"\r\n\td={key.domain}; s={key.selector}; t={now};\r\n\tb="
    before = b"".join(map(relaxed_field, [*covered, found, signature]))
    return signed_field(begun.encode(), before, key) + signature + found


def _names(fields: Sequence[Field]) -> list[bytes]:
    """RFC 8617, 4.1.2: what DKIM signs, and the author's signatures themselves."""
    return [*names_to_sign(fields), *(name for name, _ in fields if name == b"dkim-signature")]
