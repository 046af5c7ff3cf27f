# SPDX-License-Identifier: GPL-3.0-or-later
"""curl reads, searches, saves and sends."""

from __future__ import annotations

from pathlib import Path

from tests.clients.home import Home
from tests.clients.person import Person, letter
from tests.support import needs_program

pytestmark = needs_program("curl", "curl")


def curl(home: Home, person: Person, *words: str | Path, code: int = 0) -> str:
    """Run curl as this person, trusting only the demo's authority."""
    secret = f"{person.address}:{person.password}"
    return home.run("curl", "-sS", "--cacert", person.ca, "--user", secret, *words, code=code)


def test_curl_lists_mailboxes_searches_and_reads_one_message(person: Person, home: Home) -> None:
    person.receives(letter("breakfast"), letter("lunch", "Soup at noon."))
    server = f"imaps://localhost:{person.ports['imaps']}"
    assert '"INBOX"' in curl(home, person, server) or " INBOX" in curl(home, person, server)
    assert curl(home, person, f"{server}/INBOX?SUBJECT%20lunch").strip() == "* SEARCH 2"
    assert "Soup at noon." in curl(home, person, f"{server}/INBOX;MAILINDEX=2")
    assert curl(home, person, f"{server}/INBOX;MAILINDEX=1;SECTION=HEADER.FIELDS%20(SUBJECT)").strip() == (
        "Subject: breakfast"
    )


def test_curl_saves_a_message_after_starttls(person: Person, home: Home) -> None:
    home.write("draft.eml", letter("draft"))
    curl(home, person, "--ssl-reqd", "-T", "draft.eml", f"imap://localhost:{person.ports['imap']}/Drafts")
    assert letter("draft") in person.messages("Drafts")


def test_curl_sends_over_tls_and_is_refused_with_a_wrong_password(person: Person, home: Home) -> None:
    home.write("mail.eml", letter("sent by curl"))
    words = ["--mail-from", person.address, "--mail-rcpt", person.address, "-T", "mail.eml"]
    words += [f"smtps://localhost:{person.ports['submissions']}"]
    curl(home, person, *words)
    assert set(person.subjects()) == {"sent by curl"}
    login_denied = 67
    curl(home, person, "--user", f"{person.address}:wrong", *words, code=login_denied)
    assert set(person.subjects()) == {"sent by curl"}
