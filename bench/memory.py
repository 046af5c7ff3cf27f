# SPDX-License-Identifier: GPL-3.0-or-later
"""What processes hold, as the kernel counts it in /proc."""

from __future__ import annotations

from contextlib import suppress
from pathlib import Path

PROC = Path("/proc")


def proportional(pids: list[int]) -> int:
    """Return the proportional set size, in KB, of these processes and all that they started (shared pages divided)."""
    return sum(_number(PROC / str(pid) / "smaps_rollup", "Pss:") for pid in _families(pids))


def anonymous(pids: list[int]) -> int:
    """Return the resident anonymous memory, in KB, of these processes and all that they started."""
    return sum(_number(PROC / str(pid) / "status", "RssAnon:") for pid in _families(pids))


def _families(pids: list[int]) -> set[int]:
    parents = {}
    for stat in PROC.glob("[0-9]*/stat"):
        with suppress(OSError):
            # The name in parentheses may hold spaces; state and parent follow it.
            parents[int(stat.parent.name)] = int(stat.read_text().rpartition(")")[2].split()[1])
    family = set(pids)
    while more := {pid for pid, parent in parents.items() if parent in family} - family:
        family |= more
    return family


def _number(path: Path, label: str) -> int:
    with suppress(OSError):
        for line in path.read_text().splitlines():
            if line.startswith(label):
                return int(line.split()[1])
    return 0
