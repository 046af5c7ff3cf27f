# SPDX-License-Identifier: GPL-3.0-or-later
"""`ikserver serve`: the server, until a signal ends it."""

from __future__ import annotations

import argparse
import os

from ikserver.app.lock import exclusive
from ikserver.cli.refusal import Refused
from ikserver.cli.verb import Subparsers, add_verb, settings


def register(subparsers: Subparsers) -> None:
    """Add the verb."""
    add_verb(
        subparsers,
        "serve",
        run=_run,
        help="run the server in the foreground; SIGTERM stops it, SIGHUP reloads the certificate",
        example="ikserver serve --config /etc/ikserver/ikserver.toml",
    )


def _run(args: argparse.Namespace) -> int:
    # Only the verbs that are a server wait for what a server imports.
    from ikserver.app.process import run_server

    chosen = settings(args)
    if not chosen.data.is_dir():
        raise Refused(f"{chosen.data} is not there: ikserver init makes it")
    if not os.access(chosen.data, os.W_OK):
        raise Refused(f"{chosen.data} cannot be written: is it mounted read-only, or does it belong to another user?")
    with exclusive(chosen.data):
        return run_server(chosen, lambda: None)
