# SPDX-License-Identifier: GPL-3.0-or-later
"""A copy of what a script sends (RFC 8580)."""

from __future__ import annotations

from sieve.actions import Store
from sieve.bound import Bound
from sieve.compiler import Compiler
from sieve.flags import given_flags
from sieve.mailboxes import wrong_name, wrong_use
from sieve.registry import STRING, STRING_LIST, Extension, Tag
from sieve.run import Arguments, Run

_OPTIONS = {"create": "mailbox", "flags": "imap4flags", "mailboxid": "mailboxid", "specialuse": "special-use"}
"""Arguments of fileinto that may stand beside :fcc, and the extensions that they need (RFC 8580, 3.1; RFC 9042, 5)."""
_TAGS = [
    Tag("fcc", STRING),
    Tag("create"),
    Tag("flags", STRING_LIST),
    Tag("mailboxid", STRING),
    Tag("specialuse", STRING),
]


def check_fcc(bound: Bound, compiler: Compiler) -> None:
    """For the commands that have :fcc, when they are compiled."""
    given = {option for option in _OPTIONS if bound.given.get(option) is not None}
    for option in sorted(given):
        if bound.given.get("fcc") is None:
            compiler.problem(bound, f":{option} needs :fcc beside it")
        elif not compiler.requires(_OPTIONS[option]):
            compiler.problem(bound, f'{bound.name} has no argument :{option}; it needs: require "{_OPTIONS[option]}"')
    if {"mailboxid", "specialuse"} <= given:
        compiler.problem(bound, ":mailboxid cannot stand beside :specialuse")
    name = bound.literal("fcc") if "fcc" in bound.given else None
    if name is not None and (problem := wrong_name(name)):
        compiler.warn(bound, problem)


def fcc(run: Run, arguments: Arguments) -> Store | None:
    """Where the copy goes; None without :fcc (RFC 8580, 3)."""
    mailbox = arguments.get("fcc")
    if mailbox is None:
        return None
    if problem := wrong_name(mailbox) or wrong_use(arguments["specialuse"]):
        raise run.error(problem)
    return Store(
        mailbox,
        given_flags(arguments, ()),
        bool(arguments["create"]),
        arguments["specialuse"],
        arguments["mailboxid"],
        line=run.line,
    )


EXTENSIONS = [Extension("fcc", tags={"vacation": _TAGS, "notify": _TAGS})]
