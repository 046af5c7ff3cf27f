# SPDX-License-Identifier: GPL-3.0-or-later
"""Messages that the server itself writes, made ready for the queue."""

from __future__ import annotations

from ikserver.accounts.api import Elsewhere, Local, Route
from ikserver.store.api.queue import QueuedMessage, QueuedRecipient
from protocols.smtp.received import return_path


def posted(message: bytes, recipient: str, route: Route, author: str) -> list[QueuedMessage]:
    """For mailboxes of ours and for others; nothing when `route` leads nowhere. `author` is us.

    Both have the null sender, so whatever becomes of them nothing comes back (RFC 3461, 6.1).
    """
    if isinstance(route, Local):
        ours = [QueuedRecipient(to.address, account=to.account) for to in route.deliveries]
        others = [QueuedRecipient(to.address, "NEVER") for to in route.forwards]
    else:
        ours, others = [], [QueuedRecipient(recipient, "NEVER")] if isinstance(route, Elsewhere) else []
    found = []
    if ours:
        found.append(QueuedMessage("", ours, return_path("") + message, body_type="7BIT"))
    if others:
        found.append(QueuedMessage("", others, message, body_type="7BIT", submitter=author))
    return found
