# SPDX-License-Identifier: GPL-3.0-or-later
"""What strings mean beyond their letters: encoded characters (RFC 5228, 2.4.2.4) and variables (RFC 5229, 3)."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import NamedTuple

_ENCODED = re.compile(
    r"""\$\{(?:hex:(?P<hex>[ \t\r\n]*[0-9a-f]{1,2}(?:[ \t\r\n]+[0-9a-f]{1,2})*+[ \t\r\n]*)
    |unicode:(?P<unicode>[ \t\r\n]*[0-9a-f]+(?:[ \t\r\n]+[0-9a-f]+)*+[ \t\r\n]*))\}""",
    re.IGNORECASE | re.VERBOSE,
)
_REFERENCE = re.compile(r"\$\{([a-z_][a-z0-9_]*(?:\.(?:[a-z_][a-z0-9_]*|[0-9]+))*+|[0-9]+)\}", re.IGNORECASE | re.ASCII)
_OCTETS = ("utf-8", "surrogateescape")


def encoded_characters(text: str, problem: Callable[[str], None]) -> str:
    """With `${hex:…}` and `${unicode:…}` replaced; calls `problem` for characters that there are not."""

    def characters(found: re.Match[str]) -> str:
        if found["hex"] is not None:
            return bytes.fromhex("".join(digits.zfill(2) for digits in found["hex"].split())).decode(*_OCTETS)
        numbers = [int(digits, 16) for digits in found["unicode"].split()]
        if any(number > 0x10FFFF or 0xD800 <= number <= 0xDFFF for number in numbers):
            problem(f"{found[0]} is no character")
            return ""
        return "".join(map(chr, numbers))

    # What comes out is not looked at again. Octets of one character may stand in two ${hex:…}: they become one here.
    return _ENCODED.sub(characters, text).encode(*_OCTETS).decode(*_OCTETS)


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
        pieces.append(_reference(found[1].lower()))
        at = found.end()
    if not pieces:
        return None
    return (*pieces, text[at:]) if at < len(text) else tuple(pieces)


def _reference(name: str) -> Reference:
    """A namespace is the first word; what is behind it is its own business. Zeroes before a number say nothing."""
    if name.isdigit():
        return Reference("", name.lstrip("0") or "0")
    namespace, _, rest = name.partition(".")
    return Reference(namespace, rest) if rest else Reference("", namespace)
