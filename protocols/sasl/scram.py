# SPDX-License-Identifier: GPL-3.0-or-later
"""SCRAM-SHA-256 (RFC 5802, RFC 7677): the client proves that it knows the password and never sends it.

Channel binding (SCRAM-SHA-256-PLUS) is not offered: docs/decisions/0006 says why.
"""

from __future__ import annotations

import hashlib
import hmac
import secrets
from base64 import b64encode
from collections.abc import Callable
from dataclasses import dataclass

from protocols.sasl import attributes
from protocols.sasl.errors import Malformed
from protocols.sasl.passwords import check_authorisation
from protocols.sasl.saslprep import Prohibited, saslprep
from protocols.sasl.steps import Challenge, L, Step, Verified, Verifier, VerifierWanted


@dataclass(frozen=True, slots=True)
class Keys:
    """What the server stores (RFC 5802, 3); neither tells the password nor lets anyone log in elsewhere."""

    stored: bytes
    server: bytes

    def signature(self, auth_message: bytes, proof: bytes) -> bytes | None:
        """ServerSignature when `proof` shows knowledge of the password, else None (RFC 5802, 3)."""
        mask = _hmac(self.stored, auth_message)
        if len(proof) != len(mask):
            return None
        client = bytes(p ^ m for p, m in zip(proof, mask, strict=True))
        if not hmac.compare_digest(hashlib.sha256(client).digest(), self.stored):
            return None
        return _hmac(self.server, auth_message)


def derive(password: str, salt: bytes, iterations: int) -> Keys:
    """The keys of a password that is already prepared (RFC 5802, 3). Takes milliseconds: call it in a thread."""
    salted = hashlib.pbkdf2_hmac("sha256", password.encode(), salt, iterations)
    return Keys(hashlib.sha256(_hmac(salted, b"Client Key")).digest(), _hmac(salted, b"Server Key"))


def _hmac(key: bytes, message: bytes) -> bytes:
    return hmac.digest(key, message, "sha256")


def _nonce() -> str:
    return secrets.token_urlsafe(24)


def scram(initial: bytes | None, nonce: Callable[[], str] = _nonce) -> Step[L]:
    """RFC 5802, 5. `nonce` makes the server's part of it."""

    def first(message: bytes) -> Step[L]:
        return _client_first(message, nonce())

    return Challenge(b"", first) if initial is None else first(initial)


def _client_first(message: bytes, server_nonce: str) -> Step[L]:
    client = attributes.client_first(message)
    try:
        user = saslprep(client.user)
    except Prohibited as error:
        raise Malformed(f"user name: {error}") from error
    check_authorisation(client.authorise, client.user)
    nonce = client.nonce + server_nonce

    def with_verifier(verifier: Verifier[L]) -> Step[L]:
        salt = b64encode(verifier.salt).decode("ascii")
        server_first = f"r={nonce},s={salt},i={verifier.iterations}"

        def final(message: bytes) -> Step[L]:
            return _client_final(message, client, nonce, server_first, verifier)

        return Challenge(server_first.encode(), final)

    return VerifierWanted(user, with_verifier)


def _client_final(
    message: bytes, first: attributes.ClientFirst, nonce: str, server_first: str, verifier: Verifier[L]
) -> Step[L]:
    final = attributes.client_final(message)
    # RFC 5802, 6: without channel binding the client repeats its header, so that nobody in between can alter it.
    if final.binding != first.header.encode():
        raise Malformed("the channel binding is not that of the first message")
    if not hmac.compare_digest(final.nonce.encode(), nonce.encode()):
        raise Malformed("the nonce is not ours")
    auth_message = f"{first.bare},{server_first},{final.without_proof}".encode()
    login, signature = verifier.verify(auth_message, final.proof)

    def acknowledged(answer: bytes) -> Step[L]:
        if answer:
            raise Malformed("nothing may follow the server's signature")
        return Verified(login)

    # Neither IMAP nor SMTP can carry data with success: it goes as one more challenge (RFC 4422, 5; RFC 4954, 4).
    return Challenge(b"v=" + b64encode(signature), acknowledged)
