# SPDX-License-Identifier: GPL-3.0-or-later
"""Writes an account to a Maildir++, with flags, keywords, dates and subscriptions."""

from __future__ import annotations

import os
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from ikserver.cli.transfer.lines import PIECE
from ikserver.cli.transfer.maildir import FLAGS, INFO, KEYWORDS, folder_of, read_keywords
from ikserver.model.ids import BodyId
from ikserver.model.mail import Flags, Mailbox
from ikserver.store.api.mail import Mail, Opened

LETTERS = {flag: letter for letter, flag in FLAGS.items()}
MAX_KEYWORDS = 26
"""As many as there are small letters."""


@dataclass(frozen=True, slots=True)
class Export:
    """One run. What is in the maildir already is not written again; `step(n)` is called as n messages are done."""

    mail: Mail
    target: Path
    step: Callable[[int], None]

    async def run(self) -> int:
        """Export all mailboxes; returns how many messages were written. Raises OSError."""
        mailboxes = await self.mail.mailboxes()
        written = 0
        for mailbox in mailboxes:
            written += await self._export(mailbox)
        names = [folder_of(name).removeprefix(".") or "INBOX" for name in await self.mail.subscriptions()]
        (self.target / "subscriptions").write_text("".join(f"{name}\n" for name in names), encoding="utf-8")
        return written

    async def _export(self, mailbox: Mailbox) -> int:
        folder = _make_folder(self.target / folder_of(mailbox.name))
        opened = await self.mail.open(mailbox.name)
        try:
            return await self._export_to(folder, opened)
        finally:
            opened.close()

    async def _export_to(self, folder: Path, opened: Opened) -> int:
        columns = opened.columns
        there = {entry.name.partition(INFO)[0] for entry in os.scandir(folder / "cur")}
        letters = _Letters(folder)
        written = 0
        rows = zip(columns.uids, columns.dates, columns.flagsets, columns.bodies, strict=True)
        for uid, date, flagset, body in rows:
            name = f"{date}.V{opened.mailbox.uidvalidity}U{uid}.ikserver"
            if name not in there:
                file = folder / "tmp" / name
                await self._write(file, BodyId(body))
                os.utime(file, (date, date))
                file.rename(folder / "cur" / f"{name}{INFO}{letters.of(opened.flags(flagset))}")
                written += 1
            self.step(1)
        letters.save()
        return written

    async def _write(self, file: Path, body: BodyId) -> None:
        """A file of a maildir has lines that end in LF."""
        with file.open("wb") as target:
            rest = b""
            start = 0
            while octets := await self.mail.read(body, start, PIECE):
                start += len(octets)
                octets = rest + octets
                # A CR at the end waits for what comes after it.
                rest = b"\r" if octets.endswith(b"\r") else b""
                target.write(octets[: len(octets) - len(rest)].replace(b"\r\n", b"\n"))
            target.write(rest)


class _Letters:
    """The letters of a folder's file names: Maildir's own, and small ones for keywords as Dovecot gives them."""

    def __init__(self, folder: Path) -> None:
        self._path = folder / KEYWORDS
        self._letters = {keyword: letter for letter, keyword in read_keywords(folder).items()}

    def of(self, flags: Flags) -> str:
        """In alphabetical order, as Maildir asks. Keywords beyond the 26th have no letter."""
        for keyword in sorted(flag for flag in flags if not flag.startswith("\\") and flag not in LETTERS):
            if keyword not in self._letters and len(self._letters) < MAX_KEYWORDS:
                self._letters[keyword] = chr(ord("a") + len(self._letters))
        known = {**LETTERS, **self._letters}
        return "".join(sorted(known[flag] for flag in flags if flag in known))

    def save(self) -> None:
        if self._letters:
            lines = (f"{ord(letter) - ord('a')} {keyword}\n" for keyword, letter in self._letters.items())
            self._path.write_text("".join(lines), encoding="utf-8")


def _make_folder(folder: Path) -> Path:
    for part in ("cur", "new", "tmp"):
        (folder / part).mkdir(mode=0o700, parents=True, exist_ok=True)
    if folder.name.startswith("."):
        # Maildir++ marks a folder so, that nobody takes it for a maildir of its own.
        (folder / "maildirfolder").touch()
    return folder
