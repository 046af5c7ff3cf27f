# SPDX-License-Identifier: GPL-3.0-or-later
"""IMAP conversations: IMAP4rev1, IMAP4rev2 after ENABLE, and their extensions. Read conversation.py first.

    conversation.py   what arrives and what is heard of others; when a client has to leave
    answers.py        commands, one after the other, each with its answers, its news and its tagged reply
    dispatch.py       which verb answers which command, and in which state
    session.py        what is known of one client: login, selected mailbox, what it enabled
    view.py           what the client believes of the selected mailbox: its numbering, what it was told
    verbs/            one module a verb or family
    fetching/         FETCH as columns: plan the items once, then render rows in batches

Nothing here touches a socket: `wire.Wire` is what a session writes to, made by ikserver/listeners/imap.py. A session
costs no task while nothing is to be done: IDLE is a state, and news is written from the hint that brings it.
"""
