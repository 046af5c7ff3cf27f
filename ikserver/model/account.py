# SPDX-License-Identifier: GPL-3.0-or-later
"""Who there is: organisations, people, domains, mailbox addresses and what a person may do with one.

Addresses and domains are canonical here (see ikserver/accounts/names.py). Times are seconds since the epoch.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum

from ikserver.model.ids import AccountId, DevicePasswordId, DomainId, OrganisationId, PersonId
from protocols.sasl import Keys
from protocols.smtp.mtasts import Mode


class Right(Enum):
    """What a person attached to an address may do with it."""

    DEVICE = "device"
    RESPONDERS = "responders"
    SIGNATURES = "signatures"
    REDIRECTIONS = "redirections"
    ALIASES = "aliases"
    LOGS = "logs"
    RESTORATIONS = "restorations"
    FILTERS = "filters"
    RULES = "rules"
    FOLDERS = "folders"
    SECURITY = "security"


Rights = frozenset[Right]
ALL_RIGHTS: Rights = frozenset(Right)


class Role(Enum):
    """What a person is in an organisation. The first two reach everything of it, a manager its mail service."""

    REPRESENTATIVE = "representative"
    ADMINISTRATOR = "administrator"
    MANAGER = "manager"
    COLLABORATOR = "collaborator"
    EXTERNAL = "external"


class State(Enum):
    """Neither disabled nor suspended takes mail or lets in; only the operator lifts a suspension."""

    ACTIVE = "active"
    DISABLED = "disabled"
    SUSPENDED = "suspended"


class Scope(Enum):
    """What a device password may be used for."""

    MAIL = "mail"
    DAV = "dav"


@dataclass(frozen=True, slots=True)
class Organisation:
    """`rights` are those of a newly attached person; `quota` is that of a new address in octets, 0 for no limit.

    A quota of None is what the server's settings say, and so is `retention_days`: how far back the activity log goes.
    `daily_recipients` are those that all its addresses together may write to in 24 hours, `daily_recipients_each` those
    of one address; 0 is without limit, None as the settings say.
    """

    id: OrganisationId
    name: str
    rights: Rights = ALL_RIGHTS
    quota: int | None = None
    max_targets: int = 100
    retention_days: int | None = None
    daily_recipients: int | None = None
    daily_recipients_each: int | None = None
    max_redirections: int = 20
    """How many addresses without a mailbox it may have."""
    language: str = "en"
    """What is written in its name to people whose language is not known."""


@dataclass(frozen=True, slots=True)
class Person:
    """Somebody who signs in to the pages as `login`; `password` is an argon2id hash."""

    id: PersonId
    login: str
    name: str
    password: str | None


@dataclass(frozen=True, slots=True)
class Membership:
    person: PersonId
    organisation: OrganisationId
    role: Role


@dataclass(frozen=True, slots=True)
class Attachment:
    person: PersonId
    account: AccountId
    rights: Rights


@dataclass(frozen=True, slots=True)
class Domain:
    """`catchall`: mail for unknown addresses goes to the mailbox catchall@, if there is one.

    `mta_sts`: whether others must, should or need not use TLS when they send to it.
    """

    id: DomainId
    name: str
    organisation: OrganisationId
    catchall: bool = False
    mta_sts: Mode = Mode.TESTING


@dataclass(frozen=True, slots=True)
class Account:
    """One mailbox. With `targets` its mail is redirected there, and with `keep` it stays here as well.

    Without a `mailbox` it only redirects, to those who have accepted that; then `keep` is false and nobody signs in.
    """

    id: AccountId
    address: str
    domain: DomainId
    name: str
    state: State
    targets: tuple[str, ...] = ()
    keep: bool = True
    mailbox: bool = True


class Consent(Enum):
    """What the target of an address without a mailbox says."""

    WAITING = "waiting"
    ACCEPTED = "accepted"
    REFUSED = "refused"


@dataclass(frozen=True, slots=True)
class Invitation:
    """Somebody elsewhere is asked to be a target of an address; the link in that mail ends at `expires`."""

    account: AccountId
    address: str
    target: str
    consent: Consent
    expires: int


@dataclass(frozen=True, slots=True)
class Alias:
    address: str
    account: AccountId


@dataclass(frozen=True, slots=True)
class Group:
    """A distribution group: mail for `address` goes to every member, ours or elsewhere."""

    address: str
    domain: DomainId
    members: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class ScramSalt:
    """Salt and iterations are the account's, so that one exchange can try each of its passwords (RFC 5802, 5.1)."""

    salt: bytes
    iterations: int


@dataclass(frozen=True, slots=True)
class DevicePassword:
    """A password of one device. `digest` is keyed; `person` is None when the operator made it."""

    id: DevicePasswordId
    account: AccountId
    person: PersonId | None
    name: str
    digest: bytes
    scopes: frozenset[Scope]
    created: int
    last_used: int | None = None
    keys: Keys | None = None


@dataclass(frozen=True, slots=True)
class Credentials:
    """All that can open an account: the argon2id hash and SCRAM keys of its password, and its device passwords.

    `epoch` grows whenever all its sessions must end: by another password, by disabling, by suspending.
    """

    account: Account
    password: str | None
    keys: Keys | None
    scram: ScramSalt
    devices: tuple[DevicePassword, ...]
    epoch: int = 0
