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
    """A script that cannot go on (RFC 5228, 2.10.6). `script` is "" but where it is one that others include."""

    def __init__(self, message: str, line: int = 0, script: str = "") -> None:
        super().__init__(message, line, script)
        self.message = message
        self.line = line
        self.script = script

    def __str__(self) -> str:
        place = f"{self.script!r}, line {self.line}: " if self.script else f"line {self.line}: "
        return f"{place}{self.message}" if self.line else self.message


class MailboxError(SieveError):
    """A mailbox does not take a message; the text says why."""
