# SPDX-License-Identifier: GPL-3.0-or-later
"""What a spam filter is asked, and what it answers."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol

from ikserver.model.spam import Household, Verdict
from protocols.message import Scan


@dataclass(frozen=True, slots=True)
class Examined:
    """One message for one address. `octets` is its beginning where it is larger than a filter reads: `whole` tells."""

    household: Household
    octets: bytes
    scan: Scan
    whole: bool = True


class FilterDown(Exception):
    """No verdict can be had now; the text says why."""


class Filter(Protocol):
    """An engine that judges mail and can be taught."""

    async def judge(self, message: Examined) -> Verdict:
        """Raises FilterDown."""

    async def teach(self, message: Examined, spam: bool | None) -> None:
        """It is spam, or not; None: forget what was said of it. Raises FilterDown."""
