# SPDX-License-Identifier: GPL-3.0-or-later
"""Scripts that others include are compiled once each, with the one that includes them (RFC 6609)."""

from __future__ import annotations

from sieve.bound import Bound
from sieve.compiler import Compiler
from sieve.program import Program
from sieve.run import Included, Place
from sieve.syntax import Node


def include(compiler: Compiler, place: Bound | Node, key: Place, *, optional: bool, once: bool) -> None:
    """Compile another script. What is wrong with it is a problem of this one, whose `place` includes it."""
    program = compiler.program
    if program.scripts is None and key not in program.sources:
        return
    inner = Compiler(program, key[1], (*compiler.chain, key))
    if not _finds(inner, key):
        if not optional:
            compiler.problem(place, f"there is no script {key[1]!r} in {key[0]}")
    elif program.sources[key] == program.nodes or key in compiler.chain:
        # RFC 6609, 3.2: with :once there is nothing wrong with that, and nothing to do.
        program.included.setdefault(key, Included(key[1], (), 1))
        if not once:
            compiler.problem(place, f"{key[1]!r} includes itself")
    else:
        _compile(compiler, place, key, inner)


def _finds(inner: Compiler, key: Place) -> bool:
    """Have its nodes in `sources`; False when there is no such script."""
    program, (location, name) = inner.program, key
    if key not in program.sources and program.scripts is not None:
        source = program.scripts.load(name, location)
        if source is not None:
            program.sources[key] = inner.parse(source)
    return key in program.sources


def _compile(compiler: Compiler, place: Bound | Node, key: Place, inner: Compiler) -> None:
    program, around, settings = compiler.program, len(compiler.chain), compiler.settings
    if key not in program.included and around < settings.max_include_depth:
        if len(program.included) >= settings.max_includes:
            compiler.problem(place, f"more than {settings.max_includes} scripts are included")
            return
        block = inner.script(program.sources[key])
        program.included[key] = Included(inner.name, block, inner.depth)
    depth = _depth(program, key)
    if around + depth > settings.max_include_depth:
        compiler.problem(place, f"scripts include each other more than {settings.max_include_depth} deep")
    else:
        compiler.depth = max(compiler.depth, depth + 1)


def _depth(program: Program, key: Place) -> int:
    """So many scripts are open at a time when this one runs."""
    return program.included[key].depth if key in program.included else 1
