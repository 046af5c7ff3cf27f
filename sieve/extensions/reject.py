# SPDX-License-Identifier: GPL-3.0-or-later
"""Refusing a message, with a reason (RFC 5429)."""

from __future__ import annotations

from sieve.actions import Reject
from sieve.registry import STRING, Arg, Command, Extension
from sieve.run import Arguments, Run

REASON = [Arg("reason", STRING)]


def reject(run: Run, arguments: Arguments) -> None:
    """RFC 5429, 2.2: the reason goes back as it is, by letter if need be."""
    run.add(Reject(arguments["reason"], line=run.line))


def ereject(run: Run, arguments: Arguments) -> None:
    """RFC 5429, 2.1: in the dialogue of SMTP if that goes at all."""
    run.add(Reject(arguments["reason"], extended=True, line=run.line))


EXTENSIONS = [
    Extension("reject", commands=[Command("reject", REASON, run=reject)]),
    Extension("ereject", commands=[Command("ereject", REASON, run=ereject)]),
]
