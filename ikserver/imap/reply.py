# SPDX-License-Identifier: GPL-3.0-or-later
"""How a command ends."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Ok:
    """The tagged OK: text and response code. NO and BAD are raised as ImapError."""

    text: str
    code: str | None = None
