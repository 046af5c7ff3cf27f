# SPDX-License-Identifier: GPL-3.0-or-later
"""Flags (RFC 5232). Those that a message is stored with unless an action says otherwise are the message's own."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from sieve.bound import Bound, Text
from sieve.compiler import Compiler
from sieve.flags import flags, words
from sieve.registry import MATCH_TAGS, STRING, STRING_LIST, Arg, Command, Extension, Tag, Test
from sieve.run import Arguments, Run

_VARIABLE = re.compile(r"[A-Za-z_][A-Za-z0-9_]*", re.ASCII)


def setflag(run: Run, arguments: Arguments) -> None:
    """RFC 5232, 3.1."""
    _put(run, arguments["variable"], flags(arguments["flags"]))


def addflag(run: Run, arguments: Arguments) -> None:
    """RFC 5232, 3.2."""
    variable = arguments["variable"]
    _put(run, variable, flags([*_get(run, variable), *arguments["flags"]]))


def removeflag(run: Run, arguments: Arguments) -> None:
    """RFC 5232, 3.3."""
    variable = arguments["variable"]
    gone = {flag.lower() for flag in flags(arguments["flags"])}
    _put(run, variable, tuple(flag for flag in _get(run, variable) if flag.lower() not in gone))


def hasflag(run: Run, arguments: Arguments) -> bool:
    """RFC 5232, 4."""
    matching = arguments.matching
    return matching is not None and matching.holds(run, words(arguments["keys"]), _every(run, arguments["variables"]))


def _every(run: Run, variables: list[str] | None) -> Iterator[str]:
    """The flags of all variables, those of each once."""
    if variables is None:
        yield from _get(run, None)
    for variable in variables or ():
        yield from _get(run, variable)


def _get(run: Run, variable: str | None) -> tuple[str, ...]:
    return flags(run.delivery.message.flags if variable is None else [run.variables.get(variable, "")])


def _put(run: Run, variable: str | None, value: tuple[str, ...]) -> None:
    if variable is None:
        run.delivery.message.flags = value
    else:
        run.variables[variable] = " ".join(value)


def check_set(bound: Bound, compiler: Compiler) -> None:
    """RFC 5232, 1: who names a variable requires variables."""
    given = bound.given["variable"]
    if isinstance(given, Text):
        _check_names(bound, [given], compiler)


def check_hasflag(bound: Bound, compiler: Compiler) -> None:
    given = bound.given["variables"]
    if isinstance(given, tuple):
        _check_names(bound, given, compiler)


def _check_names(bound: Bound, names: Sequence[Text], compiler: Compiler) -> None:
    if not compiler.requires("variables"):
        compiler.problem(bound, f'a variable in {bound.name} needs: require "variables"')
    for name in names:
        if name.template is not None or not _VARIABLE.fullmatch(name.text):
            compiler.problem(name, f"{name.text!r} is no name of a variable")


_ARGUMENTS = [Arg("variable", STRING, optional=True), Arg("flags", STRING_LIST)]

EXTENSIONS = [
    Extension(
        "imap4flags",
        commands=[
            Command("setflag", _ARGUMENTS, check=check_set, run=setflag),
            Command("addflag", _ARGUMENTS, check=check_set, run=addflag),
            Command("removeflag", _ARGUMENTS, check=check_set, run=removeflag),
        ],
        tests=[
            Test(
                "hasflag",
                [Arg("variables", STRING_LIST, optional=True), Arg("keys", STRING_LIST)],
                [MATCH_TAGS],
                check=check_hasflag,
                run=hasflag,
            )
        ],
        # RFC 5232, 5
        tags={"keep": [Tag("flags", STRING_LIST)], "fileinto": [Tag("flags", STRING_LIST)]},
    )
]
