# SPDX-License-Identifier: GPL-3.0-or-later
"""A server for tests, on a real socket with a real store; only the directory is a small table."""

from __future__ import annotations

import asyncio
import hashlib
import hmac
import ssl
from collections.abc import AsyncIterator, Callable, Sequence
from concurrent.futures import Executor, ThreadPoolExecutor
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path

from ikserver.accounts.api import (
    Deliver,
    Elsewhere,
    Forward,
    Inactive,
    Local,
    Login,
    LoginDisabled,
    LoginLocked,
    LoginRefused,
    OverQuota,
    Route,
    Scope,
    ScramVerifier,
    Unknown,
)
from ikserver.activity.journal import Journal
from ikserver.changes import Changes
from ikserver.delivery.authentication.admission import Admission
from ikserver.delivery.inbound import Inbound
from ikserver.delivery.scanning import Scanning
from ikserver.listeners.certificates import ensure
from ikserver.listeners.limits import ConnectionLimits
from ikserver.listeners.proxy import networks
from ikserver.listeners.smtp import SmtpListener
from ikserver.listeners.tcp import bind
from ikserver.listeners.tls import CertificateFiles
from ikserver.model.account import Organisation
from ikserver.model.ids import AccountId, BodyId, OrganisationId
from ikserver.outbound.allowance import Allowance
from ikserver.outbound.reports import Reports
from ikserver.smtp.limits import SmtpBackend, SmtpLimits
from ikserver.smtp.mx import Mx
from ikserver.smtp.role import Role
from ikserver.store.api.activity import Activity
from ikserver.store.api.mail import MailStore
from ikserver.store.api.queue import Queue
from ikserver.store.api.sendings import Limits
from ikserver.store.embedded import open_mail_store
from ikserver.store.embedded.activity import open_activity
from ikserver.store.embedded.queue import open_queue
from ikserver.store.embedded.sendings import open_sendings
from protocols.sasl import Keys, derive
from tests.logins import HintedLogins

ALICE, BOB, CAROL = AccountId(1), AccountId(2), AccountId(3)
PEOPLE = {"alice": ALICE, "bob": BOB, "carol": CAROL}
PASSWORD = "correct horse"


class Table:
    """`accounts.api.Router` for the domain example.org."""

    async def route(self, address: str, size: int = 0) -> Route:
        local, _, domain = address.rpartition("@")
        name, _, detail = local.lower().partition("+")
        if domain != "example.org":
            return Elsewhere(address)
        match name:
            case "closed":
                return Inactive(address)
            case "full":
                return OverQuota(address)
            case "tiny":
                return OverQuota(address, permanent=True)
            case "everyone":
                deliveries = tuple(Deliver(account, f"{who}@example.org") for who, account in PEOPLE.items())
                return Local(address, deliveries, ())
            case "redirected":
                return Local(address, (), (Forward("far@elsewhere.test", address),))
            case "both":
                forward = Forward("far@elsewhere.test", address, ALICE)
                return Local(address, (Deliver(ALICE, "alice@example.org"),), (forward,))
            case "postmaster":
                return Local(address, (Deliver(ALICE, "alice@example.org"),), ())
            case _ if name in PEOPLE:
                return Local(address, (Deliver(PEOPLE[name], f"{name}@example.org", detail),), ())
            case _:
                return Unknown(address)

    async def may_send_as(self, login: Login, sender: str) -> bool:
        return sender in (login.address, "alias@example.org")

    async def is_local_domain(self, domain: str) -> bool:
        return domain == "example.org"


@dataclass
class Verifier:
    """What is stored of alice's password."""

    keys: Keys = field(default_factory=lambda: derive(PASSWORD, b"salt", 4096))
    salt: bytes = b"salt"
    iterations: int = 4096

    def verify(self, auth_message: bytes, proof: bytes) -> tuple[Login, bytes]:
        signature = self.keys.signature(auth_message, proof)
        if signature is None:
            raise LoginRefused
        return Login(ALICE, "alice@example.org"), signature


class OneOrganisation:
    """Of `store.api.directory.Organisations`, what counting asks for."""

    async def of_account(self, account: AccountId) -> Organisation:
        return Organisation(OrganisationId(1), "Ours")


class NobodySpecial:
    """Of `store.api.directory.Accounts`, what counting asks for."""

    async def daily_recipients(self, account: AccountId) -> None:
        return None


class Guard:
    """`accounts.api.Authenticator` that knows one person."""

    async def password(self, user: str, password: str, peer: str, scope: Scope = Scope.MAIL) -> Login:
        if user == "locked@example.org":
            raise LoginLocked(60)
        if user == "disabled@example.org":
            raise LoginDisabled
        if user != "alice@example.org" or password != PASSWORD:
            raise LoginRefused
        return Login(ALICE, user)

    async def scram(self, user: str, peer: str, scope: Scope = Scope.MAIL) -> ScramVerifier:
        return Verifier()


@dataclass
class House:
    """One running listener and what is behind it."""

    port: int
    mail: MailStore
    queue: Queue
    spool: Path
    listener: SmtpListener
    threads: ThreadPoolExecutor
    changes: Changes
    tls: ssl.SSLContext
    activity: Activity
    journal: Journal

    async def inbox(self, account: AccountId = ALICE, mailbox: str = "INBOX") -> list[bytes]:
        """The bodies in an account's INBOX, or in another mailbox, in order."""
        mail = await self.mail.mail(account)
        opened = await mail.open(mailbox)
        bodies = list(opened.columns.bodies)
        opened.close()
        return [await mail.read(BodyId(body), 0, 1 << 30) for body in bodies]


@asynccontextmanager
async def house(
    root: Path,
    *,
    role: Role | None = None,
    limits: SmtpLimits | None = None,
    implicit_tls: bool = False,
    plaintext_login: bool = False,
    proxies: Sequence[str] = (),
    connections: int = 100,
    admission: Callable[[Executor], Admission] | None = None,
    scanning: Callable[[Executor], Scanning] | None = None,
    daily_recipients: int = 0,
) -> AsyncIterator[House]:
    """Open everything below `root`, serve, and close again."""
    threads = ThreadPoolExecutor(4)
    changes = Changes()
    mail = open_mail_store(root, changes)
    queue = open_queue(root, threads)
    activity = open_activity(root, threads)
    journal = Journal(mail, activity)
    sendings = open_sendings(root, threads)
    spool = root / "spool"
    spool.mkdir()
    backend = SmtpBackend(
        "mail.example.org",
        "example.org",
        Table(),
        Guard(),
        HintedLogins(changes),
        Inbound(mail, queue, threads, delivered=Reports("mail.example.org", queue, Table(), threads).on_delivery),
        spool,
        threads,
        admission=admission(threads) if admission else None,
        scanning=scanning(threads) if scanning else None,
        allowance=Allowance(sendings, OneOrganisation(), NobodySpecial(), Limits(daily_recipients, 0)),  # type: ignore[arg-type]
        journal=journal,
    )
    material = ensure(root / "tls", ["mail.example.org", "127.0.0.1"])
    context = CertificateFiles(material.certificate, material.key).context
    sockets = bind("127.0.0.1", 0)
    listener = SmtpListener(
        sockets,
        role=role or Mx(),
        tls=context,
        implicit_tls=implicit_tls,
        plaintext_login=plaintext_login,
        backend=backend,
        limits=limits or SmtpLimits(tarpit=0, failed_login_delay=0),
        connections=ConnectionLimits(connections, connections),
        proxies=networks(proxies),
    )
    await listener.start()
    trust = ssl.create_default_context(cafile=material.authority)
    try:
        port = sockets[0].getsockname()[1]
        yield House(port, mail, queue, spool, listener, threads, changes, trust, activity, journal)
    finally:
        await listener.stop()
        await mail.close()
        await queue.close()
        await activity.close()
        await sendings.close()
        threads.shutdown()


class Client:
    """Speaks SMTP as it is written in the test, octet by octet."""

    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.reader, self.writer = reader, writer

    @classmethod
    async def connect(cls, port: int, context: ssl.SSLContext | None = None) -> Client:
        """Connect and read the greeting."""
        client = cls(*await asyncio.open_connection("127.0.0.1", port, ssl=context, limit=1 << 20))
        await client.reply()
        return client

    async def reply(self) -> str:
        """The next reply, its lines joined by "\\n"; "" when the server has closed."""
        lines = []
        while True:
            line = (await asyncio.wait_for(self.reader.readline(), 10)).decode()
            lines.append(line.rstrip("\r\n"))
            if line[3:4] != "-":
                return "\n".join(lines)

    async def ask(self, *commands: str | bytes) -> str:
        """Send each line when the one before is answered; the last reply."""
        answer = ""
        for command in commands:
            self.send(command)
            answer = await self.reply()
        return answer

    def send(self, command: str | bytes) -> None:
        self.writer.write((command.encode() if isinstance(command, str) else command) + b"\r\n")

    async def group(self, *commands: str | bytes) -> list[str]:
        """Send all lines at once (RFC 2920) and read as many replies."""
        self.writer.write(b"".join((c.encode() if isinstance(c, str) else c) + b"\r\n" for c in commands))
        return [await self.reply() for _ in commands]

    async def start_tls(self, context: ssl.SSLContext) -> str:
        answer = await self.ask("STARTTLS")
        await self.writer.start_tls(context, server_hostname="mail.example.org")
        return answer

    async def deliver(self, body: bytes, *recipients: str, sender: str = "sender@far.test") -> str:
        """A whole transaction by DATA; `body` is already stuffed and ends its last line. The answer to its end."""
        await self.ask(f"MAIL FROM:<{sender}>")
        for recipient in recipients or ("alice@example.org",):
            await self.ask(f"RCPT TO:<{recipient}>")
        assert (await self.ask("DATA")).startswith("354")
        return await self.ask(body + b".")

    def close(self) -> None:
        self.writer.close()


def received_body(stored: bytes) -> bytes:
    """A stored message without the trace fields that we put in front of it."""
    assert stored.startswith(b"Return-Path: <")
    _, _, rest = stored.partition(b"\r\n\t")
    return rest.partition(b";\r\n\t")[2].partition(b"\r\n")[2]


def scram_proof(password: str, salt: bytes, iterations: int, auth_message: bytes) -> bytes:
    """The client's side of RFC 5802, 3."""
    salted = hashlib.pbkdf2_hmac("sha256", password.encode(), salt, iterations)
    client = hmac.digest(salted, b"Client Key", "sha256")
    signature = hmac.digest(hashlib.sha256(client).digest(), auth_message, "sha256")
    return bytes(a ^ b for a, b in zip(client, signature, strict=True))
