# SPDX-License-Identifier: GPL-3.0-or-later
"""`ikserver init`: settings, keys, certificate and empty databases of a new server."""

from __future__ import annotations

import argparse
import asyncio
import socket
from pathlib import Path

from ikserver.cli.refusal import Refused
from ikserver.cli.verb import SYSTEM_CONFIG, Subparsers, add_verb
from ikserver.settings import FILE_NAME, Settings, dump, load, load_data


def register(subparsers: Subparsers) -> None:
    """Add the verb."""
    verb = add_verb(
        subparsers,
        "init",
        run=_run,
        help="make the settings, keys, certificate and databases of a new server; what is there is kept",
        example="ikserver init --hostname mail.example.org",
    )
    verb.add_argument("--hostname", help="the server's name, as MX records tell it (the system's)")


def _run(args: argparse.Namespace) -> int:
    # Only the verbs that are a server wait for what a server imports.
    from ikserver.app.initial import initialise

    path = _settings_file(args)
    if not path.exists():
        _write(path, Settings(hostname=args.hostname or socket.getfqdn()))
    elif args.hostname and args.hostname != load(path).hostname:
        raise Refused(f"{path} is there already and names another host: change it there")
    chosen = load(path) if args.data is None else load_data(args.data)
    asyncio.run(initialise(chosen))
    place = f"--config {path}" if args.data is None else f"--data {args.data}"
    print(f"{chosen.hostname} is ready: settings in {path}, data in {chosen.data}. Next:\n")
    for step in ("domain add example.org", "account add you@example.org", "serve", "doctor"):
        print(f"  ikserver {step} {place}")
    return 0


def _settings_file(args: argparse.Namespace) -> Path:
    if args.data is not None:
        return Path(args.data) / FILE_NAME
    return args.config or SYSTEM_CONFIG


def _write(path: Path, settings: Settings) -> None:
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    text = "# config/ikserver.toml of the source shows every setting with its default.\n"
    path.write_text(text + dump(settings), encoding="utf-8")
