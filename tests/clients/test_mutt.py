# SPDX-License-Identifier: GPL-3.0-or-later
"""mutt in a terminal: limit, save, delete, flag; and it sends."""

from __future__ import annotations

from pathlib import Path

from tests.clients.home import Home
from tests.clients.person import Person, letter
from tests.support import needs_program

pytestmark = needs_program("mutt", "mutt")

CONFIGURATION = """\
set folder = "imaps://{person.address}@localhost:{person.ports[imaps]}/"
set spoolfile = "+INBOX" mbox = "+INBOX" record = "+Sent"
set imap_user = "{person.address}" imap_pass = "{person.password}"
set smtp_url = "smtps://{person.address}@localhost:{person.ports[submissions]}/" smtp_pass = "{person.password}"
set from = "{person.address}" realname = "Person" use_envelope_from = yes
set ssl_ca_certificates_file = "{person.ca}" certificate_file = "{home}/certificates"
set confirmappend = no delete = yes quit = yes wait_key = no mark_old = no sleep_time = 0
set header_cache = "" message_cachedir = ""
"""


def mutt(home: Home, person: Person) -> list[str | Path]:
    """Write a muttrc and return the command that uses it and nothing else."""
    return ["mutt", "-n", "-F", home.write("muttrc", CONFIGURATION.format(person=person, home=home.folder))]


def test_mutt_saves_deletes_and_flags_what_a_limit_shows(person: Person, home: Home) -> None:
    person.receives(letter("invoice march"), letter("invoice april"), letter("spam"), letter("dinner"))
    keys = (
        "<limit>~s invoice<enter>"
        "<tag-pattern>~A<enter><tag-prefix><save-message>=Archive<enter>"
        "<limit>~s spam<enter><delete-message>"
        "<limit>~s dinner<enter><flag-message><limit>~A<enter><sync-mailbox><quit>"
    )
    home.show(*mutt(home, person), "-e", f'push "{keys}"')
    assert set(person.subjects("Archive")) == {"invoice march", "invoice april"}
    assert person.subjects() == {"dinner": {"\\Flagged"}}


def test_mutt_sends_and_keeps_a_copy(person: Person, home: Home) -> None:
    home.run(*mutt(home, person), "-s", "from mutt", "--", person.address, text="Hello from a terminal.\n")
    assert set(person.subjects()) == {"from mutt"}
    assert person.subjects("Sent") == {"from mutt": {"\\Seen"}}
