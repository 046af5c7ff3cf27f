# SPDX-License-Identifier: GPL-3.0-or-later
"""The loads of an SMTP server: the size of a message, and how many connections send at once."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Load:
    size: int
    connections: int


SIZES = {"1KB": 1_000, "10KB": 10_000}
LOADS = {f"{name}_{count}conn": Load(size, count) for name, size in SIZES.items() for count in (1, 8, 64)}
