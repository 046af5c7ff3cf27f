# SPDX-License-Identifier: GPL-3.0-or-later
"""What the conversations ask of accounts: who is this, and where does mail for that address go."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Protocol

from ikserver.model.account import Scope as Scope
from ikserver.model.ids import AccountId, DevicePasswordId


@dataclass(frozen=True, slots=True)
class Login:
    """Who signed in: the account, its address, and the device password where one was used.

    `epoch` is that of the credentials at that moment; it is no part of who it is.
    """

    account: AccountId
    address: str
    device: DevicePasswordId | None = None
    epoch: int = field(default=0, compare=False)


class LoginRefused(Exception):
    """Wrong user or password: the same answer for both, after the same time."""


class LoginLocked(LoginRefused):
    """Too many failures from this network or for this address; `seconds` until the next try is heard."""

    def __init__(self, seconds: int) -> None:
        super().__init__(f"too many failed logins; try again in {seconds} seconds")
        self.seconds = seconds


class LoginDisabled(LoginRefused):
    """The password was right and the account is disabled or suspended."""


class ScramVerifier(Protocol):
    """One SCRAM-SHA-256 exchange of the server's side (RFC 5802, RFC 7677); see protocols/sasl."""

    @property
    def salt(self) -> bytes: ...
    @property
    def iterations(self) -> int: ...

    def verify(self, auth_message: bytes, proof: bytes) -> tuple[Login, bytes]:
        """The login and ServerSignature. Raises LoginRefused."""


class Authenticator(Protocol):
    async def password(self, user: str, password: str, peer: str, scope: Scope = Scope.MAIL) -> Login:
        """Check a password. `peer` is the client's IP address. Raises LoginRefused and its kinds."""

    async def scram(self, user: str, peer: str, scope: Scope = Scope.MAIL) -> ScramVerifier:
        """For an unknown user: a verifier with a stable invented salt that refuses in the end."""


class LiveLogins(Protocol):
    def watch(self, login: Login, ended: Callable[[], None]) -> Callable[[], None]:
        """Call `ended` once when the login holds no longer, until what is returned is called.

        That is: another password was set, its device password was revoked, or the account is no longer active.
        `ended` is called on the event loop and must not raise.
        """


@dataclass(frozen=True, slots=True)
class Deliver:
    """A mailbox of ours. `detail` is the part after `+` (RFC 5233), "" when there is none.

    `by` is the address of ours that redirects here, "" when none does; it is no part of where the mail goes.
    """

    account: AccountId
    address: str
    detail: str = ""
    by: str = field(default="", compare=False)


@dataclass(frozen=True, slots=True)
class Forward:
    """On to another address, which is elsewhere; `by` is the address of ours that redirects: an `account` or group."""

    address: str
    by: str
    account: AccountId | None = None


@dataclass(frozen=True, slots=True)
class Elsewhere:
    """Not a domain of ours: only for those who are signed in."""

    address: str


@dataclass(frozen=True, slots=True)
class Unknown:
    """550 5.1.1: a domain of ours without that address."""

    address: str


@dataclass(frozen=True, slots=True)
class Inactive:
    """550 5.2.1: disabled or suspended. `owners` are the accounts' own addresses."""

    address: str
    owners: tuple[str, ...] = field(default=(), compare=False)


@dataclass(frozen=True, slots=True)
class OverQuota:
    """452 4.2.2, known before DATA; 552 5.2.2 when `permanent`: the message alone is larger than the quota.

    `owners` are the own addresses of the accounts that are full.
    """

    address: str
    permanent: bool = False
    owners: tuple[str, ...] = field(default=(), compare=False)


@dataclass(frozen=True, slots=True)
class Local:
    """Where mail for an address of ours ends: aliases, groups and redirections followed, each target once.

    `screened` is the address without a mailbox that sends it on, "" when none does: spam for that one is refused.
    """

    address: str
    deliveries: tuple[Deliver, ...]
    forwards: tuple[Forward, ...]
    screened: str = ""


Route = Local | Elsewhere | Unknown | Inactive | OverQuota


class Router(Protocol):
    async def route(self, address: str, size: int = 0) -> Route:
        """Where mail of `size` octets for `address` goes. The address is already valid in form."""

    async def may_send_as(self, login: Login, sender: str) -> bool:
        """Whether `sender` is the login's own address, one of its aliases, or one of either with `+detail`."""

    async def is_local_domain(self, domain: str) -> bool: ...
