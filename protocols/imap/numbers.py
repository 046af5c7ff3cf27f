# SPDX-License-Identifier: GPL-3.0-or-later
"""Sets of sequence numbers and UIDs (RFC 9051, 9: sequence-set)."""

from __future__ import annotations

from dataclasses import dataclass

STAR = 0
"""`*`, the largest number in use. Zero is no number of RFC 9051, 9 (nz-number), so it is free to stand for it."""


@dataclass(frozen=True, slots=True)
class NumberSet:
    """Ranges as the client wrote them: (first, last), STAR allowed in both. `saved` is `$` (RFC 5182, 2.1)."""

    ranges: tuple[tuple[int, int], ...]
    saved: bool = False
