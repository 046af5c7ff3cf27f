# SPDX-License-Identifier: GPL-3.0-or-later
"""A message gets into one mailbox of ours: into the folder that the filter says, or as scripts decide."""

from __future__ import annotations

import logging
from dataclasses import dataclass

from ikserver.delivery.scripts.letter import Letter
from ikserver.delivery.scripts.scripting import Scripting
from ikserver.model.mail import NewMessage
from ikserver.store.api.errors import CannotChange
from ikserver.store.api.mail import Mail, MailStore
from protocols.message import with_fields

logger = logging.getLogger("ikserver.delivery")


@dataclass(frozen=True, slots=True)
class Placing:
    """Without `scripting` nobody has scripts."""

    mail: MailStore
    scripting: Scripting | None = None

    async def put(self, letter: Letter) -> None:
        """Durable on return. Raises what makes the message wait, and ScriptRefused."""
        mail = await self.mail.mail(letter.to.account)
        if self.scripting is not None:
            chain = await self.scripting.library.of(letter.to.account, mail)
            if chain is not None:
                try:
                    return await self.scripting.deliver(letter, chain, mail)
                except CannotChange as error:
                    # A script wants a folder or a flag that cannot be: mail is not held up by that.
                    fields = {"id": letter.incoming.message.id, "account": letter.to.account, "problem": str(error)}
                    logger.warning("script-failed", extra={"fields": fields})
        await self._file(letter, mail)

    async def _file(self, letter: Letter, mail: Mail) -> None:
        message, filed = letter.incoming.message, letter.filed
        body = await letter.bodies.for_mailbox(filed.fields)
        scan = with_fields(letter.incoming.scan, not message.return_path, filed.fields)
        events = letter.told(filed)
        new = NewMessage(body, scan, internal_date=int(message.seconds), events=events)
        await mail.deliver(filed.folder, new)
