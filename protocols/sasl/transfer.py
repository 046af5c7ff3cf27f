# SPDX-License-Identifier: GPL-3.0-or-later
"""How challenges and responses travel in IMAP (RFC 9051, 6.2.2) and SMTP (RFC 4954, 4): as lines of base64."""

from __future__ import annotations

import binascii

from protocols.sasl.errors import Cancelled, Malformed


def encode(data: bytes) -> bytes:
    """Base64 without a line end; b"" stays b""."""
    return binascii.b2a_base64(data, newline=False)


def decode_response(line: bytes) -> bytes:
    """The octets of a client's line, which comes without its line end. Raises Cancelled for `*`, and Malformed."""
    if line == b"*":
        raise Cancelled("authentication cancelled")
    try:
        return binascii.a2b_base64(line, strict_mode=True)
    except binascii.Error as error:
        raise Malformed("the response is not base64") from error


def decode_initial(argument: bytes | None) -> bytes | None:
    """The initial response, if any; `=` is an empty one (RFC 4959, 3; RFC 4954, 4). Raises Malformed."""
    if argument is None:
        return None
    if argument == b"=":
        return b""
    return decode_response(argument)
