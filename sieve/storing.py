# SPDX-License-Identifier: GPL-3.0-or-later
"""How a value goes into a variable: the modifiers of a command, and where its name points (RFC 5229, 4)."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING

from sieve.bound import Given, Text
from sieve.registry import Modifier, Namespace

if TYPE_CHECKING:
    from sieve.compiler import Compiler
    from sieve.run import Run

_IDENTIFIER = re.compile(r"[A-Za-z_][A-Za-z0-9_]*", re.ASCII)


class Storing:
    """`modifiers` are in the order in which they apply."""

    __slots__ = ("_modifiers", "_namespaces")

    def __init__(
        self, modifiers: Sequence[Modifier], namespaces: Mapping[str, Callable[[Run, str], str | None]]
    ) -> None:
        self._modifiers = sorted(modifiers, key=lambda modifier: -modifier.precedence)
        self._namespaces = namespaces

    def store(self, run: Run, name: str, value: str) -> None:
        """Raises SieveRuntimeError when there are too many variables; a value that is too long is cut."""
        value = self._modified(run, value)
        namespace, _, rest = name.lower().partition(".")
        serve = self._namespaces.get(namespace)
        if not rest:
            run.variables[name] = value
        elif isinstance(serve, Namespace) and serve.write is not None:
            serve.write(run, rest, value)
        else:
            raise run.error(cannot_set(namespace))

    def _modified(self, run: Run, value: str) -> str:
        for modifier in self._modifiers:
            value = modifier.apply(value)
        kept = run.variables.fitting(value)
        if len(kept) < len(value) and self._modifiers and (mend := self._modifiers[-1].mend) is not None:
            return mend(kept)
        return kept


def check_variable(given: Given, compiler: Compiler) -> None:
    """Report a name that cannot be set (RFC 5229, 4); else count it among the script's variables."""
    if not isinstance(given, Text):
        return
    name = given.text.lower()
    namespace, dot, rest = name.partition(".")
    if given.template is not None:
        compiler.problem(given, "the name of a variable has no variables in it")
    elif not _IDENTIFIER.fullmatch(namespace):
        compiler.problem(given, f"{given.text!r} is no name of a variable")
    elif dot:
        if problem := _problem_in_namespace(namespace, rest, compiler):
            compiler.problem(given, problem)
    else:
        _count(given, name, compiler)


def _count(given: Text, name: str, compiler: Compiler) -> None:
    names: set[str] = compiler.state.setdefault("variables", set())
    names.add(name)
    if len(names) > compiler.settings.variables_max_count:
        compiler.problem(given, f"a script has at most {compiler.settings.variables_max_count} variables")


def _problem_in_namespace(namespace: str, name: str, compiler: Compiler) -> str | None:
    serve = compiler.scope.namespaces.get(namespace)
    if serve is None:
        return f"nothing that is required has variables ${{{namespace}.…}}"
    if not isinstance(serve, Namespace) or serve.write is None:
        return cannot_set(namespace)
    return None if serve.problem is None else serve.problem(name)


def cannot_set(namespace: str) -> str:
    """Of a namespace whose variables are only read."""
    return f"variables ${{{namespace}.…}} cannot be set"
