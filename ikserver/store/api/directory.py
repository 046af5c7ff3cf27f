# SPDX-License-Identifier: GPL-3.0-or-later
"""Who there is, durable: organisations, people, domains, accounts, addresses, device passwords.

Names that come in are canonical. What changes something returns once it is on the disk, and raises Exists, NotFound,
InUse or CannotChange. What reads costs microseconds and sees what any process has committed.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Coroutine, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Protocol

from ikserver.model.account import (
    Account,
    Alias,
    Attachment,
    Consent,
    Credentials,
    DevicePassword,
    Domain,
    Group,
    Invitation,
    Membership,
    Organisation,
    Person,
    Rights,
    Role,
    Scope,
    ScramSalt,
    State,
)
from ikserver.model.authentication import OriginPolicy
from ikserver.model.ids import AccountId, DevicePasswordId, DomainId, OrganisationId, PersonId
from protocols.sasl import Keys
from protocols.smtp.mtasts import Mode


class Organisations(Protocol):
    async def add(self, name: str) -> Organisation: ...

    async def list(self) -> Sequence[Organisation]:
        """In the order in which they were added."""

    async def find(self, name: str) -> Organisation:
        """By name, without regard to case."""

    async def of_account(self, account: AccountId) -> Organisation:
        """The organisation of the account's domain."""

    async def change(self, organisation: Organisation) -> None:
        """Store a new name and whatever else it has."""

    async def remove(self, organisation: OrganisationId) -> None:
        """Raises InUse while it has domains."""


class People(Protocol):
    async def add(self, login: str, name: str) -> Person: ...

    async def list(self) -> Sequence[Person]: ...

    async def find(self, login: str) -> Person: ...

    async def set_password(self, person: PersonId, password: str | None) -> None:
        """Store an argon2id hash."""

    async def remove(self, person: PersonId) -> None:
        """With memberships, attachments and device passwords. Raises CannotChange for a last representative."""

    async def memberships(self) -> Sequence[Membership]: ...

    async def grant(self, person: PersonId, organisation: OrganisationId, role: Role) -> None:
        """Make it the person's role there. Raises CannotChange when no representative would remain."""

    async def withdraw(self, person: PersonId, organisation: OrganisationId) -> None:
        """Raises CannotChange when no representative would remain."""

    async def attachments(self) -> Sequence[Attachment]: ...

    async def attach(self, person: PersonId, account: AccountId, rights: Rights) -> None:
        """Attach, or change the rights."""

    async def detach(self, person: PersonId, account: AccountId) -> None:
        """The person's device passwords for the account go too."""


class Domains(Protocol):
    async def add(self, name: str, organisation: OrganisationId) -> Domain: ...

    async def list(self) -> Sequence[Domain]: ...

    async def find(self, name: str) -> Domain: ...

    async def lookup(self, name: str) -> Domain | None:
        """As `find`, for what is asked at every RCPT."""

    async def set_catchall(self, domain: DomainId, on: bool) -> None: ...

    async def set_mta_sts(self, domain: DomainId, mode: Mode) -> None: ...

    async def remove(self, domain: DomainId) -> None:
        """Raises InUse while it has addresses."""


class Accounts(Protocol):
    async def add(
        self,
        address: str,
        name: str,
        scram: ScramSalt,
        password: str | None = None,
        keys: Keys | None = None,
        *,
        mailbox: bool = True,
    ) -> Account:
        """In the domain of the address, active; see `set_password` for the password. Without a mailbox it keeps
        nothing."""

    async def list(self) -> Sequence[Account]:
        """In the order in which they were added."""

    async def find(self, address: str) -> Account:
        """By its own address."""

    async def credentials(self, address: str) -> Credentials | None:
        """By its own address or an alias."""

    async def set_password(
        self,
        account: AccountId,
        password: str,
        keys: Keys | None,
        *,
        scram: ScramSalt | None = None,
        instead_of: str | None = None,
    ) -> None:
        """Store an argon2id hash and SCRAM keys, and the salt of these where it is another.

        With `instead_of`, the same password is hashed anew: only where that hash is still there.
        """

    async def set_name(self, account: AccountId, name: str) -> None: ...

    async def set_state(self, account: AccountId, state: State) -> None: ...

    async def redirect(self, account: AccountId, targets: Sequence[str], keep: bool) -> None:
        """No targets ends the redirection."""

    async def daily_recipients(self, account: AccountId) -> int | None:
        """To how many it may write in 24 hours; 0 is without limit, None as its organisation or the settings say."""

    async def set_daily_recipients(self, account: AccountId, recipients: int | None) -> None: ...

    async def remove(self, account: AccountId) -> None:
        """With its aliases, attachments and device passwords. Its number is never used again."""


class Addresses(Protocol):
    async def resolve(self, address: str) -> Account | Group | None:
        """What stands behind an address: an account (by its own address or an alias) or a group."""

    async def caretaker(self, domain: str | None) -> Account | None:
        """Who reads postmaster@ and abuse@ of a domain (the oldest, if None) that has no such address.

        The first active account of: one attached to a representative or administrator of the domain's
        organisation; of the domain; of its organisation; of the oldest organisation, which runs the server.
        """

    async def add_alias(self, address: str, account: AccountId) -> None: ...

    async def aliases(self) -> Sequence[Alias]: ...

    async def remove_alias(self, address: str) -> None: ...

    async def add_group(self, address: str, members: Sequence[str]) -> None: ...

    async def groups(self) -> Sequence[Group]: ...

    async def set_members(self, address: str, members: Sequence[str]) -> None: ...

    async def remove_group(self, address: str) -> None: ...


class Invitations(Protocol):
    """Who elsewhere is asked to be a target of an account without a mailbox. Links are known by a digest of theirs."""

    async def want(self, account: AccountId, targets: Sequence[str], granted: Collection[str]) -> Sequence[str]:
        """Make `targets` what the account redirects to, once they accept; those in `granted` need not be asked.

        What others had said is forgotten. Gives those who have to be asked now.
        """

    async def ask(self, account: AccountId, target: str, digest: bytes, expires: int) -> None:
        """Wait for an answer to a new link, in place of what there was."""

    async def of_account(self, account: AccountId) -> Sequence[Invitation]: ...

    async def find(self, digest: bytes) -> Invitation | None: ...

    async def answer(self, digest: bytes, consent: Consent, now: int) -> bool:
        """Once, and in time, or it is False; who accepts is a target from now on."""


@dataclass(frozen=True, slots=True)
class NewDevicePassword:
    account: AccountId
    person: PersonId | None
    name: str
    digest: bytes
    scopes: frozenset[Scope]
    keys: Keys | None


class DevicePasswords(Protocol):
    async def add(self, new: NewDevicePassword) -> DevicePassword:
        """Raises Exists when the account has one of that name."""

    async def list(self, account: AccountId) -> Sequence[DevicePassword]: ...

    async def remove(self, device: DevicePasswordId) -> None: ...

    async def used(self, device: DevicePasswordId, now: int) -> None:
        """Remember when it was last used."""


class OriginPolicies(Protocol):
    """What organisations want of mail from strangers."""

    async def of(self, organisation: OrganisationId) -> OriginPolicy: ...

    async def set(self, organisation: OrganisationId, policy: OriginPolicy) -> None:
        """It counts from the next message on."""

    async def by_domain(self) -> Mapping[str, tuple[OrganisationId, OriginPolicy]]:
        """Of all domains whose organisation has one. Asked at every message of a stranger: costs a microsecond."""


@dataclass(frozen=True, slots=True)
class Directory:
    """All of it. `generation` is cheap and grows with every change by any process: it tells caches to start anew."""

    organisations: Organisations
    people: People
    domains: Domains
    accounts: Accounts
    addresses: Addresses
    devices: DevicePasswords
    invitations: Invitations
    origins: OriginPolicies
    generation: Callable[[], int]
    close: Callable[[], Coroutine[Any, Any, None]]
