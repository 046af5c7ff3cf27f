# SPDX-License-Identifier: GPL-3.0-or-later
"""Why a signature or a key does not serve."""

from __future__ import annotations


class Unusable(Exception):
    """It cannot be verified, now or ever (PERMFAIL of RFC 6376, 3.9). The text goes into Authentication-Results."""


class Malformed(Unusable):
    """It is not written as the grammar wants it."""
