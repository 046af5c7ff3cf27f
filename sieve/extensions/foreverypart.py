# SPDX-License-Identifier: GPL-3.0-or-later
"""A loop over the parts of a message (RFC 5703, 3)."""

from __future__ import annotations

from sieve.bound import Bound
from sieve.compiler import Compiler
from sieve.looking import Loop, current, loops
from sieve.registry import STRING, Command, Extension, Tag
from sieve.run import Arguments, Run

FOREVERYPART = "foreverypart"
NAME = Tag("name", STRING)


class Break(Exception):
    """One loop ends before its time."""

    def __init__(self, loop: Loop) -> None:
        super().__init__()
        self.loop = loop


def foreverypart(run: Run, arguments: Arguments) -> None:
    """The outermost loop begins with the message itself, one in another with what is inside the part of that."""
    part, running = current(run), loops(run)
    inside = part.every[1:] if running else part.every
    loop = Loop(arguments["name"], [part.path for part in reversed(inside)])
    running.append(loop)
    try:
        while loop.ahead:
            loop.path = loop.ahead.pop()
            run.spend(1)
            run.execute(arguments.block)
    except Break as broken:
        if broken.loop is not loop:
            raise
    finally:
        running.remove(loop)


def break_(run: Run, arguments: Arguments) -> None:
    """Ends the innermost loop, or the innermost one of a name."""
    name = arguments["name"]
    for loop in reversed(loops(run)):
        if name is None or loop.name == name:
            raise Break(loop)
    raise run.error("there is no loop here that could end" if name is None else f"no loop here is named {name!r}")


def check_break(bound: Bound, compiler: Compiler) -> None:
    """RFC 5703, 3: it is an error if there is no such loop."""
    around = [one for one in compiler.around if one.name == FOREVERYPART]
    name = bound.literal("name")
    if not around:
        compiler.problem(bound, f"break stands in a block of {FOREVERYPART}")
    elif name is not None and name not in [one.literal("name") for one in around]:
        compiler.problem(bound, f"no {FOREVERYPART} around this break is named {name!r}")


EXTENSIONS = [
    Extension(
        "foreverypart",
        commands=[
            Command(FOREVERYPART, tags=[NAME], block="required", run=foreverypart),
            Command("break", tags=[NAME], check=check_break, run=break_),
        ],
    ),
]
