# SPDX-License-Identifier: GPL-3.0-or-later
"""`ikserver VERB …`: finds the verb, runs it and turns what it refuses into one line and an exit code.

Exit codes: 0 done, 1 refused or failed (one line on standard error says why), 2 wrong usage, 130 interrupted.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Callable, Sequence

from ikserver import __version__
from ikserver.cli import (
    account,
    alias,
    demo,
    doctor,
    domain,
    group,
    init,
    logs,
    org,
    person,
    queue,
    redirect,
    reports,
    role,
    serve,
)
from ikserver.cli.output import complain
from ikserver.cli.refusal import REFUSALS, explained
from ikserver.cli.rule import verbs as rule
from ikserver.cli.sieve import verbs as sieve
from ikserver.cli.spam import verbs as spam
from ikserver.cli.transfer import verbs as transfer
from ikserver.cli.verb import Subparsers

VERBS: tuple[Callable[[Subparsers], None], ...] = (
    demo.register,
    init.register,
    serve.register,
    doctor.register,
    domain.register,
    account.register,
    alias.register,
    group.register,
    redirect.register,
    org.register,
    person.register,
    role.register,
    queue.register,
    logs.register,
    reports.register,
    spam.register,
    rule.register,
    sieve.register,
    transfer.register,
)
"""One `register` of each verb group, in the order of `ikserver --help`."""


def parser() -> argparse.ArgumentParser:
    """The whole command line; the chosen verb's function is in `run`."""
    top = argparse.ArgumentParser(prog="ikserver", description="A mail and calendar server for a small organisation.")
    top.add_argument("--version", action="version", version=f"ikserver {__version__}")
    verbs = top.add_subparsers(dest="verb", metavar="VERB", required=True)
    for register in VERBS:
        register(verbs)
    return top


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one command; `arguments` are those of the process unless given. Returns the exit code."""
    chosen = parser().parse_args(arguments)
    try:
        return int(chosen.run(chosen))
    except BrokenPipeError:
        # Whoever read our output (head, less) has enough; the interpreter must not flush into it once more.
        sys.stdout = None
        return 1
    except REFUSALS as refusal:
        complain(explained(refusal))
        return 1
    except KeyboardInterrupt:
        sys.stderr.write("\n")
        return 130
