# SPDX-License-Identifier: GPL-3.0-or-later
"""Chains that we seal hold: dkimpy says so, and our own validation."""

from __future__ import annotations

import dkim
import pytest

from protocols.dkim.arc import MAX_SETS, parse_chain, validate
from protocols.dkim.key import parse_key
from protocols.dkim.privatekey import SigningKey
from protocols.dkim.sealing import seal
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


def sealed(octets: bytes, times: int) -> bytes:
    for _ in range(times):
        message = parsed(octets)
        octets = seal(message, parse_chain(message.fields, NOW), RESULTS, KEY, NOW) + octets
    return octets


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
