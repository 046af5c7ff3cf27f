# SPDX-License-Identifier: GPL-3.0-or-later
"""The client's side of SCRAM-SHA-256 (RFC 5802, 3), written from the RFC and not from protocols.sasl."""

from __future__ import annotations

import hashlib
import hmac
from base64 import b64decode, b64encode


def client_first(user: str, nonce: str) -> bytes:
    """The first message, without channel binding."""
    return f"n,,n={user},r={nonce}".encode()


def client_final(first: bytes, server_first_base64: str, password: str) -> bytes:
    """The answer to the server's first message."""
    server_first = b64decode(server_first_base64).decode()
    values = dict(part.split("=", 1) for part in server_first.split(","))
    salted = hashlib.pbkdf2_hmac("sha256", password.encode(), b64decode(values["s"]), int(values["i"]))
    client_key = hmac.digest(salted, b"Client Key", "sha256")
    without_proof = f"c={b64encode(b'n,,').decode()},r={values['r']}"
    message = f"{first.decode().removeprefix('n,,')},{server_first},{without_proof}".encode()
    signature = hmac.digest(hashlib.sha256(client_key).digest(), message, "sha256")
    proof = bytes(a ^ b for a, b in zip(client_key, signature, strict=True))
    return f"{without_proof},p={b64encode(proof).decode()}".encode()
