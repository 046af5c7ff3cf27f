# SPDX-License-Identifier: GPL-3.0-or-later
"""The mechanisms by name."""

from __future__ import annotations

from protocols.sasl.errors import UnknownMechanism
from protocols.sasl.passwords import login, plain
from protocols.sasl.scram import scram
from protocols.sasl.steps import L, Step

MECHANISMS = ("SCRAM-SHA-256", "PLAIN", "LOGIN")
"""Strongest first. Whether one is offered is for the conversation: PLAIN and LOGIN need TLS, SCRAM can be off."""


def start(mechanism: str, initial: bytes | None) -> Step[L]:
    """Begin an exchange with the client's initial response, decoded, or None. Raises SaslError."""
    match mechanism.upper():
        case "PLAIN":
            return plain(initial)
        case "LOGIN":
            return login(initial)
        case "SCRAM-SHA-256":
            return scram(initial)
        case _:
            raise UnknownMechanism("this mechanism is not offered")
