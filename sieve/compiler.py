# SPDX-License-Identifier: GPL-3.0-or-later
"""From nodes to closures: what a script says is understood once, and running it walks over nothing."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from typing import Any, NoReturn

from sieve.binding import Binder, Complaint
from sieve.bound import Bound, Text
from sieve.closures import command_step, constant, failing, junction, opposite, test_condition
from sieve.errors import Problem
from sieve.parser import BROKEN, Parser
from sieve.program import Program
from sieve.registry import Command, Test
from sieve.run import Block, Condition, Place, Run, Step
from sieve.scope import Scope
from sieve.settings import Settings
from sieve.syntax import Node, String, Strings, Value

Known = bool | None
"""What a test is at compile time; None: nobody knows."""


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
        first = _required(nodes)
        for node in nodes[:first]:
            if node.name != BROKEN:
                self._require(node)
        return self.block(nodes[first:])

    def _require(self, node: Node) -> None:
        items = [item for value in node.arguments for item in _strings(value)]
        if node.tests:
            self._problem_of_tests(node)
        elif len(node.arguments) != 1 or not items or node.block is not None:
            self.problem(node, "require has one argument: the names of extensions")
        for item in items:
            if not self.require(item.text):
                self.problem(item, f"there is no extension {item.text!r} here")
        for test in node.tests:
            if test.name == "require":
                self._require(test)

    def block(self, nodes: Sequence[Node]) -> Block:
        """The commands of a block."""
        return tuple(self._steps(nodes))

    def _steps(self, nodes: Sequence[Node]) -> Iterator[Step]:
        at = 0
        while at < len(nodes):
            if nodes[at].name in ("if", BROKEN):
                end = at + 1
                while end < len(nodes) and nodes[end].name in ("elsif", "else"):
                    end += 1
                yield self._conditional(nodes[at + (nodes[at].name == BROKEN) : end])
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
            message = f"there is no command {node.name!r}{self.scope.offering('command', node.name)}"
            yield self._lacking(node, [(node, message)])
            if self.requires("ihave"):
                return
        else:
            yield self._bound_command(node, definition)
            return
        self.block(node.block or ())

    def _lacking(self, node: Node, complaints: Sequence[Complaint]) -> Callable[[Run], NoReturn]:
        """What no extension gives that is required is a problem: with ihave only if the script comes to it."""
        # RFC 5463, 4: whether it does may hang on an ihave test that ends the script before.
        complain = self.warn if self.requires("ihave") else self.problem
        for complaint in complaints:
            complain(*complaint)
        return failing(node.line, complaints[0][1])

    def _bind(self, node: Node, definition: Command | Test) -> Bound | Callable[[Run], NoReturn]:
        problems: list[Complaint] = []
        binder = Binder(self.scope, node, definition, lambda *problem: problems.append(problem))
        bound = binder.bound()
        if binder.lacking and self.requires("ihave"):
            return self._lacking(node, binder.lacking)
        for problem in (*problems, *binder.lacking):
            self.problem(*problem)
        return bound

    def _bound_command(self, node: Node, definition: Command) -> Step:
        self._check_shape(node, definition)
        bound = self._bind(node, definition)
        if not isinstance(bound, Bound):
            return bound
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
            self._problem_of_tests(node)
        elif definition.tests == 1 and (tests != 1 or node.listed):
            self.problem(node, f"{node.name} needs one test")
        elif definition.tests == "many" and not node.listed:
            self.problem(node, f"{node.name} needs a list of tests: (…, …)")
        if isinstance(definition, Command) and definition.block == "required" and node.block is None:
            self.problem(node, f"{node.name} needs a block: {{ … }}")
        if definition.block is None and node.block is not None:
            self.problem(node, f"{node.name} has no block; it ends with ';'")

    def _problem_of_tests(self, node: Node) -> None:
        self.problem(node.tests[0], f"{node.name} has no tests; is there a ';' missing before this?")

    # Conditions (RFC 5228, 3.1 and 5)

    def _conditional(self, nodes: Sequence[Node]) -> Step:
        branches: list[tuple[Condition | None, Block]] = []
        certain = False
        for number, node in enumerate(nodes):
            if number and nodes[number - 1].name == "else":
                self.problem(node, f"there is no if before this {node.name}")
            if node.block is None:
                self.problem(node, f"{node.name} needs a block: {{ … }}")
            if not certain:
                condition, known = self._branch(node)
                branches.append((condition, () if known is False else self.block(node.block or ())))
                certain = known is True
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
            message = f"there is no test {node.name!r}{self.scope.offering('test', node.name)}"
            return self._lacking(node, [(node, message)]), None
        self._check_shape(node, definition)
        if definition.run is None and definition.known is None:
            return self._junction(node)
        bound = self._bind(node, definition)
        if not isinstance(bound, Bound):
            return bound, None
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
        every = bool(node.tests)
        for test in node.tests:
            condition, known = self.test(test)
            conditions.append(condition)
            if known is decides:
                return junction(conditions, decides), decides
            every = every and known is not None
        return junction(conditions, decides), not decides if every else None


def _required(nodes: Sequence[Node]) -> int:
    """So many nodes, at the beginning, are a require, or cannot be read and stand before one."""
    most = 0
    for number, node in enumerate(nodes, start=1):
        if node.name == "require":
            most = number
        elif node.name != BROKEN:
            break
    return most


def _strings(value: Value) -> tuple[String, ...]:
    match value:
        case String():
            return (value,)
        case Strings():
            return value.items
    return ()
