# SPDX-License-Identifier: GPL-3.0-or-later
"""Chains of ARC sets (RFC 8617, 5.2): every server that handled a message seals what it found."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from protocols.dkim.canonical import relaxed_field
from protocols.dkim.errors import Malformed, Unusable
from protocols.dkim.key import Key
from protocols.dkim.signature import (
    Field,
    Signature,
    algorithm,
    domain,
    number,
    parse_signature,
    require,
    selector,
    unsigned,
)
from protocols.dkim.tags import octets, parse_tags
from protocols.dkim.verification import Message, verify

MAX_SETS = 50
"""RFC 8617, 4.2.1."""
NAMES = (b"arc-authentication-results", b"arc-message-signature", b"arc-seal")
_RESULTS = re.compile(rb"[ \t\r\n]*i[ \t\r\n]*=[ \t\r\n]*([0-9]{1,3})[ \t\r\n]*;")


@dataclass(frozen=True, slots=True)
class Seal:
    """One ARC-Seal; `raw` is the whole field."""

    raw: bytes
    algorithm: str
    domain: str
    selector: str
    signature: bytes

    @property
    def key_name(self) -> str:
        """Where the key is (RFC 6376, 3.6.2.1)."""
        return f"{self.selector}._domainkey.{self.domain}"


@dataclass(frozen=True, slots=True)
class Chain:
    """A chain whose form is right; `message` is the newest ARC-Message-Signature, `seals` the oldest first.

    `covered` are all fields of the sets in the order in which they are sealed, three a set. `results` is the value of
    the first ARC-Authentication-Results, without i=.
    """

    message: Signature
    seals: Sequence[Seal]
    covered: Sequence[bytes]
    results: bytes

    @property
    def key_names(self) -> set[str]:
        return {self.message.key_name, *(seal.key_name for seal in self.seals)}


def parse_chain(fields: Sequence[Field], now: float) -> Chain | None:
    """The chain of a message, None when it has none. Raises Unusable, Malformed: then the chain fails."""
    raws = [[raw for name, raw in fields if name == wanted] for wanted in NAMES]
    count = max(map(len, raws))
    if count == 0:
        return None
    if count > MAX_SETS:
        raise Malformed("too many sets")
    kinds = [_by_instance(raw) for raw in raws]
    if any(set(kind) != set(range(1, count + 1)) for kind in kinds):
        raise Malformed("incomplete set")
    sets = [[kind[instance] for kind in kinds] for instance in range(1, count + 1)]
    return Chain(
        message=parse_signature(sets[-1][1], now, arc=True),
        seals=[_seal(raw, instance) for instance, (_, _, raw) in enumerate(sets, 1)],
        covered=[field for one in sets for field in one],
        results=_RESULTS.sub(b"", sets[0][0].partition(b":")[2], count=1),
    )


def validate(message: Message, chain: Chain, key: Callable[[str], Key]) -> str:
    """ "" when it holds, else what does not. `key` gives the key of a name. Raises Unusable, and what `key` raises."""
    if failure := verify(message, chain.message, key(chain.message.key_name)):
        return failure
    forms = [relaxed_field(field) for field in chain.covered]
    for instance, seal in reversed(list(enumerate(chain.seals, 1))):
        # RFC 8617, 5.1.1: a seal covers all sets up to its own, itself last.
        signed = b"".join(forms[: 3 * instance - 1]) + unsigned(seal.raw, relaxed_field)
        if not key(seal.key_name).verifies(seal.algorithm, signed, seal.signature):
            return f"seal {instance} did not verify"
    return ""


def last_instance(fields: Sequence[Field]) -> int:
    """The highest i= of a chain, whatever is wrong with it; 0 when no field has one that can be read."""
    return max((_readable_instance(raw) for name, raw in fields if name in NAMES), default=0)


def has_ended(fields: Sequence[Field]) -> bool:
    """Somebody before us has sealed that the chain failed (RFC 8617, 5.1)."""
    last = last_instance(fields)
    seals = [raw for name, raw in fields if last and name == NAMES[2] and _readable_instance(raw) == last]
    return any(parse_tags(raw.partition(b":")[2]).get("cv") == "fail" for raw in seals)


def _readable_instance(raw: bytes) -> int:
    try:
        return _instance(raw)
    except Unusable:
        return 0


def _by_instance(raws: Sequence[bytes]) -> dict[int, bytes]:
    found: dict[int, bytes] = {}
    for raw in raws:
        instance = _instance(raw)
        if instance in found:
            raise Malformed(f"two fields of set {instance}")
        found[instance] = raw
    return found


def _instance(raw: bytes) -> int:
    name, _, value = raw.partition(b":")
    if name.strip().lower() == NAMES[0]:
        if not (found := _RESULTS.match(value)):
            raise Malformed("i= does not come first")
        return int(found[1])
    return number(parse_tags(value).get("i", ""), "i") or 0


def _seal(raw: bytes, instance: int) -> Seal:
    tags = parse_tags(raw.partition(b":")[2])
    require(tags, ["i", "a", "b", "cv", "d", "s"])
    if "h" in tags:
        raise Malformed("a seal has no h=")
    number(tags.get("t"), "t")
    if tags["cv"] != ("none" if instance == 1 else "pass"):
        # RFC 8617, 5.2: cv=fail ends the chain, and only the first set may say none.
        raise Unusable(f"seal {instance} says cv={tags['cv']}")
    return Seal(
        raw=raw,
        algorithm=algorithm(tags),
        domain=domain(tags),
        selector=selector(tags),
        signature=octets(tags["b"], "b"),
    )
