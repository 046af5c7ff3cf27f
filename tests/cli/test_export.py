# SPDX-License-Identifier: GPL-3.0-or-later
"""What is exported is a maildir that other programs read, and that comes back as it was."""

from __future__ import annotations

import mailbox
from pathlib import Path

from ikserver.app.stores import open_stores
from ikserver.cli.transfer.maildir import folder_of, mailbox_of
from ikserver.model.ids import AccountId
from ikserver.model.mail import NewMessage
from ikserver.settings import load_data
from protocols.message import scan
from tests.cli.terminal import Terminal
from tests.cli.test_import import Kept, kept
from tests.support import on_loop

# A CR at the end of a piece of 256 KB, and some that end no line.
CUT = b"Subject: 3\r\n\r\n" + b"x" * 262_129 + b"\r\nlone \r CR\r\n\r"
MESSAGES: list[Kept] = [
    ("INBOX", frozenset({"\\Seen", "\\Flagged"}), 1_700_000_001, b"Subject: one\r\n\r\ntext\r\n"),
    ("Q3. Ergebnisse/Ä&B", frozenset({"\\Deleted", "Junk", "$Label1"}), 1_700_000_002, b"Subject: two\r\n\r\n\r\n"),
    ("Sent", frozenset({"\\Answered"}), 1_700_000_003, CUT),
]


async def _fill(terminal: Terminal, address: str) -> None:
    await terminal.run("domain add a.test")
    await terminal.run(f"echo secret | account add {address} --password-stdin")
    async with open_stores(load_data(terminal.data)) as stores:
        mail = await stores.mail.mail(AccountId(1))
        await mail.create("Q3. Ergebnisse/Ä&B", subscribe=True)
        for name, flags, date, body in MESSAGES:
            target = await mail.mailbox(name)
            await mail.append(target.id, [NewMessage(body, scan(body), flags, date)])


@on_loop
async def test_an_export_is_a_maildir_and_comes_back_as_it_was(terminal: Terminal, tmp_path: Path) -> None:
    await _fill(terminal, "alice@a.test")
    out = tmp_path / "out"
    await terminal.shows(
        f"""
        $ export alice@a.test {out}
        exported 3 messages
        $ export alice@a.test {out} --json
        {{"exported": 0, "known": 3}}
        """
    )
    theirs = mailbox.Maildir(out, create=False)
    (message,) = theirs
    assert (message["subject"], message.get_flags(), message.get_payload()) == ("one", "FS", "text\n")
    (sent,) = theirs.get_folder("Sent")
    assert sent.get_flags() == "R"
    assert (out / "subscriptions").read_text().splitlines() == [
        "Archive",
        "Drafts",
        "INBOX",
        "Junk",
        "Q3&AC4- Ergebnisse.&AMQ-&-B",
        "Sent",
        "Trash",
    ]
    await terminal.run("account remove alice@a.test --yes")
    await terminal.run("echo secret | account add alice@a.test --password-stdin")
    await terminal.run(f"import maildir alice@a.test {out}")
    assert sorted(await kept(terminal, AccountId(2)), key=lambda m: m[2]) == MESSAGES


@on_loop
async def test_an_export_brings_what_is_new_the_next_time(terminal: Terminal, tmp_path: Path) -> None:
    await _fill(terminal, "alice@a.test")
    out = tmp_path / "out"
    await terminal.run(f"export alice@a.test {out}")
    async with open_stores(load_data(terminal.data)) as stores:
        mail = await stores.mail.mail(AccountId(1))
        body = b"Subject: four\r\n\r\n"
        await mail.deliver("INBOX", NewMessage(body, scan(body), frozenset({"Zeta"}), 1_700_000_009))
    await terminal.shows(
        f"""
        $ export alice@a.test {out}
        exported 1 message, 3 were there already
        """
    )
    assert len(mailbox.Maildir(out, create=False)) == 2


def test_a_mailbox_and_its_folder_name_each_other() -> None:
    for name in ("INBOX/Sub", "Sent", "a.b/c", "Müller & Söhne", "日本語/メール"):
        assert mailbox_of(Path(folder_of(name))) == name
    assert folder_of("INBOX") == ""
    assert mailbox_of(Path(".")) == ""
