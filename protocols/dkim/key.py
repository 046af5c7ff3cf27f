# SPDX-License-Identifier: GPL-3.0-or-later
"""Public keys as DNS tells them (RFC 6376, 3.6.1; RFC 8463, 4)."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass

from cryptography.exceptions import InvalidSignature, UnsupportedAlgorithm
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
from cryptography.hazmat.primitives.asymmetric.padding import PKCS1v15
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPublicKey
from cryptography.hazmat.primitives.serialization import load_der_public_key

from protocols.dkim.errors import Malformed, Unusable
from protocols.dkim.tags import listed, octets, parse_tags

MIN_RSA_BITS = 1024
"""RFC 8301, 3.2."""


@dataclass(frozen=True, slots=True)
class Key:
    """`exact`: i= must have the very domain of d= (t=s). `testing`: the domain only tries DKIM out (t=y)."""

    public: RSAPublicKey | Ed25519PublicKey
    exact: bool
    testing: bool

    def verifies(self, algorithm: str, data: bytes, signature: bytes) -> bool:
        """`data` is all that was signed; `algorithm` is "rsa-sha256" or "ed25519-sha256". Raises Unusable."""
        try:
            match self.public:
                case RSAPublicKey() if algorithm == "rsa-sha256":
                    self.public.verify(signature, data, PKCS1v15(), hashes.SHA256())
                case Ed25519PublicKey() if algorithm == "ed25519-sha256":
                    # RFC 8463, 3: what is signed is the hash.
                    self.public.verify(signature, hashlib.sha256(data).digest())
                case _:
                    raise Unusable("the key is for another algorithm")
        except InvalidSignature:
            return False
        return True


def parse_key(texts: Sequence[bytes]) -> Key:
    """The key in the TXT records of a selector. Raises Unusable."""
    if not texts:
        raise Unusable("no key for signature")
    if len(texts) > 1:
        # RFC 6376, 3.6.2.2: undefined; taking one of them would be a matter of luck.
        raise Unusable("several keys for one selector")
    try:
        tags = parse_tags(texts[0])
    except Malformed as error:
        raise Unusable(f"key: {error}") from error
    if tags.get("v", "DKIM1") != "DKIM1" or (tags.get("v") and next(iter(tags)) != "v"):
        raise Unusable("key of another version")
    if "sha256" not in listed(tags.get("h", "sha256")):
        raise Unusable("key for other hash algorithms")
    if not {"*", "email"} & set(listed(tags.get("s", "*"))):
        raise Unusable("key for another service")
    flags = listed(tags.get("t", ""))
    return Key(_public(tags.get("k", "rsa"), tags.get("p", "")), "s" in flags, "y" in flags)


def _public(kind: str, text: str) -> RSAPublicKey | Ed25519PublicKey:
    data = octets(text, "p")
    if not data:
        raise Unusable("key revoked")
    try:
        if kind == "ed25519":
            return Ed25519PublicKey.from_public_bytes(data)
        key = load_der_public_key(data) if kind == "rsa" else None
    except (ValueError, UnsupportedAlgorithm) as error:
        raise Unusable("key cannot be read") from error
    if not isinstance(key, RSAPublicKey):
        raise Unusable("key of unknown type")
    if key.key_size < MIN_RSA_BITS:
        raise Unusable(f"key of {key.key_size} bits")
    return key
