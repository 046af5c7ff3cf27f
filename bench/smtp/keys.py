# SPDX-License-Identifier: GPL-3.0-or-later
"""The RSA-2048 key that signs the messages of the load, and its record in DNS."""

from __future__ import annotations

import base64
from pathlib import Path

from cryptography.hazmat.primitives.asymmetric.rsa import generate_private_key
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    NoEncryption,
    PrivateFormat,
    PublicFormat,
    load_pem_private_key,
)


def make_key(path: Path) -> None:
    """Write a new private key in the form that dkimpy reads (PEM, PKCS #1)."""
    key = generate_private_key(65537, 2048)
    path.write_bytes(key.private_bytes(Encoding.PEM, PrivateFormat.TraditionalOpenSSL, NoEncryption()))


def record(key: bytes) -> str:
    """Return the text of the TXT record for a private key (RFC 6376, 3.6.1)."""
    public = load_pem_private_key(key, None).public_key()
    octets = public.public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)
    return f"v=DKIM1; k=rsa; p={base64.b64encode(octets).decode()}"
