# SPDX-License-Identifier: GPL-3.0-or-later
"""Mail from maildirs and mbox files: nothing is lost, nothing comes twice, wherever an import is interrupted."""

from __future__ import annotations

import os
from collections.abc import Awaitable, Callable
from pathlib import Path

import pytest

from ikserver.app.stores import open_stores
from ikserver.cli.transfer.importing import Import
from ikserver.cli.transfer.journal import Journal, journal_path
from ikserver.cli.transfer.maildir import find_in_maildir
from ikserver.cli.transfer.mbox import find_in_mbox
from ikserver.model.ids import AccountId, BodyId
from ikserver.settings import load_data
from tests.cli.terminal import Terminal
from tests.support import on_loop

LARGE = b"Subject: large\n\n" + b"a line of some length\n" * 30_000
MBOX = b"""From alice@b.test Mon Jan  1 10:20:30 2024
Subject: first
Status: RO
X-Status: AF

>From here on
>>From there
From nowhere: no separator, for no date follows

From bob@b.test Tue Feb 29 00:00:00 2024
Received: from x by y; Thu, 1 Jan 1970 00:00:01 +0000
Subject: second

text

From MAILER-DAEMON Xxx Xxx 99 00:00:00 2024
Received: from x by y;
 Wed, 28 Feb 2024 12:00:00 +0100
Subject: third

last line"""


@pytest.fixture
def maildir(tmp_path: Path) -> Path:
    root = tmp_path / "Maildir"
    _put(root, "cur/1.x:2,FRS", b"Subject: one\n\nold line ends\n", 1_700_000_001)
    _put(root, "new/2.x", b"Subject: two\r\n\r\nwire line ends\r\n", 1_700_000_002)
    _put(root, ".Sent.2025/cur/3.x:2,STa", b"Subject: three\n\nNUL \0 here\n", 1_700_000_003)
    (root / ".Sent.2025" / "dovecot-keywords").write_text("0 $Label1\n")
    _put(root, ".Entw&APw-rfe/cur/4.x:2,DP", b"Subject: four\n\n", 1_700_000_004)
    _put(root, "Plain/Sub/cur/5.x:2,", LARGE, 1_700_000_005)
    _put(root, "cur/.hidden", b"no mail", 1)
    _put(root, "tmp/6.x", b"Subject: being written\n\n", 1)
    return root


def _put(root: Path, name: str, content: bytes, seconds: int) -> None:
    path = root / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(content)
    os.utime(path, (seconds, seconds))


@pytest.fixture
def account(terminal: Terminal) -> Callable[[], Awaitable[None]]:
    async def add() -> None:
        await terminal.run("domain add a.test")
        await terminal.run("echo secret | account add alice@a.test --password-stdin")

    return add


ALICE = AccountId(1)
Kept = tuple[str, frozenset[str], int, bytes]


async def kept(terminal: Terminal, account: AccountId = ALICE) -> list[Kept]:
    """Mailbox, flags, internal date and octets of every message."""
    messages: list[Kept] = []
    async with open_stores(load_data(terminal.data)) as stores:
        mail = await stores.mail.mail(account)
        for mailbox in await mail.mailboxes():
            opened = await mail.open(mailbox.name)
            columns = opened.columns
            for flagset, date, body in zip(columns.flagsets, columns.dates, columns.bodies, strict=True):
                messages.append((mailbox.name, opened.flags(flagset), date, await mail.read(BodyId(body))))
            opened.close()
    return messages


FROM_MAILDIR: list[Kept] = [
    ("Entwürfe", frozenset({"\\Draft", "$Forwarded"}), 1_700_000_004, b"Subject: four\r\n\r\n"),
    (
        "INBOX",
        frozenset({"\\Flagged", "\\Answered", "\\Seen"}),
        1_700_000_001,
        b"Subject: one\r\n\r\nold line ends\r\n",
    ),
    ("INBOX", frozenset(), 1_700_000_002, b"Subject: two\r\n\r\nwire line ends\r\n"),
    ("Plain/Sub", frozenset(), 1_700_000_005, LARGE.replace(b"\n", b"\r\n")),
    (
        "Sent/2025",
        frozenset({"\\Seen", "\\Deleted", "$Label1"}),
        1_700_000_003,
        b"Subject: three\r\n\r\nNUL \x80 here\r\n",
    ),
]


@on_loop
async def test_a_maildir_comes_with_folders_flags_and_dates(
    terminal: Terminal, account: Callable[[], Awaitable[None]], maildir: Path
) -> None:
    await account()
    await terminal.shows(
        f"""
        $ import maildir alice@a.test {maildir}
        imported 5 messages
        $ import maildir alice@a.test {maildir} --json
        {{"imported": 0, "known": 5}}
        """
    )
    assert sorted(await kept(terminal), key=lambda m: (m[0], m[2])) == FROM_MAILDIR
    assert list((terminal.data / "spool").iterdir()) == []


@on_loop
async def test_what_is_new_comes_the_next_time_also_when_flags_have_changed(
    terminal: Terminal, account: Callable[[], Awaitable[None]], maildir: Path
) -> None:
    await account()
    await terminal.run(f"import maildir alice@a.test {maildir}")
    (maildir / "new" / "2.x").rename(maildir / "cur" / "2.x:2,S")
    _put(maildir, "new/7.x", b"Subject: seven\n\n", 1_700_000_007)
    await terminal.shows(
        f"""
        $ import maildir alice@a.test {maildir}
        imported 1 message, 5 were there already
        $ import maildir alice@a.test {maildir} --again
        imported 6 messages
        $ import maildir alice@a.test {maildir} --mailbox Old/Mail --json
        {{"imported": 6, "known": 0}}
        """
    )
    assert {mailbox for mailbox, *_ in await kept(terminal)} >= {"Old/Mail", "Old/Mail/Sent/2025", "Sent/2025"}


@on_loop
async def test_an_mbox_comes_with_flags_and_dates(
    terminal: Terminal, account: Callable[[], Awaitable[None]], tmp_path: Path
) -> None:
    await account()
    path = tmp_path / "archive.mbox"
    path.write_bytes(MBOX)
    await terminal.shows(
        f"""
        $ import mbox alice@a.test {path} --mailbox Archive/Old
        imported 3 messages
        """
    )
    first, second, third = await kept(terminal)
    assert first == (
        "Archive/Old",
        frozenset({"\\Seen", "\\Answered", "\\Flagged"}),
        1_704_104_430,
        b"Subject: first\r\nStatus: RO\r\nX-Status: AF\r\n\r\nFrom here on\r\n>From there\r\n"
        b"From nowhere: no separator, for no date follows\r\n",
    )
    assert second[2:] == (
        1_709_164_800,
        b"Received: from x by y; Thu, 1 Jan 1970 00:00:01 +0000\r\nSubject: second\r\n\r\ntext\r\n",
    )
    # No date in the separator: that of the topmost Received field counts.
    assert third[2] == 1_709_118_000
    assert third[3].endswith(b"\r\n\r\nlast line")


@on_loop
async def test_an_mbox_with_wire_line_ends_is_the_same(
    terminal: Terminal, account: Callable[[], Awaitable[None]], tmp_path: Path
) -> None:
    unix, dos = tmp_path / "unix", tmp_path / "dos"
    unix.write_bytes(MBOX)
    dos.write_bytes(MBOX.replace(b"\n", b"\r\n"))
    assert [m.arrived for m in find_in_mbox(unix)] == [m.arrived for m in find_in_mbox(dos)]
    assert [b"".join(m.lines()).replace(b"\r\n", b"\n") for m in find_in_mbox(dos)] == [
        b"".join(m.lines()) for m in find_in_mbox(unix)
    ]


class Killed(Exception):
    pass


@on_loop
@pytest.mark.parametrize("stored", [True, False])
async def test_an_import_that_was_killed_goes_on_and_nothing_comes_twice(
    terminal: Terminal,
    account: Callable[[], Awaitable[None]],
    maildir: Path,
    stored: bool,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Killed between the journal's line and the commit, or between the commit and the journal's next line."""
    await account()
    data = terminal.data
    async with open_stores(load_data(data)) as stores:
        mail = await stores.mail.mail(AccountId(1))
        journal = Journal(journal_path(data, AccountId(1), maildir, "INBOX"))
        monkeypatch.setattr(journal, "end", _die)
        if not stored:
            monkeypatch.setattr(mail, "append", _die)
        with pytest.raises(Killed):
            await Import(mail, journal, "INBOX", data / "spool", lambda _: None).run(list(find_in_maildir(maildir)))
        journal.close()
    assert len(await kept(terminal)) == (2 if stored else 0)
    assert await terminal.run(f"import maildir alice@a.test {maildir} --json") == (
        '{"imported": 3, "known": 2}' if stored else '{"imported": 5, "known": 0}'
    )
    assert sorted(await kept(terminal), key=lambda m: (m[0], m[2])) == FROM_MAILDIR


def _die(*_: object) -> None:
    raise Killed


def test_a_journal_line_that_was_cut_off_counts_for_nothing(tmp_path: Path) -> None:
    path = tmp_path / "journal"
    path.write_text('{"mailbox": "INBOX", "uidnext": 1, "keys": ["a"]}\n\n{"mailbox": "INB')
    journal = Journal(path)
    assert (journal.done, journal.in_doubt) == ({"a"}, None)
    journal.close()
    assert path.read_text() == '{"mailbox": "INBOX", "uidnext": 1, "keys": ["a"]}\n\n'


@on_loop
async def test_a_full_mailbox_stops_an_import_which_goes_on_when_there_is_room(
    terminal: Terminal, account: Callable[[], Awaitable[None]], maildir: Path
) -> None:
    await account()
    await terminal.run("account quota alice@a.test 100B")
    seen = await terminal.run(f"import maildir alice@a.test {maildir}")
    assert seen.endswith("= 1")
    assert list((terminal.data / "spool").iterdir()) == []
    await terminal.run("account quota alice@a.test none")
    await terminal.run(f"import maildir alice@a.test {maildir}")
    assert sorted(await kept(terminal), key=lambda m: (m[0], m[2])) == FROM_MAILDIR


@on_loop
async def test_names_of_files_and_folders_may_be_any_octets(
    terminal: Terminal, account: Callable[[], Awaitable[None]], tmp_path: Path
) -> None:
    await account()
    folder = os.fsencode(tmp_path / "odd") + b"/.M\xfcll"
    os.makedirs(folder + b"/cur")
    Path(os.fsdecode(folder + b"/cur/\xff.x:2,S")).write_bytes(b"Subject: odd\n\n")
    await terminal.shows(
        f"""
        $ import maildir alice@a.test {tmp_path}/odd
        imported 1 message
        $ import maildir alice@a.test {tmp_path}/odd --json
        {{"imported": 0, "known": 1}}
        """
    )
    assert [mailbox for mailbox, *_ in await kept(terminal)] == ["M\ufffdll"]


@on_loop
async def test_where_there_is_no_mail_one_is_told(
    terminal: Terminal, account: Callable[[], Awaitable[None]], tmp_path: Path
) -> None:
    await account()
    (tmp_path / "empty").touch()
    await terminal.shows(
        f"""
        $ import maildir alice@a.test {tmp_path}/nowhere
        ! ikserver: there is no mail in {tmp_path}/nowhere
        = 1
        $ import mbox alice@a.test {tmp_path}/nowhere
        ! ikserver: {tmp_path}/nowhere: No such file or directory
        = 1
        $ import mbox alice@a.test {tmp_path}/empty
        ! ikserver: there is no mail in {tmp_path}/empty
        = 1
        """
    )
