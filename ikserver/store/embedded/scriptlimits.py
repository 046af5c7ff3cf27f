# SPDX-License-Identifier: GPL-3.0-or-later
"""What may be the name of a Sieve script, and how many scripts there may be. Runs inside a transaction."""

from __future__ import annotations

import unicodedata

from ikserver.store.api.errors import CannotChange, ScriptTooLarge, TooManyScripts
from ikserver.store.api.scripts import MAX_NAME_OCTETS, MAX_SCRIPT_OCTETS, MAX_SCRIPTS, MAX_TOTAL_OCTETS


def check_name(name: str) -> None:
    """RFC 5804, 1.6. Raises CannotChange."""
    if not name:
        raise CannotChange("a script has a name")
    if len(name.encode("utf-8", "surrogatepass")) > MAX_NAME_OCTETS:
        raise CannotChange("the name of a script is too long")
    if any(unicodedata.category(character) in ("Cc", "Cs", "Zl", "Zp") for character in name):
        raise CannotChange("the name of a script holds no control characters")


def check_room(others: int, their_octets: int, size: int) -> None:
    """Whether a script of so many octets may stand beside others. Raises TooManyScripts, ScriptTooLarge."""
    if size > MAX_SCRIPT_OCTETS:
        raise ScriptTooLarge(f"a script has at most {MAX_SCRIPT_OCTETS} octets")
    if others >= MAX_SCRIPTS:
        raise TooManyScripts(f"there may be {MAX_SCRIPTS} scripts")
    if their_octets + size > MAX_TOTAL_OCTETS:
        raise ScriptTooLarge(f"all scripts together have at most {MAX_TOTAL_OCTETS} octets")
