# SPDX-License-Identifier: GPL-3.0-or-later
"""Which of its keys a domain signs with: a new one takes over as soon as DNS has its record."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from concurrent.futures import Executor
from dataclasses import dataclass

from ikserver.accounts.domainkeys import KINDS, DomainKeys
from ikserver.dns.api import DnsFailure, Resolver
from protocols.dkim.errors import Unusable
from protocols.dkim.key import parse_key
from protocols.dkim.privatekey import SigningKey


@dataclass(frozen=True, slots=True)
class KeyChoice:
    """Keys are made by `threads`, where a domain has none."""

    keys: DomainKeys
    resolver: Resolver
    threads: Executor

    async def of(self, domain: str) -> Sequence[SigningKey]:
        """One of each kind, RSA first. A domain from before there were keys gets them. Raises OSError, ValueError."""
        keys = self.keys.of(domain)
        if {key.kind for key in keys} != set(KINDS):
            keys = await asyncio.get_running_loop().run_in_executor(self.threads, self.keys.ensure, domain)
        return [await self._one([key for key in keys if key.kind == kind]) for kind in KINDS]

    async def _one(self, keys: Sequence[SigningKey]) -> SigningKey:
        """The newest that DNS has. Without a choice nobody is asked; when none is there, the oldest: it may have been
        there once, and DNS may only be out of order."""
        for key in reversed(keys[1:]):
            if await self._is_published(key):
                return key
        return keys[0]

    async def _is_published(self, key: SigningKey) -> bool:
        try:
            texts = (await self.resolver.txt(key.name)).records
            return parse_key(texts).public == key.private.public_key()
        except (DnsFailure, Unusable):
            return False
