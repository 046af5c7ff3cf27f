# SPDX-License-Identifier: GPL-3.0-or-later
"""From a transaction to a message that delivery understands: trace fields in front, the rest as it was sent."""

from __future__ import annotations

import secrets
from collections.abc import Sequence
from dataclasses import dataclass, field

from ikserver.accounts.api import Forward
from ikserver.delivery.authentication.admission import TurnedAway
from ikserver.delivery.authentication.examination import Client
from ikserver.delivery.envelope import Arrived, Origin, Recipient
from ikserver.model.authentication import Authenticated
from ikserver.model.mail import Body
from ikserver.model.spam import Scanned, Verdict
from ikserver.model.tls import TlsWish
from ikserver.smtp.limits import SmtpBackend
from ikserver.smtp.role import Role
from ikserver.smtp.session import Session, Transaction
from protocols.message import Brief, brief
from protocols.smtp.received import MAX_HOPS, Hop, came_by, header_of, hops, received, return_path
from protocols.smtp.replies import FORWARDING_LOOP, LOOP, Refused

BRIEF_OCTETS = 64 * 1024


@dataclass(slots=True)
class Arrival:
    """One message while it comes in; `head` is what the spool puts in front of it."""

    role: Role
    backend: SmtpBackend
    session: Session
    transaction: Transaction
    id: str = field(default_factory=lambda: secrets.token_hex(8))
    seconds: float = field(init=False)
    authenticated: Authenticated | None = field(init=False, default=None)
    scanned: Scanned | None = field(init=False, default=None)
    verdict: Verdict | None = field(init=False, default=None)
    """Why the filter refused it."""
    rules: Sequence[str] = ()
    """What the script calls itself that refused it, by answer; "" for those that no script gave."""
    return_path: bytes = field(init=False)
    """Only for mailboxes of ours: b"" when there is none among the recipients."""
    head_size: int = 0
    """Octets of what `head` has put in front."""
    brief: Brief = field(default_factory=Brief)
    """What the beginning of the message tells."""

    def __post_init__(self) -> None:
        self.seconds = self.backend.clock()
        local = any(recipient.deliveries for recipient in self.transaction.recipients)
        self.return_path = return_path(self.transaction.sender) if local else b""

    def head(self, start: bytes) -> bytes:
        """Return-Path, Received, and what a submission lacks.

        `start` is the first octets of the message. Raises Refused when it has gone in circles.
        """
        completion = self.role.completion(start, self.backend.hostname, self.seconds)
        self.brief = brief(completion + start[:BRIEF_OCTETS])
        header = header_of(start)
        if hops(header) > MAX_HOPS:
            raise Refused(LOOP)
        if all(_came_by(header, recipient) for recipient in self.transaction.recipients):
            # With others among the recipients it is accepted, and comes back from the queue for these.
            raise Refused(FORWARDING_LOOP)
        head = self.return_path + received(self._hop()) + completion
        self.head_size = len(head)
        return head

    async def admitted(self, body: Body) -> Body:
        """The message as it goes on, examined where it comes from a stranger. Raises Refused, OSError: it is gone."""
        admission = self.backend.admission
        if admission is None:
            return body
        if self.role.authenticates:
            return await admission.clean(body, self.head_size)
        if not self.role.strangers:
            return body
        client = Client(self.session.peer, self.session.host_name, self.transaction.sender)
        recipients = [recipient.address for recipient in self.transaction.recipients]
        trace = self.head_size, len(self.return_path)
        try:
            body, self.authenticated = await admission.admit(self.id, client, recipients, body, *trace)
        except TurnedAway as refused:
            self.authenticated = refused.found
            raise
        return body

    def arrived(self, body: Body) -> Arrived:
        """The whole message; `body` has the head in front."""
        parameters = self.transaction.parameters
        return Arrived(
            id=self.id,
            sender=self.transaction.sender,
            recipients=self.transaction.recipients,
            body=body,
            return_path=len(self.return_path),
            seconds=self.seconds,
            release=parameters.release(self.seconds),
            hold=parameters.hold,
            ret=parameters.ret,
            envid=parameters.envid,
            # Binary parts were re-encoded: 8BITMIME is the most that is left.
            body_type="7BIT" if parameters.body == "7BIT" else "8BITMIME",
            smtputf8=parameters.smtputf8,
            tls=self._tls_wish(),
            authenticated=self.authenticated,
            scanned=self.scanned,
            origin=self.origin,
            brief=self.brief,
        )

    def _tls_wish(self) -> TlsWish:
        """RFC 8689, 4.1: the parameter goes before the header field."""
        if self.transaction.parameters.require_tls:
            return TlsWish.REQUIRED
        return TlsWish.NOT_REQUIRED if self.brief.tls_optional else TlsWish.USUAL

    @property
    def origin(self) -> Origin:
        """Who gives it to us."""
        login = self.session.login
        return Origin(self.session.peer, self.session.secure, login.address if login else "")

    def _hop(self) -> Hop:
        recipients = self.transaction.recipients
        return Hop(
            hello=self.session.host_name,
            peer=self.session.peer,
            host=self.backend.hostname,
            protocol=self._protocol(),
            id=self.id,
            recipient=recipients[0].address if len(recipients) == 1 else "",
            seconds=self.seconds,
        )

    def _protocol(self) -> str:
        """RFC 3848; RFC 6531, 4.3."""
        session, name = self.session, self.role.keyword
        if self.transaction.parameters.smtputf8:
            name = f"UTF8{name}"
        elif session.extended_smtp and name == "SMTP":
            name = "ESMTP"
        return name + "S" * session.secure + "A" * (session.login is not None)


def _came_by(header: bytes, recipient: Recipient) -> bool:
    """Whether one of the addresses that redirect it for this recipient has done so before."""
    return any(isinstance(to, Forward) and came_by(header, to.by) for to in recipient.elsewhere)
