# SPDX-License-Identifier: GPL-3.0-or-later
"""The wire side of IMAP4rev1 and IMAP4rev2, without I/O: octets in, commands out; facts in, responses out.

Read `commands.py` first (what a client can say), then `receiver.py` (how its octets become that), `parse/verbs.py` (the
grammar), and `responses.py`. Nothing here knows a mailbox's state: numbers stay as the client wrote them until
`numbers.py` holds them against one. Whatever arrives, in whatever pieces, `Receiver` gives an event and never raises.
"""
