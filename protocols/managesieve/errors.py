# SPDX-License-Identifier: GPL-3.0-or-later
"""Refusals that know their reply (RFC 5804, 1.3)."""

from __future__ import annotations


class ManageSieveError(Exception):
    """NO, with a response code (without its parentheses) or none; the text is for the user."""

    code: str | None = None


class BadCommand(ManageSieveError):
    """The command cannot be understood."""


class TooLarge(ManageSieveError):
    """A string over the limit. Where scripts come it is one of them."""

    code = "QUOTA/MAXSIZE"
