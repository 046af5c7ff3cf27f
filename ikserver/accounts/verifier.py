# SPDX-License-Identifier: GPL-3.0-or-later
"""The server's side of one SCRAM exchange: every password of the account is tried, for they share its salt."""

from __future__ import annotations

import secrets
from collections.abc import Callable
from dataclasses import dataclass

from ikserver.accounts.api import Login, LoginRefused
from ikserver.model.account import Credentials, DevicePassword, Scope
from protocols.sasl import Keys

Candidate = tuple[Keys, DevicePassword | None]
"""Keys and the device password that they are of; None for the account's own."""


@dataclass(frozen=True, slots=True)
class StoredVerifier:
    """Implements `ikserver.accounts.api.ScramVerifier`. `admit` and `refuse` end the exchange."""

    salt: bytes
    iterations: int
    candidates: tuple[Candidate, ...]
    admit: Callable[[DevicePassword | None], Login]
    refuse: Callable[[], LoginRefused]

    def verify(self, auth_message: bytes, proof: bytes) -> tuple[Login, bytes]:
        """See ScramVerifier."""
        for keys, device in self.candidates or (_nobody(),):
            signature = keys.signature(auth_message, proof)
            if signature is not None:
                return self.admit(device), signature
        raise self.refuse()


def candidates(credentials: Credentials, scope: Scope) -> tuple[Candidate, ...]:
    """What may open the account for `scope`, as far as keys of it are stored."""
    devices = tuple((device.keys, device) for device in credentials.devices if device.keys and scope in device.scopes)
    return devices if credentials.keys is None else ((credentials.keys, None), *devices)


def _nobody() -> Candidate:
    return Keys(secrets.token_bytes(32), secrets.token_bytes(32)), None
