# SPDX-License-Identifier: GPL-3.0-or-later
"""Where mail goes: aliases, groups, details, redirections, catch-all, states, quota, and nobody left out."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from ikserver.accounts.api import (
    Deliver,
    Elsewhere,
    Forward,
    Inactive,
    Local,
    Login,
    OverQuota,
    Unknown,
)
from ikserver.accounts.room import QuotaCheck
from ikserver.accounts.router import DirectoryRouter
from ikserver.changes import Changes
from ikserver.model.account import Account, Role, State
from ikserver.model.mail import NewMessage
from ikserver.store.api.directory import Directory
from ikserver.store.api.mail import MailStore
from ikserver.store.embedded import open_mail_store
from ikserver.store.embedded.directory import open_directory
from protocols.message import scan
from tests.accounts.conftest import Clock
from tests.accounts.world import SALT, populate
from tests.support import on_loop, wait


@pytest.fixture
def mail(tmp_path: Path) -> Iterator[MailStore]:
    mail = open_mail_store(tmp_path, Changes())
    yield mail
    wait(mail.close())


@pytest.fixture
def router(directory: Directory, mail: MailStore, clock: Clock) -> DirectoryRouter:
    return DirectoryRouter(directory, QuotaCheck(mail, clock))


def into(address: str, *accounts: Account, forwards: tuple[Forward, ...] = (), detail: str = "") -> Local:
    return Local(address, tuple(Deliver(a.id, a.address, detail) for a in accounts), forwards)


@on_loop
async def test_an_address_of_ours_is_a_mailbox_whatever_its_case(directory: Directory, router: DirectoryRouter) -> None:
    alice = (await populate(directory, "alice"))["alice"]
    for written in ("alice@a.test", "Alice@A.Test", "alice@a.test.", '"alice"@a.test'):
        assert await router.route(written) == into("alice@a.test", alice), written


@on_loop
async def test_strangers_and_strange_domains_are_told_apart(directory: Directory, router: DirectoryRouter) -> None:
    await populate(directory, "alice")
    assert await router.route("nobody@a.test") == Unknown("nobody@a.test")
    assert await router.route("Alice@B.test") == Elsewhere("Alice@B.test")
    assert await router.route('"alice@a.test"@b.test') == Elsewhere('"alice@a.test"@b.test')
    assert await router.route('"x@b.test"@a.test') == Unknown('"x@b.test"@a.test')
    assert await router.is_local_domain("A.TEST")
    assert not await router.is_local_domain("b.test")


@on_loop
async def test_domains_and_local_parts_may_have_letters_of_any_script(
    directory: Directory, router: DirectoryRouter
) -> None:
    müller = (await populate(directory, "müller", domain="xn--bcher-kva.test"))["müller"]
    for written in ("müller@bücher.test", "Mu\u0308ller@BÜCHER.test", "müller@xn--bcher-kva.test"):
        assert await router.route(written) == into("müller@xn--bcher-kva.test", müller), written


@on_loop
async def test_what_follows_a_plus_is_a_detail(directory: Directory, router: DirectoryRouter) -> None:
    alice = (await populate(directory, "alice"))["alice"]
    assert await router.route("alice+Shop@a.test") == into("alice+shop@a.test", alice, detail="shop")
    assert await router.route("alice+a+b@a.test") == into("alice+a+b@a.test", alice, detail="a+b")
    assert await router.route("+alice@a.test") == Unknown("+alice@a.test")


@on_loop
async def test_mail_to_an_alias_arrives_and_the_alias_may_be_used_as_sender(
    directory: Directory, router: DirectoryRouter
) -> None:
    """ALI-01."""
    people = await populate(directory, "alice", "bob")
    await directory.addresses.add_alias("info@a.test", people["alice"].id)
    assert await router.route("info@a.test") == into("info@a.test", people["alice"])
    alice = Login(people["alice"].id, "alice@a.test")
    bob = Login(people["bob"].id, "bob@a.test")
    for sender in ("alice@a.test", "ALICE+x@a.test", "info@a.test", "info+x@a.test"):
        assert await router.may_send_as(alice, sender), sender
        assert not await router.may_send_as(bob, sender), sender
    for sender in ("", "bob@a.test", "nobody@a.test", "alice@b.test"):
        assert not await router.may_send_as(alice, sender), sender


@on_loop
async def test_a_group_reaches_each_member_once(directory: Directory, router: DirectoryRouter) -> None:
    people = await populate(directory, "alice", "bob")
    await directory.addresses.add_alias("info@a.test", people["alice"].id)
    await directory.addresses.add_group("all@a.test", ["alice@a.test", "team@a.test", "Ann@b.test", "gone@a.test"])
    await directory.addresses.add_group("team@a.test", ["all@a.test", "bob@a.test", "info@a.test", "ann@B.test"])
    route = await router.route("all@a.test")
    assert isinstance(route, Local)
    assert {d.account for d in route.deliveries} == {people["alice"].id, people["bob"].id}
    assert len(route.deliveries) == 2
    assert route.forwards == (Forward("Ann@b.test", "all@a.test"),)
    assert not await router.may_send_as(Login(people["bob"].id, "bob@a.test"), "all@a.test")


@on_loop
async def test_groups_nested_too_deep_are_cut(directory: Directory, router: DirectoryRouter) -> None:
    alice = (await populate(directory, "alice"))["alice"]
    for n in range(15):
        await directory.addresses.add_group(f"g{n}@a.test", [f"g{n + 1}@a.test"])
    await directory.addresses.add_group("g15@a.test", ["alice@a.test"])
    assert await router.route("g10@a.test") == into("g10@a.test", alice)
    assert isinstance(await router.route("g0@a.test"), Inactive)


@on_loop
async def test_a_redirection_keeps_the_mail_or_not(directory: Directory, router: DirectoryRouter) -> None:
    """RED-01."""
    people = await populate(directory, "alice", "bob")
    alice, bob = people["alice"], people["bob"]
    abroad = Forward("Alice@b.test", "alice@a.test", alice.id)
    await directory.accounts.redirect(alice.id, ["Alice@b.test", "bob@a.test"], keep=True)
    kept = await router.route("alice@a.test")
    assert kept == into("alice@a.test", alice, bob, forwards=(abroad,))
    assert isinstance(kept, Local)
    assert [delivery.by for delivery in kept.deliveries] == ["", "alice@a.test"]
    await directory.accounts.redirect(alice.id, ["Alice@b.test"], keep=False)
    assert await router.route("alice@a.test") == into("alice@a.test", forwards=(abroad,))
    await directory.accounts.redirect(alice.id, [], keep=False)
    assert await router.route("alice@a.test") == into("alice@a.test", alice)


@on_loop
async def test_redirections_in_a_circle_lose_nothing(directory: Directory, router: DirectoryRouter) -> None:
    people = await populate(directory, "alice", "bob")
    await directory.accounts.redirect(people["alice"].id, ["bob@a.test"], keep=False)
    await directory.accounts.redirect(people["bob"].id, ["alice@a.test"], keep=False)
    assert await router.route("alice@a.test") == into("alice@a.test", people["alice"])


@on_loop
async def test_the_catch_all_takes_the_rest_only_when_it_is_on(directory: Directory, router: DirectoryRouter) -> None:
    """CAT-01."""
    people = await populate(directory, "alice", "catchall")
    assert await router.route("typo@a.test") == Unknown("typo@a.test")
    domain = await directory.domains.find("a.test")
    await directory.domains.set_catchall(domain.id, True)
    assert await router.route("typo@a.test") == into("typo@a.test", people["catchall"])
    assert await router.route("alice@a.test") == into("alice@a.test", people["alice"])
    await directory.domains.set_catchall(domain.id, False)
    assert await router.route("typo@a.test") == Unknown("typo@a.test")


@on_loop
@pytest.mark.parametrize("state", [State.DISABLED, State.SUSPENDED])
async def test_an_account_that_is_not_active_takes_no_mail(
    directory: Directory, router: DirectoryRouter, state: State
) -> None:
    people = await populate(directory, "alice", "bob")
    await directory.addresses.add_alias("info@a.test", people["alice"].id)
    await directory.addresses.add_group("all@a.test", ["alice@a.test", "bob@a.test"])
    await directory.accounts.set_state(people["alice"].id, state)
    assert await router.route("alice@a.test") == Inactive("alice@a.test")
    assert await router.route("info@a.test") == Inactive("info@a.test")
    assert await router.route("all@a.test") == into("all@a.test", people["bob"])
    await directory.accounts.set_state(people["alice"].id, State.ACTIVE)
    assert await router.route("alice@a.test") == into("alice@a.test", people["alice"])


@on_loop
async def test_postmaster_and_abuse_always_reach_someone(directory: Directory, router: DirectoryRouter) -> None:
    people = await populate(directory, "alice", "bob")
    alice, bob = people["alice"], people["bob"]
    # RFC 5321, 4.5.1: the first account of the domain, as long as nobody is better.
    for written in ("postmaster@a.test", "POSTMASTER@A.TEST", "abuse@a.test"):
        assert await router.route(written) == into(written.lower(), alice), written
    assert await router.route("Postmaster") == into("alice@a.test", alice)
    # Then somebody who administers the organisation and reads mail at an address.
    person = await directory.people.add("bob", "Bob")
    organisation = await directory.organisations.find("a.test")
    await directory.people.grant(person.id, organisation.id, Role.ADMINISTRATOR)
    await directory.people.attach(person.id, bob.id, organisation.rights)
    assert await router.route("postmaster@a.test") == into("postmaster@a.test", bob)
    # Then an address of that name, unless it takes no mail.
    own = await directory.accounts.add("postmaster@a.test", "", SALT)
    assert await router.route("postmaster@a.test") == into("postmaster@a.test", own)
    await directory.accounts.set_state(own.id, State.DISABLED)
    assert await router.route("postmaster@a.test") == into("postmaster@a.test", bob)


@on_loop
async def test_postmaster_of_a_domain_without_accounts_is_whoever_runs_the_server(
    directory: Directory, router: DirectoryRouter
) -> None:
    alice = (await populate(directory, "alice"))["alice"]
    await populate(directory, domain="new.test")
    assert await router.route("abuse@new.test") == into("abuse@new.test", alice)


@on_loop
async def test_a_full_mailbox_is_known_before_data(
    directory: Directory, router: DirectoryRouter, mail: MailStore, clock: Clock
) -> None:
    """LIM-02."""
    people = await populate(directory, "alice", "bob")
    alice, bob = people["alice"], people["bob"]
    await directory.addresses.add_group("all@a.test", ["alice@a.test", "bob@a.test"])
    await (await mail.mail(alice.id)).set_quota(1000, None)
    assert await router.route("alice@a.test", 1000) == into("alice@a.test", alice)
    assert await router.route("alice@a.test", 1001) == OverQuota("alice@a.test", permanent=True)
    clock.now += 2
    body = b"Subject: fills it\r\n\r\n".ljust(1000, b".")
    await (await mail.mail(alice.id)).deliver("INBOX", NewMessage(body, scan(body)))
    assert await router.route("alice@a.test") == OverQuota("alice@a.test")
    # One member of a group that is full does not close the group.
    assert await router.route("all@a.test", 10) == into("all@a.test", alice, bob)
    await (await mail.mail(bob.id)).set_quota(5, None)
    clock.now += 2
    assert await router.route("all@a.test", 10) == OverQuota("all@a.test")
    await (await mail.mail(alice.id)).set_quota(None, 1)
    clock.now += 2
    assert await router.route("alice@a.test", 10) == OverQuota("alice@a.test")


@on_loop
async def test_what_another_process_changes_counts_at_once(
    directory: Directory, router: DirectoryRouter, tmp_path: Path
) -> None:
    alice = (await populate(directory, "alice"))["alice"]
    assert await router.route("info@a.test") == Unknown("info@a.test")
    other = open_directory(tmp_path)
    await other.addresses.add_alias("info@a.test", alice.id)
    await other.close()
    assert await router.route("info@a.test") == into("info@a.test", alice)
