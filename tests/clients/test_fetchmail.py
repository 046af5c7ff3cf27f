# SPDX-License-Identifier: GPL-3.0-or-later
"""fetchmail takes the mail away over TLS, with the certificate checked."""

from __future__ import annotations

from tests.clients.home import Home
from tests.clients.person import Person, letter
from tests.support import needs_program

pytestmark = needs_program("fetchmail", "fetchmail")
NO_MAIL = 1

CONFIGURATION = """\
poll localhost protocol IMAP port {person.ports[imaps]} user "{person.address}" password "{person.password}"
ssl sslcertck sslcertfile "{person.ca}" mda "cat >> {home}/box"
"""


def test_fetchmail_takes_all_mail_away_once(person: Person, home: Home) -> None:
    person.receives(letter("first"), letter("second"))
    configuration = home.write("fetchmailrc", CONFIGURATION.format(person=person, home=home.folder))
    said = home.run("fetchmail", "-f", configuration, "--nodetach", "--nosyslog")
    assert "2 messages for" in said
    box = (home.folder / "box").read_text()
    assert "Subject: first" in box
    assert "Subject: second" in box
    assert person.messages() == {}
    home.run("fetchmail", "-f", configuration, "--nodetach", "--nosyslog", code=NO_MAIL)
