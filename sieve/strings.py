# SPDX-License-Identifier: GPL-3.0-or-later
"""What strings mean beyond their letters: encoded characters (RFC 5228, 2.4.2.4) and variables (RFC 5229, 3)."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import NamedTuple

_HEX = re.compile(r"\$\{hex:\s*([0-9a-f]{1,2}(?:\s+[0-9a-f]{1,2})*)\s*\}", re.IGNORECASE)
_UNICODE = re.compile(r"\$\{unicode:\s*([0-9a-f]+(?:\s+[0-9a-f]+)*)\s*\}", re.IGNORECASE)
_REFERENCE = re.compile(r"\$\{([A-Za-z_][A-Za-z0-9_]*(?:\.[A-Za-z0-9_]+)*|[0-9]+)\}", re.ASCII)


def encoded_characters(text: str, problem: Callable[[str], None]) -> str:
    """With `${hex:…}` and `${unicode:…}` replaced; calls `problem` for characters that there are not."""

    def octets(found: re.Match[str]) -> str:
        return bytes(int(digits, 16) for digits in found[1].split()).decode("utf-8", "surrogateescape")

    def characters(found: re.Match[str]) -> str:
        numbers = [int(digits, 16) for digits in found[1].split()]
        if any(number > 0x10FFFF or 0xD800 <= number <= 0xDFFF for number in numbers):
            problem(f"{found[0]} is no character")
            return ""
        return "".join(map(chr, numbers))

    # Octets of one character may stand in two ${hex:…}: they are put together at the end.
    decoded = _UNICODE.sub(characters, _HEX.sub(octets, text))
    return decoded.encode("utf-8", "surrogateescape").decode("utf-8", "surrogateescape")


class Reference(NamedTuple):
    """A variable in a string: `${name}`, `${namespace.name}`; of a match variable the name is its number."""

    namespace: str
    name: str


Template = tuple[str | Reference, ...]
"""What a string with variables consists of."""


def template(text: str) -> Template | None:
    """None when there is no variable in it. What only looks like one stays as it is (RFC 5229, 3)."""
    if "${" not in text:
        return None
    pieces: list[str | Reference] = []
    at = 0
    for found in _REFERENCE.finditer(text):
        if found.start() > at:
            pieces.append(text[at : found.start()])
        namespace, _, name = found[1].rpartition(".") if "." not in found[1] else _split(found[1])
        pieces.append(Reference(namespace.lower(), name.lower()))
        at = found.end()
    if not pieces:
        return None
    return (*pieces, text[at:]) if at < len(text) else tuple(pieces)


def _split(name: str) -> tuple[str, str, str]:
    """A namespace is the first word; what is behind it is its own business."""
    return name.partition(".")
