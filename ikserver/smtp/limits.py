# SPDX-License-Identifier: GPL-3.0-or-later
"""What a conversation may use, and whom it turns to."""

from __future__ import annotations

import time
from collections.abc import Callable
from concurrent.futures import Executor
from dataclasses import dataclass
from pathlib import Path

from ikserver.accounts.api import Authenticator, LiveLogins, Router
from ikserver.activity.journal import Journal
from ikserver.delivery.authentication.admission import Admission
from ikserver.delivery.inbound import Inbound
from ikserver.delivery.scanning import Scanning
from ikserver.delivery.spamrefusal import SpamRefusal
from ikserver.outbound.allowance import Allowance


@dataclass(frozen=True, slots=True)
class SmtpLimits:
    """Octets and seconds. Errors are refusals of any command but RCPT, counted anew after an accepted message."""

    message_size: int = 201_000_000
    memory: int = 256 * 1024
    recipients: int = 1_000
    errors: int = 10
    refused_recipients: int = 50
    idle: float = 300.0
    session: float = 3_600.0
    tarpit: float = 0.1
    failed_login_delay: float = 2.0
    hold: int = 2_592_000
    """So long a message may wait before it goes (RFC 4865, 3)."""
    held_size: int = 1_000_000_000
    """So much of one address may wait that way; 0 is without limit."""
    scram: bool = True
    """Offer SCRAM-SHA-256 beside PLAIN and LOGIN."""
    normalise_line_ends: bool = False
    """Repair bare CR and LF and drop NUL instead of refusing the message."""


@dataclass(frozen=True, slots=True)
class SmtpBackend:
    """Whom a conversation asks. `spool` is a folder on the file system of the mail store.

    `domain` is where mail for a bare <Postmaster> goes (RFC 5321, 4.5.1).
    """

    hostname: str
    domain: str
    router: Router
    authenticator: Authenticator
    logins: LiveLogins
    inbound: Inbound
    spool: Path
    threads: Executor
    admission: Admission | None = None
    """Examines the mail of strangers; None: nobody asks where it comes from."""
    scanning: Scanning | None = None
    """Looks for malware; None: nobody does."""
    allowance: Allowance | None = None
    """How much people may send; None: as much as they like."""
    spam_refusal: SpamRefusal | None = None
    """Looks at what strangers send to addresses without a mailbox; None: all of it goes on."""
    journal: Journal | None = None
    """Where it is noted what is refused."""
    clock: Callable[[], float] = time.time
