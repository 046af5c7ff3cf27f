# SPDX-License-Identifier: GPL-3.0-or-later
"""The directory on a real file: what is kept, what is refused, and what others see of it."""

from __future__ import annotations

import asyncio
import sqlite3
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from ikserver.model.account import ALL_RIGHTS, Attachment, Group, Membership, Right, Role, Scope, ScramSalt, State
from ikserver.store.api.directory import Directory, NewDevicePassword
from ikserver.store.api.errors import CannotChange, Exists, InUse, NotFound, StoreBroken
from ikserver.store.embedded.database import connect, migrate
from ikserver.store.embedded.directory import open_directory
from ikserver.store.embedded.directory_schema import COMPONENT, STEPS
from protocols.sasl import Keys
from tests.support import on_loop, wait

SALT = ScramSalt(b"0123456789abcdef", 4096)
KEYS = Keys(b"stored", b"server")


@pytest.fixture
def directory(tmp_path: Path) -> Iterator[Directory]:
    directory = open_directory(tmp_path, clock=lambda: 1000.5)
    yield directory
    wait(directory.close())


@pytest.fixture
def example(directory: Directory) -> None:
    async def fill() -> None:
        organisation = await directory.organisations.add("Example")
        await directory.domains.add("a.test", organisation.id)
        await directory.accounts.add("alice@a.test", "Alice", SALT)
        await directory.accounts.add("bob@a.test", "", SALT)

    wait(fill())


@on_loop
async def test_an_organisation_keeps_what_is_set_and_its_name_is_its_own(directory: Directory) -> None:
    organisation = await directory.organisations.add("Example")
    assert (organisation.rights, organisation.quota, organisation.max_targets) == (ALL_RIGHTS, None, 100)
    changed = replace(organisation, name="Example Ltd", rights=frozenset({Right.LOGS}), quota=5, max_targets=10)
    await directory.organisations.change(changed)
    assert await directory.organisations.find("example LTD") == changed
    with pytest.raises(Exists):
        await directory.organisations.add("EXAMPLE ltd")
    other = await directory.organisations.add("Other")
    with pytest.raises(Exists):
        await directory.organisations.change(replace(other, name="Example Ltd"))
    assert await directory.organisations.list() == [changed, other]


@on_loop
async def test_what_others_need_cannot_be_removed(directory: Directory, example: None) -> None:
    organisation = await directory.organisations.find("Example")
    domain = await directory.domains.find("a.test")
    with pytest.raises(InUse):
        await directory.organisations.remove(organisation.id)
    with pytest.raises(InUse):
        await directory.domains.remove(domain.id)
    for account in await directory.accounts.list():
        await directory.accounts.remove(account.id)
    await directory.domains.remove(domain.id)
    await directory.organisations.remove(organisation.id)
    assert list(await directory.organisations.list()) == []


@on_loop
async def test_an_address_is_given_once(directory: Directory, example: None) -> None:
    alice = await directory.accounts.find("alice@a.test")
    await directory.addresses.add_alias("info@a.test", alice.id)
    await directory.addresses.add_group("team@a.test", ["alice@a.test"])
    for taken in ("alice@a.test", "info@a.test", "team@a.test"):
        with pytest.raises(Exists):
            await directory.accounts.add(taken, "", SALT)
        with pytest.raises(Exists):
            await directory.addresses.add_alias(taken, alice.id)
        with pytest.raises(Exists):
            await directory.addresses.add_group(taken, [])
    with pytest.raises(NotFound):
        await directory.accounts.add("alice@b.test", "", SALT)


@on_loop
async def test_aliases_and_groups_come_and_go(directory: Directory, example: None) -> None:
    alice = await directory.accounts.find("alice@a.test")
    await directory.addresses.add_alias("info@a.test", alice.id)
    assert await directory.addresses.resolve("info@a.test") == alice
    # An account's own address is no alias of it.
    with pytest.raises(NotFound):
        await directory.addresses.remove_alias("alice@a.test")
    await directory.addresses.remove_alias("info@a.test")
    assert await directory.addresses.resolve("info@a.test") is None
    await directory.addresses.add_group("team@a.test", ["bob@a.test", "alice@a.test", "bob@a.test"])
    group = await directory.addresses.resolve("team@a.test")
    assert isinstance(group, Group)
    assert set(group.members) == {"alice@a.test", "bob@a.test"}
    await directory.addresses.set_members("team@a.test", ["carol@b.test"])
    assert [g.members for g in await directory.addresses.groups()] == [("carol@b.test",)]
    with pytest.raises(NotFound):
        await directory.addresses.remove_alias("team@a.test")
    await directory.addresses.remove_group("team@a.test")
    assert await directory.addresses.resolve("team@a.test") is None


@on_loop
async def test_an_account_goes_with_all_that_is_its_own_and_its_number_is_not_used_again(
    directory: Directory, example: None
) -> None:
    bob = await directory.accounts.find("bob@a.test")
    await directory.addresses.add_alias("info@a.test", bob.id)
    await directory.accounts.redirect(bob.id, ["bob@b.test"], keep=True)
    new = NewDevicePassword(bob.id, None, "phone", b"digest", frozenset(Scope), KEYS)
    await directory.devices.add(new)
    await directory.accounts.remove(bob.id)
    assert await directory.addresses.resolve("info@a.test") is None
    assert list(await directory.devices.list(bob.id)) == []
    again = await directory.accounts.add("bob@a.test", "", SALT)
    assert again.id > bob.id
    assert again.targets == ()
    with pytest.raises(NotFound):
        await directory.accounts.remove(bob.id)


@on_loop
async def test_credentials_are_all_that_can_open_an_account(directory: Directory, example: None) -> None:
    alice = await directory.accounts.find("alice@a.test")
    empty = await directory.accounts.credentials("alice@a.test")
    assert empty is not None
    assert (empty.password, empty.keys, empty.scram, empty.devices) == (None, None, SALT, ())
    await directory.accounts.set_password(alice.id, "hash", KEYS)
    device = await directory.devices.add(
        NewDevicePassword(alice.id, None, "phone", b"digest", frozenset({Scope.DAV}), None)
    )
    assert (device.created, device.last_used) == (1000, None)
    await directory.addresses.add_alias("info@a.test", alice.id)
    full = await directory.accounts.credentials("info@a.test")
    assert full is not None
    assert (full.account, full.password, full.keys, full.devices) == (alice, "hash", KEYS, (device,))
    # A hash that was replaced meanwhile is not overwritten by the renewal of the old one.
    await directory.accounts.set_password(alice.id, "renewed", None, instead_of="older")
    assert await directory.accounts.credentials("alice@a.test") == full
    assert await directory.accounts.credentials("nobody@a.test") is None


@on_loop
async def test_states_and_redirections_are_kept(directory: Directory, example: None) -> None:
    alice = await directory.accounts.find("alice@a.test")
    await directory.accounts.set_state(alice.id, State.SUSPENDED)
    await directory.accounts.set_name(alice.id, "Alice Smith")
    await directory.accounts.redirect(alice.id, ["b@b.test", "a@b.test", "b@b.test"], keep=False)
    changed = await directory.accounts.find("alice@a.test")
    assert (changed.state, changed.name, changed.keep) == (State.SUSPENDED, "Alice Smith", False)
    assert set(changed.targets) == {"a@b.test", "b@b.test"}
    assert (await directory.accounts.list())[0] == changed
    with pytest.raises(NotFound):
        await directory.accounts.set_state(alice.id + 100, State.ACTIVE)  # type: ignore[arg-type]


@on_loop
async def test_a_device_name_is_used_once_an_account(directory: Directory, example: None) -> None:
    alice, bob = await directory.accounts.list()
    new = NewDevicePassword(alice.id, None, "phone", b"digest", frozenset(Scope), None)
    first = await directory.devices.add(new)
    with pytest.raises(Exists):
        await directory.devices.add(new)
    await directory.devices.add(replace(new, account=bob.id))
    await directory.devices.remove(first.id)
    assert list(await directory.devices.list(alice.id)) == []
    with pytest.raises(NotFound):
        await directory.devices.remove(first.id)


@on_loop
async def test_the_last_representative_stays(directory: Directory, example: None) -> None:
    """ORG-01."""
    organisation = await directory.organisations.find("Example")
    ann, ben = [await directory.people.add(login, "") for login in ("ann", "ben")]
    await directory.people.grant(ann.id, organisation.id, Role.REPRESENTATIVE)
    await directory.people.grant(ben.id, organisation.id, Role.COLLABORATOR)
    for refused in (
        directory.people.remove(ann.id),
        directory.people.withdraw(ann.id, organisation.id),
        directory.people.grant(ann.id, organisation.id, Role.EXTERNAL),
    ):
        with pytest.raises(CannotChange):
            await refused
    await directory.people.grant(ben.id, organisation.id, Role.REPRESENTATIVE)
    await directory.people.grant(ann.id, organisation.id, Role.EXTERNAL)
    assert await directory.people.memberships() == [
        Membership(ann.id, organisation.id, Role.EXTERNAL),
        Membership(ben.id, organisation.id, Role.REPRESENTATIVE),
    ]
    await directory.people.withdraw(ann.id, organisation.id)
    await directory.people.remove(ann.id)
    assert [person.login for person in await directory.people.list()] == ["ben"]


@on_loop
@pytest.mark.parametrize("right", Right)
async def test_each_right_is_granted_and_withdrawn_alone(directory: Directory, example: None, right: Right) -> None:
    """PRM-02: eleven rights, by person and address."""
    assert len(Right) == 11
    person = await directory.people.add("ann", "")
    alice, bob = await directory.accounts.list()
    await directory.people.attach(person.id, alice.id, ALL_RIGHTS)
    await directory.people.attach(person.id, bob.id, frozenset({right}))
    await directory.people.attach(person.id, alice.id, ALL_RIGHTS - {right})
    assert await directory.people.attachments() == [
        Attachment(person.id, alice.id, ALL_RIGHTS - {right}),
        Attachment(person.id, bob.id, frozenset({right})),
    ]


@on_loop
async def test_detaching_a_person_ends_the_device_passwords_made_for_them(directory: Directory, example: None) -> None:
    ann = await directory.people.add("ann", "")
    alice, bob = await directory.accounts.list()
    for account in (alice, bob):
        await directory.people.attach(ann.id, account.id, ALL_RIGHTS)
        for name, person in (("hers", ann.id), ("ours", None)):
            digest = f"{account.address} {name}".encode()
            await directory.devices.add(NewDevicePassword(account.id, person, name, digest, frozenset(Scope), None))
    await directory.people.detach(ann.id, alice.id)
    assert [device.name for device in await directory.devices.list(alice.id)] == ["ours"]
    assert [device.name for device in await directory.devices.list(bob.id)] == ["hers", "ours"]
    with pytest.raises(NotFound):
        await directory.people.detach(ann.id, alice.id)
    await directory.people.remove(ann.id)
    assert [device.name for device in await directory.devices.list(bob.id)] == ["ours"]


@on_loop
async def test_a_change_by_any_process_makes_a_new_generation_and_nothing_else_does(
    directory: Directory, tmp_path: Path
) -> None:
    other = open_directory(tmp_path)
    before = directory.generation()
    organisation = await other.organisations.add("Example")
    after = directory.generation()
    assert after > before
    assert other.generation() == after
    with pytest.raises(Exists):
        await other.organisations.add("Example")
    # Other components write to the same file.
    connection = sqlite3.connect(tmp_path / "server.sqlite")
    connection.execute("CREATE TABLE elsewhere (n)")
    connection.commit()
    connection.close()
    assert directory.generation() == after
    assert await directory.organisations.find("Example") == organisation
    await other.close()


@on_loop
async def test_two_who_want_one_address_do_not_both_get_it(directory: Directory, example: None, tmp_path: Path) -> None:
    other = open_directory(tmp_path)
    results = await asyncio.gather(
        *[at.accounts.add("carol@a.test", "", SALT) for at in (directory, other) * 5], return_exceptions=True
    )
    assert sum(isinstance(result, Exists) for result in results) == len(results) - 1
    await other.close()


@on_loop
async def test_a_directory_from_a_newer_version_is_left_alone(tmp_path: Path) -> None:
    await open_directory(tmp_path).close()
    connection = sqlite3.connect(tmp_path / "server.sqlite")
    connection.execute("UPDATE schema SET version = 99 WHERE component = 'directory'")
    connection.commit()
    connection.close()
    with pytest.raises(StoreBroken, match="newer"):
        open_directory(tmp_path)


@on_loop
async def test_a_directory_of_the_first_version_opens_with_all_that_is_in_it(tmp_path: Path) -> None:
    old = connect(tmp_path / "server.sqlite")
    migrate(old, COMPONENT, STEPS[:1])
    old.execute("INSERT INTO organisations VALUES (1, 'Example', 'logs', 5000, 3)")
    old.execute("INSERT INTO domains VALUES (1, 'a.test', 1, 1)")
    old.execute(
        "INSERT INTO accounts VALUES (1, 'alice@a.test', 1, 'Alice', 'disabled', 0, 'hash', x'01', x'02', x'03', 4096)"
    )
    old.execute("INSERT INTO addresses VALUES ('alice@a.test', 1, 1, NULL)")
    old.close()
    directory = open_directory(tmp_path)
    credentials = await directory.accounts.credentials("alice@a.test")
    assert credentials is not None
    assert (credentials.account.state, credentials.password, credentials.epoch) == (State.DISABLED, "hash", 0)
    await directory.accounts.set_state(credentials.account.id, State.SUSPENDED)
    credentials = await directory.accounts.credentials("alice@a.test")
    assert credentials is not None
    assert credentials.epoch == 1
    await directory.close()
