# SPDX-License-Identifier: GPL-3.0-or-later
"""Accounts from their making to their end, and what open sessions hear of it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from ikserver.accounts.lifecycle import Allowance, add_account, remove_account, set_password, set_state
from ikserver.accounts.passwords import Passwords
from ikserver.accounts.people import detach, remove_person
from ikserver.changes import Changes
from ikserver.model.account import ALL_RIGHTS, Account, Scope, State
from ikserver.model.changes import Hint, Revoked
from ikserver.store.api.directory import Directory, NewDevicePassword
from ikserver.store.api.errors import Exists, NotFound
from ikserver.store.api.mail import MailStore
from ikserver.store.embedded import open_mail_store
from tests.accounts.world import populate
from tests.support import on_loop, wait


@pytest.fixture
def changes() -> Changes:
    return Changes()


@pytest.fixture
def mail(tmp_path: Path, changes: Changes) -> Iterator[MailStore]:
    mail = open_mail_store(tmp_path, changes)
    yield mail
    wait(mail.close())


def listen(changes: Changes, account: Account) -> list[Hint]:
    heard: list[Hint] = []
    changes.subscribe(account.id, heard.append)
    return heard


@on_loop
async def test_a_new_account_has_its_mailboxes_a_quota_and_a_password(
    directory: Directory, mail: MailStore, passwords: Passwords
) -> None:
    await populate(directory)
    organisation = await directory.organisations.find("a.test")
    usual = Allowance(quota=5000, max_messages=7)

    async def limits(name: str, **given: int) -> tuple[int | None, int | None]:
        account = await add_account(
            directory, mail, passwords, f"{name}@a.test", "secret", name=name, usual=usual, **given
        )
        usage = await (await mail.mail(account.id)).usage()
        return usage.bytes_limit, usage.messages_limit

    assert await limits("as_the_server") == (5000, 7)
    await directory.organisations.change(replace(organisation, quota=1000))
    assert await limits("as_the_organisation") == (1000, 7)
    assert await limits("as_given", quota=20, max_messages=3) == (20, 3)
    assert await limits("without", quota=0, max_messages=0) == (None, None)
    account = await directory.accounts.find("as_given@a.test")
    names = {mailbox.name for mailbox in await (await mail.mail(account.id)).mailboxes()}
    assert names >= {"INBOX", "Drafts", "Sent", "Junk", "Trash", "Archive"}
    credentials = await directory.accounts.credentials("as_given@a.test")
    assert credentials is not None
    assert await passwords.verify(credentials.password, "secret")
    with pytest.raises(Exists):
        await add_account(directory, mail, passwords, "as_given@a.test", "secret")


@on_loop
async def test_an_account_that_cannot_be_made_whole_is_not_made(
    directory: Directory, mail: MailStore, passwords: Passwords, tmp_path: Path
) -> None:
    await populate(directory)
    (tmp_path / "mail").mkdir(exist_ok=True)
    # No folder can be made where a file is.
    (tmp_path / "mail" / "1").touch()
    with pytest.raises(FileExistsError):
        await add_account(directory, mail, passwords, "alice@a.test", "secret")
    assert await directory.accounts.list() == []
    assert await directory.addresses.resolve("alice@a.test") is None
    await add_account(directory, mail, passwords, "alice@a.test", "secret")


@on_loop
async def test_sessions_hear_when_they_must_end(
    directory: Directory, mail: MailStore, passwords: Passwords, changes: Changes
) -> None:
    alice = (await populate(directory, "alice"))["alice"]
    heard = listen(changes, alice)
    await set_password(directory, passwords, changes, "alice@a.test", "new")
    await set_state(directory, changes, alice, State.DISABLED)
    await set_state(directory, changes, alice, State.ACTIVE)
    await remove_account(directory, mail, changes, alice)
    assert heard == [Revoked(alice.id)] * 3
    with pytest.raises(NotFound):
        await set_password(directory, passwords, changes, "alice@a.test", "new")


@on_loop
async def test_mail_of_a_removed_account_is_erased(
    directory: Directory, mail: MailStore, passwords: Passwords, changes: Changes, tmp_path: Path
) -> None:
    await populate(directory)
    account = await add_account(directory, mail, passwords, "alice@a.test", "secret")
    folder = tmp_path / "mail" / str(account.id)
    assert folder.is_dir()
    await remove_account(directory, mail, changes, account)
    assert not folder.exists()
    again = await add_account(directory, mail, passwords, "alice@a.test", "secret")
    assert again.id != account.id


@on_loop
async def test_what_a_person_loses_ends_with_the_sessions_of_their_devices(
    directory: Directory, changes: Changes
) -> None:
    people = await populate(directory, "alice", "bob")
    ann = await directory.people.add("ann", "")
    devices = []
    for account in people.values():
        await directory.people.attach(ann.id, account.id, ALL_RIGHTS)
        for name, person in (("hers", ann.id), ("ours", None)):
            new = NewDevicePassword(account.id, person, name, b"", frozenset(Scope), None)
            devices.append(await directory.devices.add(new))
    of_alice, of_bob = (listen(changes, account) for account in people.values())
    await detach(directory, changes, ann.id, people["alice"].id)
    assert (of_alice, of_bob) == ([Revoked(people["alice"].id, devices[0].id)], [])
    await remove_person(directory, changes, ann.id)
    assert (len(of_alice), of_bob) == (1, [Revoked(people["bob"].id, devices[2].id)])
