# SPDX-License-Identifier: GPL-3.0-or-later
"""Variables (RFC 5229). References in strings are read by the core, which asks whether this is required."""

from __future__ import annotations

import re

from sieve.bound import Bound
from sieve.compiler import Compiler
from sieve.matching import ascii_fold
from sieve.registry import (
    MATCH_TAGS,
    MODIFIER_TAGS,
    STRING,
    STRING_LIST,
    Arg,
    Command,
    Extension,
    Modifier,
    Test,
)
from sieve.run import Arguments, Run
from sieve.storing import check_variable

_UPPER = str.maketrans("abcdefghijklmnopqrstuvwxyz", "ABCDEFGHIJKLMNOPQRSTUVWXYZ")
_WILDCARD = re.compile(r"[*?\\]")
_BACKSLASHES = re.compile(r"\\*\Z")


def set_(run: Run, arguments: Arguments) -> None:
    """RFC 5229, 4."""
    run.assign(arguments, arguments["name"], arguments["value"])


def check_set(bound: Bound, compiler: Compiler) -> None:
    check_variable(bound.given["name"], compiler)
    value, size = bound.literal("value") or "", compiler.settings.variables_max_size
    # RFC 5229, 6: what is known to be too long is an error; else it is cut.
    if len(value.encode("utf-8", "surrogateescape")) > size and not bound.has("length"):
        compiler.problem(bound, f"the value of a variable has at most {size} octets")


def string(run: Run, arguments: Arguments) -> bool:
    """RFC 5229, 5. An empty string counts as none."""
    source = arguments["source"]
    counts = arguments.matching is not None and arguments.matching.type.counts
    return run.match(arguments, filter(None, source) if counts else source)


def upper(text: str) -> str:
    """RFC 5229, 4.1.3: letters of ASCII only."""
    return text.translate(_UPPER)


def quotewildcard(text: str) -> str:
    """RFC 5229, 4.1.2."""
    return _WILDCARD.sub(r"\\\g<0>", text)


def whole_quotes(text: str) -> str:
    """Without a backslash at the end that has lost its character."""
    found = _BACKSLASHES.search(text)
    return text[:-1] if found is not None and len(found[0]) % 2 else text


EXTENSIONS = [
    Extension(
        "variables",
        commands=[
            Command("set", [Arg("name", STRING), Arg("value", STRING)], [MODIFIER_TAGS], check=check_set, run=set_)
        ],
        tests=[Test("string", [Arg("source", STRING_LIST), Arg("keys", STRING_LIST)], [MATCH_TAGS], run=string)],
        modifiers=[
            Modifier("lower", 40, ascii_fold),
            Modifier("upper", 40, upper),
            Modifier("lowerfirst", 30, lambda text: ascii_fold(text[:1]) + text[1:]),
            Modifier("upperfirst", 30, lambda text: upper(text[:1]) + text[1:]),
            Modifier("quotewildcard", 20, quotewildcard, whole_quotes),
            Modifier("length", 10, lambda text: str(len(text))),
        ],
    )
]
