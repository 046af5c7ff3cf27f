# SPDX-License-Identifier: GPL-3.0-or-later
"""Into a mailbox (RFC 5228, 4.1), and copies (RFC 3894)."""

from __future__ import annotations

from sieve.actions import Store
from sieve.bound import Bound
from sieve.compiler import Compiler
from sieve.flags import given_flags
from sieve.mailboxes import wrong_name, wrong_use
from sieve.registry import STRING, Arg, Command, Extension, Tag
from sieve.run import Arguments, Run


def fileinto(run: Run, arguments: Arguments) -> None:
    """RFC 5228, 4.1."""
    mailbox, use = arguments["mailbox"], arguments.get("specialuse")
    if problem := wrong_name(mailbox) or wrong_use(use):
        raise run.error(problem)
    message = run.delivery.message.copy()
    run.add(
        Store(
            mailbox,
            given_flags(arguments, message.flags),
            bool(arguments.get("create")),
            use,
            arguments.get("mailboxid"),
            line=run.line,
            copy=bool(arguments.get("copy")),
            message=message,
        )
    )


def check_fileinto(bound: Bound, compiler: Compiler) -> None:
    name = bound.literal("mailbox")
    use = bound.literal("specialuse") if "specialuse" in bound.given else None
    problem = (wrong_name(name) if name is not None else None) or wrong_use(use)
    if problem:
        compiler.warn(bound, problem)


EXTENSIONS = [
    Extension("fileinto", commands=[Command("fileinto", [Arg("mailbox", STRING)], check=check_fileinto, run=fileinto)]),
    Extension("copy", tags={"fileinto": [Tag("copy")], "redirect": [Tag("copy")]}),
]
