# SPDX-License-Identifier: GPL-3.0-or-later
"""What can go wrong: in a script, while it runs, in a mailbox."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple


class SieveError(Exception):
    """Whatever the engine complains of."""


class Problem(NamedTuple):
    """One complaint about a script. Lines and columns count from 1; `script` is "" for the one that was compiled."""

    line: int
    column: int
    message: str
    script: str = ""


class SieveSyntaxError(SieveError):
    """A script that cannot be compiled, with everything that is wrong with it."""

    def __init__(self, problems: Sequence[Problem], name: str = "") -> None:
        self.problems = list(problems)
        lines = [f"{p.script or name}:{p.line}:{p.column}: error: {p.message}" for p in self.problems]
        super().__init__("\n".join(lines))


class SieveRuntimeError(SieveError):
    """A script that cannot go on (RFC 5228, 2.10.6)."""

    def __init__(self, message: str, line: int = 0) -> None:
        super().__init__(f"line {line}: {message}" if line else message)
        self.message = message
        self.line = line


class MailboxError(SieveError):
    """A mailbox does not take a message; the text says why."""
