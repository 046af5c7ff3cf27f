# SPDX-License-Identifier: GPL-3.0-or-later
"""Which messages are signed, for which domain and with which keys.

Only what somebody submitted with a login is signed: what comes in from outside and is redirected may bear our name in
its From as well. The author's domain has to be of the same organisation as the login, which answers for its people.
"""

from __future__ import annotations

import asyncio
import logging
import time
from collections.abc import Callable, Sequence
from concurrent.futures import Executor
from dataclasses import dataclass

from ikserver.accounts.domainkeys import KINDS, DomainKeys
from ikserver.delivery.authentication.original import read_original
from ikserver.delivery.authentication.policy import author_domains
from ikserver.dns.api import DnsFailure, Resolver
from ikserver.model.mail import Body
from ikserver.store.api.directory import Domains
from ikserver.store.api.queue import Claimed
from protocols.dkim.errors import Unusable
from protocols.dkim.key import parse_key
from protocols.dkim.privatekey import SigningKey
from protocols.dkim.signing import sign
from protocols.dkim.verification import Message

logger = logging.getLogger("ikserver.outbound")


@dataclass(frozen=True, slots=True)
class DomainSigner:
    """`outbound.api.Signer` with the keys of our domains. Work on a message is done by `threads`."""

    keys: DomainKeys
    domains: Domains
    resolver: Resolver
    threads: Executor
    clock: Callable[[], float] = time.time

    async def sign(self, message: Claimed, body: Body) -> bytes:
        """A field a key, RSA on top, for it is what all verifiers know."""
        if not message.submitter:
            return b""
        try:
            return await self._signed(message.submitter, body)
        except Exception:
            logger.exception("not-signed", extra={"fields": {"message": message.message}})
            return b""

    async def _signed(self, submitter: str, body: Body) -> bytes:
        original = await read_original(body, 0, self.threads)
        domain = await self._answerable(author_domains(original.fields), submitter)
        if domain is None:
            return b""
        keys = await self._choose(domain)
        now = int(self.clock())

        def signatures(octets: Message) -> bytes:
            return b"".join(sign(octets, key, now) for key in keys)

        return await original.compute(signatures)

    async def _answerable(self, authors: Sequence[str], submitter: str) -> str | None:
        """The first of the authors' domains that is of the submitter's organisation."""
        own = await self.domains.lookup(submitter.rpartition("@")[2])
        for author in authors:
            domain = await self.domains.lookup(author)
            if own and domain and domain.organisation == own.organisation:
                return domain.name
        return None

    async def _choose(self, domain: str) -> Sequence[SigningKey]:
        """One of each kind. A domain from before there were keys gets them now."""
        keys = self.keys.of(domain)
        if {key.kind for key in keys} != set(KINDS):
            keys = await asyncio.get_running_loop().run_in_executor(self.threads, self.keys.ensure, domain)
        return [await self._choose_one([key for key in keys if key.kind == kind]) for kind in KINDS]

    async def _choose_one(self, keys: Sequence[SigningKey]) -> SigningKey:
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
