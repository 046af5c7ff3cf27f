# SPDX-License-Identifier: GPL-3.0-or-later
"""What we sign, dkimpy verifies."""

from __future__ import annotations

import base64

import dkim
import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey
from hypothesis import given, settings
from hypothesis import strategies as st

from protocols.dkim.canonical import relaxed_field
from protocols.dkim.privatekey import SigningKey, from_pem, new_private_key, to_pem
from protocols.dkim.signature import selected
from protocols.dkim.signing import sign, signed_field
from protocols.dkim.verification import Message
from protocols.message.header import fields, header_end
from tests.protocols_dkim.signing import ED25519, RSA, outcome

KEYS = [SigningKey("example.com", "one", RSA), SigningKey("example.com", "one", ED25519)]
NOW = 1_795_521_600
HEADER = (
    b"From: Ann <ann@example.com>\r\nTo: bob@example.net\r\nSubject:  two   words\r\n\tand a fold \r\n"
    b"Date: Tue, 24 Nov 2026 12:00:00 +0000\r\nMessage-ID: <1@example.com>\r\nMIME-Version: 1.0\r\n"
    b"Content-Type: text/plain\r\nReferences: <0@example.net>\r\n\t<00@example.net>\r\n"
)
MESSAGE = HEADER + b"\r\nHello  Bob, \r\n\r\n\tbye\t\r\n\r\n\r\n"


def parsed(octets: bytes) -> Message:
    end = header_end(octets, 0, len(octets))
    return Message(fields(octets[:end]), octets, end, len(octets))


def signed(octets: bytes, key: SigningKey) -> bytes:
    return sign(parsed(octets), key, NOW) + octets


def dkimpy_verifies(octets: bytes, *keys: SigningKey) -> bool:
    records = {f"{key.name}.".encode(): key.record().encode() for key in keys}
    verifier = dkim.DKIM(octets, minkey=1024)
    return all(verifier.verify(index, dnsfunc=lambda name, **_: records[name]) for index in range(len(keys)))


@pytest.mark.parametrize("key", KEYS, ids=lambda key: key.kind)
def test_a_signature_holds_for_dkimpy_and_for_us(key: SigningKey) -> None:
    octets = signed(MESSAGE, key)
    assert dkimpy_verifies(octets, key)
    assert outcome(octets, [key.record().encode()]) == ""


def test_both_signatures_stand_side_by_side() -> None:
    keys = [SigningKey("example.com", f"s{key.kind}", key.private) for key in KEYS]
    octets = b"".join(sign(parsed(MESSAGE), key, NOW) for key in keys) + MESSAGE
    assert dkimpy_verifies(octets, *keys)


@pytest.mark.parametrize("added", [b"From: e@example.org\r\n", b"Subject: other\r\n", b"Reply-To: e@example.org\r\n"])
def test_what_people_see_cannot_be_added(added: bytes) -> None:
    """RFC 6376, 8.15."""
    head, _, rest = signed(MESSAGE, KEYS[0]).partition(b"From: ")
    octets = head + added + b"From: " + rest
    assert outcome(octets, [KEYS[0].record().encode()]) != ""
    assert not dkimpy_verifies(octets, KEYS[0])


def test_what_travel_adds_does_no_harm() -> None:
    octets = b"Received: from a by b; now\r\n" + signed(MESSAGE, KEYS[0])
    octets = octets.replace(b"References:", b"List-Id: <list.example.net>\r\nReferences:")
    assert dkimpy_verifies(octets, KEYS[0])


def test_no_line_of_the_field_is_long() -> None:
    field = sign(parsed(MESSAGE), KEYS[0], NOW)
    assert max(map(len, field.split(b"\r\n"))) <= 78


@settings(max_examples=50)
@given(st.lists(st.sampled_from([b" ", b"\t", b"\r\n", b"a", b"\xe4", b"."])))
def test_any_body_can_be_signed(pieces: list[bytes]) -> None:
    assert dkimpy_verifies(signed(HEADER + b"\r\n" + b"".join(pieces) + b"\r\n", KEYS[1]), KEYS[1])


def test_the_example_of_rfc_8463_is_signed_as_it_stands_there() -> None:
    """RFC 8463, A.1 and A.3. Ed25519 signatures of the same octets are the same."""
    secret = Ed25519PrivateKey.from_private_bytes(base64.b64decode("nWGxne/9WmC6hEr0kuwsxERJxWl7MmkZcDusAxyuf2A="))
    key = SigningKey("football.example.com", "brisbane", secret)
    assert key.record() == "v=DKIM1; k=ed25519; p=11qYAYKxCrfVS/7TyWQHOg7hcvPapiMlrwIaaPcHURo="
    header = fields(
        b"From: Joe SixPack <joe@football.example.com>\r\nTo: Suzie Q <suzie@shopping.example.net>\r\n"
        b"Subject: Is dinner ready?\r\nDate: Fri, 11 Jul 2003 21:00:37 -0700 (PDT)\r\n"
        b"Message-ID: <20030712040037.46341.5F8J@football.example.com>\r\n"
    )
    names = b"from to subject date message-id from subject date".split()
    unsigned = (
        b"DKIM-Signature: v=1; a=ed25519-sha256; c=relaxed/relaxed;\r\n"
        b" d=football.example.com; i=@football.example.com;\r\n"
        b" q=dns/txt; s=brisbane; t=1528637909; h=from : to :\r\n"
        b" subject : date : message-id : from : subject : date;\r\n"
        b" bh=2jUSOH9NhtVGCQWNr9BrIAPreKQjO6Sn7XIkfJVOzv8=;\r\n b="
    )
    field = signed_field(unsigned, b"".join(map(relaxed_field, selected(header, names))), key)
    value = b"/gCrinpcQOoIfuHNQIbq4pgh9kyIK3AQUdt9OdqQehSwhEIug4D11BusFa3bT3FY5OsU7ZbnKELq+eXdp1Q1Dw=="
    assert b"".join(field.removeprefix(unsigned).split()) == value


def test_keys_are_kept_as_pem() -> None:
    for key in KEYS:
        assert (
            SigningKey("a", "b", from_pem(to_pem(key.private))).record() == SigningKey("a", "b", key.private).record()
        )
    assert isinstance(rsa := new_private_key("rsa"), RSAPrivateKey)
    assert rsa.key_size == 2048
    with pytest.raises(ValueError, match="PEM"):
        from_pem(b"no key")
