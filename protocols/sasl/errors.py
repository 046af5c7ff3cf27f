# SPDX-License-Identifier: GPL-3.0-or-later
"""Why an exchange ends before a password was looked at. The text may be shown to the client."""

from __future__ import annotations


class SaslError(Exception):
    """Any of the errors below."""


class UnknownMechanism(SaslError):
    """The mechanism is not offered: NO in IMAP, 504 5.5.4 in SMTP (RFC 4954, 4)."""


class Malformed(SaslError):
    """The client's data breaks the mechanism's syntax: BAD in IMAP, 501 5.5.2 in SMTP."""


class Cancelled(SaslError):
    """The client sent `*`: BAD in IMAP (RFC 9051, 6.2.2), 501 5.7.0 in SMTP (RFC 4954, 4)."""


class NotAuthorised(SaslError):
    """The client asks to act as another user: NO in IMAP, 535 5.7.8 in SMTP."""
