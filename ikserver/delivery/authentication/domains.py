# SPDX-License-Identifier: GPL-3.0-or-later
"""Domains as DNS knows them, and whose they are."""

from __future__ import annotations

from functools import lru_cache

from publicsuffixlist import PublicSuffixList


@lru_cache(maxsize=1)
def _suffixes() -> PublicSuffixList:
    """The list that the package brings; read when it is first asked for (it takes a tenth of a second)."""
    return PublicSuffixList()


@lru_cache(maxsize=10_000)
def organisational(domain: str) -> str:
    """RFC 7489, 3.2: one label below the public suffix; a public suffix is its own."""
    return _suffixes().privatesuffix(domain) or domain


def domain_of(address: str) -> str:
    """The domain of an address in the form that DNS has (lower case, A-labels), "" when it can have none."""
    domain = address.rpartition("@")[2].lower().removesuffix(".")
    if domain.isascii():
        return domain
    try:
        return domain.encode("idna").decode("ascii")
    except UnicodeError:
        return ""
