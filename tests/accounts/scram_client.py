# SPDX-License-Identifier: GPL-3.0-or-later
"""A SCRAM-SHA-256 client (RFC 5802), as independent of ours as a page of code can be."""

from __future__ import annotations

import hashlib
import hmac
from base64 import b64decode, b64encode
from collections.abc import Awaitable, Callable

from ikserver.accounts.api import Authenticator, Login, Scope
from protocols.sasl import Challenge, Step, Verified, VerifierWanted, saslprep, start
from protocols.sasl.saslprep import Prohibited


async def log_in(
    authenticator: Authenticator,
    user: str,
    password: str,
    scope: Scope = Scope.MAIL,
    peer: str = "192.0.2.1",
    meanwhile: Callable[[], Awaitable[None]] | None = None,
) -> Login:
    """Run a whole exchange; checks that the server knows the password too. `meanwhile` is done in the middle of it."""
    first_bare = f"n={user},r=abcdef"
    step: Step[Login] = start("SCRAM-SHA-256", f"n,,{first_bare}".encode())
    assert isinstance(step, VerifierWanted)
    step = step.supply(await authenticator.scram(step.user, peer, scope))
    if meanwhile is not None:
        await meanwhile()
    assert isinstance(step, Challenge)
    server_first = step.data.decode()
    nonce, salt, iterations = (field[2:] for field in server_first.split(","))
    salted = hashlib.pbkdf2_hmac("sha256", _prepared(password).encode(), b64decode(salt), int(iterations))
    without_proof = f"c=biws,r={nonce}"
    message = f"{first_bare},{server_first},{without_proof}".encode()
    client_key = hmac.digest(salted, b"Client Key", "sha256")
    mask = hmac.digest(hashlib.sha256(client_key).digest(), message, "sha256")
    proof = bytes(k ^ m for k, m in zip(client_key, mask, strict=True))
    step = step.respond(f"{without_proof},p={b64encode(proof).decode()}".encode())
    assert isinstance(step, Challenge)
    signature = hmac.digest(hmac.digest(salted, b"Server Key", "sha256"), message, "sha256")
    assert step.data == b"v=" + b64encode(signature)
    step = step.respond(b"")
    assert isinstance(step, Verified)
    return step.login


def _prepared(password: str) -> str:
    try:
        return saslprep(password)
    except Prohibited:
        return password
