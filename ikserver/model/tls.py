# SPDX-License-Identifier: GPL-3.0-or-later
"""What the sender of a message asks of the connections that it goes over."""

from __future__ import annotations

from enum import Enum


class TlsWish(Enum):
    """`REQUIRED` by REQUIRETLS: rather not at all than in the clear. `NOT_REQUIRED` by `TLS-Required: No`: whatever the
    domain of the recipient demands, such as mail about its certificate that has expired (RFC 8689, 2 and 3)."""

    USUAL = ""
    REQUIRED = "required"
    NOT_REQUIRED = "not required"
