# SPDX-License-Identifier: GPL-3.0-or-later
"""What the server does next in an exchange. Each step knows how to go on, so a mechanism keeps no state of its own.

`L` is whatever stands for a successful login in the program that uses this.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Generic, Protocol, TypeVar

L = TypeVar("L")
L_co = TypeVar("L_co", covariant=True)


class Verifier(Protocol[L_co]):
    """What is stored of a user's password (RFC 5802, 3), or an invention of the same looks for an unknown user."""

    @property
    def salt(self) -> bytes: ...
    @property
    def iterations(self) -> int: ...

    def verify(self, auth_message: bytes, proof: bytes) -> tuple[L_co, bytes]:
        """The login and ServerSignature; raises an error of its own when the proof is wrong."""


@dataclass(frozen=True, slots=True)
class Challenge(Generic[L]):
    """Send `data` to the client and give its answer to `respond`, which raises SaslError."""

    data: bytes
    respond: Callable[[bytes], Step[L]]


@dataclass(frozen=True, slots=True)
class VerifierWanted(Generic[L]):
    """Look up `user` and give what is stored to `supply`."""

    user: str
    supply: Callable[[Verifier[L]], Step[L]]


@dataclass(frozen=True, slots=True)
class Credentials:
    """The end of PLAIN and LOGIN: check the password."""

    user: str
    password: str


@dataclass(frozen=True, slots=True)
class Verified(Generic[L]):
    """The end of SCRAM: the client has proved that it knows the password."""

    login: L


Step = Challenge[L] | VerifierWanted[L] | Credentials | Verified[L]
