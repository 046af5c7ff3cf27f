# SPDX-License-Identifier: GPL-3.0-or-later
"""Chains that we seal hold: dkimpy says so, and our own validation."""

from __future__ import annotations

import dkim
import pytest

from protocols.dkim.arc import MAX_SETS, parse_chain, validate
from protocols.dkim.canonical import relaxed_field
from protocols.dkim.errors import Unusable
from protocols.dkim.key import parse_key
from protocols.dkim.privatekey import SigningKey
from protocols.dkim.sealing import seal, seal_failed
from protocols.dkim.signature import unsigned
from protocols.dkim.tags import octets, parse_tags
from protocols.dkim.verification import Message
from protocols.message.header import fields, header_end
from tests.protocols_dkim.signing import RSA, sign

KEY = SigningKey("our.test", "r2026a", RSA)
RECORD = KEY.record().encode()
RESULTS = b" mail.our.test;\r\n\tspf=pass smtp.mailfrom=example.com;\r\n\tdkim=pass header.d=example.com\r\n"
MESSAGE = sign(b"From: Ann <ann@example.com>\r\nSubject: hello\r\n\r\nHello  Bob, \r\n\r\n\tbye\t\r\n\r\n")
NOW = 1_795_521_600


def parsed(octets: bytes) -> Message:
    end = header_end(octets, 0, len(octets))
    return Message(fields(octets[:end]), octets, end, len(octets))


def sealed(message: bytes, times: int) -> bytes:
    for _ in range(times):
        found = parsed(message)
        message = seal(found, parse_chain(found.fields, NOW), RESULTS, KEY, NOW) + message
    return message


def holds(octets: bytes) -> bool:
    message = parsed(octets)
    chain = parse_chain(message.fields, NOW)
    assert chain is not None
    return not validate(message, chain, lambda _: parse_key([RECORD]))


def dkimpy_says(octets: bytes) -> bytes:
    verdict, _, _ = dkim.arc_verify(octets, dnsfunc=lambda name, **_: RECORD)
    return bytes(verdict)


@pytest.mark.parametrize("times", [1, 2, 5])
def test_a_chain_holds(times: int) -> None:
    octets = sealed(MESSAGE, times)
    assert holds(octets)
    assert dkimpy_says(octets) == b"pass"


@pytest.mark.parametrize(
    ("old", "new"),
    [
        (b"Hello ", b"Hullo "),
        (b"Subject: hello", b"Subject: hullo"),
        (b"spf=pass", b"spf=fail"),
        (b"cv=none", b"cv=pass"),
    ],
)
def test_a_chain_breaks_with_what_it_covers(old: bytes, new: bytes) -> None:
    octets = sealed(MESSAGE, 1).replace(old, new, 1)
    assert dkimpy_says(octets) == b"fail"


def test_what_is_put_in_front_does_no_harm() -> None:
    octets = b"Received: from a by b; now\r\nAuthentication-Results: far.test; none\r\n" + sealed(MESSAGE, 2)
    assert holds(octets)
    assert dkimpy_says(octets) == b"pass"


def test_a_chain_has_an_end() -> None:
    """RFC 8617, 4.2.1."""
    octets = sealed(MESSAGE, MAX_SETS)
    assert holds(octets)
    assert sealed(octets, 1) == octets


BROKEN = [
    (sealed(MESSAGE, 2).replace(b"Hello ", b"Hullo "), 3),
    (sealed(MESSAGE, 2).replace(b"ARC-Message-Signature: i=1;", b"X-Signature: i=1;"), 3),
    (sealed(MESSAGE, 2).replace(b"ARC-Seal: i=2;", b"ARC-Seal: i=7;"), 8),
    (b"ARC-Seal: i=1; i=1\r\n" + MESSAGE, 1),
    (b"ARC-Seal: cv=fail\r\n" + MESSAGE, 1),
    (b"ARC-Authentication-Results: spf=pass; i=1\r\n" + MESSAGE, 1),
]


@pytest.mark.parametrize(("message", "instance"), BROKEN)
def test_what_is_wrong_with_a_chain_is_sealed_by_a_set_that_stands_alone(message: bytes, instance: int) -> None:
    """RFC 8617, 5.1.2."""
    added = seal_failed(parsed(message), RESULTS, KEY, NOW)
    assert added.startswith(f"ARC-Seal: i={instance}; a=rsa-sha256; cv=fail;".encode())
    (_, own), (_, signature), (_, found) = fields(added)
    covered = relaxed_field(found) + relaxed_field(signature) + unsigned(own, relaxed_field)
    value = octets(parse_tags(own.partition(b":")[2])["b"], "b")
    assert parse_key([RECORD]).verifies("rsa-sha256", covered, value)
    with pytest.raises(Unusable):
        parse_chain(parsed(added + message).fields, NOW)


def test_a_chain_that_has_failed_is_not_sealed_again() -> None:
    """RFC 8617, 5.1."""
    message = seal_failed(parsed(BROKEN[0][0]), RESULTS, KEY, NOW) + BROKEN[0][0]
    assert seal_failed(parsed(message), RESULTS, KEY, NOW) == b""


def test_a_failure_has_no_set_behind_the_last() -> None:
    """RFC 8617, 4.2.1."""
    assert seal_failed(parsed(sealed(MESSAGE, MAX_SETS)), RESULTS, KEY, NOW) == b""
