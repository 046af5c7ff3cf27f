# SPDX-License-Identifier: GPL-3.0-or-later
"""Which of several header fields a test looks at (RFC 5260, 6)."""

from __future__ import annotations

from sieve.registry import NUMBER, Extension, Tag

_TAGS = [Tag("index", NUMBER), Tag("last", needs="index")]

EXTENSIONS = [Extension("index", tags=dict.fromkeys(("header", "address", "date"), _TAGS))]
