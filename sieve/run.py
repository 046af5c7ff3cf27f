# SPDX-License-Identifier: GPL-3.0-or-later
"""A script while it runs: what commands and tests get beside their arguments."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import TYPE_CHECKING, Any, NamedTuple, TypeAlias

from sieve.actions import Action
from sieve.errors import SieveRuntimeError
from sieve.result import Result, Traced
from sieve.variables import Variables

if TYPE_CHECKING:
    from sieve.delivery import Delivery
    from sieve.matching import Matching
    from sieve.registry import AddressPart
    from sieve.storing import Storing

Step: TypeAlias = "Callable[[Run], Any]"
"""A compiled command."""
Condition: TypeAlias = "Callable[[Run], bool]"
"""A compiled test."""
Block: TypeAlias = tuple[Step, ...]


class Arguments(dict[str, Any]):
    """By name, after variables were expanded; a tag that was not given is None, one without value True."""

    __slots__ = ("block", "column", "line", "matching", "name", "part", "storing", "tests", "written")

    name: str
    line: int
    column: int
    block: Block | None
    tests: tuple[Condition, ...]
    matching: Matching | None
    part: AddressPart | None
    storing: Storing | None
    written: Mapping[str, Any]
    """As they stand in the script, before variables were expanded."""


Place: TypeAlias = tuple[str, str]
"""Where an included script is: its location, ":personal" or ":global", and its name (RFC 6609, 3.2)."""


class Included(NamedTuple):
    """A script that others include. `depth` is how many are then open at a time, itself and those that it includes."""

    name: str
    block: Block
    depth: int


Load: TypeAlias = "Callable[[Delivery, Place], Mapping[Place, Included]]"
"""Finds and compiles an included script, and those that it includes; without it when there is none."""


class Stop(Exception):
    """The script ends here, as it should (RFC 5228, 3.3)."""


class Run:
    """`variables` are by their names; `match_variables` those of the last match (RFC 5229, 3.2).

    `state` is for extensions: what they remember while this script runs, by a key of their own.
    """

    __slots__ = ("delivery", "included", "line", "load", "match_variables", "script", "state", "steps", "variables")

    def __init__(
        self,
        delivery: Delivery,
        script: str = "",
        included: Mapping[Place, Included] | None = None,
        load: Load | None = None,
    ) -> None:
        self.delivery = delivery
        self.script = script
        self.included = included or {}
        self.load = load
        self.line = 0
        self.steps = 0
        self.variables = Variables(delivery)
        self.match_variables: Sequence[str] = ()
        self.state: dict[str, Any] = {}

    @property
    def result(self) -> Result:
        return self.delivery.result

    @property
    def trace(self) -> list[Traced]:
        return self.delivery.result.trace

    def execute(self, block: Iterable[Step] | None) -> None:
        """Run the commands of a block."""
        for step in block or ():
            step(self)

    def match(self, arguments: Arguments, values: Iterable[str]) -> bool:
        """Do the arguments' comparator and match type find one of its "keys" among the values?"""
        matching = arguments.matching
        if matching is None:
            raise TypeError(f"{arguments.name} has no match type")
        return matching.holds(self, arguments["keys"], values)

    def assign(self, arguments: Arguments, name: str, value: str) -> None:
        """Put a value into a variable, after the arguments' modifiers; one that is too long is cut (RFC 5229, 4)."""
        if arguments.storing is None:
            raise TypeError(f"{arguments.name} has no modifiers")
        arguments.storing.store(self, name, value)

    def add(self, action: Action) -> bool:
        """Decide; see Result.add."""
        if action.responds and self.delivery.event:
            raise self.error(f"{action.name} is for mail that arrives")
        added = self.delivery.result.add(action, self.delivery.settings)
        if added:
            self.note(action.name)
        return added

    def note(self, what: str) -> None:
        """For whoever asks why this message ended here."""
        self.delivery.result.trace.append(Traced(self.script, self.line, what))

    def spend(self, steps: int) -> None:
        """Raises SieveRuntimeError when the script has taken too much time."""
        self.steps += steps
        if self.steps > self.delivery.settings.max_cpu_time:
            raise self.error("the script takes too long")

    def stop(self) -> None:
        """End the script."""
        raise Stop

    def error(self, message: str) -> SieveRuntimeError:
        """To be raised: the script cannot go on."""
        return SieveRuntimeError(message, self.line)
