# SPDX-License-Identifier: GPL-3.0-or-later
"""swaks signs in after STARTTLS, is refused with a wrong password, and speaks LMTP."""

from __future__ import annotations

import pytest

from tests.clients.home import Home
from tests.clients.person import Person
from tests.support import needs_program

pytestmark = needs_program("swaks", "swaks")
AUTHENTICATION_FAILED = 28


def swaks(home: Home, person: Person, *words: str, code: int = 0) -> str:
    """Run swaks from and to this person; return the whole conversation."""
    options = ["--server", "localhost", "--from", person.address, "--to", person.address]
    return home.run("swaks", *options, *words, code=code)


def submission(person: Person, mechanism: str, password: str) -> list[str]:
    words = f"--port {person.ports['submission']} --tls --tls-verify --tls-ca-path {person.ca} --auth {mechanism}"
    return [*words.split(), "--auth-user", person.address, "--auth-password", password]


@pytest.mark.parametrize("mechanism", ["PLAIN", "LOGIN"])
def test_swaks_submits_after_starttls(person: Person, home: Home, mechanism: str) -> None:
    said = swaks(home, person, *submission(person, mechanism, person.password), "--header", "Subject: hello")
    assert "=== TLS started" in said
    assert "235 2.7.0" in said
    assert set(person.subjects()) == {"hello"}


def test_swaks_gets_535_for_a_wrong_password(person: Person, home: Home) -> None:
    said = swaks(home, person, *submission(person, "PLAIN", "wrong"), code=AUTHENTICATION_FAILED)
    assert "535 5.7.8" in said
    assert person.messages() == {}


def test_swaks_sees_no_auth_on_the_port_for_mail_from_elsewhere(person: Person, home: Home) -> None:
    said = swaks(home, person, "--port", str(person.ports["smtp"]), "--quit-after", "EHLO")
    assert "STARTTLS" in said
    assert "AUTH" not in said


def test_swaks_delivers_by_lmtp(person: Person, home: Home) -> None:
    swaks(home, person, "--protocol", "LMTP", "--port", str(person.ports["lmtp"]), "--header", "Subject: by lmtp")
    assert set(person.subjects()) == {"by lmtp"}
