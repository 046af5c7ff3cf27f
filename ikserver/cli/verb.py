# SPDX-License-Identifier: GPL-3.0-or-later
"""How a verb is declared, and how it gets at the settings and the stores.

def register(subparsers: Subparsers) -> None:
    group = add_group(subparsers, "domain", "the domains that mail is taken for")
    add = add_verb(group, "add", run=_add, help="take mail for a domain", example="ikserver domain add example.org")
    add.add_argument("domain")

def _add(args: argparse.Namespace) -> int:
    return with_stores(args, lambda stores: ...)
"""

from __future__ import annotations

import argparse
import asyncio
import os
import pwd
from collections.abc import Callable, Coroutine
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ikserver.app.stores import Stores, has_server, open_stores
from ikserver.cli.refusal import Refused
from ikserver.settings import Settings, load, load_data

if TYPE_CHECKING:
    Subparsers = argparse._SubParsersAction[argparse.ArgumentParser]
else:
    Subparsers = argparse._SubParsersAction

SYSTEM_CONFIG = Path("/etc/ikserver/ikserver.toml")
DEMO_DATA = Path("var/demo")


def add_group(subparsers: Subparsers, name: str, help: str) -> Subparsers:
    """A verb with verbs of its own: `ikserver NAME …`. Returns where they are added."""
    group = subparsers.add_parser(name, help=help, description=_sentence(help))
    return group.add_subparsers(dest=f"{name}_verb", metavar="VERB", required=True)


def add_verb(
    subparsers: Subparsers,
    name: str,
    *,
    run: Callable[[argparse.Namespace], int],
    help: str,
    example: str,
    json: bool = False,
    place: bool = True,
) -> argparse.ArgumentParser:
    """A verb with an example in its help, with `--data` or `--config` (`place`) and, if asked for, `--json`.

    The rest is added to what is returned.
    """
    verb = subparsers.add_parser(
        name,
        help=help,
        description=_sentence(help),
        epilog=f"example:\n  {example}",
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    if place:
        where = verb.add_mutually_exclusive_group()
        where.add_argument("--data", type=Path, metavar="DIR", help="the data directory (with its ikserver.toml)")
        where.add_argument("--config", type=Path, metavar="FILE", help=f"the settings (default: {SYSTEM_CONFIG})")
    if json:
        verb.add_argument("--json", action="store_true", help="print JSON, for scripts")
    verb.set_defaults(run=run)
    return verb


def settings(args: argparse.Namespace) -> Settings:
    """The settings that `--config` or `--data` name; without either, those of the system, else of the demo here.

    Raises SettingsError, and Refused when there is nothing to be found, or when root would leave files in the data
    directory that its owner cannot write.
    """
    chosen = _settings(args)
    owner = chosen.data.stat().st_uid if chosen.data.exists() else os.geteuid()
    if os.geteuid() == 0 != owner:
        name = pwd.getpwuid(owner).pw_name
        raise Refused(f"{chosen.data} belongs to {name}: say sudo -u {name} ikserver …")
    return chosen


def _settings(args: argparse.Namespace) -> Settings:
    if args.config is not None:
        return load(args.config)
    if args.data is not None:
        return load_data(args.data)
    if SYSTEM_CONFIG.exists():
        return load(SYSTEM_CONFIG)
    if DEMO_DATA.is_dir():
        return load_data(DEMO_DATA)
    raise Refused(f"which server? Say --data DIR or --config FILE ({SYSTEM_CONFIG} is not there)")


def with_stores(args: argparse.Namespace, work: Callable[[Stores], Coroutine[Any, Any, int]]) -> int:
    """Open the data directory, run `work` on it and close it again; returns the exit code that `work` returned.

    Raises Refused when no server keeps its data there: a typing error must not make a new one.
    """
    chosen = settings(args)
    if not has_server(chosen.data):
        raise Refused(f"{chosen.data} holds no server; to make one: ikserver init --data {chosen.data}")

    async def run() -> int:
        async with open_stores(chosen) as stores:
            return await work(stores)

    return asyncio.run(run())


def _sentence(text: str) -> str:
    return text[:1].upper() + text[1:] + "."
