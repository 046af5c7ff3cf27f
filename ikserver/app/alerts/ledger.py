# SPDX-License-Identifier: GPL-3.0-or-later
"""The alerts that stand, as a file in DATA/run: for the next start, for whoever takes over, and for the doctor.

To lose it costs a mail that was sent before.
"""

from __future__ import annotations

import json
from collections.abc import Collection
from dataclasses import asdict
from pathlib import Path

from ikserver.app.alerts.state import Alert, Standing
from ikserver.app.stores import run_directory

FILE_NAME = "alerts.json"


def read(data: Path) -> list[Standing]:
    """What stands by the last look of a server on this data directory; nothing where none has looked."""
    try:
        rows = json.loads((run_directory(data) / FILE_NAME).read_text(encoding="utf-8"))
        return [Standing(Alert(**row.pop("alert")), **row) for row in rows]
    except (FileNotFoundError, ValueError, TypeError):
        return []


def write(data: Path, standing: Collection[Standing]) -> None:
    """Raises OSError; what was there before is there still."""
    path = run_directory(data) / FILE_NAME
    new = path.with_suffix(".new")
    new.write_text(json.dumps([asdict(one) for one in standing]), encoding="utf-8")
    new.replace(path)
