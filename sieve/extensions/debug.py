# SPDX-License-Identifier: GPL-3.0-or-later
"""Notes of a script to its author (vnd.dovecot.debug, of Pigeonhole): they stand in the trace."""

from __future__ import annotations

from sieve.registry import STRING, Arg, Command, Extension
from sieve.run import Arguments, Run


def debug_log(run: Run, arguments: Arguments) -> None:
    """Says that the script came here, and what it knew."""
    run.note(f"debug: {arguments['message']}")


EXTENSIONS = [Extension("vnd.dovecot.debug", commands=[Command("debug_log", [Arg("message", STRING)], run=debug_log)])]
