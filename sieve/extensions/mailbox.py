# SPDX-License-Identifier: GPL-3.0-or-later
"""Is there a mailbox, and mailboxes that are made when mail comes for them (RFC 5490, 3.1 and 3.2)."""

from __future__ import annotations

from sieve.bound import Bound
from sieve.compiler import Compiler
from sieve.mailboxes import takes_mail, wrong_name
from sieve.registry import STRING_LIST, Arg, Extension, Tag, Test
from sieve.run import Arguments, Run


def mailboxexists(run: Run, arguments: Arguments) -> bool:
    """RFC 5490, 3.1: all of them."""
    mailboxes = run.delivery.services.mailboxes
    return mailboxes is not None and all(
        wrong_name(name) is None and takes_mail(mailboxes, name) for name in arguments["mailboxes"]
    )


def check_mailboxexists(bound: Bound, compiler: Compiler) -> None:
    for name in bound.literals("mailboxes"):
        if problem := wrong_name(name):
            compiler.warn(bound, problem)


EXTENSIONS = [
    Extension(
        "mailbox",
        tests=[Test("mailboxexists", [Arg("mailboxes", STRING_LIST)], check=check_mailboxexists, run=mailboxexists)],
        tags={"fileinto": [Tag("create")]},
    )
]
