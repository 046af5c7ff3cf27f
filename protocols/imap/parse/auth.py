# SPDX-License-Identifier: GPL-3.0-or-later
"""Commands after login that need no mailbox open (RFC 9051, 6.3; RFC 9208, 4.1; RFC 4978, 3)."""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeVar

from protocols.imap.commands import Compress, Create, Enable, GetQuota, GetQuotaRoot, Rename, SetQuota, Status
from protocols.imap.lexer import LARGEST_NUMBER64, Lexer

T = TypeVar("T")

STATUS_ITEMS = frozenset(
    {
        "MESSAGES",
        "UIDNEXT",
        "UIDVALIDITY",
        "UNSEEN",
        "DELETED",
        "SIZE",
        "RECENT",  # RFC 3501, 6.3.10
        "HIGHESTMODSEQ",  # RFC 7162, 3.1.2.1
        "DELETED-STORAGE",  # RFC 9208, 4.1.4
        "APPENDLIMIT",  # RFC 7889, 3.1
    }
)


def of_mailbox(command: Callable[[str, str], T]) -> Callable[[str, Lexer], T]:
    """The parser of a command whose only argument is a mailbox name."""

    def parse(tag: str, lexer: Lexer) -> T:
        lexer.space()
        return command(tag, lexer.mailbox())

    return parse


def enable(tag: str, lexer: Lexer) -> Enable:
    """RFC 9051, 6.3.1."""
    lexer.space()
    names = [lexer.atom("a capability")]
    while lexer.skip(b" "):
        names.append(lexer.atom("a capability"))
    return Enable(tag, tuple(names))


def create(tag: str, lexer: Lexer) -> Create:
    """RFC 9051, 6.3.4, with the USE parameter of RFC 6154, 3."""
    lexer.space()
    mailbox = lexer.mailbox()
    if not lexer.skip(b" "):
        return Create(tag, mailbox)
    lexer.expect(b"(")
    lexer.word(("USE",))
    lexer.space()
    special_use = lexer.list_of(lexer.flag, may_be_empty=True)
    lexer.expect(b")")
    return Create(tag, mailbox, special_use)


def rename(tag: str, lexer: Lexer) -> Rename:
    """RFC 9051, 6.3.6."""
    lexer.space()
    mailbox = lexer.mailbox()
    lexer.space()
    return Rename(tag, mailbox, lexer.mailbox())


def status(tag: str, lexer: Lexer) -> Status:
    """RFC 9051, 6.3.11."""
    lexer.space()
    mailbox = lexer.mailbox()
    lexer.space()
    return Status(tag, mailbox, status_items(lexer))


def status_items(lexer: Lexer) -> tuple[str, ...]:
    """The list of items, also of LIST (RFC 5819, 2)."""
    return lexer.list_of(lambda: lexer.word(STATUS_ITEMS, "a known status item"))


def get_quota(tag: str, lexer: Lexer) -> GetQuota:
    """RFC 9208, 4.1.1."""
    lexer.space()
    return GetQuota(tag, lexer.text("a quota root"))


def get_quota_root(tag: str, lexer: Lexer) -> GetQuotaRoot:
    """RFC 9208, 4.1.2."""
    lexer.space()
    return GetQuotaRoot(tag, lexer.mailbox())


def set_quota(tag: str, lexer: Lexer) -> SetQuota:
    """RFC 9208, 4.1.3."""
    lexer.space()
    root = lexer.text("a quota root")
    lexer.space()

    def limit() -> tuple[str, int]:
        resource = lexer.atom("a quota resource")
        lexer.space()
        return resource, lexer.number("a limit", LARGEST_NUMBER64)

    return SetQuota(tag, root, lexer.list_of(limit, may_be_empty=True))


def compress(tag: str, lexer: Lexer) -> Compress:
    """RFC 4978, 3."""
    lexer.space()
    return Compress(tag, lexer.atom("a compression algorithm"))
