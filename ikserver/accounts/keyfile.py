# SPDX-License-Identifier: GPL-3.0-or-later
"""Secret keys of the server: files in DATA/keys."""

from __future__ import annotations

import os
import secrets
from pathlib import Path

KEY_OCTETS = 64


def load_key(folder: Path, name: str) -> bytes:
    """Read a key, or make it (mode 0600) the first time; two processes that make it at once agree on one."""
    path = folder / name
    if not path.exists():
        write_once(path, secrets.token_bytes(KEY_OCTETS))
    return path.read_bytes()


def write_once(path: Path, content: bytes) -> None:
    """Keep a secret in a file of its own (mode 0600), durably; a file that is there already stays as it is."""
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    fresh = path.with_name(f"{path.name}.{secrets.token_hex(8)}")
    with open(os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as file:
        file.write(content)
        file.flush()
        os.fsync(file.fileno())
    try:
        os.link(fresh, path)
    except FileExistsError:
        pass
    finally:
        fresh.unlink()
