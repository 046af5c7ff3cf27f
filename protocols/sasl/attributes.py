# SPDX-License-Identifier: GPL-3.0-or-later
"""The messages of a SCRAM client, read strictly (RFC 5802, 7)."""

from __future__ import annotations

import binascii
import re
from dataclasses import dataclass

from protocols.sasl.errors import Malformed

_FIRST = re.compile(
    r"(?P<header>(?P<flag>n|y|p=[A-Za-z0-9.-]+),(?:a=(?P<authorise>[^,\0]+))?,)"
    r"(?P<bare>n=(?P<user>[^,\0]+),r=(?P<nonce>[\x21-\x2b\x2d-\x7e]+)(?:,[A-Za-z]=[^,\0]+)*)"
)
_FINAL = re.compile(
    r"(?P<without_proof>c=(?P<binding>[A-Za-z0-9+/=]+),r=(?P<nonce>[\x21-\x2b\x2d-\x7e]+)(?:,[A-Za-z]=[^,\0]+)*)"
    r",p=(?P<proof>[A-Za-z0-9+/=]+)"
)
_ESCAPE = re.compile("=(2C|3D)?")


@dataclass(frozen=True, slots=True)
class ClientFirst:
    """`header` is the GS2 header as sent, `bare` the rest; names are unescaped."""

    header: str
    bare: str
    authorise: str
    user: str
    nonce: str


@dataclass(frozen=True, slots=True)
class ClientFinal:
    """`binding` and `proof` are decoded."""

    without_proof: str
    binding: bytes
    nonce: str
    proof: bytes


def client_first(message: bytes) -> ClientFirst:
    """Raises Malformed; also when the client wants channel binding or an extension that we do not know."""
    found = _FIRST.fullmatch(_text(message))
    if found is None:
        raise Malformed("not a SCRAM client-first-message")
    # RFC 5802, 6: only the -PLUS mechanism may be asked for channel binding.
    if found["flag"].startswith("p="):
        raise Malformed("channel binding is not supported")
    return ClientFirst(
        found["header"], found["bare"], _name(found["authorise"] or ""), _name(found["user"]), found["nonce"]
    )


def client_final(message: bytes) -> ClientFinal:
    """Raises Malformed."""
    found = _FINAL.fullmatch(_text(message))
    if found is None:
        raise Malformed("not a SCRAM client-final-message")
    return ClientFinal(found["without_proof"], _octets(found["binding"]), found["nonce"], _octets(found["proof"]))


def _name(escaped: str) -> str:
    """A saslname without its escapes of `,` and `=` (RFC 5802, 5.1)."""

    def unescape(found: re.Match[str]) -> str:
        match found[1]:
            case "2C":
                return ","
            case "3D":
                return "="
            case _:
                raise Malformed("a user name may hold = only as =3D")

    return _ESCAPE.sub(unescape, escaped)


def _octets(text: str) -> bytes:
    try:
        return binascii.a2b_base64(text, strict_mode=True)
    except binascii.Error as error:
        raise Malformed("not base64") from error


def _text(message: bytes) -> str:
    try:
        return message.decode()
    except UnicodeDecodeError as error:
        raise Malformed("SCRAM messages must be UTF-8") from error
