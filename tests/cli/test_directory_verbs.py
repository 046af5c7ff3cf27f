# SPDX-License-Identifier: GPL-3.0-or-later
"""The verbs that change the directory, as sessions at a terminal."""

from __future__ import annotations

import json
import time
from concurrent.futures import ThreadPoolExecutor

import pytest

from ikserver.accounts.api import LoginRefused
from ikserver.accounts.authenticator import PasswordAuthenticator
from ikserver.accounts.devices import DeviceKey
from ikserver.accounts.passwords import PasswordCosts, Passwords
from ikserver.accounts.throttle import LoginLimits, Throttle
from ikserver.app.stores import open_stores
from ikserver.settings import load_data
from ikserver.store.api.sendings import Limits
from ikserver.store.embedded.directory import open_directory
from tests.cli.terminal import Terminal
from tests.support import on_loop


@on_loop
async def test_from_nothing_to_a_mailbox(terminal: Terminal) -> None:
    await terminal.shows(
        """
        $ domain add a.test
        ! ikserver: note: nobody reads postmaster@a.test and abuse@a.test before there is an account
        $ account add Alice@A.test --name "Alice Smith" --quota 20G
        ...-...-...-...
        $ echo open sesame | account add bob@a.test --password-stdin
        $ account list
        ADDRESS       NAME         STATE   MESSAGES  SIZE  QUOTA
        alice@a.test  Alice Smith  active  0         0 B   20 GB
        bob@a.test    -            active  0         0 B   -
        $ domain list
        DOMAIN  ORGANISATION  ACCOUNTS  CATCHALL  MTA STS  POSTMASTER
        a.test  a.test        2         off       testing  alice@a.test
        $ account quota alice@a.test none --max-messages 5
        $ account list --json
        [{"address": "alice@a.test", "name": "Alice Smith", "state": "active", ... "quota": null}, ...]
        """
    )


@on_loop
async def test_what_cannot_be_is_refused_with_a_reason(terminal: Terminal) -> None:
    await terminal.shows(
        """
        $ account add alice@a.test
        ! ikserver: there is no domain a.test: add it first
        = 1
        $ domain add a.test
        ! ...
        $ domain add A.TEST
        ! ikserver: there is a domain a.test already
        = 1
        $ echo one | account add alice@a.test --password-stdin
        $ account add alice@a.test
        ! ikserver: alice@a.test is taken
        = 1
        $ domain remove a.test
        ! ikserver: the domain still has addresses: remove these first
        = 1
        $ account disable nobody@a.test
        ! ikserver: there is no account nobody@a.test
        = 1
        $ account remove alice@a.test
        ! ikserver: Remove alice@a.test and erase its mail? Say --yes
        = 1
        $ echo | account password alice@a.test --password-stdin
        ! ikserver: the password is empty
        = 1
        """
    )


@on_loop
@pytest.mark.parametrize(
    ("command", "complaint"),
    [
        ("account add alice", "'alice' is not an address"),
        ("account add alice+x@a.test", "reaches alice@ as it is"),
        ("account add alice@a.test --quota much", "'much' is not a size"),
        ("account add alice@a.test --max-messages -1", "'-1' is not a whole number"),
        ("domain add a..test", "'a..test' is not a domain"),
        ("org add ''", "'' is not a name"),
        ("person add 'ann smith'", "'ann smith' is not a login name"),
        ("account device-password a@a.test --name '\x1b[31m'", "is not a name"),
        ("role grant ann emperor", "'emperor' is none of representative"),
        ("role attach ann a@a.test --rights fly", "'fly' is none of device"),
        ("account device-password a@a.test", "one of the arguments --name --list --revoke is required"),
        ("account open", "invalid choice: 'open'"),
    ],
)
async def test_wrong_usage_is_told_from_refusal(terminal: Terminal, command: str, complaint: str) -> None:
    seen = await terminal.run(command)
    assert complaint in seen
    assert seen.endswith("= 2")


@on_loop
async def test_an_account_is_disabled_enabled_and_removed_with_its_mail(terminal: Terminal) -> None:
    await terminal.run("domain add a.test")
    await terminal.shows(
        """
        $ echo one | account add alice@a.test --password-stdin --json
        {"address": "alice@a.test", "id": 1, "password": null}
        $ account disable alice@a.test
        $ account list
        ADDRESS       NAME  STATE     MESSAGES  SIZE  QUOTA
        alice@a.test  -     disabled  0         0 B   -
        $ account suspend alice@a.test
        $ account list
        ADDRESS       NAME  STATE      MESSAGES  SIZE  QUOTA
        alice@a.test  -     suspended  0         0 B   -
        $ account enable alice@a.test
        $ echo y | account password alice@a.test --password-stdin
        """
    )
    assert (terminal.data / "mail" / "1" / "mail.sqlite").exists()
    await terminal.shows(
        """
        $ account remove alice@a.test --yes
        $ account list --json
        []
        """
    )
    assert not (terminal.data / "mail" / "1").exists()


@on_loop
async def test_aliases_groups_and_redirections(terminal: Terminal) -> None:
    await terminal.run("domain add a.test")
    for name in ("alice", "bob"):
        await terminal.run(f"echo secret | account add {name}@a.test --password-stdin")
    await terminal.shows(
        """
        $ alias add info@a.test alice@a.test
        $ alias add info@a.test bob@a.test
        ! ikserver: info@a.test is taken
        = 1
        $ alias list
        ALIAS        ADDRESS
        info@a.test  alice@a.test
        $ alias remove info@a.test
        $ alias remove info@a.test
        ! ikserver: there is no alias info@a.test
        = 1
        $ group add team@a.test alice@a.test Ann@B.test
        $ group change team@a.test --join bob@a.test --leave alice@a.test
        $ group list --json
        [{"group": "team@a.test", "members": ["Ann@b.test", "bob@a.test"]}]
        $ group change team@a.test --leave carol@a.test
        ! ikserver: not in the group: carol@a.test
        = 1
        $ group change team@a.test --join nobody@a.test
        ! ikserver: there is no address nobody@a.test
        = 1
        $ group change team@a.test
        ! ikserver: nothing to change: say --join MEMBER or --leave MEMBER
        = 1
        $ group add all@a.test nobody@a.test
        ! ikserver: there is no address nobody@a.test
        = 1
        $ group add all@a.test team@a.test ann@b.test postmaster@a.test
        $ group change all@a.test --leave Team@a.test --leave ANN@b.test --leave postmaster@a.test
        ! ikserver: note: all@a.test has no members now: mail for it is refused
        $ group remove all@a.test
        $ redirect set alice@a.test alice@b.test --keep
        $ redirect set bob@a.test team@a.test
        ! ikserver: mail redirected to team@a.test would come back to bob@a.test
        = 1
        $ redirect set bob@a.test nobody@a.test
        ! ikserver: there is no address nobody@a.test
        = 1
        $ redirect list
        ADDRESS       TARGETS       KEEP  MAILBOX
        alice@a.test  alice@b.test  yes   yes
        $ redirect end alice@a.test
        $ redirect list --json
        []
        $ group remove team@a.test
        $ group list --json
        []
        """
    )


@on_loop
async def test_a_redirection_has_as_many_targets_as_the_organisation_allows(terminal: Terminal) -> None:
    """RED-01."""
    await terminal.run("org add Example --max-targets 2")
    await terminal.run("domain add a.test")
    await terminal.run("echo secret | account add alice@a.test --password-stdin")
    await terminal.shows(
        """
        $ redirect set alice@a.test 1@b.test 2@b.test 3@b.test
        ! ikserver: 3 targets are more than the 2 that are allowed
        = 1
        $ redirect set alice@a.test 1@b.test 2@b.test
        """
    )


@on_loop
async def test_an_address_without_a_mailbox_waits_for_its_targets(terminal: Terminal) -> None:
    """RED-02. What they see, tests/web/test_acceptance_page.py tells."""
    await terminal.run("domain add a.test")
    await terminal.run("echo secret | account add alice@a.test --password-stdin")
    await terminal.shows(
        """
        $ redirect add info@a.test alice@a.test bob@b.test
        $ redirect list
        ADDRESS      TARGETS                            KEEP  MAILBOX
        info@a.test  alice@a.test bob@b.test (waiting)  no    no
        $ redirect list --json
        [{..."address": "info@a.test", "targets": ["alice@a.test"], "keep": false, "mailbox": false, "asked": [{...}]}]
        $ redirect invite info@a.test bob@b.test
        $ redirect invite info@a.test alice@a.test
        ! ikserver: alice@a.test gets the mail of info@a.test already
        = 1
        $ redirect set info@a.test bob@b.test --keep
        ! ikserver: info@a.test has no mailbox that could keep anything
        = 1
        $ redirect end info@a.test
        ! ikserver: info@a.test has no mailbox: ikserver redirect remove info@a.test
        = 1
        $ echo secret | account password info@a.test --password-stdin
        ! ikserver: info@a.test has no mailbox: its mail only goes on to others
        = 1
        $ account device-password info@a.test --name phone
        ! ikserver: info@a.test has no mailbox: its mail only goes on to others
        = 1
        $ account quota info@a.test 1G
        ! ikserver: info@a.test has no mailbox: its mail only goes on to others
        = 1
        $ account list
        ADDRESS       NAME  STATE   MESSAGES  SIZE  QUOTA
        alice@a.test  -     active  0         0 B   -
        $ redirect remove alice@a.test
        ! ikserver: alice@a.test has a mailbox: ikserver redirect end, or account remove
        = 1
        $ redirect remove info@a.test
        $ redirect list --json
        []
        """
    )


@on_loop
async def test_organisations_people_and_their_roles(terminal: Terminal) -> None:
    await terminal.shows(
        """
        $ org add Example --quota 5G --rights filters,device
        $ org add Other
        $ domain add a.test
        ! ikserver: which organisation? Say --org with one of: Example, Other
        = 1
        $ domain add a.test --org example
        ! ...
        $ echo secret | account add alice@a.test --password-stdin
        $ account list
        ADDRESS       NAME  STATE   MESSAGES  SIZE  QUOTA
        alice@a.test  -     active  0         0 B   5 GB
        $ echo secret | person add Ann --name "Ann Smith" --org Example --password-stdin
        $ person add ben --org Example
        ...-...-...-...
        $ role attach ann alice@a.test
        $ role attach ben alice@a.test --rights logs
        $ role list
        LOGIN  ON            MAY
        ann    Example       representative
        ben    Example       collaborator
        ann    alice@a.test  device,filters
        ben    alice@a.test  logs
        $ role withdraw ann --org Example
        ! ikserver: this is the last legal representative of the organisation: name another one first
        = 1
        $ role grant ben representative --org Example
        $ role grant ann administrator --org Example
        $ role detach ben alice@a.test
        $ person list
        LOGIN  NAME       ROLES                      ADDRESSES
        ann    Ann Smith  administrator of Example   alice@a.test
        ben    -          representative of Example  -
        $ person remove ann --yes
        $ person remove ann --yes
        ! ikserver: there is no person ann
        = 1
        $ org change Other --rename Another --quota none --rights all
        $ org change Example --retention-days 90
        $ org list
        NAME     DOMAINS  QUOTA  MAX TARGETS  RETENTION DAYS  MAX REDIRECTIONS  LANGUAGE  RIGHTS
        Example  a.test   5 GB   100          90              20                en        device,filters
        Another  -        none   100          -               20                en        all
        $ org remove Example
        ! ikserver: the organisation still has domains: remove these first
        = 1
        $ org remove Another
        """
    )


@on_loop
async def test_default_rights_are_inherited_by_what_is_attached_later(terminal: Terminal) -> None:
    """PRM-03."""
    for command in (
        "org add Example --rights logs",
        "domain add a.test",
        "echo secret | account add alice@a.test --password-stdin",
        "echo secret | account add bob@a.test --password-stdin",
        "echo secret | person add ann --password-stdin",
        "role attach ann alice@a.test",
        "org change Example --rights rules",
        "role attach ann bob@a.test",
    ):
        await terminal.run(command)
    listed = json.loads(await terminal.run("role list --json"))
    assert [(row["on"], row["may"]) for row in listed[1:]] == [("alice@a.test", "logs"), ("bob@a.test", "rules")]


@on_loop
async def test_a_device_password_works_and_is_printed_once(terminal: Terminal) -> None:
    for command in ("domain add a.test", "echo secret | account add alice@a.test --password-stdin"):
        await terminal.run(command)
    password = await terminal.run("account device-password alice@a.test --name phone --scope mail")
    await terminal.shows(
        """
        $ account device-password alice@a.test --name phone
        ! ikserver: there is a device password named phone already
        = 1
        $ account device-password alice@a.test --list
        NAME   PERSON  SCOPES  CREATED  ...  LAST USED
        phone  -       mail    ...T...  -
        """
    )
    login = await _log_in(terminal, password)
    assert login is not None
    await terminal.shows("$ account device-password alice@a.test --revoke phone")
    assert await _log_in(terminal, password) is None
    await terminal.shows(
        """
        $ account device-password alice@a.test --revoke phone
        ! ikserver: there is no device password named phone
        = 1
        """
    )


async def _log_in(terminal: Terminal, password: str) -> object:
    directory = open_directory(terminal.data)
    with ThreadPoolExecutor(1) as threads:
        passwords = Passwords(PasswordCosts(), threads)
        key = DeviceKey.load(terminal.data / "keys")
        authenticator = PasswordAuthenticator(directory, passwords, key, Throttle(LoginLimits()))
        try:
            return await authenticator.password("alice@a.test", password, "192.0.2.1")
        except LoginRefused:
            return None
        finally:
            await authenticator.close()
            await directory.close()


@on_loop
async def test_a_device_belongs_to_the_person_who_is_attached(terminal: Terminal) -> None:
    for command in (
        "domain add a.test",
        "echo secret | account add alice@a.test --password-stdin",
        "echo secret | person add ann --password-stdin",
        "echo secret | person add ben --password-stdin",
        "role attach ann alice@a.test",
        "account device-password alice@a.test --name phone",
        "role attach ben alice@a.test",
    ):
        await terminal.run(command)
    await terminal.shows(
        """
        $ account device-password alice@a.test --name laptop
        ! ikserver: whose device? Say --person with one of: ann, ben
        = 1
        $ account device-password alice@a.test --name laptop --person ben --json
        {"address": "alice@a.test", "name": "laptop", "password": "..."}
        $ account device-password alice@a.test --name tablet --person carl
        ! ikserver: carl is not attached to alice@a.test
        = 1
        $ role detach ben alice@a.test
        $ account device-password alice@a.test --list
        NAME   PERSON  SCOPES    CREATED  ...  LAST USED
        phone  ann     dav,mail  ...T...  -
        """
    )


@on_loop
async def test_the_catch_all_is_switched_by_domain(terminal: Terminal) -> None:
    await terminal.run("domain add a.test")
    await terminal.shows(
        """
        $ domain catchall a.test on
        ! ikserver: note: it takes effect with the mailbox: ikserver account add catchall@a.test
        $ echo secret | account add catchall@a.test --password-stdin
        $ domain list
        DOMAIN  ORGANISATION  ACCOUNTS  CATCHALL  MTA STS  POSTMASTER
        a.test  a.test        1         on        testing  catchall@a.test
        $ domain catchall a.test off
        $ account remove catchall@a.test --yes
        $ domain remove a.test
        $ domain list --json
        []
        """
    )


@on_loop
async def test_limits_of_recipients_are_shown_and_changed(terminal: Terminal) -> None:
    """LIM-01."""
    await terminal.shows(
        """
        $ domain add a.test
        ! ...
        $ echo open sesame | account add bob@a.test --password-stdin
        $ account limit bob@a.test
        ADDRESS     USED  LIMIT
        bob@a.test  0     1440
        $ account limit bob@a.test some
        ! usage: ...
        ! ...address [limit]
        ! ikserver account limit: error: argument limit: 'some' is not a whole number from 0 on
        = 2
        """
    )
    async with open_stores(load_data(terminal.data)) as stores:
        account = await stores.directory.accounts.find("bob@a.test")
        organisation = await stores.directory.organisations.of_account(account.id)
        await stores.sendings.take(account.id, organisation.id, 12, int(time.time()), Limits(0, 0))
    await terminal.shows(
        """
        $ account limit bob@a.test 20
        ADDRESS     USED  LIMIT
        bob@a.test  12    20
        $ org limit a.test
        NAME    USED  LIMIT  EACH
        a.test  12    none   1440
        $ org limit a.test 5000 --each none
        NAME    USED  LIMIT  EACH
        a.test  12    5000   none
        $ account limit bob@a.test usual --json
        {"address": "bob@a.test", "used": 12, "limit": 0}
        $ org limit a.test usual --each usual --json
        {"name": "a.test", "used": 12, "limit": 0, "each": 1440}
        """
    )
