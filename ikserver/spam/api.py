# SPDX-License-Identifier: GPL-3.0-or-later
"""What a spam filter is asked, and what it answers."""

from __future__ import annotations

from typing import NamedTuple, Protocol

from ikserver.model.spam import Household, Profile, Verdict
from protocols.message import Scan


class Examined(NamedTuple):
    """One message for one address. `octets` is its beginning where it is larger than a filter reads: `whole` tells.

    `profile` is that of the household where somebody has asked for it already.
    """

    household: Household
    octets: bytes
    scan: Scan
    whole: bool = True
    profile: Profile | None = None


class FilterDown(Exception):
    """No verdict can be had now; the text says why."""


class Filter(Protocol):
    """An engine that judges mail and can be taught."""

    async def judge(self, message: Examined) -> Verdict:
        """Raises FilterDown."""

    async def teach(self, message: Examined, spam: bool | None) -> None:
        """It is spam, or not; None: forget what was said of it. Raises FilterDown."""
