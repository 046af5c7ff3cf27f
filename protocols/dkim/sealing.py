# SPDX-License-Identifier: GPL-3.0-or-later
"""Adds a set to an ARC chain (RFC 8617, 5.1): what we found, and our word that we passed it on like this."""

from __future__ import annotations

from collections.abc import Sequence

from protocols.dkim.arc import MAX_SETS, Chain, has_ended, last_instance
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
    if chain is None:
        return _seal(message, 1, "none", [], results, key, now)
    return _seal(message, len(chain.seals) + 1, "pass", chain.covered, results, key, now)


def seal_failed(message: Message, results: bytes, key: SigningKey, now: int) -> bytes:
    """As `seal`, for a chain that does not hold: our set says so and covers only itself, for what a broken chain
    covers nobody can tell (RFC 8617, 5.1.2). b"" when an earlier set has said it."""
    if has_ended(message.fields):
        return b""
    return _seal(message, last_instance(message.fields) + 1, "fail", [], results, key, now)


def _seal(
    message: Message, instance: int, status: str, covered: Sequence[bytes], results: bytes, key: SigningKey, now: int
) -> bytes:
    if instance > MAX_SETS:
        return b""
    found = f"ARC-Authentication-Results: i={instance};".encode() + results
    head = f"ARC-Message-Signature: i={instance}; a={key.algorithm}; c=relaxed/relaxed;"
    head += f"\r\n\td={key.domain}; s={key.selector}; t={now};"
    signature = signature_field(head, message, _names(message.fields), key)
    begun = f"ARC-Seal: i={instance}; a={key.algorithm}; cv={status};"
    begun += f"\r\n\td={key.domain}; s={key.selector}; t={now};\r\n\tb="
    before = b"".join(map(relaxed_field, [*covered, found, signature]))
    return signed_field(begun.encode(), before, key) + signature + found


def _names(fields: Sequence[Field]) -> list[bytes]:
    """RFC 8617, 4.1.2: what DKIM signs, and the author's signatures themselves."""
    return [*names_to_sign(fields), *(name for name, _ in fields if name == b"dkim-signature")]
