# SPDX-License-Identifier: GPL-3.0-or-later
"""Names of mailboxes: text in NFC with `/` between levels."""

from __future__ import annotations

import unicodedata
from functools import lru_cache

from ikserver.store.api.errors import CannotChange

INBOX = "INBOX"
SEPARATOR = "/"
MAX_LEVELS = 50
MAX_OCTETS = 1_000


@lru_cache(maxsize=1024)
def canonical(name: str) -> str:
    """The one spelling of a name. INBOX is spelled so, whatever the case, also as the first level of a name
    (RFC 9051, 5.1). Raises CannotChange when it cannot be a name."""
    name = unicodedata.normalize("NFC", name)
    first, *rest = name.split(SEPARATOR)
    if not all((first, *rest)):
        raise CannotChange("a level of a mailbox name is empty")
    if len(rest) >= MAX_LEVELS or len(name.encode("utf-8", "replace")) > MAX_OCTETS:
        raise CannotChange("the mailbox name is too long")
    if any(unicodedata.category(character) in ("Cc", "Cs", "Zl", "Zp") for character in name):
        raise CannotChange("a mailbox name holds no control characters")
    return SEPARATOR.join((INBOX if first.upper() == INBOX else first, *rest))


def with_parents(name: str) -> list[str]:
    """`a`, `a/b`, `a/b/c` for `a/b/c`."""
    levels = name.split(SEPARATOR)
    return [SEPARATOR.join(levels[: n + 1]) for n in range(len(levels))]
