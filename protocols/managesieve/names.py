# SPDX-License-Identifier: GPL-3.0-or-later
"""What a script may be called (RFC 5804, 1.6)."""

from __future__ import annotations

import re

from protocols.managesieve.errors import BadCommand

MOST_OCTETS = 512
"""RFC 5804, 1.6: 128 characters, which can be so many octets, must be allowed."""

_FORBIDDEN = re.compile(r"[\x00-\x1f\x7f-\x9f\u2028\u2029]")


def script_name(octets: bytes) -> str:
    """The name, as it is spelled: what a client stores it finds again. Raises BadCommand."""
    try:
        name = octets.decode()
    except UnicodeDecodeError as error:
        raise BadCommand("the name of the script is not UTF-8") from error
    if not name:
        raise BadCommand("the name of the script is empty")
    if len(octets) > MOST_OCTETS:
        raise BadCommand(f"the name of the script has more than {MOST_OCTETS} octets")
    if _FORBIDDEN.search(name):
        raise BadCommand("the name of the script has control characters")
    return name
