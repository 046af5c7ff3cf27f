# SPDX-License-Identifier: GPL-3.0-or-later
"""A whole SCRAM-SHA-256 exchange with an authenticator."""

from __future__ import annotations

from base64 import b64encode
from collections.abc import Awaitable, Callable

from ikserver.accounts.api import Authenticator, Login, Scope
from ikserver.accounts.passwords import prepare
from protocols.sasl import Challenge, Step, Verified, VerifierWanted, start
from tests.scram_client import client_final, client_first


async def log_in(
    authenticator: Authenticator,
    user: str,
    password: str,
    scope: Scope = Scope.MAIL,
    peer: str = "192.0.2.1",
    meanwhile: Callable[[], Awaitable[None]] | None = None,
) -> Login:
    """Raises LoginRefused and its kinds. `meanwhile` is done before the client answers the server's challenge."""
    first = client_first(user, "abcdef")
    step: Step[Login] = start("SCRAM-SHA-256", first)
    assert isinstance(step, VerifierWanted)
    step = step.supply(await authenticator.scram(step.user, peer, scope))
    if meanwhile is not None:
        await meanwhile()
    assert isinstance(step, Challenge)
    step = step.respond(client_final(first, b64encode(step.data).decode(), prepare(password)))
    assert isinstance(step, Challenge)
    step = step.respond(b"")
    assert isinstance(step, Verified)
    return step.login
