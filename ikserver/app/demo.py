# SPDX-License-Identifier: GPL-3.0-or-later
"""The demo: a server with three accounts and some mail, on unprivileged ports of this machine."""

from __future__ import annotations

import os
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

from ikserver.accounts.lifecycle import add_account, set_password
from ikserver.accounts.passwords import PasswordCosts, Passwords, new_password
from ikserver.app.certificate import own_certificate
from ikserver.app.samples import deliver_samples
from ikserver.app.stores import Stores, open_stores
from ikserver.model.account import ALL_RIGHTS, Role
from ikserver.settings import FILE_NAME, Address, Listen, Login, Outbound, Settings, Web, dump
from ikserver.store.api.directory import Directory

CREDENTIALS = "demo-credentials"
NAMES = {"alice": "Alice Martin", "bob": "Bob Tanaka", "admin": "Admin"}
PORTS = {
    "lmtp": 24,
    "smtp": 25,
    "submissions": 465,
    "submission": 587,
    "imap": 143,
    "imaps": 993,
    "sieve": 4190,
    "http": 80,
    "https": 443,
}
"""The standard ports, to which the offset is added."""

EVERY_ADDRESS = ("0.0.0.0", "::")  # noqa: S104 - recognised, not listened on


@dataclass(frozen=True, slots=True)
class Wanted:
    """What the command line asks for. A password of None is the one of last time, or else a random one."""

    data: Path
    host: str
    port_offset: int
    domain: str
    password: str | None
    workers: int
    samples: bool


@dataclass(frozen=True, slots=True)
class Demo:
    """What there is to try, once `settings` are served."""

    settings: Settings
    host: str
    ports: dict[str, int]
    authority: Path
    password: str
    accounts: tuple[str, ...]
    domain: str


async def prepare(wanted: Wanted) -> Demo:
    """Make what is missing in the data directory. Raises OSError, StoreBroken."""
    settings = _settings(wanted)
    wanted.data.mkdir(mode=0o700, parents=True, exist_ok=True)
    # The other verbs find the ports and the host name there.
    (wanted.data / FILE_NAME).write_text(dump(settings), encoding="utf-8")
    hosts = [f"{service}.{wanted.domain}" for service in ("autoconfig", "mta-sts")]
    names = [settings.hostname, wanted.domain, *hosts, "localhost", "127.0.0.1"]
    if wanted.host not in (*names, *EVERY_ADDRESS):
        names.append(wanted.host)
    material = own_certificate(wanted.data, names)
    accounts = tuple(f"{name}@{wanted.domain}" for name in NAMES)
    password = _password(wanted, accounts)
    async with open_stores(settings) as stores:
        with ThreadPoolExecutor(1, "passwords") as threads:
            made = await _make_accounts(stores, Passwords(PasswordCosts(), threads), wanted.domain, password)
        if made and wanted.samples:
            await deliver_samples(stores, wanted.domain)
    ports = {name: number + wanted.port_offset for name, number in PORTS.items()}
    return Demo(settings, wanted.host, ports, material.authority, password, accounts, wanted.domain)


def _settings(wanted: Wanted) -> Settings:
    at = {name: (Address(wanted.host, number + wanted.port_offset),) for name, number in PORTS.items()}
    return Settings(
        data=wanted.data,
        hostname=f"mail.{wanted.domain}",
        workers=wanted.workers,
        listen=Listen(**at),
        # Nobody out there gets mail of a demo by mistake.
        outbound=Outbound(enabled=False),
        web=Web(url=f"https://localhost:{PORTS['https'] + wanted.port_offset}"),
        login=Login(plaintext_from_loopback=True),
    )


def _password(wanted: Wanted, accounts: tuple[str, ...]) -> str:
    """The password of all accounts, kept in the data directory: one line an account."""
    path = wanted.data / CREDENTIALS
    kept = path.read_text(encoding="utf-8").partition("\n")[0].partition(" ")[2] if path.exists() else ""
    password = wanted.password or kept or new_password()
    lines = "".join(f"{account} {password}\n" for account in accounts)
    with open(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "w", encoding="utf-8") as file:
        file.write(lines)
    return password


async def _make_accounts(stores: Stores, passwords: Passwords, domain: str, password: str) -> bool:
    """Accounts that are missing are made, the others get the password; tells whether any was made."""
    directory = stores.directory
    await _make_domain(directory, domain)
    made = False
    for name, full_name in NAMES.items():
        address = f"{name}@{domain}"
        known = await directory.accounts.credentials(address)
        if known is None:
            await add_account(directory, stores.mail, passwords, address, password, name=full_name)
            made = True
        elif known.password is None or not await passwords.verify(known.password, password):
            await set_password(directory, passwords, stores.changes, address, password)
    if made:
        await _make_person(directory, passwords, domain, password)
    return made


async def _make_domain(directory: Directory, domain: str) -> None:
    if await directory.domains.lookup(domain) is None:
        organisations = await directory.organisations.list()
        organisation = organisations[0] if organisations else await directory.organisations.add("Demo")
        await directory.domains.add(domain, organisation.id)


async def _make_person(directory: Directory, passwords: Passwords, domain: str, password: str) -> None:
    """Admin represents the organisation, so admin@ reads postmaster@ and abuse@."""
    login = f"admin@{domain}"
    if any(person.login == login for person in await directory.people.list()):
        return
    organisation = (await directory.domains.find(domain)).organisation
    person = await directory.people.add(login, NAMES["admin"])
    await directory.people.set_password(person.id, await passwords.hash(password))
    await directory.people.grant(person.id, organisation, Role.REPRESENTATIVE)
    await directory.people.attach(person.id, (await directory.accounts.find(login)).id, ALL_RIGHTS)
