# SPDX-License-Identifier: GPL-3.0-or-later
"""Nodes as text again, in one canonical form: what is parsed from it are the same nodes."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from sieve.syntax import Node, Number, String, Strings, TagName, Value

_INDENT = "    "


def printed(nodes: Iterable[Node]) -> str:
    """A whole script. Comments and the look of strings are not kept."""
    return "".join(_commands(nodes, 0))


def _commands(nodes: Iterable[Node], depth: int) -> Iterator[str]:
    for node in nodes:
        yield f"{_INDENT * depth}{_head(node)}"
        if node.block is None:
            yield ";\n"
        else:
            yield " {\n"
            yield from _commands(node.block, depth + 1)
            yield f"{_INDENT * depth}}}\n"


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
