# SPDX-License-Identifier: GPL-3.0-or-later
"""A script is compiled before it is stored, with all that it may include."""

from __future__ import annotations

import sys
from collections.abc import Mapping
from pathlib import Path

from ikserver.app.scripts import registry, sieve_settings
from ikserver.app.stores import Stores
from ikserver.cli.output import complain
from ikserver.cli.refusal import Refused
from ikserver.delivery.scripts.library import Place, Shelf, includable, shelved
from ikserver.model.account import Account
from ikserver.model.ids import OrganisationId
from ikserver.settings import Settings
from sieve import Script, SieveSyntaxError, compile


def content_of(file: str) -> bytes:
    """Of a file, or with `-` what is piped in. Raises OSError."""
    if file != "-":
        return Path(file).read_bytes()
    return sys.stdin.read().encode()


def checked(name: str, content: bytes, includes: Mapping[Place, bytes], settings: Settings) -> Script:
    """Complains of what looks wrong. Raises Refused for a script with errors, with each of them."""
    try:
        script = compile(content, registry(), name=name, settings=sieve_settings(settings), scripts=Shelf(includes))
    except SieveSyntaxError as error:
        raise Refused(f"the script has errors:\n{error}") from error
    for problem in script.warnings:
        complain(f"{problem.script or name}:{problem.line}:{problem.column}: warning: {problem.message}")
    return script


async def includable_by(stores: Stores, account: Account) -> dict[Place, bytes]:
    """What scripts of an account may include (RFC 6609, 3.2)."""
    organisation = await stores.directory.organisations.of_account(account.id)
    shared = await stores.global_scripts.of(organisation.id)
    return await includable((await stores.mail.mail(account.id)).scripts, shared)


async def shared_by(stores: Stores, organisation: OrganisationId) -> dict[Place, bytes]:
    """The scripts of an organisation."""
    return shelved(await stores.global_scripts.of(organisation))
