# SPDX-License-Identifier: GPL-3.0-or-later
"""Our own people may write to so many recipients a day (LIM-01): asked at each RCPT, counted with the whole message."""

from __future__ import annotations

from ikserver.accounts.api import Login
from ikserver.outbound.allowance import Allowance, OverLimit
from ikserver.smtp.role import RecipientRefused
from protocols.smtp.replies import Refused, sending_limit


async def check(allowance: Allowance | None, login: Login | None, recipients: int) -> None:
    """Raises RecipientRefused."""
    if allowance is None or login is None:
        return
    try:
        await allowance.check(login.account, recipients)
    except OverLimit as over:
        raise RecipientRefused(sending_limit(str(over))) from over


async def take(allowance: Allowance | None, login: Login | None, recipients: int) -> None:
    """Raises Refused: other sessions may have been quicker."""
    if allowance is None or login is None:
        return
    try:
        await allowance.take(login.account, recipients)
    except OverLimit as over:
        raise Refused(sending_limit(str(over))) from over
