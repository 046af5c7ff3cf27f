# SPDX-License-Identifier: GPL-3.0-or-later
"""What the server says it can (RFC 9051, 6.1.1). It depends on the state and on what protects the connection."""

from __future__ import annotations

from ikserver.imap.session import Session

ALWAYS = ("IMAP4rev1", "IMAP4rev2", "LITERAL+", "SASL-IR", "ID", "ENABLE")
AFTER_LOGIN = (
    "IDLE",
    "NAMESPACE",
    "CHILDREN",
    "LIST-EXTENDED",
    "LIST-STATUS",
    "SPECIAL-USE",
    "CREATE-SPECIAL-USE",
    "UIDPLUS",
    "UNSELECT",
    "MOVE",
    "CONDSTORE",
    "QRESYNC",
    "ESEARCH",
    "SEARCHRES",
    "WITHIN",
    "STATUS=SIZE",
    "MULTIAPPEND",
    "BINARY",
    "QUOTA",
    "QUOTA=RES-STORAGE",
    "QUOTA=RES-MESSAGE",
)


def capabilities(session: Session) -> list[str]:
    """Names for this client at this moment."""
    names = [*ALWAYS]
    if session.login is None:
        return names + before_login(session)
    names += AFTER_LOGIN
    names.append(f"APPENDLIMIT={session.limits.message_size}")
    if not session.wire.compressed:
        names.append("COMPRESS=DEFLATE")
    return names


def before_login(session: Session) -> list[str]:
    """STARTTLS, LOGINDISABLED and the mechanisms (RFC 9051, 6.2.1 to 6.2.3)."""
    names = ["STARTTLS"] if session.wire.tls_offered else []
    if not session.may_login:
        return [*names, "LOGINDISABLED"]
    if session.limits.scram:
        names.append("AUTH=SCRAM-SHA-256")
    return [*names, "AUTH=PLAIN", "AUTH=LOGIN"]
