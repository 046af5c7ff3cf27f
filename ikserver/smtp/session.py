# SPDX-License-Identifier: GPL-3.0-or-later
"""What is known of the client and of the message that is under way. aiosmtpd calls them session and envelope."""

from __future__ import annotations

import secrets
from dataclasses import dataclass, field

from ikserver.accounts.api import Login
from ikserver.delivery.envelope import Recipient
from ikserver.smtp.intake import Intake
from protocols.smtp.parameters import MailParameters

_NONE = MailParameters()


@dataclass(slots=True)
class Session:
    """One connection, forgotten and begun anew by STARTTLS (RFC 3207, 4.2). `peer` is the client's IP address.

    `host_name` and `extended_smtp` have aiosmtpd's names: "" before the client said hello.
    """

    peer: str
    secure: bool
    id: str = field(default_factory=lambda: secrets.token_hex(4))
    host_name: str = ""
    extended_smtp: bool = False
    login: Login | None = None


@dataclass(slots=True)
class Transaction:
    """From MAIL to the end of the body (RFC 5321, 3.3). `sender` is "" for the null path, once MAIL has `begun` it."""

    begun: bool = False
    sender: str = ""
    parameters: MailParameters = _NONE
    recipients: list[Recipient] = field(default_factory=list)
    intake: Intake | None = None
