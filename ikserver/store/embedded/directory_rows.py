# SPDX-License-Identifier: GPL-3.0-or-later
"""Rows of the directory as the values of the model."""

from __future__ import annotations

from ikserver.model.account import (
    Account,
    Consent,
    DevicePassword,
    Domain,
    Invitation,
    Organisation,
    Person,
    Right,
    Rights,
    Scope,
    State,
)
from ikserver.model.ids import AccountId, DevicePasswordId, DomainId, OrganisationId, PersonId
from ikserver.store.embedded.directory_database import Row
from protocols.sasl import Keys
from protocols.smtp.mtasts import Mode


def organisation(row: Row) -> Organisation:
    return Organisation(
        OrganisationId(row["id"]),
        row["name"],
        rights(row["rights"]),
        row["quota"],
        row["max_targets"],
        row["retention_days"],
        row["daily_recipients"],
        row["daily_recipients_each"],
        row["max_redirections"],
        row["language"],
    )


def person(row: Row) -> Person:
    return Person(PersonId(row["id"]), row["login"], row["name"], row["password"])


def domain(row: Row) -> Domain:
    return Domain(
        DomainId(row["id"]),
        row["name"],
        OrganisationId(row["organisation"]),
        bool(row["catchall"]),
        Mode(row["mta_sts"]),
    )


def account(row: Row, targets: tuple[str, ...]) -> Account:
    return Account(
        AccountId(row["id"]),
        row["address"],
        DomainId(row["domain"]),
        row["name"],
        State(row["state"]),
        targets,
        bool(row["keep"]),
        bool(row["mailbox"]),
    )


def invitation(row: Row) -> Invitation:
    return Invitation(AccountId(row["account"]), row["address"], row["target"], Consent(row["consent"]), row["expires"])


def device(row: Row) -> DevicePassword:
    return DevicePassword(
        DevicePasswordId(row["id"]),
        AccountId(row["account"]),
        None if row["person"] is None else PersonId(row["person"]),
        row["name"],
        row["digest"],
        frozenset(map(Scope, _names(row["scopes"]))),
        row["created"],
        row["last_used"],
        keys(row),
    )


def keys(row: Row) -> Keys | None:
    """The SCRAM keys beside a password; None where none were stored."""
    return None if row["stored_key"] is None else Keys(row["stored_key"], row["server_key"])


def rights(names: str) -> Rights:
    return frozenset(map(Right, _names(names)))


def _names(joined: str) -> list[str]:
    return joined.split(",") if joined else []
