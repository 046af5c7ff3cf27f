# SPDX-License-Identifier: GPL-3.0-or-later
"""A message that was found in a maildir or mbox and is still to be read."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass

from ikserver.model.mail import Flags


@dataclass(frozen=True, slots=True)
class Found:
    """`key` names the message within its source, also the next time; `mailbox` is below the one imported into.

    `arrived` is in seconds since the epoch, None when the source does not say. `lines` reads it in pieces that end
    at line ends (or are parts of one very long line).
    """

    key: str
    mailbox: str
    flags: Flags
    arrived: int | None
    lines: Callable[[], Iterator[bytes]]
