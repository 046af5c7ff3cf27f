# SPDX-License-Identifier: GPL-3.0-or-later
"""What scripts want becomes what the store carries out: bodies, scans, and a word for the activity log on each."""

from __future__ import annotations

import re
from collections.abc import Awaitable, Callable, Iterator, Sequence
from concurrent.futures import Executor
from dataclasses import dataclass

from ikserver.accounts.names import canonical
from ikserver.delivery.mapped import read_mapped
from ikserver.delivery.scripts.collecting import INBOX, Sent, Stored
from ikserver.delivery.scripts.letter import Letter
from ikserver.delivery.scripts.running import Run
from ikserver.model.activity import Direction, Event, Status
from ikserver.model.mail import SYSTEM_FLAGS, Body, Flags, NewMessage, SpooledFile
from ikserver.model.scripts import Placed, Post
from protocols.message import Scan, scan, with_fields
from protocols.smtp.received import delivered_to
from sieve.actions import Action, Notify, Redirect, Reject, Store, Vacation

Onward = Callable[[str, str], Awaitable[str]]
_SYSTEM = {flag.lower(): flag for flag in SYSTEM_FLAGS}
_KEYWORD = re.compile(r'[^\x00-\x20\x7f-\U0010ffff()\\{%*"\]]+')
_STATUS = {Redirect: Status.REDIRECTED, Reject: Status.REJECTED, Action: Status.AUTO_REPLY}


@dataclass(frozen=True, slots=True)
class Deciding:
    """For one letter, after its scripts have run."""

    letter: Letter
    run: Run
    threads: Executor
    onward: Onward

    async def placed(self) -> list[Placed]:
        """What comes to mailboxes of the account."""
        return [await self._placed(stored) for stored in self.run.collecting.stored]

    async def posts(self) -> list[Post]:
        """What leaves it."""
        return [await self._post(sent) for sent in self.run.collecting.sent]

    def events(self) -> tuple[Event, ...]:
        """What is told to the log of the address, and to others as ever."""
        told = self.letter.told(self.letter.filed)
        return (*self._own(told[0]), *told[1:]) if told else ()

    def _own(self, first: Event) -> Iterator[Event]:
        """Each place that it came to and each letter that left; or that nothing is left of it."""
        kept = [stored for stored in self.run.collecting.stored if not isinstance(stored.action, Vacation | Notify)]
        for stored in kept:
            status = Status.FILED if isinstance(stored.action, Store) else self._kept
            yield first._replace(status=status, folder=stored.mailbox, rule=self.run.rule(stored.action))
        gone = first._replace(folder="")
        for sent in self.run.collecting.sent:
            status = next(status for kind, status in _STATUS.items() if isinstance(sent.action, kind))
            for to in sent.recipients:
                yield gone._replace(status=status, target=canonical(to), rule=self.run.rule(sent.action))
        passed_on = any(isinstance(sent.action, Redirect | Reject) for sent in self.run.collecting.sent)
        if not kept and not passed_on:
            why = (action for action in self.run.result.actions if not isinstance(action, Vacation | Notify))
            yield gone._replace(status=Status.DISCARDED, rule=self.run.rule(next(why, None)))

    @property
    def _kept(self) -> Status:
        return Status.RECEIVED if self.run.collecting.default == INBOX else Status.SPAM

    async def _placed(self, stored: Stored) -> Placed:
        letter, message = self.letter, self.letter.incoming.message
        if stored.octets == self.run.shown:
            body = await letter.bodies.for_mailbox(letter.filed.fields)
            scanned = with_fields(letter.incoming.scan, not message.return_path, letter.filed.fields)
        else:
            body = await self._changed(stored.octets, about_it=not isinstance(stored.action, Vacation | Notify))
            scanned = await self._scan(body)
        new = NewMessage(body, scanned, _flags(stored.flags), internal_date=int(message.seconds))
        return Placed(stored.mailbox, new, stored.create)

    async def _post(self, sent: Sent) -> Post:
        message, to, event = self.letter.incoming.message, self.letter.to, self._queued()
        if not isinstance(sent.action, Redirect):
            # Nobody hears what becomes of a letter about a letter.
            return Post(sent.sender, sent.recipients, sent.octets, event, to.address, message.smtputf8, notify="NEVER")
        # What only this mailbox gets stays here, and the next one knows whence it came.
        own = self.run.shown[: self.letter.prefix]
        octets = delivered_to(to.address) + sent.octets.replace(own, b"", 1)
        return Post(
            await self.onward(sent.sender, to.address) if sent.sender else "",
            sent.recipients,
            await self._changed(octets, about_it=True),
            event,
            "",
            message.smtputf8,
            message.tls,
            # RFC 6009, 5: what the script says, or else what the sender has wished for.
            sent.action.notify or self.letter.recipient.notify,
            self.letter.recipient.orcpt,
            sent.action.ret or message.ret,
            message.envid,
        )

    def _queued(self) -> Event | None:
        """Whoever it is for."""
        told = self.letter.told(self.letter.filed)
        if not told:
            return None
        by = self.letter.to.address
        return told[0]._replace(direction=Direction.SENT, status=Status.QUEUED, address=by, folder="")

    async def _changed(self, octets: bytes, *, about_it: bool) -> Body:
        """Other octets than the mailbox would get; of a large message scripts change the beginning only."""
        if self.run.whole or not about_it:
            return octets
        return await self.letter.bodies.behind(octets, len(self.letter.incoming.octets))

    async def _scan(self, body: Body) -> Scan:
        if isinstance(body, SpooledFile):
            return await read_mapped(body.path, self.threads, scan)
        return scan(body)


def _flags(flags: Sequence[str]) -> Flags:
    r"""Those that a mailbox can keep (RFC 9051, 2.3.2); scripts may name any, such as \Recent."""
    named = (_SYSTEM.get(flag.lower(), flag) for flag in flags)
    return frozenset(flag for flag in named if flag in SYSTEM_FLAGS or _KEYWORD.fullmatch(flag))
