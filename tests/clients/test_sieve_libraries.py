# SPDX-License-Identifier: GPL-3.0-or-later
"""The Python libraries managesieve and sievelib, which webmail and scripts of administrators use."""

from __future__ import annotations

import pytest

from tests.clients.person import Person

managesieve = pytest.importorskip("managesieve")
Client = pytest.importorskip("sievelib.managesieve").Client
KEEP, DISCARD = "keep;\n", "# all of it\ndiscard;\n"


@pytest.fixture(autouse=True)
def _trusting(person: Person, monkeypatch: pytest.MonkeyPatch) -> None:
    """Both verify certificates against those of the system."""
    monkeypatch.setenv("SSL_CERT_FILE", str(person.ca))


def test_managesieve_keeps_scripts(person: Person) -> None:
    client = managesieve.MANAGESIEVE("localhost", person.ports["sieve"], use_tls=True)
    assert client.login("", person.address, person.password) == "OK"
    assert client.havespace("rules", 1000) == "OK"
    assert client.putscript("rules", KEEP) == "OK"
    assert client.putscript("other", DISCARD) == "OK"
    assert client.putscript("broken", "kepe;") == "NO"
    assert b"line 1, column 1" in _octets(client.response_text)
    assert client.setactive("rules") == "OK"
    assert client.listscripts() == ("OK", [("other", False), ("rules", True)])
    assert client.getscript("other") == ("OK", DISCARD)
    assert client.deletescript("rules") == "NO"
    assert client.response_code == "ACTIVE"
    assert client.setactive("") == "OK"
    assert client.deletescript("rules") == "OK"
    client.logout()


@pytest.mark.parametrize("mechanism", ["PLAIN", "LOGIN"])
def test_sievelib_keeps_scripts(person: Person, mechanism: str) -> None:
    client = Client("localhost", person.ports["sieve"])
    assert client.connect(person.address, person.password, starttls=True, authmech=mechanism)
    assert "fileinto" in client.get_sieve_capabilities()
    assert client.havespace("rules", 1000)
    assert client.checkscript(KEEP)
    assert not client.checkscript("kepe;")
    assert client.putscript("rules", KEEP)
    assert client.renamescript("rules", "été")
    assert client.putscript("other", DISCARD)
    assert client.setactive("été")
    assert client.listscripts() == ("été", ["other"])
    assert client.getscript("other") == DISCARD.rstrip("\n")
    assert not client.deletescript("été")
    assert client.setactive("")
    assert client.deletescript("été")
    client.logout()


def _octets(text: object) -> bytes:
    return text if isinstance(text, bytes) else str(text).encode()
