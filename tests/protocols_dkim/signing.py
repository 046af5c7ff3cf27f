# SPDX-License-Identifier: GPL-3.0-or-later
"""Keys for tests, and dkimpy as the other side: it signs, we verify."""

from __future__ import annotations

import base64
from collections.abc import Sequence
from typing import Any

import dkim
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ed25519, rsa

from protocols.dkim.key import parse_key
from protocols.dkim.signature import Signature, parse_signature
from protocols.dkim.verification import Message, verify
from protocols.message.header import fields, header_end

RSA = rsa.generate_private_key(65537, 2048)
ED25519 = ed25519.Ed25519PrivateKey.generate()
RSA_PEM = RSA.private_bytes(
    serialization.Encoding.PEM, serialization.PrivateFormat.TraditionalOpenSSL, serialization.NoEncryption()
)
ED25519_SEED = base64.b64encode(
    ED25519.private_bytes(serialization.Encoding.Raw, serialization.PrivateFormat.Raw, serialization.NoEncryption())
)


def rsa_record(key: rsa.RSAPrivateKey = RSA) -> bytes:
    """The TXT record of a key."""
    public = key.public_key().public_bytes(serialization.Encoding.DER, serialization.PublicFormat.SubjectPublicKeyInfo)
    return b"v=DKIM1; k=rsa; p=" + base64.b64encode(public)


def ed25519_record() -> bytes:
    """RFC 8463, 4: the bare key."""
    public = ED25519.public_key().public_bytes(serialization.Encoding.Raw, serialization.PublicFormat.Raw)
    return b"v=DKIM1; k=ed25519; p=" + base64.b64encode(public)


def sign(message: bytes, **how: Any) -> bytes:
    """The message with dkimpy's signature in front, by one._domainkey.example.com."""
    given = {"domain": b"example.com", "privkey": RSA_PEM} | how
    field: bytes = dkim.sign(message, b"one", **given)
    return field + message


def outcome(message: bytes, texts: Sequence[bytes], now: float = 0) -> str:
    """ "" when the first signature holds. Raises Unusable."""
    end = header_end(message, 0, len(message))
    header = fields(message[:end])
    return verify(Message(header, message, end, len(message)), first(message, now), parse_key(texts))


def first(message: bytes, now: float = 0) -> Signature:
    """The first signature. Raises Unusable."""
    header = fields(message[: header_end(message, 0, len(message))])
    return parse_signature(next(raw for name, raw in header if name == b"dkim-signature"), now)
