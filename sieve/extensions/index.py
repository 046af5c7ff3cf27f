# SPDX-License-Identifier: GPL-3.0-or-later
"""Which of several header fields a test looks at (RFC 5260, 6)."""

from __future__ import annotations

from collections.abc import Iterable
from itertools import islice
from typing import TypeVar

from sieve.registry import NUMBER, Extension, Tag
from sieve.run import Arguments

_Field = TypeVar("_Field")
_TAGS = [Tag("index", NUMBER), Tag("last", needs="index")]


def chosen(fields: Iterable[_Field], arguments: Arguments) -> Iterable[_Field]:
    """The field that `:index` counts, from 1 and with `:last` from the end; all of them without it."""
    index = arguments.get("index")
    if index is None:
        return fields
    if not arguments["last"]:
        return islice(fields, index - 1, index) if index else ()
    every = list(fields)
    return every[-index : len(every) - index + 1] if 0 < index <= len(every) else ()


EXTENSIONS = [Extension("index", tags=dict.fromkeys(("header", "address", "date"), _TAGS))]
