# SPDX-License-Identifier: GPL-3.0-or-later
"""Whatever is written: parse, print, parse is the identity; a broken script is told, and nothing else happens."""

from __future__ import annotations

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from sieve import Delivery, Message, Registry, Script, SieveRuntimeError, SieveSyntaxError, compile
from sieve.errors import Problem
from sieve.parser import Parser
from sieve.printer import printed
from sieve.syntax import Node, Strings, Value
from tests.sieve.running import MESSAGE
from tests.sieve.scripts import Writer, grammatical, meaningful

REGISTRY = Registry.default()
REQUIRE = "require [" + ", ".join(f'"{name}"' for name in REGISTRY.capabilities()) + "];\n"
COMMANDS = sorted({command.name for extension in REGISTRY for command in extension.commands})
TESTS = sorted({test.name for extension in REGISTRY for test in extension.tests})
quick = settings(max_examples=100, deadline=None, suppress_health_check=[HealthCheck.too_slow])


def parsed(source: str) -> tuple[Node, ...]:
    parser = Parser(source, 32)
    assert parser.problems == []
    return placeless(parser.nodes)


def placeless(nodes: tuple[Node, ...]) -> tuple[Node, ...]:
    """Nodes without lines and columns."""
    return tuple(
        node._replace(
            arguments=tuple(map(_placeless, node.arguments)),
            tests=placeless(node.tests),
            block=None if node.block is None else placeless(node.block),
            line=0,
            column=0,
        )
        for node in nodes
    )


def _placeless(value: Value) -> Value:
    if isinstance(value, Strings):
        return Strings(tuple(item._replace(line=0, column=0) for item in value.items))
    return value._replace(line=0, column=0)


@quick
@given(grammatical, st.integers(0, 1000))
def test_however_a_script_is_written_it_is_read_the_same(nodes: tuple[Node, ...], seed: int) -> None:
    assert parsed(Writer(seed).script(nodes)) == nodes


@quick
@given(grammatical)
def test_what_is_printed_is_read_and_printed_the_same(nodes: tuple[Node, ...]) -> None:
    text = printed(nodes)
    assert parsed(text) == nodes
    assert printed(parsed(text)) == text


@quick
@given(grammatical, st.integers(0, 1000), st.data())
def test_what_is_broken_is_told_in_the_order_of_the_text(
    nodes: tuple[Node, ...], seed: int, data: st.DataObject
) -> None:
    source = Writer(seed).script(nodes)
    start = data.draw(st.integers(0, len(source)))
    end = data.draw(st.integers(start, min(len(source), start + 5)))
    put = data.draw(st.text(st.sampled_from('{}[]();,:"\\.#/*\n\0x1é '), max_size=4))
    broken = source[:start] + put + source[end:]
    problems = problems_of(broken)
    assert problems == sorted(problems)
    lines = broken.split("\n")
    assert all(0 < one.line <= len(lines) and 0 < one.column <= len(lines[one.line - 1]) + 1 for one in problems)


@quick
@given(st.binary(max_size=200))
def test_octets_of_any_kind_are_compiled_or_told(octets: bytes) -> None:
    problems_of(octets)


def problems_of(source: str | bytes) -> list[Problem]:
    try:
        compile(source, REGISTRY)
    except SieveSyntaxError as error:
        return error.problems
    return []


@quick
@given(meaningful(COMMANDS, TESTS))
def test_what_is_compiled_runs_prints_and_loads(source: str) -> None:
    try:
        script = compile(REQUIRE + source, REGISTRY)
    except SieveSyntaxError:
        return
    again = compile(script.source(), REGISTRY)
    loaded = Script.loads(script.dumps(), REGISTRY)
    assert placeless(again.nodes) == placeless(script.nodes)
    assert loaded.nodes == script.nodes
    assert decided(script) == decided(again) == decided(loaded)


def decided(script: Script) -> tuple[list[object], bool, str]:
    """What it decides, and its error; actions without their lines, which printing may change."""
    delivery = Delivery(Message(MESSAGE))
    error = ""
    try:
        script.run(delivery)
    except SieveRuntimeError as caught:
        error = caught.message
    return [(one.name, one.cancels) for one in delivery.result.actions], delivery.result.implicit_keep, error


def test_else_stands_behind_the_block_before_it() -> None:
    nodes = Parser("if true{keep;}elsif(a){b;}else{c;}else;", 32).nodes
    assert printed(nodes) == "if true {\n    keep;\n} elsif (a) {\n    b;\n} else {\n    c;\n} else;\n"
