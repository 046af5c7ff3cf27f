# SPDX-License-Identifier: GPL-3.0-or-later
"""Messages for servers that take 7 bits."""

from __future__ import annotations

import email
import email.policy

import pytest

from protocols.message import scan, unpack_parts
from protocols.smtp.seven_bit import in_seven_bit

MIXED = (
    "MIME-Version: 1.0\r\n"
    'Content-Type: multipart/mixed; boundary="b"\r\n'
    "Content-Transfer-Encoding: 8bit\r\n"
    "\r\n"
    "--b\r\n"
    "Content-Type: text/plain; charset=utf-8\r\n"
    "Content-Transfer-Encoding: 8bit\r\n"
    "\r\n"
    "Grüße = trailing \r\n"
    "--b\r\n"
    "Content-Type: text/plain\r\n"
    "\r\n"
    "plain\r\n"
    "--b\r\n"
    "Content-Type: application/octet-stream\r\n"
    "Content-Transfer-Encoding: 8bit\r\n"
    "\r\n"
    "ÿÿÿ\r\n"
    "--b\r\n"
    "Content-Type: message/rfc822\r\n"
    "Content-Transfer-Encoding: 8bit\r\n"
    "\r\n"
    "Subject: inner\r\n"
    "Content-Type: text/plain; charset=utf-8\r\n"
    "Content-Transfer-Encoding: 8bit\r\n"
    "\r\n"
    "ä\r\n"
    "--b--\r\n"
).encode()


def converted(message: bytes) -> bytes:
    return b"".join(in_seven_bit(message, unpack_parts(scan(message).parts)))


def test_each_part_gets_the_encoding_that_fits() -> None:
    message = converted(MIXED)
    assert message.isascii()
    parsed = email.message_from_bytes(message, policy=email.policy.default)
    assert parsed["Content-Transfer-Encoding"] == "7bit"
    text, plain, octets, inner = parsed.iter_parts()
    assert [part["Content-Transfer-Encoding"] for part in (text, plain, octets, inner)] == [
        "quoted-printable",
        None,
        "base64",
        "7bit",
    ]
    assert text.get_content().rstrip("\n") == "Grüße = trailing "
    assert octets.get_content() == "ÿÿÿ".encode()
    assert inner.get_content().get_content() == "ä"


def test_a_message_without_mime_gets_it() -> None:
    assert converted("Subject: x\r\n\r\nGrüße\r\n".encode()) == (
        b"Subject: x\r\nMIME-Version: 1.0\r\nContent-Type: text/plain; charset=unknown-8bit\r\n"
        b"Content-Transfer-Encoding: quoted-printable\r\n\r\nGr=C3=BC=C3=9Fe\r\n"
    )


@pytest.mark.parametrize("message", [b"Subject: x\r\n\r\nplain\r\n", b"", b"\r\nonly a body\r\n"])
def test_what_has_seven_bits_stays_as_it_is(message: bytes) -> None:
    assert converted(message) == message
