# SPDX-License-Identifier: GPL-3.0-or-later
"""Our Authentication-Results field (RFC 8601)."""

from __future__ import annotations

from collections.abc import Iterator

from ikserver.model.authentication import Authenticated, Result
from protocols.authres import Finding, field


def results_field(server: str, peer: str, sender: str, found: Authenticated) -> bytes:
    """The whole field, CRLF included. `server` is our authserv-id, `sender` that of MAIL FROM."""
    return field(server, list(_findings(peer, sender, found)))


def _findings(peer: str, sender: str, found: Authenticated) -> Iterator[Finding]:
    """RFC 8601, 2.7; RFC 7489, 11.2; RFC 8617, 10.2."""
    if sender:
        mail_from = sender if sender.isascii() else found.spf.domain
        yield Finding("spf", found.spf.result.value, [("smtp.mailfrom", mail_from)])
    yield Finding("spf", found.helo.result.value, [("smtp.helo", found.helo.domain)])
    for one in found.dkim:
        told = [("header.d", one.domain), ("header.s", one.selector), ("header.a", one.algorithm)]
        yield Finding("dkim", one.result.value, [*told, ("header.b", one.start)], one.reason)
    if not found.dkim:
        yield Finding("dkim", Result.NONE.value)
    asked = found.dmarc.asked.value if found.dmarc.result is Result.FAIL else ""
    author = [("policy.dmarc", asked), ("header.from", found.dmarc.domain)]
    yield Finding("dmarc", found.dmarc.result.value, author, found.dmarc.reason)
    if found.arc.result is not Result.NONE:
        yield Finding("arc", found.arc.result.value, [("smtp.remote-ip", peer)], found.arc.reason)
    yield Finding("iprev", found.iprev.result.value, [("policy.iprev", peer)])
