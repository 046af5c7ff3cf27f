# SPDX-License-Identifier: GPL-3.0-or-later
"""A rule as it is typed: `--if subject contains invoice --move Invoices --stop`."""

from __future__ import annotations

import argparse
from collections.abc import Iterator, Sequence
from enum import Enum
from typing import TypeVar

from ikserver.cli import arguments
from ikserver.cli.refusal import Refused
from ikserver.rules.rule import Action, Condition, Copy, Delete, Flag, Forward, How, Mark, Move, Rule, Says, Size, Where
from sieve.parser import Parser
from sieve.syntax import Number

E = TypeVar("E", bound=Enum)
_SIZE = "size"


def add_arguments(verb: argparse.ArgumentParser) -> None:
    """What a rule is made of, and its name."""
    fields = ", ".join(where.value for where in Where)
    hows = ", ".join(how.value for how in How)
    verb.add_argument("name", help="what the rule is called")
    for option, dest, help in (
        ("--if", "conditions", f"{fields}; {hows}; or: size over|under 10M"),
        ("--if-not", "exceptions", "the opposite"),
    ):
        verb.add_argument(
            option, dest=dest, action="append", default=[], nargs=3, metavar=("FIELD", "HOW", "TEXT"), help=help
        )
    verb.add_argument("--any", action="store_true", help="one condition is enough")
    _add_actions(verb)
    verb.add_argument("--stop", action="store_true", help="ask no later rule")
    verb.add_argument("--off", action="store_true", help="keep the rule, but do not ask it yet")


def _add_actions(verb: argparse.ArgumentParser) -> None:
    flags = [flag.name.lower() for flag in Flag]
    verb.add_argument("--mark", action="append", default=[], choices=flags, help="how the message is marked")
    verb.add_argument("--copy", action="append", default=[], metavar="FOLDER", help="put a copy there")
    verb.add_argument(
        "--forward",
        action="append",
        default=[],
        type=arguments.any_address,
        metavar="ADDRESS",
        help="send a copy to somebody else",
    )
    verb.add_argument("--move", metavar="FOLDER", help="put it there, and not into the inbox")
    verb.add_argument("--delete", action="store_true", help="do not keep it")


def given(args: argparse.Namespace) -> Rule:
    """Raises Refused for what is no condition."""
    conditions = (
        *(_condition(words, negated=False) for words in args.conditions),
        *(_condition(words, negated=True) for words in args.exceptions),
    )
    return Rule(args.name, conditions, tuple(_actions(args)), args.any, args.stop, not args.off)


def _condition(words: Sequence[str], *, negated: bool) -> Condition:
    field, how, text = words
    if field == _SIZE:
        if how not in ("over", "under"):
            raise Refused(f"a size is over or under, not {how}")
        return Size(how == "over", _octets(text), negated)
    return Says(_one_of(Where, field), _one_of(How, how), text, negated)


def _octets(text: str) -> int:
    """As in a script: 10M."""
    nodes = Parser(f"size {text};", 1).nodes
    match nodes:
        case [node] if node.name == "size":
            match node.arguments:
                case (Number(value=octets),):
                    return octets
    raise Refused(f"{text} is no size: say 500K or 10M")


def _one_of(kind: type[E], name: str) -> E:
    try:
        return kind(name)
    except ValueError:
        known = ", ".join(each.value for each in kind)
        raise Refused(f"{name} is none of: {known}") from None


def _actions(args: argparse.Namespace) -> Iterator[Action]:
    """Marked first: only what is kept afterwards has the mark."""
    yield from (Mark(Flag[name.upper()]) for name in args.mark)
    yield from map(Copy, args.copy)
    yield from map(Forward, args.forward)
    if args.move is not None:
        yield Move(args.move)
    if args.delete:
        yield Delete()
