# SPDX-License-Identifier: GPL-3.0-or-later
"""Scripts in scripts, and the variables that they have in common (RFC 6609)."""

from __future__ import annotations

import re
from dataclasses import dataclass, field

from sieve import including
from sieve.bound import Bound, Text
from sieve.compiler import Compiler
from sieve.errors import SieveRuntimeError
from sieve.registry import STRING, STRING_LIST, Arg, Command, Extension, Namespace, Tag
from sieve.run import Arguments, Included, Place, Run, Stop
from sieve.storing import check_variable

_IDENTIFIER = re.compile(r"[A-Za-z_][A-Za-z0-9_]*", re.ASCII)
_FORBIDDEN = re.compile(r"[\x00-\x1f\x7f-\x9f\u2028\u2029]")
_KEY = "include"


@dataclass(slots=True)
class Inclusions:
    """Which scripts are open while one runs, and which have been."""

    open: list[Place] = field(default_factory=list)
    seen: set[Place] = field(default_factory=set)


class Return(Stop):
    """This script ends here. Nobody includes the main script, so there it is a stop (RFC 6609, 3.3)."""


def include(run: Run, arguments: Arguments) -> None:
    """RFC 6609, 3.2."""
    place = _place(bool(arguments["global"]), arguments["name"])
    inclusions: Inclusions = run.state.setdefault(_KEY, Inclusions())
    if arguments["once"] and place in inclusions.seen:
        return
    included = _find(run, place)
    if included is None and not arguments["optional"]:
        raise run.error(f"there is no script {place[1]!r} in {place[0]}")
    if place in inclusions.open:
        raise run.error(f"{place[1]!r} includes itself")
    if len(inclusions.open) >= run.delivery.settings.max_include_depth:
        raise run.error(f"scripts include each other more than {run.delivery.settings.max_include_depth} deep")
    if included is not None:
        inclusions.seen.add(place)
        inclusions.open.append(place)
        _run(run, included)
        inclusions.open.pop()


def _find(run: Run, place: Place) -> Included | None:
    if place not in run.included and run.load is not None:
        run.included = {**run.load(run.delivery, place), **run.included}
    return run.included.get(place)


def _run(run: Run, included: Included) -> None:
    """With variables of its own (RFC 6609, 3.4). A stop in it stops everything, a return only this."""
    script, variables, matches = run.script, run.variables, run.match_variables
    run.script, run.variables, run.match_variables = included.name, variables.of_another(), ()
    try:
        run.execute(included.block)
    except Return:
        pass
    except SieveRuntimeError as error:
        error.line = error.line or run.line
        error.script = error.script or included.name
        raise
    finally:
        run.script, run.variables, run.match_variables = script, variables, matches


def check_include(bound: Bound, compiler: Compiler) -> None:
    """RFC 6609, 3.2: a constant, and a name that a script may have (RFC 5804, 1.6)."""
    given = bound.given["name"]
    if not isinstance(given, Text):
        return
    if given.template is not None:
        compiler.problem(given, "the name of an included script has no variables in it")
    elif not given.text or _FORBIDDEN.search(given.text):
        compiler.problem(given, f"{given.text!r} is no name of a script")
    else:
        place = _place(bound.has("global"), given.text)
        including.include(compiler, bound, place, optional=bound.has("optional"), once=bound.has("once"))


def _place(everybodys: bool, name: str) -> Place:
    return ":global" if everybodys else ":personal", name


def return_(run: Run, arguments: Arguments) -> None:
    """RFC 6609, 3.3."""
    raise Return


def global_(run: Run, arguments: Arguments) -> None:
    """RFC 6609, 3.4.1."""
    for name in arguments["names"]:
        run.variables.declare(name)


def check_global(bound: Bound, compiler: Compiler) -> None:
    """RFC 6609, 3.4.1: constants, and no variables that the script has set already."""
    if not compiler.requires("variables"):
        compiler.problem(bound, 'global needs variables: require "variables"')
        return
    mine: set[str] = compiler.state.setdefault("variables", set())
    common: set[str] = compiler.state.setdefault("global", set())
    given = bound.given["names"]
    for text in given if isinstance(given, tuple) else ():
        name = text.text.lower()
        if "." in name:
            compiler.problem(text, f"{text.text!r} is no name of a variable")
        elif name in mine and name not in common:
            compiler.problem(text, f"{text.text!r} is set before it is global")
        else:
            check_variable(text, compiler)
            common.add(name)


def read_global(run: Run, name: str) -> str | None:
    """RFC 6609, 3.4.2."""
    return run.variables.common.get(name)


def write_global(run: Run, name: str, value: str) -> None:
    run.variables.set_common(name, value)


def problem_of_global(name: str) -> str | None:
    """RFC 6609, 3.4.2: there are no namespaces in it, and no numbers."""
    return None if _IDENTIFIER.fullmatch(name) else f"there can be no variable ${{global.{name}}}"


EXTENSIONS = [
    Extension(
        "include",
        commands=[
            Command(
                "include",
                [Arg("name", STRING)],
                [Tag("personal", group="location"), Tag("global", group="location"), Tag("once"), Tag("optional")],
                check=check_include,
                run=include,
            ),
            Command("return", run=return_),
            Command("global", [Arg("names", STRING_LIST)], check=check_global, run=global_),
        ],
        namespaces={"global": Namespace(read_global, write_global, problem_of_global)},
    )
]
