# SPDX-License-Identifier: GPL-3.0-or-later
"""Private keys: made, kept as PEM, and told to DNS by their public half (RFC 6376, 3.6.1; RFC 8463, 4)."""

from __future__ import annotations

import base64
import hashlib
from dataclasses import dataclass
from typing import Literal

from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.asymmetric.padding import PKCS1v15
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey, generate_private_key
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    NoEncryption,
    PrivateFormat,
    PublicFormat,
    load_pem_private_key,
)

RSA_BITS = 2048
"""RFC 8301, 3.2. A longer key does not fit into one UDP answer of old resolvers."""

Kind = Literal["rsa", "ed25519"]
PrivateKey = RSAPrivateKey | Ed25519PrivateKey


@dataclass(frozen=True, slots=True)
class SigningKey:
    """A private key, and the domain and selector under which DNS has its public half."""

    domain: str
    selector: str
    private: PrivateKey

    @property
    def name(self) -> str:
        """Where the public half is (RFC 6376, 3.6.2.1)."""
        return f"{self.selector}._domainkey.{self.domain}"

    @property
    def kind(self) -> Kind:
        return "rsa" if isinstance(self.private, RSAPrivateKey) else "ed25519"

    @property
    def algorithm(self) -> str:
        """The value of a=."""
        return f"{self.kind}-sha256"

    def sign(self, data: bytes) -> bytes:
        """The signature of all that a field covers."""
        match self.private:
            case RSAPrivateKey():
                return self.private.sign(data, PKCS1v15(), hashes.SHA256())
            case Ed25519PrivateKey():
                # RFC 8463, 3: what is signed is the hash.
                return self.private.sign(hashlib.sha256(data).digest())

    def record(self) -> str:
        """The text of its TXT record."""
        match self.private:
            case RSAPrivateKey():
                public = self.private.public_key().public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)
            case Ed25519PrivateKey():
                public = self.private.public_key().public_bytes(Encoding.Raw, PublicFormat.Raw)
        return f"v=DKIM1; k={self.kind}; p={base64.b64encode(public).decode()}"


def new_private_key(kind: Kind) -> PrivateKey:
    """A random one."""
    return generate_private_key(65537, RSA_BITS) if kind == "rsa" else Ed25519PrivateKey.generate()


def to_pem(private: PrivateKey) -> bytes:
    """PKCS #8, without a passphrase."""
    return private.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())


def from_pem(pem: bytes) -> PrivateKey:
    """Raises ValueError for what is no RSA or Ed25519 key."""
    private = load_pem_private_key(pem, None)
    if not isinstance(private, RSAPrivateKey | Ed25519PrivateKey):
        raise ValueError("neither an RSA nor an Ed25519 key")
    return private
