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
