# SPDX-License-Identifier: GPL-3.0-or-later
"""A node whose arguments have found their names."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TypeAlias

from sieve.registry import AddressPart, Command, Comparator, MatchType, Test
from sieve.strings import Template
from sieve.syntax import Node


@dataclass(frozen=True, slots=True)
class Text:
    """A string argument: `template` where variables stand in it, else `text` is what it means."""

    text: str
    template: Template | None
    line: int
    column: int


Given: TypeAlias = int | bool | Text | tuple[Text, ...] | None


@dataclass(frozen=True, slots=True)
class Bound:
    """`given` has every argument that there may be; None for those that are not there."""

    node: Node
    definition: Command | Test
    given: Mapping[str, Given]
    match_type: MatchType
    comparator: Comparator
    part: AddressPart | None

    @property
    def name(self) -> str:
        return self.node.name

    @property
    def line(self) -> int:
        return self.node.line

    @property
    def column(self) -> int:
        return self.node.column

    def literal(self, name: str) -> str | None:
        """A string as it is known before the script runs; None when it is not there or has variables."""
        given = self.given[name]
        return given.text if isinstance(given, Text) and given.template is None else None

    def literals(self, name: str) -> list[str]:
        """Those strings of a list that are known before the script runs."""
        given = self.given[name]
        texts = given if isinstance(given, tuple) else ()
        return [text.text for text in texts if text.template is None]

    def number(self, name: str) -> int | None:
        given = self.given[name]
        return given if isinstance(given, int) and not isinstance(given, bool) else None

    def has(self, name: str) -> bool:
        return self.given[name] is not None
