# SPDX-License-Identifier: GPL-3.0-or-later
"""How a command ends."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Ok:
    """OK with a text for the user and a response code. NO is raised as ManageSieveError."""

    text: str = ""
    code: str | None = None
