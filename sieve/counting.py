# SPDX-License-Identifier: GPL-3.0-or-later
"""How often a script may do what it may do only so often: the most on one way through it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence

from sieve.errors import Problem
from sieve.settings import Settings
from sieve.syntax import Node


def excesses(nodes: Sequence[Node], settings: Settings) -> Iterator[Problem]:
    """Warnings of what fails when the script runs, each at the first command that is one too many."""
    names = Counter(_names(nodes))
    for name, most, kind in (
        ("redirect", settings.max_redirects, "redirects"),
        ("notify", settings.notify_max_notifications, "notifications"),
        # RFC 5230, 4.7 and RFC 5429, 2.4
        ("vacation", 1, "answers"),
        ("reject", 1, "rejections"),
        ("ereject", 1, "rejections"),
    ):
        if names[name] <= most:
            continue
        counting = _Counting(name, most)
        counting.after(nodes, 0)
        if counting.found is not None:
            yield Problem(
                counting.found.line, counting.found.column, f"too many {kind} for one message (at most {most})"
            )


_ENDS = ("stop", "return", "error")


class _Counting:
    def __init__(self, name: str, most: int) -> None:
        self._name = name
        self._most = most
        self.found: Node | None = None

    def after(self, nodes: Sequence[Node], count: int) -> int | None:
        """The most behind these commands, with `count` before them; None when the script always ends in them."""
        for chain in _chains(nodes):
            if chain[0].name in _ENDS:
                return None
            ways = [self._way(node, count) for node in chain]
            if chain[0].name == "if" and chain[-1].name != "else":
                ways.append(count)
            counts = [way for way in ways if way is not None]
            if not counts:
                return None
            count = max(counts)
        return count

    def _way(self, node: Node, count: int) -> int | None:
        if node.name == self._name:
            count += 1
            if count > self._most and self.found is None:
                self.found = node
        return self.after(node.block or (), count)


def _names(nodes: Sequence[Node]) -> Iterator[str]:
    for node in nodes:
        yield node.name
        if node.block:
            yield from _names(node.block)


def _chains(nodes: Sequence[Node]) -> Iterator[list[Node]]:
    """Each command; an if together with what belongs to it."""
    chain: list[Node] = []
    for node in nodes:
        if chain and node.name not in ("elsif", "else"):
            yield chain
            chain = []
        chain.append(node)
    if chain:
        yield chain
