# SPDX-License-Identifier: GPL-3.0-or-later
"""What people call the rule at a line of a script."""

from __future__ import annotations

import re

_NAME = re.compile(rb"[ \t]*#[ \t]*rule:[ \t]*\[?(.*?)\]?[ \t\r]*")


def rule_at(script: str, content: bytes, line: int) -> str:
    """The name that a comment above the line gives to the rule, as the editors of scripts write it
    (`# rule:[Invoices]`), with the place; only the place where there is none."""
    place = f"{script}, line {line}"
    for text in reversed(content.split(b"\n")[:line]):
        found = _NAME.fullmatch(text)
        if found and found[1]:
            return f"{found[1].decode('utf-8', 'replace')} ({place})"
    return place
