# SPDX-License-Identifier: GPL-3.0-or-later
"""Addresses with a detail behind a delimiter: `user+detail@domain` (RFC 5233)."""

from __future__ import annotations

from sieve.addresses import local_part, split_detail
from sieve.registry import AddressPart, Extension


def user(address: str, delimiters: str) -> str:
    """All of the local part where there is no detail."""
    return split_detail(local_part(address), delimiters)[0]


def detail(address: str, delimiters: str) -> str | None:
    """Without a detail nothing matches; an empty one is "" (RFC 5233, 4)."""
    return split_detail(local_part(address), delimiters)[1]


EXTENSIONS = [
    Extension(
        "subaddress",
        address_parts=[
            AddressPart("user", user),
            AddressPart("detail", detail),
        ],
    )
]
