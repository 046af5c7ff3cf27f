# SPDX-License-Identifier: GPL-3.0-or-later
"""What is noted about mailboxes and about the server (RFC 5490, 3.3 to 4.2)."""

from __future__ import annotations

import re
from collections.abc import Sequence

from sieve.bound import Bound
from sieve.compiler import Compiler
from sieve.registry import MATCH_TAGS, STRING, STRING_LIST, Arg, Extension, Test
from sieve.run import Arguments, Run

_ENTRY = re.compile(r"/(?i:private|shared)(?:/[^/*%\x00-\x1f\x7f-\U0010ffff]+)+")
"""RFC 5464, 4.1."""


def metadata(run: Run, arguments: Arguments) -> bool:
    """RFC 5490, 3.3 and 4.1: what does not exist matches nothing, not even in number."""
    value = _value(run, arguments.get("mailbox"), arguments["entry"])
    return value is not None and run.match(arguments, [value])


def metadataexists(run: Run, arguments: Arguments) -> bool:
    """RFC 5490, 3.4 and 4.2: all of them."""
    mailbox = arguments.get("mailbox")
    return all(_value(run, mailbox, entry) is not None for entry in arguments["entries"])


def _value(run: Run, mailbox: str | None, entry: str) -> str | None:
    """Of a mailbox, or of the server."""
    mailboxes = run.delivery.services.mailboxes
    return mailboxes.metadata(mailbox, entry) if mailboxes is not None and _ENTRY.fullmatch(entry) else None


def check_entry(bound: Bound, compiler: Compiler) -> None:
    _warn_of([entry] if (entry := bound.literal("entry")) is not None else [], bound, compiler)


def check_entries(bound: Bound, compiler: Compiler) -> None:
    _warn_of(bound.literals("entries"), bound, compiler)


def _warn_of(entries: Sequence[str], bound: Bound, compiler: Compiler) -> None:
    for entry in entries:
        if not _ENTRY.fullmatch(entry):
            compiler.warn(bound, f"{entry!r} is no name of an annotation: /private/… or /shared/…")


_MAILBOX, _ENTRY_NAME, _ENTRIES = Arg("mailbox", STRING), Arg("entry", STRING), Arg("entries", STRING_LIST)
_KEYS = Arg("keys", STRING_LIST)

EXTENSIONS = [
    Extension(
        "mboxmetadata",
        tests=[
            Test("metadata", [_MAILBOX, _ENTRY_NAME, _KEYS], [MATCH_TAGS], check=check_entry, run=metadata),
            Test("metadataexists", [_MAILBOX, _ENTRIES], check=check_entries, run=metadataexists),
        ],
    ),
    Extension(
        "servermetadata",
        tests=[
            Test("servermetadata", [_ENTRY_NAME, _KEYS], [MATCH_TAGS], check=check_entry, run=metadata),
            Test("servermetadataexists", [_ENTRIES], check=check_entries, run=metadataexists),
        ],
    ),
]
