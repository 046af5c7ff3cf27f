# SPDX-License-Identifier: GPL-3.0-or-later
"""Greeting, capabilities, TLS, logins, and being shown the door."""

from __future__ import annotations

from base64 import b64encode

import pytest

from ikserver.imap.backend import ImapLimits
from ikserver.model.changes import Revoked
from ikserver.model.ids import AccountId
from tests.imap_site import PASSWORD, Site
from tests.scram_client import client_final, client_first
from tests.support import on_loop
from tests.transcript import Player

PLAIN = b64encode(b"\0ann@demo.test\0secret").decode()


@on_loop
async def test_capabilities_follow_the_state(site: Site) -> None:
    ann = await Player.connect("127.0.0.1", site.plain)
    await ann.says(f"""
        S: * OK [CAPABILITY IMAP4rev1 IMAP4rev2 ... STARTTLS AUTH=SCRAM-SHA-256 AUTH=PLAIN AUTH=LOGIN] ikserver ready
        C: a1 LOGIN ann@demo.test {PASSWORD}
        S: a1 OK [CAPABILITY IMAP4rev1 IMAP4rev2 ... IDLE ... CONDSTORE QRESYNC ... COMPRESS=DEFLATE] logged in
        C: a2 CAPABILITY
        S: * CAPABILITY IMAP4rev1 IMAP4rev2 ... APPENDLIMIT=210763776 COMPRESS=DEFLATE
        S: a2 OK CAPABILITY completed
    """)


@on_loop
async def test_without_tls_no_password_is_taken(site: Site) -> None:
    ann = await site.guest(site.strict)
    await ann.says(f"""
        C: a1 CAPABILITY
        S: * CAPABILITY IMAP4rev1 IMAP4rev2 LITERAL+ SASL-IR ID ENABLE STARTTLS LOGINDISABLED
        S: a1 OK CAPABILITY completed
        C: a2 LOGIN ann@demo.test {PASSWORD}
        S: a2 NO [PRIVACYREQUIRED] ...
        C: a3 AUTHENTICATE PLAIN {PLAIN}
        S: a3 NO [PRIVACYREQUIRED] ...
        C: a4 SELECT INBOX
        S: a4 BAD log in first
    """)


@on_loop
async def test_starttls_then_login(site: Site) -> None:
    ann = await site.guest(site.strict)
    await ann.says("""
        C: a1 STARTTLS
        S: a1 OK begin the handshake""")
    await ann.starts_tls(site.trust())
    await ann.says(f"""
        C: a2 CAPABILITY
        S: * CAPABILITY IMAP4rev1 IMAP4rev2 LITERAL+ SASL-IR ID ENABLE AUTH=SCRAM-SHA-256 AUTH=PLAIN AUTH=LOGIN
        S: a2 OK CAPABILITY completed
        C: a3 STARTTLS
        S: a3 BAD TLS is on already
        C: a4 LOGIN ann@demo.test {PASSWORD}
        S: a4 OK ...
    """)


@on_loop
async def test_what_is_sent_behind_starttls_is_never_obeyed(site: Site) -> None:
    """CVE-2011-0411 and its kin: a man in the middle puts commands before the handshake."""
    ann = await site.guest()
    await ann.says(f"""
        C: a1 STARTTLS
        C: a2 LOGIN ann@demo.test {PASSWORD}
        S: a1 BAD nothing may follow STARTTLS before the handshake
        S: * BYE ...
    """)
    await ann.hears_end()


@on_loop
async def test_implicit_tls(site: Site) -> None:
    ann = await site.guest(site.secure, site.trust())
    await ann.says(f"""
        C: a1 STARTTLS
        S: a1 BAD TLS is on already
        C: a2 AUTHENTICATE PLAIN {PLAIN}
        S: a2 OK [CAPABILITY ...] logged in
    """)


@on_loop
async def test_authenticate_in_every_way(site: Site) -> None:
    ann = await site.guest()
    await ann.says(f"""
        C: a1 AUTHENTICATE PLAIN
        S: + ...
        C: *
        S: a1 BAD ...
        C: a2 AUTHENTICATE PLAIN
        S: + ...
        C: no base64!
        S: a2 BAD ...
        C: a3 AUTHENTICATE CRAM-MD5
        S: a3 NO ...
        C: a4 AUTHENTICATE LOGIN
        S: + {b64encode(b"Username:").decode()}
        C: {b64encode(b"ann@demo.test").decode()}
        S: + {b64encode(b"Password:").decode()}
        C: {b64encode(PASSWORD.encode()).decode()}
        S: a4 OK ...
        C: a5 AUTHENTICATE PLAIN {PLAIN}
        S: a5 BAD you are logged in already
    """)


@on_loop
async def test_scram(site: Site) -> None:
    ann = await site.guest()
    first = client_first("ann@demo.test", "abc")
    await ann.says(f"""
        C: a1 AUTHENTICATE SCRAM-SHA-256 {b64encode(first).decode()}""")
    server_first = await ann.hears()
    final = client_final(first, server_first.removeprefix("+ "), PASSWORD)
    await ann.says(f"""
        C: {b64encode(final).decode()}
        S: + ...
        C:
        S: a1 OK [CAPABILITY ...] logged in
    """)


@on_loop
async def test_a_wrong_password_is_refused_until_it_is_enough(site: Site) -> None:
    ann = await site.guest()
    for attempt in range(4):
        await ann.says(f"""
            C: a{attempt} LOGIN ann@demo.test wrong
            S: a{attempt} NO [AUTHENTICATIONFAILED] wrong user or password""")
    await ann.says("""
        C: a5 LOGIN nobody@demo.test wrong
        S: a5 NO [AUTHENTICATIONFAILED] wrong user or password
        S: * BYE too many failed logins
    """)
    await ann.hears_end()


@on_loop
async def test_bad_commands_are_answered_until_it_is_enough(site: Site) -> None:
    ann = await site.client()
    await ann.says("""
        C: a1 FROBNICATE
        S: a1 BAD ...
        C: a2 NOOP now
        S: a2 BAD ...
        C: a3 NOOP
        S: a3 OK NOOP completed
        C: a4 FETCH 1 FLAGS
        S: a4 BAD select a mailbox first
        C: )(
        S: * BAD ...
    """)
    for number in range(18):
        await ann.says(f"""
            C: b{number} FROBNICATE
            S: b{number} BAD ...""")
    await ann.says("S: * BYE too many commands that cannot be understood")
    await ann.hears_end()


@on_loop
async def test_strangers_get_no_large_literals(site: Site) -> None:
    ann = await site.guest()
    await ann.says("""
        C: a1 LOGIN {100000}
        S: a1 NO [TOOBIG] ...
        C: a2 NOOP
        S: a2 OK ...
    """)


@on_loop
async def test_who_we_are_and_good_bye(site: Site) -> None:
    ann = await site.guest()
    await ann.says("""
        C: a1 ID ("name" "test" "version" "1")
        S: * ID ("name" "ikserver" "version" "...")
        S: a1 OK ID completed
        C: a2 LOGOUT
        C: a3 NOOP
        S: * BYE good-bye
        S: a2 OK LOGOUT completed
    """)
    await ann.hears_end()


class TestLimits:
    @pytest.fixture
    def limits(self) -> ImapLimits:
        return ImapLimits(failure_delay=0, connections_per_account=2, login_time=0, idle_time=0)

    @on_loop
    async def test_an_account_has_so_many_sessions(self, site: Site) -> None:
        first, _second, third = await site.client(), await site.client(), await site.guest()
        await third.says(f"""
            C: a1 LOGIN ann@demo.test {PASSWORD}
            S: a1 NO [LIMIT] ...""")
        await first.says("""
            C: a1 LOGOUT
            S: ...
            S: a1 OK ...""")
        await third.says(f"""
            C: a2 LOGIN ann@demo.test {PASSWORD}
            S: a2 OK ...""")

    @on_loop
    async def test_whoever_takes_too_long_has_to_leave(self, site: Site) -> None:
        guest, ann = await site.guest(), await site.client(mailbox="INBOX")
        await ann.says("""
            C: a1 IDLE
            S: + idling""")
        for connection in tuple(site.listeners[0].connections):
            connection.look()
        await guest.says("S: * BYE too long without a login")
        await ann.says("S: * BYE autologout after idling too long")
        await ann.hears_end()


@on_loop
async def test_a_revoked_password_ends_sessions_at_once(site: Site) -> None:
    ann, bob = await site.client(mailbox="INBOX"), await site.client("bob@demo.test")
    await ann.says("""
        C: a1 IDLE
        S: + idling""")
    site.changes.publish(Revoked(AccountId(1), 8))
    site.changes.publish(Revoked(AccountId(1), 7))
    await ann.says("S: * BYE the login holds no longer")
    await ann.hears_end()
    await bob.says("""
        C: a1 NOOP
        S: a1 OK NOOP completed""")


@on_loop
async def test_a_server_that_stops_says_so(site: Site) -> None:
    ann = await site.client()
    await site.listeners[0].stop()
    await ann.says("S: * BYE the server is shutting down")
    await ann.hears_end()
