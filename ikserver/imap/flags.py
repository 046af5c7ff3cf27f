# SPDX-License-Identifier: GPL-3.0-or-later
"""Flags as clients write them (RFC 9051, 2.3.2)."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from ikserver.imap.view import View
from ikserver.model.mail import SYSTEM_FLAGS, Flags
from protocols.imap.errors import BadCommand

BY_LOWER_CASE = {flag.lower(): flag for flag in SYSTEM_FLAGS}


def read_flags(names: Iterable[str]) -> Flags:
    r"""Raises BadCommand for `\Recent`, which no client may set (RFC 3501, 2.3.2), and unknown system flags."""
    return frozenset(_read_flag(name) for name in names)


def _read_flag(name: str) -> str:
    if not name.startswith("\\"):
        return name
    system = BY_LOWER_CASE.get(name.lower())
    if system is None:
        raise BadCommand(f"there is no flag {name} that a client may set")
    return system


def permanent(view: View, keywords: Sequence[str]) -> tuple[str, ...]:
    r"""PERMANENTFLAGS: `\*` says that new keywords may be made; nothing can be kept in a mailbox that is only read."""
    return () if view.read_only else (*SYSTEM_FLAGS, *keywords, "\\*")
