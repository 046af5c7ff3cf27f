# SPDX-License-Identifier: GPL-3.0-or-later
"""An IMAP server in the test's process: real sockets, a real store, two people with passwords."""

from __future__ import annotations

import asyncio
import ssl
import time
from dataclasses import dataclass, field
from pathlib import Path

from ikserver.accounts.api import Login, LoginRefused, Scope, ScramVerifier
from ikserver.changes import Changes
from ikserver.imap.backend import Backend, ImapLimits
from ikserver.listeners import certificates
from ikserver.listeners.imap import ImapListener
from ikserver.listeners.tcp import bind
from ikserver.listeners.tls import CertificateFiles
from ikserver.model.ids import AccountId, DevicePasswordId
from ikserver.store.api.mail import Mail, MailStore
from ikserver.store.embedded import open_mail_store
from protocols.sasl import Keys, derive
from tests.logins import HintedLogins
from tests.transcript import Player

PASSWORD = "secret"
PEOPLE = {"ann@demo.test": 1, "bob@demo.test": 2}
SALT, ROUNDS = b"salt of the test", 4096


@dataclass(frozen=True, slots=True)
class Verifier:
    """Proves by SCRAM what `PASSWORD` is."""

    login: Login | None
    salt: bytes = SALT
    iterations: int = ROUNDS
    keys: Keys = field(default_factory=lambda: derive(PASSWORD, SALT, ROUNDS))

    def verify(self, auth_message: bytes, proof: bytes) -> tuple[Login, bytes]:
        signature = self.keys.signature(auth_message, proof)
        if signature is None or self.login is None:
            raise LoginRefused("wrong user or password")
        return self.login, signature


class People:
    """An Authenticator of two."""

    async def password(self, user: str, password: str, peer: str, scope: Scope = Scope.MAIL) -> Login:
        login = self._login(user)
        if login is None or password != PASSWORD:
            raise LoginRefused("wrong user or password")
        return login

    async def scram(self, user: str, peer: str, scope: Scope = Scope.MAIL) -> ScramVerifier:
        return Verifier(self._login(user))

    def _login(self, user: str) -> Login | None:
        account = PEOPLE.get(user.lower())
        return account and Login(AccountId(account), user, DevicePasswordId(7))  # type: ignore[return-value]


class Site:
    """The server: `plain` has STARTTLS, `secure` begins with TLS."""

    def __init__(self, root: Path, limits: ImapLimits) -> None:
        self.changes = Changes()
        (root / "spool").mkdir(exist_ok=True)
        self.mail_store: MailStore = open_mail_store(root, self.changes)
        self.backend = Backend(
            People(), HintedLogins(self.changes), self.mail_store, self.changes, root / "spool", time.time
        )
        self.material = certificates.ensure(root / "tls", ["localhost", "127.0.0.1"])
        files = CertificateFiles(self.material.certificate, self.material.key)
        plain, secure = bind("127.0.0.1", 0), bind("127.0.0.1", 0)
        self.plain, self.secure = plain[0].getsockname()[1], secure[0].getsockname()[1]
        self.strict_sockets = bind("127.0.0.1", 0)
        self.strict = self.strict_sockets[0].getsockname()[1]
        make = {"tls": files.context, "backend": self.backend, "limits": limits}
        self.listeners = [
            ImapListener(plain, plaintext_login=True, **make),  # type: ignore[arg-type]
            ImapListener(self.strict_sockets, **make),  # type: ignore[arg-type]
            ImapListener(secure, implicit_tls=True, **make),  # type: ignore[arg-type]
        ]

    async def start(self) -> None:
        for listener in self.listeners:
            await listener.start()

    async def stop(self) -> None:
        for listener in self.listeners:
            await listener.stop()
        await self.mail_store.close()

    async def mail(self, user: str = "ann@demo.test") -> Mail:
        return await self.mail_store.mail(AccountId(PEOPLE[user]))

    def trust(self) -> ssl.SSLContext:
        """What a client needs to believe the server."""
        return ssl.create_default_context(cafile=str(self.material.authority))

    async def guest(self, port: int | None = None, tls: ssl.SSLContext | None = None) -> Player:
        """A connection that has heard the greeting."""
        player = await Player.connect("127.0.0.1", port or self.plain, tls)
        await player.says("S: * OK [CAPABILITY ...] ikserver ready")
        return player

    async def client(self, user: str = "ann@demo.test", mailbox: str | None = None) -> Player:
        """A connection that is signed in and, if asked, has a mailbox selected."""
        player = await self.guest()
        await player.says(f"""
            C: in LOGIN {user} {PASSWORD}
            S: in OK [CAPABILITY ...] logged in""")
        if mailbox is not None:
            await player.says(f"""
                C: in SELECT {mailbox}
                S: ...
                S: in OK [READ-WRITE] SELECT completed""")
        return player

    async def file(self, *messages: bytes, mailbox: str = "INBOX") -> None:
        """Put messages into a mailbox of Ann's, as another session does."""
        player = await self.client()
        for message in messages:
            player.sends(b"f APPEND %b {%d+}\r\n%b\r\n" % (mailbox.encode(), len(message), message))
            await player.says("S: f OK [APPENDUID ...] ...")
        await player.hangs_up()


async def pause() -> None:
    """Let other tasks of the loop run until they wait."""
    for _ in range(20):
        await asyncio.sleep(0)
