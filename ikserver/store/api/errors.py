# SPDX-License-Identifier: GPL-3.0-or-later
"""What a store refuses. The conversations map these to their replies in one table each."""

from __future__ import annotations


class StoreError(Exception):
    """Base of all refusals; the text may be shown to the user."""


class NoSuchMailbox(StoreError):
    """There is no mailbox of that name or number."""


class MailboxExists(StoreError):
    """The new name is taken."""


class CannotChange(StoreError):
    """INBOX cannot be deleted; a mailbox cannot move below itself; a name is not allowed."""


class OverQuota(StoreError):
    """The account has no room for the message (RFC 9208, 4.3)."""


class NoRoom(StoreError):
    """The disk is full. Nothing of what was asked for is kept; it may be asked for again when there is room."""


class NoSuchAccount(StoreError):
    """There is no such account."""


class Exists(StoreError):
    """A row of the directory with that name is there already."""


class NotFound(StoreError):
    """A row of the directory is not there."""


class InUse(StoreError):
    """A row of the directory cannot go while others need it."""


class NoSuchScript(StoreError):
    """There is no script of that name."""


class ScriptExists(StoreError):
    """There is a script of the new name already."""


class ScriptActive(StoreError):
    """The active script cannot be deleted (RFC 5804, 2.10)."""


class TooManyScripts(StoreError):
    """There are as many scripts as there may be (RFC 5804, 1.3: QUOTA/MAXSCRIPTS)."""


class ScriptTooLarge(StoreError):
    """A script, or all together, would be larger than they may be (RFC 5804, 1.3: QUOTA/MAXSIZE)."""


class StoreBroken(StoreError):
    """The data directory is damaged, from a newer version, or not readable; the text says what to do."""
