# SPDX-License-Identifier: GPL-3.0-or-later
"""What a bound node becomes: a function of the run."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import NoReturn

from sieve.bound import Bound, Given, Text
from sieve.matching import Matching
from sieve.registry import ADDRESS_TAGS, MATCH_TAGS, MODIFIER_TAGS
from sieve.run import Arguments, Block, Condition, Run, Step
from sieve.scope import Scope
from sieve.storing import Storing
from sieve.strings import Reference, Template

Expand = Callable[[Run], str]


def command_step(bound: Bound, tests: tuple[Condition, ...], block: Block | None, scope: Scope) -> Step:
    """Runs a command."""
    run_command, line = bound.definition.run, bound.line
    if run_command is None:
        raise TypeError(f"the command {bound.name} does nothing")
    arguments = _arguments(bound, tests, block, scope)
    moving = _moving(bound, scope)
    if not moving:

        def step(run: Run) -> None:
            run.line = line
            run.spend(1)
            run_command(run, arguments)

        return step

    def expanding(run: Run) -> None:
        run.line = line
        run.spend(1)
        run_command(run, _expanded(run, arguments, moving))

    return expanding


def test_condition(bound: Bound, tests: tuple[Condition, ...], scope: Scope) -> Condition:
    """Runs a test."""
    run_test, line = bound.definition.run, bound.line
    if run_test is None:
        raise TypeError(f"the test {bound.name} says nothing")
    arguments = _arguments(bound, tests, None, scope)
    moving = _moving(bound, scope)
    if not moving:

        def condition(run: Run) -> bool:
            run.line = line
            run.spend(1)
            return bool(run_test(run, arguments))

        return condition

    def expanding(run: Run) -> bool:
        run.line = line
        run.spend(1)
        return bool(run_test(run, _expanded(run, arguments, moving)))

    return expanding


def constant(value: bool) -> Condition:
    return lambda run: value


def failing(line: int, message: str) -> Callable[[Run], NoReturn]:
    """A command or a test that there is not."""

    def fail(run: Run) -> NoReturn:
        run.line = line
        raise run.error(message)

    return fail


def opposite(condition: Condition) -> Condition:
    return lambda run: not condition(run)


def junction(conditions: Sequence[Condition], decides: bool) -> Condition:
    """anyof (`decides` True) or allof (False)."""
    every = tuple(conditions)

    def holds(run: Run) -> bool:
        for condition in every:
            if condition(run) is decides:
                return decides
        return not decides

    return holds


def _arguments(bound: Bound, tests: tuple[Condition, ...], block: Block | None, scope: Scope) -> Arguments:
    arguments = Arguments({name: _value(given) for name, given in bound.given.items()})
    arguments.name, arguments.line, arguments.column = bound.name, bound.line, bound.column
    arguments.block, arguments.tests, arguments.written = block, tests, arguments
    tags = bound.definition.tags
    arguments.part = bound.part if ADDRESS_TAGS in tags and bound.part is not scope.address_parts["all"] else None
    arguments.matching = _matching(bound, scope) if MATCH_TAGS in tags else None
    arguments.storing = _storing(bound, scope) if MODIFIER_TAGS in tags else None
    return arguments


def _matching(bound: Bound, scope: Scope) -> Matching:
    relation = bound.literal(bound.match_type.name) if bound.match_type.kind else None
    return Matching(bound.match_type, bound.comparator, relation, "variables" in scope.active)


def _storing(bound: Bound, scope: Scope) -> Storing:
    given = [modifier for name, modifier in scope.modifiers.items() if bound.given[name]]
    return Storing(given, scope.namespaces)


def _value(given: Given) -> object:
    match given:
        case Text():
            return given.text
        case tuple():
            return [text.text for text in given]
    return given


def _moving(bound: Bound, scope: Scope) -> dict[str, Callable[[Run], object]]:
    """The arguments that variables change."""
    found: dict[str, Callable[[Run], object]] = {}
    for name, given in bound.given.items():
        match given:
            case Text(template=pieces) if pieces is not None:
                found[name] = _expansion(pieces, scope)
            case tuple() if any(text.template is not None for text in given):
                found[name] = _listed([_expansion(text.template or (text.text,), scope) for text in given])
    return found


def _expanded(run: Run, arguments: Arguments, moving: dict[str, Callable[[Run], object]]) -> Arguments:
    expanded = Arguments(arguments)
    for slot in Arguments.__slots__:
        setattr(expanded, slot, getattr(arguments, slot))
    for name, expand in moving.items():
        expanded[name] = expand(run)
    return expanded


def _listed(expansions: Sequence[Expand]) -> Callable[[Run], object]:
    return lambda run: [expand(run) for expand in expansions]


def _expansion(pieces: Template, scope: Scope) -> Expand:
    parts = [piece if isinstance(piece, str) else _reference(piece, scope) for piece in pieces]

    def expand(run: Run) -> str:
        return "".join([part if isinstance(part, str) else part(run) for part in parts])

    return expand


def _reference(reference: Reference, scope: Scope) -> Expand:
    """RFC 5229, 3: what is not known is the empty string."""
    name = reference.name
    if reference.namespace:
        serve = scope.namespaces.get(reference.namespace)
        return lambda run: (serve(run, name) or "") if serve is not None else ""
    if name.isdigit():
        number = int(name)
        return lambda run: run.match_variables[number] if number < len(run.match_variables) else ""
    return lambda run: run.variables.get(name, "")
