# SPDX-License-Identifier: GPL-3.0-or-later
"""Another content for a part, or for the whole message (RFC 5703, 5)."""

from __future__ import annotations

from base64 import encodebytes

from sieve.bound import Bound
from sieve.compiler import Compiler
from sieve.composing import Entity, mailbox_list, mime, people, plain, unstructured, wire
from sieve.looking import current, loops
from sieve.mime import Part
from sieve.registry import STRING, Arg, Command, Extension, Tag
from sieve.run import Arguments, Run

OCTETS_A_STEP = 1_000


def replace(run: Run, arguments: Arguments) -> None:
    """A loop does not go into the parts that are no more."""
    message, part = run.delivery.message, current(run)
    # The message is written and read anew.
    run.spend(message.size // OCTETS_A_STEP)
    authors = mailbox_list(arguments["from"] or "")
    if arguments["from"] is not None and not authors:
        raise run.error(f"{arguments['from']!r} is no list of addresses")
    _replace(run, part, arguments["content"], arguments["mime"])
    for loop in loops(run):
        loop.skip(part.path)
    if part.path or arguments["mime"]:
        return
    if arguments["subject"] is not None:
        message.supersede(unstructured("Subject", arguments["subject"]))
    if authors:
        message.supersede(people("From", authors))


def _replace(run: Run, part: Part, content: str, mime_entity: bool | None) -> None:
    message = run.delivery.message
    try:
        message.replace(part, mime(content) if mime_entity else plain(content))
    except ValueError as error:
        if mime_entity:
            raise run.error(f"this cannot replace a part: {error}") from None
        message.replace(part, _opaque(content))
    run.note("replace")


def _opaque(content: str) -> Entity:
    """Text in which no delimiter can be seen."""
    described = ["Content-Type: text/plain; charset=utf-8", "Content-Transfer-Encoding: base64"]
    return Entity(described, encodebytes(wire(content)).replace(b"\n", b"\r\n"))


def check_replace(bound: Bound, compiler: Compiler) -> None:
    for name in ("subject", "from"):
        if bound.has("mime") and bound.has(name):
            compiler.problem(bound, f":{name} has no meaning beside :mime")
    authors = bound.literal("from")
    if authors is not None and not mailbox_list(authors):
        compiler.problem(bound, f"{authors!r} is no list of addresses")


EXTENSIONS = [
    Extension(
        "replace",
        commands=[
            Command(
                "replace",
                [Arg("content", STRING)],
                [Tag("mime"), Tag("subject", STRING), Tag("from", STRING)],
                check=check_replace,
                run=replace,
            )
        ],
    )
]
