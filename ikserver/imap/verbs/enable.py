# SPDX-License-Identifier: GPL-3.0-or-later
"""ENABLE (RFC 9051, 6.3.1; RFC 7162, 3.2.3), and what else switches CONDSTORE on."""

from __future__ import annotations

from ikserver.imap.reply import Ok
from ikserver.imap.session import Enabled, Session
from protocols.imap import codes, responses
from protocols.imap.commands import Enable

KNOWN = {
    "IMAP4REV2": Enabled.REV2,
    "CONDSTORE": Enabled.CONDSTORE,
    # RFC 7162, 3.2.3: who enables QRESYNC enables CONDSTORE.
    "QRESYNC": Enabled.QRESYNC | Enabled.CONDSTORE,
}
SPELLED = {"IMAP4REV2": "IMAP4rev2"}


async def enable(session: Session, command: Enable) -> Ok:
    """Names that are not known are passed over (RFC 5161, 3.1)."""
    names = [name for name in dict.fromkeys(command.capabilities) if name in KNOWN]
    newly = [name for name in names if KNOWN[name] not in session.enabled]
    for name in newly:
        if name != "IMAP4REV2":
            enable_condstore(session)
        session.enabled |= KNOWN[name]
    if session.rev2:
        session.host.utf8_enabled()
    session.send(responses.enabled(SPELLED.get(name, name) for name in newly))
    return Ok("ENABLE completed")


def enable_condstore(session: Session) -> None:
    """A CONDSTORE enabling command. The first tells HIGHESTMODSEQ of an open mailbox (RFC 7162, 3.1)."""
    if session.condstore:
        return
    session.enabled |= Enabled.CONDSTORE
    if session.view is not None:
        modseq = session.view.opened.mailbox.highest_modseq
        session.untagged("mod-sequences are told from here on", codes.highest_modseq(modseq))
