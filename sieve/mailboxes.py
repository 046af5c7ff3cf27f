# SPDX-License-Identifier: GPL-3.0-or-later
"""Which mailbox is meant: by its name, by what it is for (RFC 6154), by its identifier (RFC 8474)."""

from __future__ import annotations

import re

from sieve.services import Mailboxes

INBOX = "INBOX"
_LONGEST_NAME = 1_000
_USE = re.compile(r'\\[^\x00-\x20\x7f-\U0010ffff(){%*"\\\]]+')
_USES_ENTRY = "/private/specialuse"


def wrong_name(mailbox: str) -> str | None:
    """Why no mailbox has this name, None where one may have it (RFC 9051, 5.1)."""
    if not mailbox:
        return "a mailbox has a name"
    if len(mailbox) > _LONGEST_NAME:
        return f"the name of a mailbox has at most {_LONGEST_NAME} characters"
    if any(character < " " or "\x7f" <= character < "\xa0" for character in mailbox):
        return "the name of a mailbox has no control characters"
    if any("\ud800" <= character <= "\udfff" for character in mailbox):
        return "the name of a mailbox is text in UTF-8"
    return None


def wrong_use(use: str | None) -> str | None:
    """Why no mailbox is for this (RFC 6154, 6), None where one may be."""
    return None if use is None or _USE.fullmatch(use) else f"{use!r} is no special use"


def has_use(mailboxes: Mailboxes, mailbox: str, use: str) -> bool:
    """Has it this use, be it the only one or not? The annotation of RFC 6154, 4 names all uses of a mailbox."""
    found = mailboxes.special_use(use)
    if found is None:
        return False
    uses = mailboxes.metadata(mailbox, _USES_ENTRY) or ""
    return canonical(found) == canonical(mailbox) or use.lower() in uses.lower().split()


def takes_mail(mailboxes: Mailboxes, mailbox: str | None) -> bool:
    """Is it there, and may mail be stored in it (RFC 5490, 3.1)?"""
    return mailbox is not None and mailboxes.exists(mailbox)


def canonical(mailbox: str) -> str:
    """INBOX is the same in any case (RFC 9051, 5.1)."""
    return INBOX if mailbox.upper() == INBOX else mailbox
