# SPDX-License-Identifier: GPL-3.0-or-later
"""What a session offers at this moment (RFC 5804, 1.7)."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from ikserver.managesieve.session import Session
from protocols.managesieve.responses import capabilities
from protocols.sasl import MECHANISMS

NOTIFY_METHODS = "mailto"
LIST_SCHEMES = "urn"
"""Of the names that lists outside of scripts have (RFC 6134, 2.5)."""


def capability_lines(session: Session) -> bytes:
    """As lines of the wire."""
    return capabilities(_capabilities(session))


def mechanisms(session: Session) -> Sequence[str]:
    """None before TLS, where passwords must not be seen (RFC 5804, 5)."""
    if not session.may_login:
        return ()
    return [name for name in MECHANISMS if session.limits.scram or not name.startswith("SCRAM")]


def _capabilities(session: Session) -> Iterator[tuple[str, str | None]]:
    checker = session.backend.checker
    yield "IMPLEMENTATION", "ikserver"
    yield "SASL", " ".join(mechanisms(session))
    yield "SIEVE", " ".join(checker.extensions)
    if "enotify" in checker.extensions:
        yield "NOTIFY", NOTIFY_METHODS
    if "extlists" in checker.extensions:
        # RFC 6134, 2.8: must be told wherever the extension is there.
        yield "EXTLISTS", LIST_SCHEMES
    if session.wire.tls_offered and session.login is None:
        yield "STARTTLS", None
    yield "MAXREDIRECTS", str(checker.max_redirects)
    yield "LANGUAGE", "en"
    if session.login is not None:
        yield "OWNER", session.login.address
    yield "UNAUTHENTICATE", None
    yield "VERSION", "1.0"
