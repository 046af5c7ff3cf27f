# SPDX-License-Identifier: GPL-3.0-or-later
"""A compiled script, and how it is compiled."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from sieve.compiler import Compiler
from sieve.counting import excesses
from sieve.delivery import Delivery
from sieve.errors import Problem, SieveRuntimeError, SieveSyntaxError
from sieve.including import include
from sieve.printer import printed
from sieve.program import Program
from sieve.registry import Registry
from sieve.result import Result
from sieve.run import Block, Included, Place, Run, Stop
from sieve.services import Scripts
from sieve.settings import Settings
from sieve.syntax import Node, Number, String, Strings, TagName, Value

_FORMAT = "ikserver sieve 1"
_FOR_ARRIVALS = frozenset({"ereject", "reject", "vacation", "vacation-seconds"})
"""What no script may even require that runs because of an event in a mailbox (RFC 6785, 3.11)."""


@dataclass(frozen=True, slots=True)
class Script:
    """Never changes; many threads may run it at the same time."""

    name: str
    nodes: tuple[Node, ...]
    block: Block
    included: Mapping[Place, Included]
    warnings: list[Problem]
    capabilities: set[str]
    registry: Registry
    sources: Mapping[Place, tuple[Node, ...]]

    def run(self, delivery: Delivery) -> Result:
        """Decide, and add it to `delivery.result`. Raises SieveRuntimeError; then the message is also kept."""
        run, message = Run(delivery, self.name, self.included, self._load), delivery.message.copy()
        try:
            if delivery.event and (wrong := self.capabilities & _FOR_ARRIVALS):
                raise run.error(f"{min(wrong)} is for mail that arrives")
            run.execute(self.block)
        except Stop:
            pass
        except SieveRuntimeError as error:
            # RFC 5228, 2.10.6: what was decided stays, and the message is not lost; nor is it edited (RFC 5293, 7).
            delivery.result.implicit_keep, delivery.message = True, message
            error.line = error.line or run.line
            raise
        return delivery.result

    def _load(self, delivery: Delivery, place: Place) -> Mapping[Place, Included]:
        """What this script includes and was not there when it was compiled (RFC 6609, 3.1)."""
        program = Program(self.registry, delivery.settings, delivery.services.scripts, self.nodes)
        include(Compiler(program), Node("include"), place, optional=True, once=False)
        if program.problems:
            problem = program.problems[0]
            where = f"{problem.script!r}, line {problem.line}: " if problem.script else ""
            raise SieveRuntimeError(f"{where}{problem.message}")
        return program.included

    def source(self) -> str:
        """The script as text, in canonical form: compiled again, it is the same."""
        return printed(self.nodes)

    def dumps(self) -> bytes:
        """What `loads` makes the script of without reading its text."""
        sources = [[*place, _lists(nodes)] for place, nodes in self.sources.items()]
        content = json.dumps([self.name, _lists(self.nodes), sources], separators=(",", ":"))
        return f"{_FORMAT}\n{_fingerprint(self.registry, content)}\n{content}".encode("utf-8", "surrogateescape")

    @classmethod
    def loads(cls, data: bytes, registry: Registry | None = None, settings: Settings | None = None) -> Script:
        """Raises ValueError when it is of another version, of other extensions, or damaged."""
        registry = registry or Registry.default()
        format_, _, rest = data.decode("utf-8", "surrogateescape").partition("\n")
        fingerprint, _, content = rest.partition("\n")
        if format_ != _FORMAT or fingerprint != _fingerprint(registry, content):
            raise ValueError("this is no compiled script of this engine with these extensions")
        name, nodes, sources = json.loads(content)
        program = Program(registry, settings or Settings(), None, _nodes(nodes))
        program.sources.update({(location, inner): _nodes(lists) for location, inner, lists in sources})
        try:
            return _compiled(name, program)
        except SieveSyntaxError as error:
            raise ValueError("with these settings or extensions the script is another one") from error


def compile(
    source: bytes | str,
    registry: Registry | None = None,
    *,
    name: str = "",
    settings: Settings | None = None,
    scripts: Scripts | None = None,
) -> Script:
    """Compile a script. `scripts` finds what it includes. Raises SieveSyntaxError with everything that is wrong."""
    settings, registry = settings or Settings(), registry or Registry.default()
    program = Program(registry, settings, scripts)
    program.nodes = Compiler(program, name).parse(source)
    return _compiled(name, program)


def _compiled(name: str, program: Program) -> Script:
    nodes = program.nodes
    block = Compiler(program, name).script(nodes)
    if program.problems:
        raise SieveSyntaxError(_distinct(program.problems)[: program.settings.max_errors], name)
    warnings = _distinct([*program.warnings, *excesses(nodes, program.settings)])
    return Script(
        name, nodes, block, program.included, warnings, program.capabilities, program.registry, program.sources
    )


def _distinct(problems: Sequence[Problem]) -> list[Problem]:
    """In the order of the text; the first of those at one place."""
    places: dict[tuple[str, int, int], Problem] = {}
    for problem in problems:
        places.setdefault((problem.script, problem.line, problem.column), problem)
    return sorted(places.values(), key=lambda problem: (problem.script, problem.line, problem.column))


def _fingerprint(registry: Registry, content: str) -> str:
    known = "\0".join(sorted(registry.capabilities()))
    return hashlib.sha256(f"{known}\0{content}".encode("utf-8", "surrogateescape")).hexdigest()


def _lists(nodes: Sequence[Node]) -> list[object]:
    """As JSON has it: named tuples become lists, which `_nodes` reads back."""
    return [
        [
            node.name,
            [_value_list(value) for value in node.arguments],
            _lists(node.tests),
            None if node.block is None else _lists(node.block),
            node.listed,
            node.line,
            node.column,
        ]
        for node in nodes
    ]


def _value_list(value: Value) -> list[object]:
    return [type(value).__name__, *value]


def _nodes(lists: Sequence[Sequence[object]]) -> tuple[Node, ...]:
    return tuple(_node(*one) for one in lists)


def _node(name, values, tests, block, listed, line, column) -> Node:  # type: ignore[no-untyped-def]
    arguments = tuple(_value(*value) for value in values)
    inner = None if block is None else _nodes(block)
    return Node(name, arguments, _nodes(tests), inner, listed, line, column)


def _value(kind: str, content, line: int, column: int) -> Value:  # type: ignore[no-untyped-def]
    match kind:
        case "Number":
            return Number(content, line, column)
        case "TagName":
            return TagName(content, line, column)
        case "String":
            return String(content, line, column)
    return Strings(tuple(String(*item) for item in content), line, column)
