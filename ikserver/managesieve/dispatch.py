# SPDX-License-Identifier: GPL-3.0-or-later
"""Which verb answers which command, and in which states: the one place where a new verb is added."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import Any

from ikserver.managesieve.errors import WrongState
from ikserver.managesieve.reply import Ok
from ikserver.managesieve.session import Session
from ikserver.managesieve.verbs import connection, login, scripts
from protocols.managesieve import commands as c

Verb = Callable[[Session, Any], Awaitable[Ok]]
"""Sends data and comes to the OK."""

# RFC 5804, 4: command-any, command-nonauth and command-auth.
ANY_STATE: dict[type[c.Command], Verb] = {
    c.Capability: connection.capability,
    c.Logout: connection.logout,
    c.Noop: connection.noop,
}
BEFORE_LOGIN: dict[type[c.Command], Verb] = {
    c.Authenticate: login.authenticate,
    c.StartTls: connection.start_tls,
}
AFTER_LOGIN: dict[type[c.Command], Verb] = {
    c.CheckScript: scripts.check_script,
    c.DeleteScript: scripts.delete_script,
    c.GetScript: scripts.get_script,
    c.HaveSpace: scripts.have_space,
    c.ListScripts: scripts.list_scripts,
    c.PutScript: scripts.put_script,
    c.RenameScript: scripts.rename_script,
    c.SetActive: scripts.set_active,
    c.Unauthenticate: connection.unauthenticate,
}
VERBS = ANY_STATE | BEFORE_LOGIN | AFTER_LOGIN


async def run(session: Session, command: c.Command) -> Ok:
    """Answer a command. Raises what becomes its refusal."""
    if type(command) in BEFORE_LOGIN and session.login is not None:
        raise WrongState("you are logged in already")
    if type(command) in AFTER_LOGIN and session.login is None:
        raise WrongState("log in first")
    return await VERBS[type(command)](session, command)
