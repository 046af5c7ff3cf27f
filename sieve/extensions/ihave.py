# SPDX-License-Identifier: GPL-3.0-or-later
"""Which extensions there are (RFC 5463), known when a script is compiled: what then never runs is not compiled."""

from __future__ import annotations

from sieve.bound import Bound
from sieve.compiler import Compiler
from sieve.registry import STRING, STRING_LIST, Arg, Command, Extension, Test
from sieve.run import Arguments, Run

_READ_BEFORE = frozenset({"encoded-character", "variables"})
"""RFC 5463, 4: what changes how scripts are read cannot be had in the middle of one."""


def ihave(bound: Bound, compiler: Compiler) -> bool:
    """All of them or none; from here on they are as good as required."""
    given = bound.given["capabilities"]
    texts = given if isinstance(given, tuple) else ()
    for text in texts:
        if text.template is not None:
            compiler.problem(text, "the names of extensions have no variables in them")
    names = [text.text for text in texts]
    return all(_may_have(name, compiler) for name in names) and all(map(compiler.require, names))


def _may_have(name: str, compiler: Compiler) -> bool:
    return compiler.requires(name) or (name not in _READ_BEFORE and compiler.program.registry.get(name) is not None)


def error(run: Run, arguments: Arguments) -> None:
    """RFC 5463, 5."""
    raise run.error(arguments["message"])


EXTENSIONS = [
    Extension(
        "ihave",
        commands=[Command("error", [Arg("message", STRING)], run=error)],
        tests=[Test("ihave", [Arg("capabilities", STRING_LIST)], known=ihave)],
    )
]
