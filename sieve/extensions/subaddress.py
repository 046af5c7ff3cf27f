# SPDX-License-Identifier: GPL-3.0-or-later
"""Addresses with a detail behind a separator: `user+detail@domain` (RFC 5233)."""

from __future__ import annotations

from sieve.addresses import local_part
from sieve.registry import AddressPart, Extension


def split(address: str, separator: str) -> tuple[str, str | None]:
    """User and detail of an address, None for one without detail. The first separator that has a user before it counts.

    A separator may be a sequence of characters (RFC 5233, 4); an empty one is none.
    """
    local = local_part(address)
    at = local.find(separator, 1) if separator else -1
    return (local, None) if at < 0 else (local[:at], local[at + len(separator) :])


EXTENSIONS = [
    Extension(
        "subaddress",
        address_parts=[
            AddressPart("user", lambda address, separator: split(address, separator)[0]),
            # RFC 5233, 4: without a detail nothing matches; an empty one is "".
            AddressPart("detail", lambda address, separator: split(address, separator)[1]),
        ],
    )
]
