# SPDX-License-Identifier: GPL-3.0-or-later
"""DKIM signatures and ARC chains: what a message claims, the keys to it, and whether it is true."""

from __future__ import annotations

import asyncio
import re
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass

from ikserver.dns.api import DnsFailure, Resolver
from ikserver.model.authentication import Arc, Result, Signature
from protocols.dkim.arc import Chain, parse_chain, validate
from protocols.dkim.errors import Malformed, Unusable
from protocols.dkim.key import Key, parse_key
from protocols.dkim.signature import Field, parse_signature
from protocols.dkim.signature import Signature as Parsed
from protocols.dkim.verification import Message, verify

MAX_SIGNATURES = 5
"""RFC 6376, 6.1 lets a verifier stop somewhere. The topmost count: they are the newest."""
_DMARC_PASS = re.compile(rb"(?:\A|;)[ \t\r\n]*dmarc[ \t]*=[ \t]*pass\b", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Claims:
    """Those that cannot be true have their result already."""

    signatures: Sequence[Parsed | Signature]
    chain: Chain | Arc

    @property
    def key_names(self) -> set[str]:
        """Empty when there is nothing to verify."""
        names = {one.key_name for one in self.signatures if isinstance(one, Parsed)}
        return names | self.chain.key_names if isinstance(self.chain, Chain) else names


class Keys:
    """What DNS said of the keys of one message."""

    def __init__(self, found: dict[str, Sequence[bytes] | DnsFailure]) -> None:
        self._found = found

    def __call__(self, name: str) -> Key:
        """Raises Unusable, DnsFailure."""
        found = self._found[name]
        if isinstance(found, DnsFailure):
            raise found
        return parse_key(found)


def claims(fields: Sequence[Field], now: float) -> Claims:
    """What the header of a message claims. `now` in seconds since the epoch."""
    raws = [raw for name, raw in fields if name == b"dkim-signature"]
    signatures = [_claimed(raw, now) for raw in raws[:MAX_SIGNATURES]]
    try:
        return Claims(signatures, parse_chain(fields, now) or Arc())
    except Unusable as reason:
        return Claims(signatures, Arc(Result.FAIL, reason=str(reason)))


def _claimed(raw: bytes, now: float) -> Parsed | Signature:
    try:
        return parse_signature(raw, now)
    except Malformed as reason:
        # RFC 8601, 2.7.1: neutral is what a syntax error comes to.
        return Signature(Result.NEUTRAL, "", reason=str(reason))
    except Unusable as reason:
        return Signature(Result.PERMERROR, "", reason=str(reason))


async def keys(resolver: Resolver, names: Iterable[str]) -> Keys:
    """All of them at once. Never fails."""

    async def ask(name: str) -> Sequence[bytes] | DnsFailure:
        try:
            return (await resolver.txt(name)).records
        except DnsFailure as failure:
            return failure

    wanted = list(names)
    return Keys(dict(zip(wanted, await asyncio.gather(*map(ask, wanted)), strict=True)))


def judge(
    claimed: Claims, known: Keys, message: Message, sealers: Collection[str]
) -> tuple[tuple[Signature, ...], Arc]:
    """What is true of it. Takes its time with a large body. `sealers` are the domains whose ARC seals we trust."""
    signatures = [_judged(one, known, message) if isinstance(one, Parsed) else one for one in claimed.signatures]
    chain = claimed.chain
    return tuple(signatures), _validated(chain, known, message, sealers) if isinstance(chain, Chain) else chain


def _judged(parsed: Parsed, known: Keys, message: Message) -> Signature:
    partial = False
    try:
        reason = verify(message, parsed, known(parsed.key_name))
        result = Result.FAIL if reason else Result.PASS
        partial = not message.covers_body(parsed.limit, relaxed=parsed.relaxed_body)
    except Unusable as unusable:
        result, reason = Result.PERMERROR, str(unusable)
    except DnsFailure:
        result, reason = Result.TEMPERROR, "no answer from DNS"
    if partial and not reason:
        reason = "the end of the body is not signed"
    return Signature(result, parsed.domain, parsed.selector, parsed.algorithm, parsed.start, partial, reason)


def _validated(chain: Chain, known: Keys, message: Message, sealers: Collection[str]) -> Arc:
    sealer = chain.seals[-1].domain
    try:
        reason = validate(message, chain, known)
    except Unusable as unusable:
        reason = str(unusable)
    except DnsFailure:
        # RFC 8617, 5.2 knows no result for this, and a chain that cannot be checked is worth nothing.
        reason = "no answer from DNS"
    if reason:
        return Arc(Result.FAIL, sealer, reason=reason)
    # The first sealer saw the author's domain; whoever passed it on could have said what he liked.
    trusted = all(seal.domain in sealers for seal in chain.seals) and bool(_DMARC_PASS.search(chain.results))
    return Arc(Result.PASS, sealer, trusted)
