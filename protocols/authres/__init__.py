# SPDX-License-Identifier: GPL-3.0-or-later
"""Authentication-Results (RFC 8601): writing ours, finding those that claim to be ours."""

from protocols.authres.field import Finding, field
from protocols.authres.foreign import claimed, server_of

__all__ = ["Finding", "claimed", "field", "server_of"]
