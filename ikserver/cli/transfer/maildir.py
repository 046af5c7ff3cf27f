# SPDX-License-Identifier: GPL-3.0-or-later
"""Maildirs: a file a message, flags in its name, folders as Maildir++ (`.Sent.2025`) or as plain directories."""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping
from functools import partial
from pathlib import Path

from ikserver.cli.transfer.found import Found
from ikserver.cli.transfer.lines import read_lines
from ikserver.model.mail import ANSWERED, DELETED, DRAFT, FLAGGED, SEEN, Flags
from protocols.imap.mailbox_names import decode_name, encode_name

INFO = ":2,"
KEYWORDS = "dovecot-keywords"
FLAGS = {"D": DRAFT, "F": FLAGGED, "P": "$Forwarded", "R": ANSWERED, "S": SEEN, "T": DELETED}


def find_in_maildir(root: Path) -> Iterator[Found]:
    """The messages of a maildir and its folders, each folder's in the order of arrival."""
    for directory, below, _ in os.walk(root):
        is_maildir = "cur" in below
        below[:] = sorted(set(below) - {"cur", "new", "tmp"})
        if is_maildir:
            yield from _find_in_folder(Path(directory), Path(directory).relative_to(root))


def _find_in_folder(folder: Path, relative: Path) -> Iterator[Found]:
    mailbox = mailbox_of(relative)
    keywords = read_keywords(folder)
    files = [entry for part in ("new", "cur") if (folder / part).is_dir() for entry in os.scandir(folder / part)]
    files = [entry for entry in files if entry.is_file() and not entry.name.startswith(".")]
    for entry in sorted(files, key=lambda entry: (entry.stat().st_mtime, entry.name)):
        name, _, letters = entry.name.partition(INFO)
        yield Found(
            key=str(relative / name),
            mailbox=mailbox,
            flags=_flags(letters, keywords),
            arrived=int(entry.stat().st_mtime),
            lines=partial(read_lines, Path(entry.path), 0, entry.stat().st_size),
        )


def _flags(letters: str, keywords: Mapping[str, str]) -> Flags:
    named = {**keywords, **FLAGS}
    return frozenset(named[letter] for letter in letters if letter in named)


def read_keywords(folder: Path) -> dict[str, str]:
    """Keywords by the small letters that stand for them in file names, as Dovecot keeps them."""
    path = folder / KEYWORDS
    if not path.exists():
        return {}
    pairs = (line.split(" ", 1) for line in path.read_text(encoding="utf-8", errors="replace").splitlines())
    return {chr(ord("a") + int(pair[0])): pair[1] for pair in pairs if len(pair) == 2 and pair[0].isdecimal()}


def mailbox_of(relative: Path) -> str:
    """The mailbox of a folder: `.Sent.2025` and `Sent/2025` are Sent/2025; the maildir itself is ""."""
    levels: list[str] = []
    for part in relative.parts:
        levels += part[1:].split(".") if part.startswith(".") else [part]
    # A name of a file may be any octets; one of a mailbox is text.
    octets = (os.fsencode(level).decode("utf-8", "replace").encode() for level in levels if level)
    return "/".join(decode_name(level, utf8=False).replace("/", "_") for level in octets)


def folder_of(mailbox: str) -> str:
    """The Maildir++ folder of a mailbox, "" for INBOX. A dot within a name is written as modified UTF-7."""
    if mailbox == "INBOX":
        return ""
    levels = (encode_name(level, utf8=False).decode("ascii") for level in mailbox.split("/"))
    return "".join("." + level.replace(".", "&AC4-") for level in levels)
