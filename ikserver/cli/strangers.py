# SPDX-License-Identifier: GPL-3.0-or-later
"""`ikserver org strangers`: what an organisation wants of mail from strangers."""

from __future__ import annotations

import argparse
from dataclasses import replace
from typing import Any, TypeVar, cast

from ikserver.accounts.names import new_domain
from ikserver.app.stores import Stores
from ikserver.cli import arguments
from ikserver.cli.on_stores import on_stores
from ikserver.cli.output import show_json, show_rows
from ikserver.cli.verb import Subparsers, add_verb, settings
from ikserver.model.authentication import Disposition, OriginPolicy

T = TypeVar("T")
USUAL = "usual"
LISTS = "names with commas, none or usual (as the settings say)"


def register(group: Subparsers) -> None:
    """Add the verb to `org`."""
    verb = add_verb(
        group,
        "strangers",
        run=on_stores(_strangers),
        help="show or change what an organisation wants of mail from strangers; it counts from the next message on",
        example='ikserver org strangers "Example Ltd" --dmarc quarantine --block-lists bl.example.net',
        json=True,
    )
    verb.add_argument("name", type=arguments.name)
    verb.add_argument(
        "--dmarc",
        type=_dmarc,
        metavar="{reject,quarantine,none,usual}",
        help="the most that is done when DMARC fails and the author's domain asks for it",
    )
    verb.add_argument("--block-lists", type=_zones, metavar="ZONES", help=f"DNS lists of bad addresses: {LISTS}")
    verb.add_argument("--allow-lists", type=_zones, metavar="ZONES", help=f"DNS lists of good addresses: {LISTS}")


def _dmarc(text: str) -> Disposition | str:
    try:
        return USUAL if text == USUAL else Disposition(text)
    except ValueError as error:
        raise argparse.ArgumentTypeError(f"{text!r} is none of reject, quarantine, none, usual") from error


def _zones(text: str) -> tuple[str, ...] | str:
    if text == USUAL:
        return USUAL
    try:
        return () if text == "none" else tuple(map(new_domain, text.split(",")))
    except ValueError as error:
        raise argparse.ArgumentTypeError(str(error)) from error


async def _strangers(stores: Stores, args: argparse.Namespace) -> None:
    organisation = await stores.directory.organisations.find(args.name)
    before = await stores.directory.origins.of(organisation.id)
    policy = replace(
        before,
        dmarc=_chosen(args.dmarc, before.dmarc),
        bad_lists=_chosen(args.block_lists, before.bad_lists),
        good_lists=_chosen(args.allow_lists, before.good_lists),
    )
    if policy != before:
        await stores.directory.origins.set(organisation.id, policy)
    _show(args, organisation.name, policy)


def _chosen(given: Any, before: T | None) -> T | None:
    """What holds from now on; None is what is usual."""
    if given is None:
        return before
    return None if given == USUAL else cast(T, given)


def _show(args: argparse.Namespace, name: str, policy: OriginPolicy) -> None:
    usual = settings(args).authentication
    own = {
        "dmarc": policy.dmarc and policy.dmarc.value,
        "block_lists": policy.bad_lists,
        "allow_lists": policy.good_lists,
    }
    holding: dict[str, str | tuple[str, ...]] = {
        "dmarc": usual.dmarc,
        "block_lists": usual.block_lists,
        "allow_lists": usual.allow_lists,
    }
    holding |= {what: value for what, value in own.items() if value is not None}
    if args.json:
        show_json({"name": name, **holding, "own": [what for what, value in own.items() if value is not None]})
        return
    shown = {what: _shown(value, usual=own[what] is None) for what, value in holding.items()}
    show_rows([{"name": name, **shown}], ["name", *shown], as_json=False)


def _shown(value: str | tuple[str, ...], *, usual: bool) -> str:
    text = value if isinstance(value, str) else " ".join(value) or "none"
    return f"{text} (usual)" if usual else text
