# SPDX-License-Identifier: GPL-3.0-or-later
"""Refusals that know their reply (RFC 9051, 7.1; response codes of RFC 5530 where they fit)."""

from __future__ import annotations


class ImapError(Exception):
    """`status` NO or BAD, `code` the response code without brackets or None; the text is for the user."""

    status = "NO"
    code: str | None = None


class BadCommand(ImapError):
    """The command cannot be understood."""

    status = "BAD"


class TooBig(ImapError):
    """A literal over the limit (RFC 7889, 2; RFC 9051, 6.3.12)."""

    code = "TOOBIG"


class TooMany(ImapError):
    """More of something in one command than this server takes (RFC 5530, 3)."""

    code = "LIMIT"


class BadCharset(ImapError):
    """SEARCH in a character set that this server does not know (RFC 9051, 7.1)."""

    code = "BADCHARSET (US-ASCII UTF-8)"


class Unavailable(ImapError):
    """The server cannot do this now, through no fault of the client (RFC 5530, 3)."""

    code = "UNAVAILABLE"
