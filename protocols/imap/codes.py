# SPDX-License-Identifier: GPL-3.0-or-later
"""Response codes that have arguments, as text without brackets (RFC 9051, 7.1)."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from protocols.imap.numbers import render


def append_uid(uidvalidity: int, uids: Sequence[int]) -> str:
    """RFC 4315, 3; several ascending UIDs by RFC 3502, 6.3.11."""
    return f"APPENDUID {uidvalidity} {render(uids)}"


def copy_uid(uidvalidity: int, sources: Sequence[int], copies: Sequence[int]) -> str:
    """RFC 9051, 7.1: both ascending and of one length, at least one UID each: the nth copy is of the nth source."""
    return f"COPYUID {uidvalidity} {render(sources)} {render(copies)}"


def modified(numbers: Sequence[int]) -> str:
    """RFC 7162, 3.1.3: sequence numbers, or UIDs after UID STORE, whose change was refused."""
    return f"MODIFIED {render(numbers)}"


def permanent_flags(flags: Iterable[str]) -> str:
    r"""RFC 9051, 7.1; `\*` among the flags says that new keywords may be made."""
    return f"PERMANENTFLAGS ({' '.join(flags)})"


def capability(names: Iterable[str]) -> str:
    """RFC 9051, 7.1."""
    return f"CAPABILITY {' '.join(names)}"


def uidvalidity(value: int) -> str:
    """RFC 9051, 7.1: sequence numbers and UIDs are of this life of the mailbox."""
    return f"UIDVALIDITY {value}"


def uidnext(value: int) -> str:
    """RFC 9051, 7.1: the UID that the next message will get."""
    return f"UIDNEXT {value}"


def highest_modseq(value: int) -> str:
    """RFC 7162, 3.1.2.1."""
    return f"HIGHESTMODSEQ {value}"
