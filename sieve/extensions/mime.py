# SPDX-License-Identifier: GPL-3.0-or-later
"""Tests look at the header fields of parts (RFC 5703, 4)."""

from __future__ import annotations

from sieve.looking import CONTENT_TYPE, PARAM, SUBTYPE, TYPE
from sieve.registry import STRING_LIST, Extension, Tag

MIME = Tag("mime")
ANY_CHILD = Tag("anychild", needs="mime")
OPTIONS = [
    *(Tag(name, group="option", needs="mime") for name in (TYPE, SUBTYPE, CONTENT_TYPE)),
    Tag(PARAM, STRING_LIST, group="option", needs="mime"),
]

EXTENSIONS = [
    Extension(
        "mime",
        tags={"header": [MIME, ANY_CHILD, *OPTIONS], "address": [MIME, ANY_CHILD], "exists": [MIME, ANY_CHILD]},
    ),
]
