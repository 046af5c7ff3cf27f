# SPDX-License-Identifier: GPL-3.0-or-later
"""Which messages are signed or sealed, and for which domain.

Only what somebody submitted with a login is signed, and reports of ours: what comes in from outside and is redirected
may bear our name in its From as well. The author's domain has to be of the same organisation as the login, which
answers for its people. What is redirected gets an ARC seal instead: it tells what we found when it came in.
"""

from __future__ import annotations

import logging
import re
import time
from collections.abc import Callable, Sequence
from concurrent.futures import Executor
from dataclasses import dataclass

from ikserver.delivery.authentication.original import Original, read_original
from ikserver.delivery.authentication.policy import author_domains
from ikserver.model.account import Domain
from ikserver.model.mail import Body
from ikserver.outbound.keychoice import KeyChoice
from ikserver.store.api.directory import Domains
from ikserver.store.api.queue import Claimed
from protocols.authres import server_of
from protocols.dkim.arc import parse_chain
from protocols.dkim.errors import Unusable
from protocols.dkim.sealing import seal, seal_failed
from protocols.dkim.signature import Field
from protocols.dkim.signing import sign
from protocols.dkim.verification import Message

logger = logging.getLogger("ikserver.outbound")
_ARC_HOLDS = re.compile(rb";\r\n\tarc=pass\b")
"""As `protocols.authres.field` writes it: what strangers have in quotes there cannot hold a line end."""


@dataclass(frozen=True, slots=True)
class DomainSigner:
    """`outbound.api.Signer` with the keys of our domains. `server` is our name in Authentication-Results; work on a
    message is done by `threads`."""

    server: str
    choice: KeyChoice
    domains: Domains
    threads: Executor
    clock: Callable[[], float] = time.time

    async def sign(self, message: Claimed, body: Body) -> bytes:
        """Two signatures, RSA on top, for it is what all verifiers know; or a seal."""
        try:
            original = await read_original(body, 0, self.threads)
            if message.submitter:
                return await self._signed(original, message.submitter)
            return await self._sealed(original, message.sender)
        except Exception:
            logger.exception("not-signed", extra={"fields": {"message": message.message}})
            return b""

    async def _signed(self, original: Original, submitter: str) -> bytes:
        domain = await self._answerable(author_domains(original.fields), submitter)
        if domain is None:
            return b""
        keys, now = await self.choice.of(domain), int(self.clock())

        def signatures(octets: Message) -> bytes:
            return b"".join(sign(octets, key, now) for key in keys)

        return await original.compute(signatures)

    async def _answerable(self, authors: Sequence[str], submitter: str) -> str | None:
        """The first of the authors' domains that is of the submitter's organisation."""
        own = await self._enclosing(_domain(submitter))
        for author in authors:
            domain = await self._enclosing(author)
            if own and domain and domain.organisation == own.organisation:
                return domain.name
        return None

    async def _enclosing(self, name: str) -> Domain | None:
        """The domain of ours that a name is in: reports are from the name of the server."""
        while name:
            if domain := await self.domains.lookup(name):
                return domain
            name = name.partition(".")[2]
        return None

    async def _sealed(self, original: Original, sender: str) -> bytes:
        """By the domain that redirects it, with the key that all verifiers know. What we have not examined is not
        sealed."""
        results = _own_results(original.fields, self.server)
        domain = await self.domains.lookup(_domain(sender))
        if results is None or domain is None:
            return b""
        key, _ = await self.choice.of(domain.name)
        now = int(self.clock())

        def fields(octets: Message) -> bytes:
            try:
                chain = parse_chain(octets.fields, now)
            except Unusable:
                return seal_failed(octets, results, key, now)
            if chain is not None and not _ARC_HOLDS.search(results):
                return seal_failed(octets, results, key, now)
            return seal(octets, chain, results, key, now)

        return await original.compute(fields)


def _own_results(fields: Sequence[Field], server: str) -> bytes | None:
    """The value of our Authentication-Results. Nobody else's bears our name: those were removed on arrival."""
    for name, raw in fields:
        value = raw.partition(b":")[2]
        if name == b"authentication-results" and server_of(value) == server.lower().encode():
            return value
    return None


def _domain(address: str) -> str:
    return address.rpartition("@")[2]
