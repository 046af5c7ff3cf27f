# SPDX-License-Identifier: GPL-3.0-or-later
"""Passwords at the command line: read from standard input, typed, or generated and printed once; never an argument."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from getpass import getpass

from ikserver.accounts.passwords import PasswordCosts, Passwords, new_password
from ikserver.cli.refusal import Refused
from ikserver.cli.verb import settings


def add_password_option(verb: argparse.ArgumentParser) -> None:
    """`--password-stdin`; without it a password is generated."""
    verb.add_argument(
        "--password-stdin",
        action="store_true",
        help="read the password from standard input (otherwise one is made and printed)",
    )


def chosen_password(args: argparse.Namespace) -> tuple[str, bool]:
    """The password, and whether it was generated and must be shown. Raises Refused."""
    if not args.password_stdin:
        return new_password(), True
    if sys.stdin.isatty():
        password = getpass("New password: ")
        if getpass("Once more: ") != password:
            raise Refused("the two passwords differ")
    else:
        password = sys.stdin.readline().rstrip("\r\n")
    if not password or "\0" in password:
        raise Refused("the password is empty" if not password else "the password holds a NUL, which no login can send")
    return password, False


@contextmanager
def hashing(args: argparse.Namespace) -> Iterator[Passwords]:
    """What hashes passwords as the server's settings say."""
    with ThreadPoolExecutor(1, "hashing") as threads:
        yield Passwords(PasswordCosts(scram=settings(args).login.scram), threads)


def confirm(args: argparse.Namespace, question: str) -> None:
    """Raises Refused unless `--yes` was given or is typed."""
    if args.yes:
        return
    if not sys.stdin.isatty():
        raise Refused(f"{question} Say --yes")
    sys.stderr.write(f"{question} [y/N] ")
    sys.stderr.flush()
    if sys.stdin.readline().strip().lower() not in ("y", "yes"):
        raise Refused("nothing was done")
