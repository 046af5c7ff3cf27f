# SPDX-License-Identifier: GPL-3.0-or-later
"""AUTHENTICATE and UNAUTHENTICATE (RFC 5804, 2.1 and 2.14.1)."""

from __future__ import annotations

import base64

import pytest

from ikserver.managesieve.backend import ManageSieveLimits
from ikserver.model.changes import Revoked
from ikserver.model.ids import AccountId
from tests.imap_site import PASSWORD
from tests.managesieve.site import Site, plain
from tests.scram_client import client_final, client_first
from tests.support import on_loop


@on_loop
async def test_plain_with_its_initial_response(site: Site) -> None:
    guest = await site.guest()
    await guest.says(f"""
        C: Authenticate "plain" "{plain()}"
        S: OK "logged in"
        C: CAPABILITY
        S: ...
        S: "OWNER" "ann@demo.test"
        S: ...
        S: OK
        C: AUTHENTICATE "PLAIN" "{plain()}"
        S: NO "you are logged in already"
        """)


@on_loop
async def test_plain_with_its_initial_response_as_a_literal(site: Site) -> None:
    guest = await site.guest()
    await guest.says(f"""
        C: AUTHENTICATE "PLAIN" {{{len(plain())}+}}
        C: {plain()}
        S: OK "logged in"
        """)


@on_loop
async def test_plain_without_an_initial_response(site: Site) -> None:
    guest = await site.guest()
    await guest.says(f"""
        C: AUTHENTICATE "PLAIN"
        S: ""
        C: {{{len(plain())}+}}
        C: {plain()}
        S: OK "logged in"
        """)


@on_loop
async def test_login_asks_for_name_and_password(site: Site) -> None:
    guest = await site.guest()
    await guest.says("""
        C: AUTHENTICATE "LOGIN"
        S: "VXNlcm5hbWU6"
        C: "YW5uQGRlbW8udGVzdA=="
        S: "UGFzc3dvcmQ6"
        C: "c2VjcmV0"
        S: OK "logged in"
        """)


@on_loop
async def test_scram_proves_both_sides(site: Site) -> None:
    guest = await site.guest()
    first = client_first("ann@demo.test", "nonce")
    guest.sends(b'AUTHENTICATE "SCRAM-SHA-256" "%b"\r\n' % base64.b64encode(first))
    final = client_final(first, (await guest.hears()).strip('"'), PASSWORD)
    guest.sends(b'"%b"\r\n' % base64.b64encode(final))
    assert base64.b64decode((await guest.hears()).strip('"')).startswith(b"v=")
    await guest.says('C: ""\nS: OK "logged in"')


@on_loop
async def test_commands_may_follow_a_login_of_one_step_at_once(site: Site) -> None:
    guest = await site.guest()
    await guest.says(f"""
        C: AUTHENTICATE "PLAIN" "{plain()}"
        C: PUTSCRIPT "a" "keep;"
        C: LISTSCRIPTS
        C: LOGOUT
        C: NOOP "ignored"
        S: OK "logged in"
        S: OK "the script can be used"
        S: "a"
        S: OK
        S: OK "good-bye"
        """)
    await guest.hears_end()


@pytest.mark.parametrize(
    ("said", "heard"),
    [
        ('AUTHENTICATE "GSSAPI"', 'NO "this mechanism is not offered"'),
        (f'AUTHENTICATE "PLAIN" "{plain(password="wrong")}"', 'NO "wrong user or password"'),
        (f'AUTHENTICATE "PLAIN" "{plain("nobody@demo.test")}"', 'NO "wrong user or password"'),
        ('AUTHENTICATE "PLAIN" "?"', 'NO "the response is not base64"'),
        ('AUTHENTICATE "PLAIN" "*"', 'NO "authentication cancelled"'),
        ('AUTHENTICATE "PLAIN" ""', "NO ..."),
        (f"AUTHENTICATE PLAIN {plain()}", 'NO "expected a mechanism as a string"'),
        (f'AUTHENTICATE "PLAIN" "{plain(act_as="bob@demo.test")}"', "NO ..."),
    ],
)
@on_loop
async def test_who_fails_is_told_and_may_try_again(site: Site, said: str, heard: str) -> None:
    guest = await site.guest()
    await guest.says(f"""
        C: {said}
        S: {heard}
        C: AUTHENTICATE "PLAIN" "{plain()}"
        S: OK "logged in"
        """)


@pytest.mark.parametrize("answer", ['"*"', "{1+}\nC: *", "YW5u", '"a" "b"'])
@on_loop
async def test_an_exchange_can_be_cancelled(site: Site, answer: str) -> None:
    guest = await site.guest()
    await guest.says(f"""
        C: AUTHENTICATE "LOGIN"
        S: "VXNlcm5hbWU6"
        C: {answer}
        S: NO ...
        C: NOOP
        S: OK "done"
        """)


@pytest.mark.parametrize("limits", [ManageSieveLimits(failure_delay=0, login_failures=3)])
@on_loop
async def test_who_guesses_is_sent_away(site: Site, limits: ManageSieveLimits) -> None:
    guest = await site.guest()
    for _ in range(3):
        await guest.says(f"""
            C: AUTHENTICATE "PLAIN" "{plain(password="wrong")}"
            S: NO "wrong user or password"
            """)
    await guest.says('S: BYE "too many failed logins"')
    await guest.hears_end()


@pytest.mark.parametrize("limits", [ManageSieveLimits(scram=False)])
@on_loop
async def test_without_scram_it_is_neither_offered_nor_taken(site: Site, limits: ManageSieveLimits) -> None:
    guest = await site.guest()
    await guest.says("""
        C: CAPABILITY
        S: ...
        S: "SASL" "PLAIN LOGIN"
        S: ...
        S: OK
        C: AUTHENTICATE "SCRAM-SHA-256"
        S: NO "this mechanism is not offered"
        """)


@on_loop
async def test_after_unauthenticate_somebody_else_may_log_in(site: Site) -> None:
    client = await site.client()
    await client.says(f"""
        C: PUTSCRIPT "of ann" "keep;"
        S: OK "the script can be used"
        C: UNAUTHENTICATE
        S: OK "you are logged out"
        C: LISTSCRIPTS
        S: NO "log in first"
        C: UNAUTHENTICATE
        S: NO "log in first"
        C: AUTHENTICATE "PLAIN" "{plain("bob@demo.test")}"
        S: OK "logged in"
        C: LISTSCRIPTS
        S: OK
        """)


@on_loop
async def test_a_session_ends_when_its_password_is_revoked(site: Site) -> None:
    client = await site.client()
    site.changes.publish(Revoked(AccountId(1)))
    await client.says('S: BYE "the login holds no longer"')
    await client.hears_end()
    guest = await site.client()
    await guest.says('C: UNAUTHENTICATE\nS: OK "you are logged out"')
    site.changes.publish(Revoked(AccountId(1)))
    await guest.says('C: NOOP\nS: OK "done"')


@on_loop
async def test_strangers_get_little_memory(site: Site) -> None:
    guest = await site.guest()
    guest.sends(b'AUTHENTICATE "PLAIN" {100000+}\r\n%b\r\nNOOP\r\n' % (b"A" * 100_000))
    await guest.says("""
        S: NO (QUOTA/MAXSIZE) "no more than 8192 octets are taken"
        S: OK "done"
        """)
    guest.sends(b'NOOP "%b"\r\n' % (b"A" * 100_000))
    await guest.says('S: NO "the line has more than 8192 octets"')
