# SPDX-License-Identifier: GPL-3.0-or-later
"""One message for one mailbox, before scripts decide what becomes of it."""

from __future__ import annotations

from collections.abc import Callable
from typing import NamedTuple

from ikserver.accounts.api import Deliver
from ikserver.delivery.bodies import Bodies
from ikserver.delivery.envelope import Recipient
from ikserver.delivery.filing import Filed, Incoming
from ikserver.model.activity import Event

Told = Callable[[Filed], tuple[Event, ...]]
"""What the activity log is told of a message that is filed: first of all what the address gets."""


class Letter(NamedTuple):
    """`filed` is what the spam filter says; `refusable`: whoever brought it waits for an answer about nobody else."""

    incoming: Incoming
    to: Deliver
    filed: Filed
    bodies: Bodies
    told: Told
    refusable: bool = False

    @property
    def recipient(self) -> Recipient:
        """Whom it was written to, of those that lead here the first."""
        return next(one for one in self.incoming.message.recipients if self.to in one.deliveries)

    @property
    def octets(self) -> bytes:
        """As the mailbox gets it; of a large one the beginning."""
        return self.with_fields(self.incoming.octets)

    def with_fields(self, octets: bytes) -> bytes:
        """As the mailbox gets what came."""
        at = self.incoming.message.return_path
        return octets[:at] + self.filed.fields + octets[at:]

    @property
    def prefix(self) -> int:
        """Octets of what only a mailbox of ours gets: the Return-Path and the fields of the filter."""
        octets = self.incoming.octets
        path = octets.index(b"\n") + 1 if octets[:12].lower() == b"return-path:" else 0
        return path + len(self.filed.fields)

    @property
    def is_whole(self) -> bool:
        return len(self.incoming.octets) == self.incoming.message.size
