# SPDX-License-Identifier: GPL-3.0-or-later
"""A script as the parser sees it (RFC 5228, 8.2): commands and tests are the same kind of node."""

from __future__ import annotations

from typing import NamedTuple, TypeAlias


class Number(NamedTuple):
    value: int
    line: int = 0
    column: int = 0


class String(NamedTuple):
    """Without its quotes; as it is written, variables and encoded characters included."""

    text: str
    line: int = 0
    column: int = 0


class Strings(NamedTuple):
    """A list in brackets."""

    items: tuple[String, ...]
    line: int = 0
    column: int = 0


class TagName(NamedTuple):
    """Without its colon, in lower case."""

    name: str
    line: int = 0
    column: int = 0


Value: TypeAlias = Number | String | Strings | TagName


class Node(NamedTuple):
    """A command or a test. `listed`: the tests stand in parentheses. `block` is None where there is none."""

    name: str
    arguments: tuple[Value, ...] = ()
    tests: tuple[Node, ...] = ()
    block: tuple[Node, ...] | None = None
    listed: bool = False
    line: int = 0
    column: int = 0
