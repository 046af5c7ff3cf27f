# SPDX-License-Identifier: GPL-3.0-or-later
"""What scripts see of a message and its address."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from typing import NamedTuple

from ikserver.delivery.scripts.letter import Letter
from ikserver.delivery.scripts.message import Beginning
from ikserver.delivery.scripts.owners import Owners
from ikserver.delivery.scripts.services import Folders, Memory, Moment
from ikserver.model.mail import SpooledFile
from ikserver.store.api.mail import Mail
from sieve import Delivery, Envelope, Message, Services, Settings


class Stage(NamedTuple):
    """Where the scripts of one account run. `seen` and `answered` are what duplicate and vacation remember."""

    letter: Letter
    envelope: Envelope
    environment: Mapping[str, str]
    settings: Settings
    folders: Folders
    seen: Memory
    answered: Memory
    now: float

    def delivery(self, *, whole: bool) -> Delivery:
        """With the whole message, or at least its beginning. Blocks."""
        services = Services(self.folders, duplicates=self.seen, responses=self.answered, clock=Moment(self.now))
        return Delivery(self._message(whole), self.envelope, self.environment, services, self.settings)

    def _message(self, whole: bool) -> Message:
        letter, body = self.letter, self.letter.incoming.message.body
        if letter.is_whole or not isinstance(body, SpooledFile):
            return Message(letter.octets)
        if whole:
            return Message(letter.with_fields(body.path.read_bytes()))
        return Beginning(letter.octets, body.size + len(letter.filed.fields))


@dataclass(frozen=True, slots=True)
class Staging:
    """`settings` are what an operator allows; `environment` what tests of RFC 5183 find."""

    owners: Owners
    settings: Settings
    environment: Mapping[str, str]
    clock: Callable[[], float]

    async def set(self, letter: Letter, mail: Mail) -> Stage:
        """Everything that has to be asked for before."""
        now, to, loop = self.clock(), letter.to, asyncio.get_running_loop()
        names = await self.owners.of(to.account, to.address)
        seen, answered = (Memory(kind, mail.decisions.remembered, int(now), loop) for kind in ("seen", "answered"))
        return Stage(
            letter,
            _envelope(letter),
            {**self.environment, "remote-ip": letter.incoming.message.origin.peer},
            replace(self.settings, user_email=to.address, may_write_as=names),
            Folders(await mail.mailboxes()),
            seen,
            answered,
            now,
        )


def _envelope(letter: Letter) -> Envelope:
    message, recipient = letter.incoming.message, letter.recipient
    return Envelope(
        message.sender or None,
        recipient.address,
        recipient.address,
        message.origin.submitter or None,
        recipient.notify or None,
        recipient.orcpt or None,
        message.ret or None,
        message.envid or None,
    )
