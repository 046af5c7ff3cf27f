# SPDX-License-Identifier: GPL-3.0-or-later
"""Commands and replies of clamd, in the form that ends with NUL (clamd(8), COMMANDS).

INSTREAM is followed by chunks, the last of which is empty. A stream that is longer than clamd's StreamMaxLength is
answered before its end, and the connection closed.
"""

from __future__ import annotations

import re

INSTREAM = b"zINSTREAM\0"
PING = b"zPING\0"
END = bytes(4)

_REPLY = re.compile(rb"stream: (?:(OK)|(.+) FOUND)", re.DOTALL)
_PRINTABLE = re.compile(r"[^!-~]+")
LONGEST_NAME = 100


class BadReply(Exception):
    """clamd refuses, or what answers is no clamd."""


def chunk(octets: bytes) -> bytes:
    """A piece of the stream, which is not empty."""
    return len(octets).to_bytes(4, "big") + octets


def is_pong(reply: bytes) -> bool:
    """The answer to PING."""
    return reply.rstrip(b"\0\n") == b"PONG"


def parse_reply(reply: bytes) -> str:
    """The whole reply to INSTREAM: the name of what was found, printable ASCII without spaces; "" for nothing.

    Raises BadReply.
    """
    text = reply.rstrip(b"\0\n")
    found = _REPLY.fullmatch(text)
    if found is None:
        said = text.decode("ascii", "replace")[:LONGEST_NAME]
        raise BadReply(f"clamd says {said}" if said else "clamd hung up")
    if found[1]:
        return ""
    return _PRINTABLE.sub("?", found[2].decode("ascii", "replace"))[:LONGEST_NAME]
