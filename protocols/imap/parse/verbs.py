# SPDX-License-Identifier: GPL-3.0-or-later
"""Which parser reads which verb: the one place where a new verb is added."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

from protocols.imap import commands as c
from protocols.imap.lexer import Lexer
from protocols.imap.parse.any_state import bare, client_id
from protocols.imap.parse.append import append
from protocols.imap.parse.auth import (
    compress,
    create,
    enable,
    get_quota,
    get_quota_root,
    of_mailbox,
    rename,
    set_quota,
    status,
)
from protocols.imap.parse.fetch import fetch
from protocols.imap.parse.listing import list_mailboxes, lsub
from protocols.imap.parse.nonauth import authenticate, login
from protocols.imap.parse.search import search
from protocols.imap.parse.select import select, store, transfer, uid_expunge

Parser = Callable[[str, Lexer], c.Command]

UID_VERBS: dict[str, Parser] = {
    "COPY": transfer(c.Copy, uid=True),
    "EXPUNGE": uid_expunge,
    "FETCH": partial(fetch, uid=True),
    "MOVE": transfer(c.Move, uid=True),
    "SEARCH": partial(search, uid=True),
    "STORE": partial(store, uid=True),
}


def _uid(tag: str, lexer: Lexer) -> c.Command:
    """RFC 9051, 6.4.9."""
    lexer.space()
    return UID_VERBS[lexer.word(UID_VERBS, "a command that has a UID form")](tag, lexer)


WITH_MESSAGES = frozenset({"APPEND"})
"""Verbs whose literals are messages: they may be large."""

VERBS: dict[str, Parser] = {
    "APPEND": append,
    "AUTHENTICATE": authenticate,
    "CAPABILITY": bare(c.Capability),
    "CHECK": bare(c.Check),
    "CLOSE": bare(c.Close),
    "COMPRESS": compress,
    "COPY": transfer(c.Copy),
    "CREATE": create,
    "DELETE": of_mailbox(c.Delete),
    "ENABLE": enable,
    "EXAMINE": partial(select, read_only=True),
    "EXPUNGE": bare(c.Expunge),
    "FETCH": fetch,
    "GETQUOTA": get_quota,
    "GETQUOTAROOT": get_quota_root,
    "ID": client_id,
    "IDLE": bare(c.Idle),
    "LIST": list_mailboxes,
    "LOGIN": login,
    "LOGOUT": bare(c.Logout),
    "LSUB": lsub,
    "MOVE": transfer(c.Move),
    "NAMESPACE": bare(c.Namespace),
    "NOOP": bare(c.Noop),
    "RENAME": rename,
    "SEARCH": search,
    "SELECT": select,
    "SETQUOTA": set_quota,
    "STARTTLS": bare(c.StartTls),
    "STATUS": status,
    "STORE": store,
    "SUBSCRIBE": of_mailbox(c.Subscribe),
    "UID": _uid,
    "UNSELECT": bare(c.Unselect),
    "UNSUBSCRIBE": of_mailbox(c.Unsubscribe),
}
