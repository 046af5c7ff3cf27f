# SPDX-License-Identifier: GPL-3.0-or-later
"""Nodes as text again, in one canonical form: what is parsed from it are the same nodes."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import zip_longest

from sieve.syntax import Node, Number, String, Strings, TagName, Value

_INDENT = "    "
_CONTINUING = ("elsif", "else")
"""What stands on the line on which the block before it ends."""


def printed(nodes: Sequence[Node]) -> str:
    """A whole script. Comments and the look of strings are not kept."""
    return "".join(_commands(nodes, 0))


def _commands(nodes: Sequence[Node], depth: int) -> Iterator[str]:
    indent = lead = _INDENT * depth
    for node, following in zip_longest(nodes, nodes[1:]):
        yield f"{lead}{_head(node)}"
        continued = following is not None and following.name in _CONTINUING and node.block is not None
        lead = " " if continued else indent
        if node.block is None:
            yield ";\n"
        else:
            yield " {\n"
            yield from _commands(node.block, depth + 1)
            yield f"{indent}}}" if continued else f"{indent}}}\n"


def _head(node: Node) -> str:
    words = [node.name, *map(_value, node.arguments)]
    tests = ", ".join(map(_head, node.tests))
    if node.listed:
        words.append(f"({tests})")
    elif tests:
        words.append(tests)
    return " ".join(words)


def _value(value: Value) -> str:
    match value:
        case Number():
            return str(value.value)
        case String():
            return _quoted(value.text)
        case Strings():
            return f"[{', '.join(_quoted(item.text) for item in value.items)}]"
        case TagName():
            return f":{value.name}"


def _quoted(text: str) -> str:
    escaped = text.replace("\\", "\\\\").replace('"', '\\"')
    return f'"{escaped}"'
