# SPDX-License-Identifier: GPL-3.0-or-later
"""mbsync keeps a Maildir and the server the same, in both directions."""

from __future__ import annotations

from pathlib import Path

from tests.clients.home import Home
from tests.clients.person import Person, letter, subject
from tests.support import needs_program

pytestmark = needs_program("mbsync", "isync")

CONFIGURATION = """\
IMAPStore server
Host localhost
Port {person.ports[imaps]}
User {person.address}
Pass {person.password}
SSLType IMAPS
SystemCertificates no
CertificateFile {person.ca}

MaildirStore laptop
Path {home}/mail/
Inbox {home}/mail/INBOX
SubFolders Verbatim

Channel all
Far :server:
Near :laptop:
Patterns *
Create Both
Expunge Both
SyncState *
"""


class Laptop:
    """The Maildir side."""

    def __init__(self, home: Home, person: Person) -> None:
        self.mail = home.folder / "mail"
        self.mail.mkdir()
        self._home = home
        self._configuration = home.write("mbsyncrc", CONFIGURATION.format(person=person, home=home.folder))

    def sync(self) -> None:
        """Run mbsync on all mailboxes."""
        self._home.run("mbsync", "-c", self._configuration, "-a")

    def files(self, mailbox: str = "INBOX") -> dict[str, Path]:
        found = [path for folder in ("cur", "new") for path in (self.mail / mailbox / folder).glob("*")]
        return {subject(path.read_bytes()): path for path in found}

    def flags(self, mailbox: str = "INBOX") -> dict[str, set[str]]:
        names = {"S": "\\Seen", "F": "\\Flagged", "R": "\\Answered", "D": "\\Draft", "T": "\\Deleted"}
        return {
            title: {names[letter] for letter in path.name.partition(":2,")[2]}
            for title, path in self.files(mailbox).items()
        }

    def flag(self, title: str, letters: str) -> None:
        path = self.files()[title]
        path.rename(path.parents[1] / "cur" / f"{path.name.partition(':2,')[0]}:2,{letters}")

    def writes(self, title: str) -> None:
        (self.mail / "INBOX" / "new" / f"1.{len(self.files())}.laptop").write_bytes(
            letter(title).replace(b"\r\n", b"\n")
        )


def test_the_first_sync_brings_every_mailbox_and_every_byte(person: Person, home: Home) -> None:
    person.receives(letter("one"), letter("two", "Zwei Bücher, 二"))
    person.appends("Projects", letter("plan"))
    laptop = Laptop(home, person)
    laptop.sync()
    assert set(laptop.files()) == {"one", "two"}
    assert set(laptop.files("Projects")) == {"plan"}
    on_server = {message.replace(b"\r\n", b"\n") for message in person.messages()}
    assert {_without_sync_header(path.read_bytes()) for path in laptop.files().values()} == on_server


def test_flags_deletions_and_new_mail_travel_both_ways_and_then_there_is_peace(person: Person, home: Home) -> None:
    person.receives(letter("read here"), letter("deleted here"), letter("starred there"), letter("deleted there"))
    laptop = Laptop(home, person)
    laptop.sync()

    laptop.flag("read here", "S")
    laptop.flag("deleted here", "T")
    laptop.writes("written here")
    _on_server(person, "starred there", "\\Flagged")
    _on_server(person, "deleted there", "\\Deleted")
    person.receives(letter("came meanwhile"))
    laptop.sync()

    expected = {"read here": {"\\Seen"}, "starred there": {"\\Flagged"}, "written here": set(), "came meanwhile": set()}
    assert person.subjects() == expected
    assert laptop.flags() == expected

    before = _everything(laptop.mail), person.messages()
    laptop.sync()
    assert (_everything(laptop.mail), person.messages()) == before


def test_a_mailbox_made_on_the_laptop_appears_on_the_server(person: Person, home: Home) -> None:
    laptop = Laptop(home, person)
    laptop.sync()
    # mbsync leaves names alone: modified UTF-7 is what it wants on either side (RFC 3501, 5.1.3).
    for folder in "cur", "new", "tmp":
        (laptop.mail / "R&AOk-unions" / folder).mkdir(parents=True)
    (laptop.mail / "R&AOk-unions" / "cur" / "1.1.laptop:2,S").write_bytes(letter("minutes").replace(b"\r\n", b"\n"))
    laptop.sync()
    assert person.subjects("R&AOk-unions") == {"minutes": {"\\Seen"}}


def _on_server(person: Person, title: str, flag: str) -> None:
    with person.imap() as imap:
        imap.select()
        numbers = imap.search(None, "SUBJECT", f'"{title}"')[1][0]
        imap.store(numbers.decode(), "+FLAGS", flag)
        if flag == "\\Deleted":
            imap.expunge()


def _without_sync_header(message: bytes) -> bytes:
    return b"".join(line for line in message.splitlines(keepends=True) if not line.startswith(b"X-TUID: "))


def _everything(folder: Path) -> dict[Path, bytes]:
    return {path: path.read_bytes() for path in folder.rglob("*") if path.is_file() and not path.name.startswith(".")}
