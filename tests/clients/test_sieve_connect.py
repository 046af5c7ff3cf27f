# SPDX-License-Identifier: GPL-3.0-or-later
"""sieve-connect puts, checks, chooses, fetches and deletes scripts."""

from __future__ import annotations

from pathlib import Path

from tests.clients.home import Home
from tests.clients.person import Person, letter
from tests.support import needs_program

pytestmark = needs_program("sieve-connect", "sieve-connect")

RULES = '# rule:[lunch]\nrequire "fileinto";\nif header :contains "Subject" "lunch" { fileinto "Lunch"; }\n'


def sieve_connect(home: Home, person: Person, *words: str | Path, code: int = 0) -> str:
    """Run sieve-connect as this person, after STARTTLS with the demo's certificate verified."""
    place = ["--server", "localhost", "--port", str(person.ports["sieve"]), "--tlscafile", str(person.ca)]
    who = ["--user", person.address, "--passwordfd", "0"]
    return home.run("sieve-connect", *place, *who, *words, code=code, text=f"{person.password}\n")


def test_a_script_is_put_chosen_fetched_and_deleted(person: Person, home: Home) -> None:
    home.write("rules.sieve", RULES)
    assert sieve_connect(home, person, "--list") == ""
    sieve_connect(home, person, "--upload", "--localsieve", "rules.sieve", "--remotesieve", "été")
    sieve_connect(home, person, "--activate", "--remotesieve", "été")
    assert sieve_connect(home, person, "--list") == '"été" ACTIVE\n'
    sieve_connect(home, person, "--download", "--remotesieve", "été", "--localsieve", "again.sieve")
    assert (home.folder / "again.sieve").read_text() == RULES
    assert '(ACTIVE) "the script été is active"' in sieve_connect(
        home, person, "--delete", "--remotesieve", "été", code=1
    )
    sieve_connect(home, person, "--deactivate")
    sieve_connect(home, person, "--delete", "--remotesieve", "été")
    assert sieve_connect(home, person, "--list") == ""


def test_the_script_that_is_chosen_files_what_comes(person: Person, home: Home) -> None:
    home.write("rules.sieve", RULES)
    person.appends("Lunch", letter("the first one"))
    sieve_connect(home, person, "--upload", "--localsieve", "rules.sieve")
    person.receives(letter("lunch on Monday"))
    sieve_connect(home, person, "--activate", "--remotesieve", "rules.sieve")
    person.receives(letter("breakfast"), letter("lunch on Tuesday"))
    assert set(person.subjects()) == {"lunch on Monday", "breakfast"}
    assert set(person.subjects("Lunch")) == {"the first one", "lunch on Tuesday"}


def test_a_broken_script_is_refused_with_all_its_errors(person: Person, home: Home) -> None:
    home.write("broken.sieve", 'kepe;\nfileinto "Lunch";\n')
    for verb in ("--checkscript", "--upload"):
        told = sieve_connect(home, person, verb, "--localsieve", "broken.sieve", code=1)
        assert "line 1, column 1: " in told
        assert "line 2, column 1: " in told
    assert sieve_connect(home, person, "--list") == ""


def test_a_wrong_password_opens_nothing(person: Person, home: Home) -> None:
    stranger = Person(person.address, person.ports, person.ca, "wrong")
    assert "wrong user name or password" in sieve_connect(home, stranger, "--list", code=255)
