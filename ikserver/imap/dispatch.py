# SPDX-License-Identifier: GPL-3.0-or-later
"""Which verb answers which command, and in which states: the one place where a new verb is added."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import Any

from ikserver.imap.errors import WrongState
from ikserver.imap.reply import Ok
from ikserver.imap.session import Session, State
from ikserver.imap.verbs import (
    append,
    client,
    connection,
    copy,
    enable,
    expunge,
    fetch,
    idle,
    listing,
    login,
    mailboxes,
    quota,
    search,
    select,
    status,
    store,
)
from protocols.imap import commands as c

Verb = Callable[[Session, Any], Awaitable[Ok | None]]
"""Sends untagged answers and comes to the tagged OK, or to None when it has sent that itself or it comes later."""

ANY_STATE: dict[type[c.Command], Verb] = {
    c.Capability: client.capability,
    c.Id: client.client_id,
    c.Logout: client.logout,
    c.Noop: client.noop,
}
BEFORE_LOGIN: dict[type[c.Command], Verb] = {
    c.Authenticate: login.authenticate,
    c.Login: login.login,
    c.StartTls: connection.start_tls,
}
AFTER_LOGIN: dict[type[c.Command], Verb] = {
    c.Append: append.append,
    c.Compress: connection.compress,
    c.Create: mailboxes.create,
    c.Delete: mailboxes.delete,
    c.Enable: enable.enable,
    c.GetQuota: quota.get_quota,
    c.GetQuotaRoot: quota.get_quota_root,
    c.Idle: idle.idle,
    c.List: listing.list_mailboxes,
    c.Lsub: listing.lsub,
    c.Namespace: listing.namespace,
    c.Rename: mailboxes.rename,
    c.Select: select.select,
    c.SetQuota: quota.set_quota,
    c.Status: status.status,
    c.Subscribe: mailboxes.subscribe,
    c.Unsubscribe: mailboxes.unsubscribe,
}
WITH_MAILBOX: dict[type[c.Command], Verb] = {
    c.Check: client.check,
    c.Close: select.close,
    c.Copy: copy.copy,
    c.Expunge: expunge.expunge,
    c.Fetch: fetch.fetch,
    c.Move: copy.move,
    c.Search: search.search,
    c.Store: store.store,
    c.Unselect: select.unselect,
}
VERBS = ANY_STATE | BEFORE_LOGIN | AFTER_LOGIN | WITH_MAILBOX


async def run(session: Session, command: c.Command) -> Ok | None:
    """Answer a command. Raises what becomes its refusal."""
    check_state(session.state, type(command))
    return await VERBS[type(command)](session, command)


def check_state(state: State, command: type[c.Command]) -> None:
    """RFC 9051, 3: raises WrongState where the command is not valid in this state."""
    if command in BEFORE_LOGIN and state is not State.NOT_AUTHENTICATED:
        raise WrongState("you are logged in already")
    if command in AFTER_LOGIN and state is State.NOT_AUTHENTICATED:
        raise WrongState("log in first")
    if command in WITH_MAILBOX and state is not State.SELECTED:
        raise WrongState("select a mailbox first" if state is State.AUTHENTICATED else "log in first")


def allows_expunge(command: c.Command) -> bool:
    """RFC 9051, 7.5.1: no EXPUNGE in answers to FETCH, STORE and SEARCH; their UID forms may have them."""
    match command:
        case c.Fetch(uid=uid) | c.Store(uid=uid) | c.Search(uid=uid):
            return uid
        case _:
            return True
