# SPDX-License-Identifier: GPL-3.0-or-later
"""What comes of compiling a script, bit by bit."""

from __future__ import annotations

from dataclasses import dataclass, field

from sieve.errors import Problem
from sieve.registry import Registry
from sieve.run import Included, Place
from sieve.services import Scripts
from sieve.settings import Settings
from sieve.syntax import Node


@dataclass(slots=True)
class Program:
    """What a script, whose nodes are these, and those that it includes have in common while they are compiled.

    Without `scripts` nothing is included but what is in `sources`; the rest is looked for when the script runs.
    """

    registry: Registry
    settings: Settings
    scripts: Scripts | None
    nodes: tuple[Node, ...] = ()
    problems: list[Problem] = field(default_factory=list)
    warnings: list[Problem] = field(default_factory=list)
    included: dict[Place, Included] = field(default_factory=dict)
    sources: dict[Place, tuple[Node, ...]] = field(default_factory=dict)
    capabilities: set[str] = field(default_factory=set)
