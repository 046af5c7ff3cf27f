# SPDX-License-Identifier: GPL-3.0-or-later
"""The text of a part in a variable (RFC 5703, 7)."""

from __future__ import annotations

from sieve.bound import Bound
from sieve.compiler import Compiler
from sieve.looking import current, loops
from sieve.registry import MODIFIER_TAGS, NUMBER, STRING, Arg, Command, Extension, Tag
from sieve.run import Arguments, Run
from sieve.storing import check_variable

OCTETS_A_STEP = 1_000


def extracttext(run: Run, arguments: Arguments) -> None:
    """Outside of a loop, and where a part has no text or cannot be decoded, it is the empty string."""
    text = ""
    if loops(run):
        part = current(run)
        run.spend((part.end - part.body) // OCTETS_A_STEP)
        text = part.transcoded or ""
    run.assign(arguments, arguments["name"], text[: arguments["first"]])


def check_extracttext(bound: Bound, compiler: Compiler) -> None:
    check_variable(bound.given["name"], compiler)
    if not compiler.requires("variables"):
        compiler.problem(bound, 'extracttext needs variables: require "variables"')
    if not any(one.name == "foreverypart" for one in compiler.around):
        compiler.problem(bound, "extracttext stands in a block of foreverypart")


EXTENSIONS = [
    Extension(
        "extracttext",
        commands=[
            Command(
                "extracttext",
                [Arg("name", STRING)],
                [MODIFIER_TAGS, Tag("first", NUMBER)],
                check=check_extracttext,
                run=extracttext,
            )
        ],
    )
]
