# SPDX-License-Identifier: GPL-3.0-or-later
"""Every command has its verb, and every verb its states."""

from __future__ import annotations

from typing import get_args

import pytest

from ikserver.imap import dispatch
from ikserver.imap.errors import WrongState
from ikserver.imap.session import State
from protocols.imap import commands as c

STATES = (State.NOT_AUTHENTICATED, State.AUTHENTICATED, State.SELECTED)


def test_every_command_has_a_verb() -> None:
    assert dispatch.VERBS.keys() == set(get_args(c.Command))


@pytest.mark.parametrize("command", get_args(c.Command), ids=lambda command: command.__name__)
def test_a_command_is_refused_in_the_states_it_is_not_for(command: type[c.Command]) -> None:
    allowed = []
    for state in STATES:
        try:
            dispatch.check_state(state, command)
        except WrongState:
            continue
        allowed.append(state)
    groups = {
        STATES: dispatch.ANY_STATE,
        STATES[:1]: dispatch.BEFORE_LOGIN,
        STATES[1:]: dispatch.AFTER_LOGIN,
        STATES[2:]: dispatch.WITH_MAILBOX,
    }
    assert command in groups[tuple(allowed)]
