# SPDX-License-Identifier: GPL-3.0-or-later
"""Binary parts become base64; whoever decodes them finds the same octets."""

from __future__ import annotations

import email
import email.policy
from email.message import EmailMessage

from hypothesis import given, settings
from hypothesis import strategies as st

from protocols.message import scan, unpack_parts
from protocols.smtp.binary import without_binary
from protocols.smtp.hygiene import is_clean

MESSAGE = (
    b"Subject: two parts\r\nMIME-Version: 1.0\r\nContent-Type: multipart/mixed; boundary=cut\r\n"
    b"content-transfer-encoding:\r\n  binary\r\n\r\n--cut\r\nContent-Type: text/plain\r\n\r\nplain text\r\n"
    b"--cut\r\nContent-Transfer-Encoding: BINARY\r\nContent-Type: image/png\r\n\r\n%b\r\n"
    b"--cut\r\nContent-Type: message/rfc822\r\nContent-Transfer-Encoding: binary\r\n\r\n"
    b"Subject: inner\r\nContent-Type: application/octet-stream\r\nContent-Transfer-Encoding: binary\r\n\r\n%b\r\n"
    b"--cut--\r\n"
)


def encoded(message: bytes) -> bytes:
    return b"".join(without_binary(message, unpack_parts(scan(message).parts)))


def parsed(message: bytes) -> EmailMessage:
    return email.message_from_bytes(message, policy=email.policy.default)


@given(st.binary(max_size=200).filter(lambda data: b"--cut" not in data))
@settings(max_examples=60)
def test_every_part_decodes_to_what_was_sent(octets: bytes) -> None:
    result = encoded(MESSAGE % (octets, octets))
    assert is_clean(result)
    text, image, message = parsed(result).iter_parts()
    assert text.as_bytes().endswith(b"plain text")
    assert image.get_payload(decode=True) == octets
    inner = message.get_content()
    assert inner["Subject"] == "inner"
    assert inner.get_payload(decode=True) == octets


def test_parts_that_hold_parts_are_called_8bit() -> None:
    result = encoded(MESSAGE % (b"\0", b"\n"))
    assert b"Content-Type: multipart/mixed; boundary=cut\r\nContent-Transfer-Encoding: 8bit\r\n" in result
    assert b"message/rfc822\r\nContent-Transfer-Encoding: 8bit\r\n" in result


def test_a_message_of_one_binary_part_ends_with_a_line_end() -> None:
    octets = bytes(range(256)) * 2000
    result = encoded(b"Content-Type: image/png\r\nContent-Transfer-Encoding: binary\r\n\r\n" + octets)
    assert parsed(result).get_payload(decode=True) == octets
    assert result.endswith(b"\r\n")
    assert max(map(len, result.split(b"\r\n"))) <= 76


def test_a_message_without_binary_parts_stays_as_it_is() -> None:
    message = b"Subject: x\r\nContent-Transfer-Encoding: 8bit\r\n\r\nh\xc3\xa9\r\n"
    assert encoded(message) == message
