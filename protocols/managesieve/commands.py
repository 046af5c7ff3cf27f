# SPDX-License-Identifier: GPL-3.0-or-later
"""Commands as values (RFC 5804, 2). Names of scripts are checked; scripts are octets."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Authenticate:
    """RFC 5804, 2.1. `mechanism` in upper case; `initial` is the initial response, in base64 still."""

    mechanism: str
    initial: bytes | None = None


@dataclass(frozen=True, slots=True)
class StartTls:
    """RFC 5804, 2.2."""


@dataclass(frozen=True, slots=True)
class Logout:
    """RFC 5804, 2.3."""


@dataclass(frozen=True, slots=True)
class Capability:
    """RFC 5804, 2.4."""


@dataclass(frozen=True, slots=True)
class HaveSpace:
    """RFC 5804, 2.5. `size` in octets."""

    name: str
    size: int


@dataclass(frozen=True, slots=True)
class PutScript:
    """RFC 5804, 2.6."""

    name: str
    content: bytes


@dataclass(frozen=True, slots=True)
class ListScripts:
    """RFC 5804, 2.7."""


@dataclass(frozen=True, slots=True)
class SetActive:
    """RFC 5804, 2.8. None: no script is active from here on."""

    name: str | None


@dataclass(frozen=True, slots=True)
class GetScript:
    """RFC 5804, 2.9."""

    name: str


@dataclass(frozen=True, slots=True)
class DeleteScript:
    """RFC 5804, 2.10."""

    name: str


@dataclass(frozen=True, slots=True)
class RenameScript:
    """RFC 5804, 2.11."""

    old: str
    new: str


@dataclass(frozen=True, slots=True)
class CheckScript:
    """RFC 5804, 2.12."""

    content: bytes


@dataclass(frozen=True, slots=True)
class Noop:
    """RFC 5804, 2.13. `tag` comes back as it is."""

    tag: bytes | None = None


@dataclass(frozen=True, slots=True)
class Unauthenticate:
    """RFC 5804, 2.14.1."""


Command = (
    Authenticate
    | StartTls
    | Logout
    | Capability
    | HaveSpace
    | PutScript
    | ListScripts
    | SetActive
    | GetScript
    | DeleteScript
    | RenameScript
    | CheckScript
    | Noop
    | Unauthenticate
)
