# SPDX-License-Identifier: GPL-3.0-or-later
"""A ManageSieve server in the test's process: real sockets, real stores, two people with passwords."""

from __future__ import annotations

import base64
import ssl
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from ikserver.changes import Changes
from ikserver.listeners import certificates
from ikserver.listeners.managesieve import ManageSieveListener
from ikserver.listeners.tcp import bind
from ikserver.listeners.tls import CertificateFiles
from ikserver.managesieve.backend import Backend, ManageSieveLimits
from ikserver.managesieve.checking import CompilingChecker
from ikserver.model.account import ScramSalt
from ikserver.model.ids import AccountId, OrganisationId
from ikserver.store.api.scripts import Scripts
from ikserver.store.embedded import open_mail_store
from ikserver.store.embedded.directory import open_directory
from ikserver.store.embedded.globalscripts import open_global_scripts
from sieve import Registry, Settings
from tests.imap_site import PASSWORD, PEOPLE, People
from tests.logins import HintedLogins
from tests.transcript import Player

SALT = ScramSalt(b"salt of the test", 4096)
READY = 'S: OK "ikserver ready"'


def plain(user: str = "ann@demo.test", password: str = PASSWORD, act_as: str = "") -> str:
    """The initial response of PLAIN (RFC 4616, 2), in base64."""
    return base64.b64encode(f"{act_as}\0{user}\0{password}".encode()).decode()


class Site:
    """The server: `plain` takes passwords without TLS, `strict` does not."""

    organisation: OrganisationId

    def __init__(self, root: Path, limits: ManageSieveLimits, settings: Settings) -> None:
        self.changes, self.threads = Changes(), ThreadPoolExecutor(2)
        self.mail_store = open_mail_store(root, self.changes)
        self.directory = open_directory(root)
        self.global_scripts = open_global_scripts(root, self.threads)
        checker = CompilingChecker(
            self.mail_store, self.directory, self.global_scripts, self.threads, Registry.default(), settings
        )
        backend = Backend(People(), HintedLogins(self.changes), self.mail_store, checker)
        self.material = certificates.ensure(root / "tls", ["localhost", "127.0.0.1"])
        tls = CertificateFiles(self.material.certificate, self.material.key).context
        plain, strict = bind("127.0.0.1", 0), bind("127.0.0.1", 0)
        self.plain, self.strict = plain[0].getsockname()[1], strict[0].getsockname()[1]
        self.listeners = [
            ManageSieveListener(plain, tls=tls, plaintext_login=True, backend=backend, limits=limits),
            ManageSieveListener(strict, tls=tls, backend=backend, limits=limits),
        ]

    async def start(self) -> None:
        self.organisation = (await self.directory.organisations.add("Demo")).id
        await self.directory.domains.add("demo.test", self.organisation)
        for address, number in PEOPLE.items():
            assert (await self.directory.accounts.add(address, "", SALT)).id == number
        for listener in self.listeners:
            await listener.start()

    async def stop(self) -> None:
        for listener in self.listeners:
            await listener.stop()
        for store in (self.mail_store, self.directory, self.global_scripts):
            await store.close()
        self.threads.shutdown()

    async def scripts(self, user: str = "ann@demo.test") -> Scripts:
        """What the server keeps."""
        return (await self.mail_store.mail(AccountId(PEOPLE[user]))).scripts

    def trust(self) -> ssl.SSLContext:
        """What a client needs to believe the server."""
        return ssl.create_default_context(cafile=str(self.material.authority))

    async def guest(self, port: int | None = None) -> Player:
        """A connection that has heard the greeting."""
        player = await Player.connect("127.0.0.1", port or self.plain)
        await player.says(f"S: ...\n{READY}")
        return player

    async def client(self, user: str = "ann@demo.test") -> Player:
        """A connection that is signed in."""
        player = await self.guest()
        await player.says(f"""
            C: AUTHENTICATE "PLAIN" "{plain(user)}"
            S: OK "logged in"
            """)
        return player
