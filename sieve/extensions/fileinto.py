# SPDX-License-Identifier: GPL-3.0-or-later
"""Into a mailbox (RFC 5228, 4.1), and copies (RFC 3894)."""

from __future__ import annotations

from sieve.actions import Store
from sieve.bound import Bound
from sieve.compiler import Compiler
from sieve.registry import STRING, Arg, Command, Extension, Tag
from sieve.run import Arguments, Run

MAX_NAME = 1_000


def fileinto(run: Run, arguments: Arguments) -> None:
    """RFC 5228, 4.1."""
    mailbox = arguments["mailbox"]
    problem = wrong_name(mailbox)
    if problem:
        raise run.error(problem)
    flags = arguments.get("flags")
    run.add(
        Store(
            mailbox,
            None if flags is None else tuple(flags),
            bool(arguments.get("create")),
            arguments.get("specialuse"),
            arguments.get("mailboxid"),
            line=run.line,
            copy=bool(arguments.get("copy")),
            message=run.delivery.message.copy(),
        )
    )


def check_fileinto(bound: Bound, compiler: Compiler) -> None:
    name = bound.literal("mailbox")
    if name is not None and (problem := wrong_name(name)):
        compiler.warn(bound, problem)


def wrong_name(mailbox: str) -> str | None:
    """Why no mailbox has this name, None where one may have it (RFC 9051, 5.1)."""
    if not mailbox:
        return "a mailbox has a name"
    if len(mailbox) > MAX_NAME:
        return f"the name of a mailbox has at most {MAX_NAME} characters"
    if any(character < " " or "\x7f" <= character < "\xa0" for character in mailbox):
        return "the name of a mailbox has no control characters"
    if any("\ud800" <= character <= "\udfff" for character in mailbox):
        return "the name of a mailbox is text in UTF-8"
    return None


EXTENSIONS = [
    Extension("fileinto", commands=[Command("fileinto", [Arg("mailbox", STRING)], check=check_fileinto, run=fileinto)]),
    Extension("copy", tags={"fileinto": [Tag("copy")], "redirect": [Tag("copy")]}),
]
