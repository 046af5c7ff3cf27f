# SPDX-License-Identifier: GPL-3.0-or-later
"""What ManageSieve needs of the rest of the server, and its limits."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

from ikserver.accounts.api import Authenticator, LiveLogins
from ikserver.model.ids import AccountId
from ikserver.store.api.mail import MailStore
from sieve.errors import Problem


class Checker(Protocol):
    """Says what is wrong with scripts."""

    @property
    def extensions(self) -> Sequence[str]:
        """What scripts may require."""

    @property
    def max_redirects(self) -> int:
        """How often one run of a script may redirect."""

    async def check(self, account: AccountId, content: bytes) -> Sequence[Problem]:
        """The warnings about a script of this account. Raises SieveSyntaxError."""


@dataclass(frozen=True, slots=True)
class Backend:
    """Whom a session asks."""

    authenticator: Authenticator
    logins: LiveLogins
    mail_store: MailStore
    checker: Checker


@dataclass(frozen=True, slots=True)
class ManageSieveLimits:
    """Times are in seconds. A value for each limit that an operator may want to change."""

    connections: int = 1_000
    connections_per_client: int = 100
    login_time: float = 60
    idle_time: float = 30 * 60
    """RFC 5804, 1.2: at least 30 minutes."""
    login_failures: int = 5
    failure_delay: float = 2
    bad_commands: int = 20
    scram: bool = True
