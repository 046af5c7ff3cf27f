# SPDX-License-Identifier: GPL-3.0-or-later
"""What the server offers, and TLS (RFC 5804, 1.7, 2.2 to 2.4, 2.13)."""

from __future__ import annotations

import pytest

from ikserver.managesieve.backend import ManageSieveLimits
from sieve import Registry
from tests.managesieve.site import READY, Site, plain
from tests.support import on_loop
from tests.transcript import Player

OFFER = [
    'S: "IMPLEMENTATION" "ikserver"',
    'S: "SASL" "SCRAM-SHA-256 PLAIN LOGIN"',
    f'S: "SIEVE" "{" ".join(Registry.default().capabilities())}"',
    'S: "NOTIFY" "mailto"',
    'S: "EXTLISTS" "urn"',
    'S: "STARTTLS"',
    'S: "MAXREDIRECTS" "4"',
    'S: "LANGUAGE" "en"',
    'S: "UNAUTHENTICATE"',
    'S: "VERSION" "1.0"',
]


def offer(*without: str, sasl: str | None = None) -> str:
    """The lines of capabilities, but those of some names."""
    lines = [line for line in OFFER if not any(line.startswith(f'S: "{name}"') for name in without)]
    if sasl is not None:
        lines[1] = f'S: "SASL" "{sasl}"'
    return "\n".join(lines)


@on_loop
async def test_the_greeting_is_what_the_server_offers(site: Site) -> None:
    guest = await Player.connect("127.0.0.1", site.plain)
    await guest.says(f"{offer()}\n{READY}")
    await guest.says(f"C: CAPABILITY\n{offer()}\nS: OK")
    await guest.says('C: logout\nS: OK "good-bye"')
    await guest.hears_end()


@on_loop
async def test_no_mechanism_is_offered_before_tls_and_none_can_be_used(site: Site) -> None:
    guest = await Player.connect("127.0.0.1", site.strict)
    await guest.says(f"{offer(sasl='')}\n{READY}")
    await guest.says(f"""
        C: AUTHENTICATE "PLAIN" "{plain()}"
        S: NO (ENCRYPT-NEEDED) "use TLS first"
        C: LISTSCRIPTS
        S: NO "log in first"
        """)


@on_loop
async def test_after_starttls_the_server_says_again_what_it_offers(site: Site) -> None:
    guest = await site.guest(site.strict)
    await guest.says('C: StartTls\nS: OK "begin the handshake"')
    await guest.starts_tls(site.trust())
    await guest.says(f'{offer("STARTTLS")}\nS: OK "TLS is on"')
    await guest.says(f"""
        C: STARTTLS
        S: NO "TLS is on already"
        C: AUTHENTICATE "PLAIN" "{plain()}"
        S: OK "logged in"
        C: STARTTLS
        S: NO "you are logged in already"
        C: LISTSCRIPTS
        S: OK""")


@on_loop
async def test_who_sends_something_behind_starttls_is_not_believed(site: Site) -> None:
    guest = await site.guest(site.strict)
    await guest.says("""
        C: STARTTLS
        C: NOOP "injected"
        S: NO "nothing may follow STARTTLS before the handshake"
        S: BYE "nothing may follow STARTTLS before the handshake"
        """)
    await guest.hears_end()


@on_loop
async def test_a_handshake_that_fails_ends_the_connection(site: Site) -> None:
    guest = await site.guest()
    await guest.says('C: STARTTLS\nS: OK "begin the handshake"')
    guest.sends(b'NOOP "in the clear"\r\n' * 10)
    await guest.hears_end()


@on_loop
async def test_noop_gives_back_its_tag(site: Site) -> None:
    guest = await site.guest()
    await guest.says("""
        C: NOOP
        S: OK "done"
        C: NOOP "STARTTLS-SYNC-42"
        S: OK (TAG "STARTTLS-SYNC-42") "done"
        C: NOOP {4+}
        C: a
        C: b
        S: OK (TAG {4}
        S: a
        S: b) "done"
        """)


@pytest.mark.parametrize("limits", [ManageSieveLimits(connections=1)])
@on_loop
async def test_there_are_so_many_connections_and_no_more(site: Site, limits: ManageSieveLimits) -> None:
    first = await site.guest()
    second = await Player.connect("127.0.0.1", site.plain)
    await second.says('S: BYE "too many connections"')
    await second.hears_end()
    await first.says('C: LOGOUT\nS: OK "good-bye"')
    await first.hears_end()
    await site.guest()


@pytest.mark.parametrize("limits", [ManageSieveLimits(login_time=0.2)])
@on_loop
async def test_who_does_not_log_in_is_sent_away(site: Site, limits: ManageSieveLimits) -> None:
    guest = await site.guest()
    await guest.says('S: BYE "too long without a login"')
    await guest.hears_end()


@pytest.mark.parametrize("limits", [ManageSieveLimits(idle_time=0.2)])
@on_loop
async def test_who_does_nothing_for_too_long_is_sent_away(site: Site, limits: ManageSieveLimits) -> None:
    client = await site.client()
    await client.says('S: BYE "autologout after idling too long"')
    await client.hears_end()


@pytest.mark.parametrize("limits", [ManageSieveLimits(bad_commands=3)])
@on_loop
async def test_who_speaks_another_language_is_sent_away(site: Site, limits: ManageSieveLimits) -> None:
    guest = await site.guest()
    await guest.says("""
        C: GET / HTTP/1.1
        C: Host: localhost
        S: NO "there is no such command"
        S: NO "there is no such command"
        C: NOOP
        S: OK "done"
        C: FROB
        C: FROB
        C: FROB
        S: NO "there is no such command"
        S: NO "there is no such command"
        S: NO "there is no such command"
        S: BYE "too many commands that cannot be understood"
        """)
    await guest.hears_end()


@on_loop
async def test_when_the_server_stops_clients_hear_it(site: Site) -> None:
    guest, client = await site.guest(), await site.client()
    await site.listeners[0].stop()
    for player in (guest, client):
        await player.says('S: BYE "the server is shutting down"')
        await player.hears_end()
