# SPDX-License-Identifier: GPL-3.0-or-later
"""From nodes to closures: what a script says is understood once, and running it walks over nothing."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any

from sieve.binding import Binder
from sieve.bound import Bound, Text
from sieve.closures import command_step, constant, junction, opposite, test_condition
from sieve.errors import Problem
from sieve.parser import Parser
from sieve.registry import Command, Registry, Test
from sieve.run import Block, Condition, Included, Place, Run, Step
from sieve.scope import Scope
from sieve.services import Scripts
from sieve.settings import Settings
from sieve.syntax import Node, String, Strings, Value

Known = bool | None
"""What a test is at compile time; None: nobody knows."""


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


class Compiler:
    """One script. `chain` is where the scripts are that include it, itself the last."""

    def __init__(self, program: Program, name: str = "", chain: tuple[Place, ...] = ()) -> None:
        self.program = program
        self.name = name
        self.chain = chain
        self.depth = 1
        """So many scripts are open at a time, from this one on."""
        self.scope = Scope(program.registry, program.settings.max_match_vars)
        self.state: dict[str, Any] = {}
        """What extensions remember while this script is compiled, by a key of their own."""
        self.around: list[Bound] = []
        """The commands in whose blocks the one stands that is compiled now, the innermost last."""

    # For extensions

    @property
    def settings(self) -> Settings:
        return self.program.settings

    def problem(self, place: Bound | Node | Text | Value, message: str) -> None:
        """The script cannot be used."""
        self.program.problems.append(Problem(place.line, place.column, message, self._shown))

    def warn(self, place: Bound | Node | Text | Value, message: str) -> None:
        """It can, but not as whoever wrote it may think."""
        self.program.warnings.append(Problem(place.line, place.column, message, self._shown))

    def requires(self, name: str) -> bool:
        """Has the script required this extension?"""
        return name in self.scope.active

    def require(self, name: str) -> bool:
        """As if it did; False when there is none of that name."""
        known = self.scope.activate(name)
        if known:
            self.program.capabilities.add(name)
        return known

    def parse(self, source: bytes | str) -> tuple[Node, ...]:
        """The nodes of a script; its problems are noted."""
        if len(source) > self.settings.max_script_size:
            self.problem(Node("", line=1, column=1), f"a script has at most {self.settings.max_script_size} octets")
            return ()
        text = source if isinstance(source, str) else source.decode("utf-8", "surrogateescape")
        parser = Parser(text.removeprefix("\ufeff"), self.settings.max_nesting)
        self.program.problems += [problem._replace(script=self._shown) for problem in parser.problems]
        return parser.nodes

    # The script

    @property
    def _shown(self) -> str:
        return self.name if self.chain else ""

    def script(self, nodes: Sequence[Node]) -> Block:
        """All of it. What is required comes first (RFC 5228, 3.2)."""
        first = 0
        while first < len(nodes) and nodes[first].name == "require":
            self._require(nodes[first])
            first += 1
        return self.block(nodes[first:])

    def _require(self, node: Node) -> None:
        items = [item for value in node.arguments for item in _strings(value)]
        if len(node.arguments) != 1 or not items or node.tests or node.block is not None:
            self.problem(node, "require has one argument: the names of extensions")
        for item in items:
            if not self.require(item.text):
                self.problem(item, f"there is no extension {item.text!r} here")

    def block(self, nodes: Sequence[Node]) -> Block:
        """The commands of a block."""
        return tuple(self._steps(nodes))

    def _steps(self, nodes: Sequence[Node]) -> Iterator[Step]:
        at = 0
        while at < len(nodes):
            if nodes[at].name == "if":
                end = at + 1
                while end < len(nodes) and nodes[end].name in ("elsif", "else"):
                    end += 1
                yield self._conditional(nodes[at:end])
                at = end
            else:
                yield from self._command(nodes[at])
                at += 1

    def _command(self, node: Node) -> Iterator[Step]:
        definition = self.scope.commands.get(node.name)
        if node.name == "require":
            self.problem(node, "require must come before all other commands")
        elif node.name in ("elsif", "else"):
            self.problem(node, f"there is no if before this {node.name}")
        elif definition is None:
            self.problem(node, f"there is no command {node.name!r}{self.scope.offering('command', node.name)}")
        else:
            yield self._bound_command(node, definition)
            return
        self.block(node.block or ())

    def _bound_command(self, node: Node, definition: Command) -> Step:
        self._check_shape(node, definition)
        bound = Binder(self.scope, node, definition, self.problem).bound()
        tests = tuple(self.test(test)[0] for test in node.tests)
        if definition.check is not None:
            definition.check(bound, self)
        self.around.append(bound)
        block = None if node.block is None else self.block(node.block)
        self.around.pop()
        return command_step(bound, tests, block, self.scope)

    def _check_shape(self, node: Node, definition: Command | Test) -> None:
        tests = len(node.tests)
        if definition.tests == 0 and tests:
            self.problem(node.tests[0], f"{node.name} has no tests")
        elif definition.tests == 1 and (tests != 1 or node.listed):
            self.problem(node, f"{node.name} needs one test")
        elif definition.tests == "many" and not node.listed:
            self.problem(node, f"{node.name} needs a list of tests: (…, …)")
        if isinstance(definition, Command) and definition.block == "required" and node.block is None:
            self.problem(node, f"{node.name} needs a block: {{ … }}")
        if definition.block is None and node.block is not None:
            self.problem(node, f"{node.name} has no block; it ends with ';'")

    # Conditions (RFC 5228, 3.1 and 5)

    def _conditional(self, nodes: Sequence[Node]) -> Step:
        branches: list[tuple[Condition | None, Block]] = []
        certain = False
        for number, node in enumerate(nodes):
            if number and nodes[number - 1].name == "else":
                self.problem(node, f"there is no if before this {node.name}")
            condition, known = self._branch(node)
            if node.block is None:
                self.problem(node, f"{node.name} needs a block: {{ … }}")
            elif not certain and known is not False:
                branches.append((condition, self.block(node.block)))
            certain = certain or known is True
        chosen = tuple(branches)

        def step(run: Run) -> None:
            for condition, block in chosen:
                if condition is None or condition(run):
                    for inner in block:
                        inner(run)
                    return

        return step

    def _branch(self, node: Node) -> tuple[Condition | None, Known]:
        if node.arguments:
            self.problem(node, f"{node.name} has no arguments but a test")
        if node.name == "else":
            if node.tests:
                self.problem(node, "else has no test")
            return None, None
        if len(node.tests) != 1 or node.listed:
            self.problem(node, f"{node.name} needs one test")
            return None, None
        return self.test(node.tests[0])

    def test(self, node: Node) -> tuple[Condition, Known]:
        """A test, and what it is if that is known."""
        definition = self.scope.tests.get(node.name)
        if definition is None:
            self.problem(node, f"there is no test {node.name!r}{self.scope.offering('test', node.name)}")
            return constant(False), None
        self._check_shape(node, definition)
        if definition.run is None and definition.known is None:
            return self._junction(node)
        bound = Binder(self.scope, node, definition, self.problem).bound()
        tests = tuple(self.test(test)[0] for test in node.tests)
        if definition.check is not None:
            definition.check(bound, self)
        known = definition.known(bound, self) if definition.known is not None else None
        return (test_condition(bound, tests, self.scope) if known is None else constant(known)), known

    def _junction(self, node: Node) -> tuple[Condition, Known]:
        """not, allof, anyof. What stands behind a test that decides already is not compiled (RFC 5463, 4)."""
        if node.arguments:
            self.problem(node, f"{node.name} has no arguments but tests")
        if node.name == "not":
            condition, known = self.test(node.tests[0]) if node.tests else (constant(False), None)
            return opposite(condition), None if known is None else not known
        decides = node.name == "anyof"
        conditions: list[Condition] = []
        for test in node.tests:
            condition, known = self.test(test)
            if known is decides:
                return constant(decides), decides
            if known is None:
                conditions.append(condition)
        if not conditions and node.tests:
            return constant(not decides), not decides
        return junction(conditions, decides), None

    # include (RFC 6609)

    def include(self, place: Bound | Node, location: str, name: str, *, optional: bool, once: bool) -> None:
        """Compile another script, once. What is wrong with it is a problem of this one."""
        key, program = (location, name), self.program
        if program.scripts is None and key not in program.sources:
            return
        inner = Compiler(program, name, (*self.chain, key))
        if not inner.finds(key):
            if not optional:
                self.problem(place, f"there is no script {name!r} in {location}")
        elif program.sources[key] == program.nodes or key in self.chain:
            # RFC 6609, 3.2: with :once there is nothing wrong with that, and nothing to do.
            program.included.setdefault(key, Included(name, (), 1))
            if not once:
                self.problem(place, f"{name!r} includes itself")
        else:
            self._include(place, key, inner)

    def _include(self, place: Bound | Node, key: Place, inner: Compiler) -> None:
        program, settings = self.program, self.settings
        if key not in program.included and len(self.chain) < settings.max_include_depth:
            if len(program.included) >= settings.max_includes:
                self.problem(place, f"more than {settings.max_includes} scripts are included")
                return
            block = inner.script(program.sources[key])
            program.included[key] = Included(inner.name, block, inner.depth)
        depth = program.included[key].depth if key in program.included else 1
        if len(self.chain) + depth > settings.max_include_depth:
            self.problem(place, f"scripts include each other more than {settings.max_include_depth} deep")
        else:
            self.depth = max(self.depth, depth + 1)

    def finds(self, key: Place) -> bool:
        """Have the nodes of an included script in `program.sources`; False when there is no such script."""
        program, (location, name) = self.program, key
        if key not in program.sources and program.scripts is not None:
            source = program.scripts.load(name, location)
            if source is not None:
                program.sources[key] = self.parse(source)
        return key in program.sources


def _strings(value: Value) -> tuple[String, ...]:
    match value:
        case String():
            return (value,)
        case Strings():
            return value.items
    return ()
